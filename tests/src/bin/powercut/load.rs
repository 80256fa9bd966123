//! What is written to a store to see what is left of it: commits that say by themselves what they hold.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use agent_core::id::{CustomerId, JournalId, Made, MessageId, Seq, TurnId};
use agent_core::store::contract::make;
use agent_core::store::{Accept, Archive, Bind, Commit, CommitError, OutboxRow, Settle, Settled};
use agent_core::store::{Store, StoreError};
use agent_core::time::Micros;
use agent_core::time::turned::CountedIds;
use anyhow::{Context as _, Result, bail, ensure};
use recorder::Recorder;
use storage::{Settings, SledStore};
use sutler_tests::dice::Dice;

/// The writer whose customer is erased in the last session but one.
const ERASED: u64 = 0;

/// How much is written.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Load {
    /// How often the store is opened.
    pub(crate) sessions: u64,
    /// Journals written side by side.
    pub(crate) writers: u64,
    /// Commits to each journal in each session.
    pub(crate) commits: u64,
    /// Events of one commit.
    pub(crate) events: u64,
    /// Bytes of most events; of some more.
    pub(crate) size: usize,
}

/// What a note of the recording says.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// The store is being opened.
    Opening,
    /// It is open.
    Opened,
    /// A writer's commit was acknowledged.
    Made { writer: u64, commit: u64 },
    /// The erasure of a writer's customer was acknowledged.
    Erased,
}

impl Note {
    pub(crate) fn number(self) -> u64 {
        match self {
            Self::Opening => 0,
            Self::Opened => 1,
            Self::Erased => 2,
            Self::Made { writer, commit } => 3 + (writer << 32 | commit),
        }
    }

    pub(crate) fn of(number: u64) -> Self {
        match number.checked_sub(3) {
            Some(made) => Self::Made { writer: made >> 32, commit: made & 0xFFFF_FFFF },
            None if number == 0 => Self::Opening,
            None if number == 1 => Self::Opened,
            None => Self::Erased,
        }
    }
}

/// What was acknowledged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Acknowledged {
    /// The newest commit, by writer.
    made: BTreeMap<u64, u64>,
    erased: bool,
}

impl Acknowledged {
    pub(crate) fn of(notes: impl Iterator<Item = u64>) -> Self {
        let mut acknowledged = Self::default();
        notes.for_each(|number| acknowledged.add(Note::of(number)));
        acknowledged
    }

    fn add(&mut self, note: Note) {
        match note {
            Note::Made { writer, commit } => {
                self.made.insert(writer, commit);
            }
            Note::Erased => self.erased = true,
            Note::Opening | Note::Opened => {}
        }
    }
}

pub(crate) fn open(dir: &Path) -> Result<Arc<SledStore>, storage::OpenError> {
    SledStore::open(dir, &Settings::default(), Arc::new(CountedIds::new(1)))
}

fn journal(writer: u64) -> JournalId {
    JournalId::conversation(make::SHOP, u128::from(writer) + 1)
}

fn customer(writer: u64) -> CustomerId {
    CustomerId(u128::from(writer) + 1)
}

fn alias(writer: u64) -> agent_core::id::Alias {
    format!("wa:{writer}").into()
}

impl Load {
    /// Writes all of it; says what was acknowledged, and what ended it before its time.
    pub(crate) async fn run(
        self,
        dir: &Path,
        recorder: &Arc<Recorder>,
    ) -> (Acknowledged, Result<()>) {
        let acknowledged = Arc::new(Mutex::new(Acknowledged::default()));
        let mut ended = Ok(());
        for session in 0..self.sessions {
            ended = self.session(session, dir, recorder, &acknowledged).await;
            if ended.is_err() {
                break;
            }
        }
        let acknowledged = acknowledged.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (acknowledged, ended)
    }

    async fn session(
        self,
        session: u64,
        dir: &Path,
        recorder: &Arc<Recorder>,
        acknowledged: &Arc<Mutex<Acknowledged>>,
    ) -> Result<()> {
        recorder.note(Note::Opening.number());
        let store = open(dir)?;
        recorder.note(Note::Opened.number());
        let tell = {
            let (recorder, acknowledged) = (recorder.clone(), acknowledged.clone());
            move |note: Note| {
                recorder.note(note.number());
                acknowledged.lock().unwrap_or_else(PoisonError::into_inner).add(note);
            }
        };
        let erasing = self.sessions.saturating_sub(2);
        let writers = (0..self.writers).filter(|writer| *writer != ERASED || session <= erasing);
        let writing: Vec<_> = writers
            .map(|writer| {
                let (store, tell) = (store.clone(), tell.clone());
                let commits = session * self.commits + 1..=(session + 1) * self.commits;
                tokio::spawn(async move {
                    for n in commits {
                        store.commit(self.commit(&*store, writer, n).await?).await?;
                        tell(Note::Made { writer, commit: n });
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        let mut first = Ok(());
        for written in writing {
            first = first.and(written.await.context("a writer panicked")?);
        }
        if first.is_ok() && session == erasing {
            let erased = store.erase(make::SHOP, customer(ERASED), Micros(1)).await;
            first = erased.map(|_| tell(Note::Erased)).map_err(Into::into);
        }
        if first.is_err() {
            refuses(&store, self.writers).await?;
        }
        first
    }

    /// The words of an event: told by where it stands, and of a kind that can't be squeezed. Some continue in further rows,
    /// some lie in a blob.
    fn words(self, writer: u64, seq: u64) -> String {
        let size = match seq {
            seq if seq.is_multiple_of(28) => 70_000,
            seq if seq.is_multiple_of(7) => 9_000,
            _ => self.size,
        };
        let mut dice = Dice::new(writer << 32 | seq);
        let pieces = std::iter::repeat_with(|| format!("{:016x}", dice.roll()));
        format!("writer {writer} event {seq} ") + &pieces.take(size / 16).collect::<String>()
    }

    fn outbox(self, writer: u64, commit: u64) -> OutboxRow {
        OutboxRow {
            journal: journal(writer),
            customer: Some(customer(writer)),
            id: Made { turn: TurnId(u128::from(writer)), n: commit as u16 },
            ..make::outbox(0, 0, commit * self.events, commit as i64)
        }
    }

    /// A writer's n-th commit, counted from 1; it takes what is in the inbox.
    async fn commit(
        self,
        store: &dyn Store,
        writer: u64,
        commit: u64,
    ) -> Result<Commit, StoreError> {
        let (journal, customer) = (journal(writer), Some(customer(writer)));
        let head = (commit - 1) * self.events;
        let waiting = store.inbox(journal, 9).await?;
        let before = self.outbox(writer, commit - 1);
        let mut made = make::events(u128::from(writer << 32 | commit), head, self.events);
        (made.journal, made.customer) = (journal, customer);
        for event in &mut made.events {
            *event = make::event(event.seq.0, &self.words(writer, event.seq.0));
        }
        let message = format!("{writer}-{commit}");
        made.accept = vec![Accept { customer, ..make::accept(journal, &message, &message) }];
        made.consume = waiting.iter().map(|row| row.arrival).collect();
        made.outbox = vec![self.outbox(writer, commit)];
        made.settle = vec![Settle { id: before.id, part: before.part, to: Settled::Done }];
        made.timers = vec![("nap".into(), Some(Micros(commit as i64)))];
        if commit == 1 {
            made.bind.push(Bind { alias: alias(writer), from: None, to: Some(journal) });
        }
        if commit.is_multiple_of(4) {
            made.snapshot = make::fold(&self.words(writer, head + self.events));
        }
        Ok(made)
    }

    /// Opens what is left, holds it against what was acknowledged, writes on, and looks again.
    pub(crate) async fn check(self, dir: &Path, acknowledged: &Acknowledged) -> Result<()> {
        let store = open(dir).context("it does not open")?;
        let mut found = BTreeMap::new();
        for (writer, made) in &acknowledged.made {
            let head = self.look(&store, *writer, *made, acknowledged.erased).await;
            let head = head.with_context(|| format!("writer {writer}"))?;
            found.extend(head.map(|head| (*writer, head)));
        }
        for (writer, head) in &mut found {
            *head += 1;
            store
                .commit(self.commit(&*store, *writer, *head).await?)
                .await
                .context("it takes no more")?;
        }
        drop(store);
        let store = open(dir).context("it does not open again")?;
        for (writer, head) in found {
            let again = self.look(&store, writer, head, false).await?;
            ensure!(
                again == Some(head),
                "writer {writer}: commit {head} is gone at the second opening"
            );
        }
        Ok(())
    }

    /// The newest commit of a writer that is there, wholly; nothing if their customer was erased.
    async fn look(
        self,
        store: &SledStore,
        writer: u64,
        made: u64,
        erased: bool,
    ) -> Result<Option<u64>> {
        let journal = journal(writer);
        let page = match store.read(journal, Seq::START, usize::MAX).await {
            Err(StoreError::Erased) if writer == ERASED => return Ok(None),
            _ if erased && writer == ERASED => bail!("was erased, and can be read"),
            page => page?,
        };
        let head = page.head.0 / self.events;
        ensure!(head >= made, "commit {made} was acknowledged, and the journal ends at {head}");
        ensure!(page.head.0 == head * self.events, "commit {} is torn", head + 1);
        ensure!(page.events.len() as u64 == page.head.0, "events are missing");
        for event in &page.events {
            ensure!(
                *event == make::event(event.seq.0, &self.words(writer, event.seq.0)),
                "event differs"
            );
        }
        let waiting = store.inbox(journal, 9).await?;
        let ids: Vec<MessageId> = waiting.into_iter().map(|row| row.inbound.id).collect();
        ensure!(ids == [MessageId(format!("{writer}-{head}"))], "the inbox holds {ids:?}");
        let (due, _) =
            store.due(make::SHOP, Micros::MIN..=Micros::MAX, usize::MAX, &make::NOBODY).await?;
        let due: Vec<_> = due.into_iter().filter(|row| row.journal == journal).collect();
        ensure!(due == [self.outbox(writer, head)], "the outbox holds {} rows", due.len());
        let (timers, _) = store.timers(make::SHOP, Micros(i64::MAX), usize::MAX).await?;
        let mut naps = timers.iter().filter(|(of, ..)| *of == journal);
        ensure!(naps.next().is_some_and(|nap| nap.2 == Micros(head as i64)), "the timer is wrong");
        ensure!(
            store.find(make::SHOP, &alias(writer)).await? == Some(journal),
            "the alias is gone"
        );
        let newest = head / 4 * 4;
        let fold = store.snapshot(journal).await?.map(|(seq, fold)| (seq.0 / self.events, fold));
        let expected =
            make::fold(&self.words(writer, newest * self.events)).map(|fold| (newest, fold));
        ensure!(fold == expected.filter(|_| newest > 0), "the snapshot differs");
        Ok(Some(head))
    }
}

/// A store that failed takes nothing more and tells nothing.
async fn refuses(store: &SledStore, writer: u64) -> Result<()> {
    let refused = store.commit(make::events(u128::from(writer << 32), 0, 1)).await;
    ensure!(
        matches!(refused, Err(CommitError::NotApplied(_))),
        "a store that failed answered {refused:?}"
    );
    let read = store.read(make::journal(), Seq::START, 1).await;
    ensure!(matches!(read, Err(StoreError::Failed(_))), "a store that failed told {read:?}");
    Ok(())
}
