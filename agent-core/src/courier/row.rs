//! One row of the outbox: whether it may go, what the platform said, and what becomes of it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::{AGAIN, Ambiguous, Courier, HELD, PROOF, Sent, TRIES};
use crate::account::REFUSED;
use crate::action;
use crate::channel::{Channel, Delivery, DeliveryError};
use crate::id::{JournalId, MessageId, Name, RuleId};
use crate::message::{AccountNews, Address, Inbound, InboundKind, Part, Purpose, Standing, Status};
use crate::policy::{self, Sending, WINDOW};
use crate::profile::Repeat;
use crate::store::{
    Accept, Commit, CommitError, OutboxRow, OutboxState, Settle, Settled, StoreError,
};
use crate::time::Micros;

/// How long an account rests that its platform stopped, before it is tried again.
const STOPPED: Duration = Duration::from_secs(3600);
/// Until a row is looked at again whose account is not there.
const AWAY: Duration = Duration::from_secs(600);
/// Until a row is looked at again that is renamed when nobody else works on its conversation.
const SOON: Duration = Duration::from_secs(1);
/// The part number under which an invitation is sent in a held reply's place: no reply has so many parts.
const INVITATION: u8 = u8::MAX;

impl Courier {
    pub(super) async fn row(&self, row: &OutboxRow) -> Result<Sent, CommitError> {
        let Some(channel) = self.house.channel(row.journal.shop, &row.to).cloned() else {
            return self.waits_for_account(row).await;
        };
        let sends = match (row.state, channel.profile().repeat) {
            (OutboxState::Waiting | OutboxState::Released, _) => true,
            (OutboxState::Sending, Repeat::NonceFor(memory)) => self.remembers(row, memory),
            (OutboxState::Held, _) | (OutboxState::Sending, Repeat::StatusEcho) => false,
            (OutboxState::Unsure | OutboxState::Sending, _) => self.ambiguous == Ambiguous::Resend,
        };
        let mut place = None;
        if sends {
            match self.admitted(row, &channel).await? {
                Ok(taken) => place = Some(taken),
                Err(until) => return self.waits(row, until).await,
            }
        }
        // The turn that wrote the row may be about to put its fold back: a moment costs less than folding anew.
        if !self.house.has_at_hand(row.journal) {
            tokio::task::yield_now().await;
        }
        // Asked when it may go, and not before: until then it waited, and much may have been said.
        match self.permitted(row, &channel).await? {
            Ok(()) if sends => self.send(row, &channel).await,
            Ok(()) if row.state == OutboxState::Sending => {
                self.unsure(row, channel.profile().repeat).await
            }
            Ok(()) => self.stays(row).await,
            Err(rule) => {
                place.into_iter().for_each(|taken| self.house.paces.give_back(&row.chat(), taken));
                self.forbidden(row, &channel, rule).await
            }
        }
    }

    /// Whether the platform certainly still knows the key of a row that was being sent: it is due since its mark.
    fn remembers(&self, row: &OutboxRow, memory: Duration) -> bool {
        self.house.clock.now().since(row.due) < memory
    }

    /// Waits until the account and the chat may be written to, and counts it; says as of when, or until when the account
    /// may not at all.
    async fn admitted(
        &self,
        row: &OutboxRow,
        channel: &Arc<dyn Channel>,
    ) -> Result<Result<Micros, Micros>, CommitError> {
        let account = self.house.account(row.journal.shop, &row.to).await.map_err(failed)?;
        let standing = account.standing(self.house.clock.now());
        if let Standing::Stopped { until, .. } = standing {
            return Ok(Err(until));
        }
        let slowly = standing != Standing::Good;
        Ok(self.house.paces.place(channel.profile(), &row.chat(), slowly).await)
    }

    /// Policy forbids it now.
    async fn forbidden(
        &self,
        row: &OutboxRow,
        channel: &Arc<dyn Channel>,
        rule: RuleId,
    ) -> Result<Sent, CommitError> {
        tracing::info!(journal = %row.journal.key, %rule, "send refused");
        match rule.as_str() {
            WINDOW if row.state == OutboxState::Held => self.stays(row).await,
            WINDOW => self.hold_for_window(row, channel, rule, false).await,
            _ => self.settle(row, Settled::Done, Status::Refused(rule)).await,
        }
    }

    /// It stays held.
    async fn stays(&self, row: &OutboxRow) -> Result<Sent, CommitError> {
        self.again(row, self.house.clock.now().after(HELD), OutboxState::Held).await
    }

    /// Sends it, marked before where a repetition is not harmless.
    async fn send(&self, row: &OutboxRow, channel: &Arc<dyn Channel>) -> Result<Sent, CommitError> {
        let repeat = channel.profile().repeat;
        let in_doubt = self.is_in_doubt(row).await? && repeat == Repeat::StatusEcho;
        let mut row = Cow::Borrowed(row);
        if let Some(id) = row.id.again().filter(|_| in_doubt) {
            // From here on its next sending is in doubt, and a crash leaves it held.
            let now = self.house.clock.now();
            let Some(renamed) = self.mailbox.renamed(&row, id, now.after(HELD)).await? else {
                return Ok(Sent::Away(now.after(SOON)));
            };
            row = Cow::Owned(renamed);
        } else {
            if row.state == OutboxState::Released {
                row.to_mut().state = OutboxState::Waiting;
            }
            self.mark(&row, repeat).await?;
        }
        let outcome = channel.deliver(&self.delivery(&row)).await;
        self.outcome(&row, channel, outcome).await
    }

    /// Whether a row may have arrived under its name. What a person releases was perhaps held before it was sent.
    async fn is_in_doubt(&self, row: &OutboxRow) -> Result<bool, CommitError> {
        match row.state {
            OutboxState::Unsure => Ok(true),
            OutboxState::Released => {
                let state = self.house.conversation(row.journal).await.map_err(failed)?;
                let known = state.deliveries.of(row.id, row.part);
                Ok(known.is_none_or(|sent| sent.status == Status::Ambiguous))
            }
            OutboxState::Waiting | OutboxState::Sending | OutboxState::Held => Ok(false),
        }
    }

    /// Marks a row before its send.
    async fn mark(&self, row: &OutboxRow, repeat: Repeat) -> Result<(), CommitError> {
        let now = self.house.clock.now();
        match row.state {
            // Once more and no oftener: a crash from here on leaves it held.
            OutboxState::Unsure => self.stays(row).await?,
            OutboxState::Waiting if repeat != Repeat::Nonce => {
                self.again(row, now, OutboxState::Sending).await?
            }
            OutboxState::Sending if repeat == Repeat::Never => self.doubted(row, now).await?,
            _ => Sent::Stays,
        };
        Ok(())
    }

    async fn outcome(
        &self,
        row: &OutboxRow,
        channel: &Arc<dyn Channel>,
        outcome: Result<Option<MessageId>, DeliveryError>,
    ) -> Result<Sent, CommitError> {
        let wait = |wait: Duration| self.house.clock.now().after(wait);
        let failed = |why: String| self.settle(row, Settled::Done, Status::Failed(why));
        match outcome {
            Ok(id) => {
                self.house.paces.took(&row.to);
                self.recovered(row).await?;
                self.settle(row, Settled::Done, Status::Accepted(id)).await
            }
            Err(DeliveryError::Later(later)) => self.waits(row, wait(later)).await,
            Err(DeliveryError::TooFast(rest)) => self.rests(row, wait(rest)).await,
            Err(DeliveryError::Never(why)) => failed(why).await,
            Err(DeliveryError::WindowClosed) => {
                self.hold_for_window(row, channel, WINDOW.into(), true).await
            }
            Err(DeliveryError::OptedOut) => {
                self.tell_opt_out(row).await?;
                failed("the customer wants no such messages".to_owned()).await
            }
            Err(DeliveryError::Ambiguous(why)) => {
                tracing::warn!(journal = %row.journal.key, why, "nobody knows whether it arrived");
                self.unsure(row, channel.profile().repeat).await
            }
            Err(
                error @ (DeliveryError::AccountLater(_)
                | DeliveryError::Stopped(_)
                | DeliveryError::Unauthorized(_)
                | DeliveryError::Forbidden(..)),
            ) => {
                let until = self.account_rests(row, error).await?;
                self.waits(row, until).await
            }
        }
    }

    /// The chat was written to too fast, and perhaps the account.
    async fn rests(&self, row: &OutboxRow, until: Micros) -> Result<Sent, CommitError> {
        self.house.paces.rest(&row.chat(), until);
        self.waits(row, until).await
    }

    /// What a refusal means for whoever else the account writes to, who would be refused alike; until when it rests.
    async fn account_rests(
        &self,
        row: &OutboxRow,
        error: DeliveryError,
    ) -> Result<Micros, CommitError> {
        let (now, account) = (self.house.clock.now(), &row.to.account);
        let until = match error {
            DeliveryError::AccountLater(later) => now.after(later),
            DeliveryError::Unauthorized(why) => {
                tracing::error!(%account, why, "the platform refused our key");
                now.after(AGAIN)
            }
            DeliveryError::Forbidden(why, rest) => {
                let all = self.house.paces.refused(&row.chat(), now.after(rest), now.after(AGAIN));
                tracing::error!(%account, why, all, "the platform refused a chat, or lacks our rights");
                return Ok(now.after(rest));
            }
            DeliveryError::Stopped(why) => {
                tracing::error!(%account, why, "the platform stopped the account");
                let until = now.after(STOPPED);
                self.tell_account(row, REFUSED.into(), Standing::Stopped { why, until }).await?;
                return Ok(until);
            }
            _ => return Ok(now),
        };
        self.house.paces.hold(&row.to, until);
        Ok(until)
    }

    /// Nobody knows whether it arrived.
    async fn unsure(&self, row: &OutboxRow, repeat: Repeat) -> Result<Sent, CommitError> {
        let wait = |wait: Duration| self.house.clock.now().after(wait);
        let first = row.state == OutboxState::Waiting;
        match (repeat, self.ambiguous) {
            // It was told when it was put so.
            _ if row.state == OutboxState::Unsure => self.stays(row).await,
            // Told when it was renamed.
            (Repeat::StatusEcho, _) if row.state == OutboxState::Released => {
                self.again(row, wait(PROOF), OutboxState::Unsure).await
            }
            (Repeat::Nonce, _) => self.waits(row, wait(AGAIN)).await,
            // It keeps its mark: from there on the platform's memory is reckoned.
            (Repeat::NonceFor(_), _) if first => Ok(Sent::Waits(wait(AGAIN))),
            (Repeat::NonceFor(memory), _)
                if row.state == OutboxState::Sending && self.remembers(row, memory) =>
            {
                Ok(Sent::Waits(wait(AGAIN)))
            }
            (Repeat::NonceFor(_), Ambiguous::Resend) if row.state == OutboxState::Sending => {
                let to = Settled::Again(wait(Duration::ZERO), OutboxState::Unsure);
                self.settle(row, to, Status::Ambiguous).await?;
                Ok(Sent::Waits(wait(Duration::ZERO)))
            }
            // Once more and no oftener: marked as sent, it is held when nobody knows again.
            (Repeat::Never, Ambiguous::Resend) if first => {
                self.doubted(row, wait(AGAIN)).await?;
                Ok(Sent::Waits(wait(AGAIN)))
            }
            // The platform's word is waited for, before the policy decides.
            (Repeat::StatusEcho, _) => {
                let to = Settled::Again(wait(PROOF), OutboxState::Unsure);
                self.settle(row, to, Status::Ambiguous).await
            }
            (Repeat::NonceFor(_) | Repeat::Never, _) => {
                let to = Settled::Again(wait(HELD), OutboxState::Held);
                self.settle(row, to, Status::Ambiguous).await
            }
        }
    }

    /// The row was not sent, and waits. What may have been sent before stays so, and keeps the moment of its mark
    /// where the platform's memory is reckoned by it.
    async fn waits(&self, row: &OutboxRow, until: Micros) -> Result<Sent, CommitError> {
        let channel = self.house.channel(row.journal.shop, &row.to);
        let reckoned = channel.is_some_and(|it| matches!(it.profile().repeat, Repeat::NonceFor(_)));
        if !reckoned || row.state != OutboxState::Sending {
            self.again(row, until, row.state).await?;
        }
        Ok(Sent::Waits(until))
    }

    /// No account of this process takes the row. Another command over the same folder may have it, or the
    /// configuration of tomorrow: so it stays until it expires.
    async fn waits_for_account(&self, row: &OutboxRow) -> Result<Sent, CommitError> {
        let (now, Address { channel, account, .. }) = (self.house.clock.now(), &row.to);
        if row.expires.is_some_and(|expires| now > expires) {
            let why = format!("the account {channel}/{account} is not in the configuration");
            return self.settle(row, Settled::Done, Status::Failed(why)).await;
        }
        tracing::warn!(%channel, %account, "a reply waits: its account is not in the configuration");
        Ok(Sent::Away(now.after(AWAY)))
    }

    /// Nobody knows whether the row was sent; it is sent once more at `due`, and its journal is told of the doubt.
    async fn doubted(&self, row: &OutboxRow, due: Micros) -> Result<Sent, CommitError> {
        self.settle(row, Settled::Again(due, OutboxState::Sending), Status::Ambiguous).await
    }

    /// The window is closed: the reply is held, and the customer invited to write, once, by a template. It goes in
    /// the reply's place, where the platform said so of the reply.
    async fn hold_for_window(
        &self,
        row: &OutboxRow,
        channel: &Arc<dyn Channel>,
        rule: RuleId,
        placed: bool,
    ) -> Result<Sent, CommitError> {
        let invited = self.house.conversation(row.journal).await.map_err(failed)?.invited;
        let invites = row.part == 0 && !invited && row.purpose != Purpose::Notice;
        let reopen = channel.profile().reopen.clone().filter(|_| invites);
        if reopen.is_some()
            && !placed
            && let Err(until) = self.admitted(row, channel).await?
        {
            return self.waits(row, until).await;
        }
        let until = self.house.clock.now().after(HELD);
        // First held, then invited: an invitation is never sent twice, however this ends.
        let to = Settled::Again(until, OutboxState::Held);
        let sent = self.settle(row, to, Status::Held(rule)).await?;
        if let Some(name) = reopen {
            let template = OutboxRow {
                part: INVITATION,
                body: Part::Template {
                    name,
                    slots: Vec::new(),
                    header: None,
                    buttons: Vec::new(),
                    cards: Vec::new(),
                    until: None,
                },
                ..row.clone()
            };
            if self.permitted(&template, channel).await?.is_ok()
                && let Err(error) = channel.deliver(&self.delivery(&template)).await
            {
                tracing::warn!(journal = %row.journal.key, %error, "the customer was not invited");
                match error {
                    DeliveryError::OptedOut => self.tell_opt_out(&template).await?,
                    error => drop(self.account_rests(&template, error).await?),
                }
            }
        }
        Ok(sent)
    }

    /// Asks the policy as the conversation stands now.
    async fn permitted(
        &self,
        row: &OutboxRow,
        channel: &Arc<dyn Channel>,
    ) -> Result<Result<(), RuleId>, CommitError> {
        let shop = row.journal.shop;
        let conversation = self.house.conversation(row.journal).await.map_err(failed)?;
        let customer = match row.customer {
            Some(customer) => self.house.customer(shop, customer).await.map_err(failed)?,
            None => Arc::default(),
        };
        let account = self.house.account(shop, &row.to).await.map_err(failed)?;
        Ok(policy::send(&Sending {
            conversation: &conversation,
            customer: &customer,
            account: &account,
            profile: channel.profile(),
            row,
            now: self.house.clock.now(),
        }))
    }

    fn delivery(&self, row: &OutboxRow) -> Delivery {
        // The answers of a row of pictures have shorter names: platforms with rows take no longer ones.
        let mint = match &row.body {
            Part::Native(_) => action::mint_short,
            _ => action::mint,
        };
        let tokens = row.body.actions().into_iter();
        let tokens =
            tokens.map(|action| (action.option, mint(&*self.house.ids, row.journal, action)));
        Delivery {
            id: row.id,
            part: row.part,
            to: row.to.clone(),
            answers: row.answers.clone(),
            private: row.private,
            again: row.state == OutboxState::Sending,
            body: row.body.clone(),
            tokens: tokens.collect(),
        }
    }

    async fn again(
        &self,
        row: &OutboxRow,
        due: Micros,
        state: OutboxState,
    ) -> Result<Sent, CommitError> {
        let settle = vec![Settle { id: row.id, part: row.part, to: Settled::Again(due, state) }];
        let commit = Commit { settle, ..self.blank(row.journal) };
        self.house.store.commit(commit).await.map(|_| Sent::Stays)
    }

    /// Settles a row and tells its journal, in one commit.
    async fn settle(
        &self,
        row: &OutboxRow,
        to: Settled,
        status: Status,
    ) -> Result<Sent, CommitError> {
        let id = MessageId(format!("{}/{}/{}", row.id, row.part, named(&status)));
        let kind = InboundKind::Status { of: row.id, part: row.part, status, billed: None };
        self.mailbox.told(row, to, self.news(id, kind)).await?;
        Ok(if to == Settled::Done { Sent::Settled } else { Sent::Stays })
    }

    /// The account was stopped, its time is over, and something was taken: it may be used again.
    async fn recovered(&self, row: &OutboxRow) -> Result<(), CommitError> {
        let account = self.house.account(row.journal.shop, &row.to).await.map_err(failed)?;
        for cause in account.on_trial(self.house.clock.now()) {
            tracing::warn!(account = %row.to.account, %cause, "the platform takes messages again");
            self.tell_account(row, cause, Standing::Good).await?;
        }
        Ok(())
    }

    async fn tell_account(
        &self,
        row: &OutboxRow,
        cause: Name,
        standing: Standing,
    ) -> Result<(), CommitError> {
        let journal = JournalId::account(row.journal.shop, &row.to.channel, &row.to.account);
        let id = MessageId(format!("courier/{}", crate::id::CommitId(self.house.ids.fresh())));
        let inbound = self.news(id, InboundKind::Account(AccountNews::stands(cause, standing)));
        let accept = vec![Accept::told(journal, None, inbound)];
        self.commit(Commit { accept, ..self.blank(journal) }).await?;
        self.mailbox.wake(journal);
        Ok(())
    }

    async fn tell_opt_out(&self, row: &OutboxRow) -> Result<(), CommitError> {
        let id = MessageId(format!("{}/{}/opted out", row.id, row.part));
        let kind = InboundKind::Consent { purpose: row.purpose, given: false };
        let scope = Name(format!("courier/{}", row.journal.key));
        let inbound = self.news(id, kind);
        let accept = Accept { journal: row.journal, customer: row.customer, scope, inbound };
        self.commit(Commit { accept: vec![accept], ..self.blank(row.journal) }).await?;
        self.mailbox.wake(row.journal);
        Ok(())
    }

    fn news(&self, id: MessageId, kind: InboundKind) -> Inbound {
        Inbound::told(id, self.house.clock.now(), kind)
    }

    async fn commit(&self, commit: Commit) -> Result<(), CommitError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.house.store.commit(commit.clone()).await {
                Err(CommitError::Unknown(_)) if tries < TRIES => {}
                committed => return committed.map(|_| ()),
            }
        }
    }
}

fn failed(error: StoreError) -> CommitError {
    match error {
        StoreError::Erased => CommitError::Erased,
        error => CommitError::NotApplied(error.to_string()),
    }
}

fn named(status: &Status) -> &'static str {
    match status {
        Status::Accepted(_) => "accepted",
        Status::Sent => "sent",
        Status::Delivered => "delivered",
        Status::Read => "read",
        Status::Failed(_) => "failed",
        Status::Bounced(_) => "bounced",
        Status::Refused(_) => "refused",
        Status::Held(_) => "held",
        Status::Ambiguous => "ambiguous",
    }
}
