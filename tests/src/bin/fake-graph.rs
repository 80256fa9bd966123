//! `cargo run -p tests --bin fake-graph`: Meta's Graph API for one WhatsApp number, on loopback, with customers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use agent_core::time::turned::TurnedClock;
use agent_core::time::{Clock as _, Micros};
use anyhow::Context as _;
use clap::Parser;
use serde_json::Value;
use sutler_tests::fake::graph::{FakeGraph, Fate, Settings, payload};
use sutler_tests::world::meta::words;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;

/// How long a script waits for a message.
const PATIENCE: Duration = Duration::from_secs(10);
/// The challenge of a handshake.
const CHALLENGE: &str = "1158201444";

/// A Graph API that takes messages for one WhatsApp number, and customers who write to it.
///
/// Bodies beyond a limit are refused and told. Each line of standard input is what a customer does:
///
///   4915 hello there      the customer 4915 writes this
///   4915 #2               the customer taps the second option of the newest message
///   4915 file a.jpg       the customer sends this picture
///   4915 paid r1          the customer's payment of the order r1 is told as captured
///   DE.9 hello            a customer who is known by an id alone writes this
///   DE.9 contact 4915     and gives their number, which they were asked for
///   9198 address 1 Pier   the customer fills in Meta's form for addresses
///   turn 86400            time goes on by so many seconds: the window closes after 24 hours
///   refuse 131048         the next send is refused with this code
///   fail 131000           the next send is taken, and told as failed with this code when statuses are
///   lose                  the next send is taken, and its answer is lost on the way
///   slow                  the next send is taken, and its answer waits until you type `answer`
///   statuses              what was taken is told as sent, delivered and read: twice, and in no order
///   wait                  until the next message came, for scripts: 10 seconds at most
///   verify WORD           shakes hands as Meta does when a webhook is set up
///
/// Time stands at the start's moment but for `turn`. When the input ends, so does this: with an error where
/// a body was wrong.
#[derive(Debug, Parser)]
#[command(max_term_width = 100, verbatim_doc_comment)]
struct Args {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Where webhooks are sent
    #[arg(long, default_value = "http://127.0.0.1:8080/webhooks/meta")]
    webhook: String,
    /// Meta's id of the number
    #[arg(long, default_value = "770000000000001")]
    number: String,
    /// The key that is taken
    #[arg(long, default_value = "token")]
    token: String,
    /// The app's secret, which signs webhooks
    #[arg(long, default_value = "secret")]
    secret: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let _again = rustls::crypto::ring::default_provider().install_default();
    let clock = Arc::new(TurnedClock::new(now()));
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("can't listen on {}", args.listen))?;
    let settings = Settings {
        number: args.number,
        token: args.token,
        secret: args.secret,
        clock: clock.clone(),
        seed: 1,
    };
    let graph = FakeGraph::on(listener, settings)?;
    graph.tells(
        &args.webhook,
        &[
            "messages",
            "account_update",
            "message_template_status_update",
            "messaging_handovers",
            "phone_number_quality_update",
            "smb_message_echoes",
            "standby",
            "user_preferences",
        ],
    );
    anstream::println!("taking messages at {}; webhooks go to {}", graph.base_url(), args.webhook);
    let (http, webhook) = (reqwest::Client::new(), args.webhook);
    let mut stage = Stage { graph, clock, http, webhook, shown: 0, faults: 0, awaited: 0 };
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut look = tokio::time::interval(Duration::from_millis(100));
    loop {
        tokio::select! {
            line = lines.next_line() => match line? {
                Some(line) => stage.play(line.trim()).await?,
                None => break,
            },
            _ = look.tick() => stage.show(),
        }
    }
    stage.show();
    anyhow::ensure!(stage.faults == 0, "{} of what came was wrong", stage.faults);
    Ok(())
}

/// What is played on, and how far it was shown.
struct Stage {
    graph: FakeGraph,
    clock: Arc<TurnedClock>,
    http: reqwest::Client,
    webhook: String,
    shown: usize,
    faults: usize,
    /// Of what was taken, how many were waited for.
    awaited: usize,
}

impl Stage {
    /// Shows what came since it was looked at last.
    fn show(&mut self) {
        let (taken, faults) = (self.graph.taken(), self.graph.faults());
        for taken in taken.iter().skip(self.shown) {
            anstream::println!("{} ‹ {}", taken.to, words(&taken.body));
            for (n, (_, title)) in options(&taken.body).iter().enumerate() {
                let title = title.as_deref().unwrap_or("a template's button");
                anstream::println!("     #{} {title}", n + 1);
            }
        }
        for fault in faults.iter().skip(self.faults) {
            anstream::println!("  REFUSED: {fault}");
        }
        (self.shown, self.faults) = (taken.len(), faults.len());
    }

    /// Does what a line says.
    async fn play(&mut self, line: &str) -> anyhow::Result<()> {
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        match (first, rest) {
            ("", _) => {}
            ("statuses", "") => self.tell(self.graph.statuses()).await,
            ("lose", "") => self.graph.fate([Fate::Lost]),
            ("slow", "") => self.graph.fate([Fate::Late]),
            ("answer", "") => self.graph.answers(),
            ("wait", "") => self.wait().await?,
            ("verify", word) => self.shake_hands(word).await,
            ("refuse" | "fail" | "turn", number) => match number.parse() {
                Ok(number) => self.set(first, number),
                Err(_) => anstream::println!("  `{first}` needs a number: `{first} 131000`"),
            },
            (who, what) if is_customer(who) && !what.is_empty() => {
                if let Some(told) = said(&self.graph, &self.clock, who, what) {
                    self.tell(vec![told]).await;
                }
            }
            _ => anstream::println!(
                "  nobody does that; `4915 hello` is a customer who writes, and --help names the rest"
            ),
        }
        Ok(())
    }

    fn set(&self, what: &str, number: u64) {
        match what {
            "refuse" => {
                let limit = matches!(number, 4 | 80_007 | 130_429 | 131_056);
                self.graph.fate([Fate::Code(if limit { 429 } else { 400 }, number)]);
            }
            "fail" => self.graph.fate([Fate::Fails(number)]),
            _ => {
                self.clock.turn(Duration::from_secs(number));
                anstream::println!("  it is {}", self.clock.now());
            }
        }
    }

    /// Returns when a message came that was not waited for yet.
    #[expect(clippy::disallowed_methods, reason = "a script waits in the time of whoever runs it")]
    async fn wait(&mut self) -> anyhow::Result<()> {
        let more = tokio::time::timeout(PATIENCE, self.graph.taken_after(self.awaited)).await;
        self.show();
        self.awaited += 1;
        more.map(|_| ()).with_context(|| format!("no message came within {PATIENCE:?}"))
    }

    async fn tell(&self, webhooks: Vec<(Vec<u8>, String)>) {
        for (body, signature) in webhooks {
            let request = self.http.post(&self.webhook).header("X-Hub-Signature-256", signature);
            let request = request.header("Content-Type", "application/json").body(body);
            match request.send().await {
                Ok(answer) => anstream::println!("  webhook: {}", answer.status()),
                Err(error) => anstream::println!("  webhook: {error}"),
            }
        }
    }

    /// Shakes hands as Meta does when a webhook is set up.
    async fn shake_hands(&self, word: &str) {
        let query =
            [("hub.mode", "subscribe"), ("hub.verify_token", word), ("hub.challenge", CHALLENGE)];
        let answer = match reqwest::Url::parse_with_params(&self.webhook, query) {
            Ok(url) => self.http.get(url).send().await.map_err(anyhow::Error::from),
            Err(error) => Err(error.into()),
        };
        match answer {
            Ok(answer) => {
                let (status, said) = (answer.status(), answer.text().await.unwrap_or_default());
                let good = status == 200 && said == CHALLENGE;
                let fits = if good {
                    "as Meta wants it"
                } else {
                    "but Meta wants 200 and the challenge alone"
                };
                anstream::println!("  webhook: {status}, {fits}");
            }
            Err(error) => anstream::println!("  webhook: {error}"),
        }
    }
}

/// Whether somebody is a customer: a number, or a business-scoped id.
fn is_customer(who: &str) -> bool {
    who.bytes().all(|c| c.is_ascii_digit())
        || who.split_once('.').is_some_and(|(country, id)| country.len() == 2 && !id.is_empty())
}

/// What a customer's line comes to.
fn said(
    graph: &FakeGraph,
    clock: &TurnedClock,
    who: &str,
    what: &str,
) -> Option<(Vec<u8>, String)> {
    let of = |taken: &&sutler_tests::fake::graph::Taken| taken.to == who;
    let newest = graph.taken().iter().rfind(of).map(|taken| options(&taken.body));
    let number = what.strip_prefix('#').and_then(|n| n.parse::<usize>().ok());
    let tapped = number.and_then(|n| newest?.get(n.checked_sub(1)?).cloned());
    let kind = match (tapped, what.split_once(' ')) {
        (Some((id, None)), _) => payload::reply(&id, "a template's button"),
        (Some((id, Some(title))), _) => payload::tap(&id, &title),
        (None, _) if number.is_some() => {
            anstream::println!("  {who} was not offered {what}");
            return None;
        }
        (None, Some(("paid", reference))) => {
            let paid = payload::payment(who, reference, "captured", clock.now());
            return Some(graph.signed(&payload::statuses(graph.number(), &[paid])));
        }
        (None, Some(("file", path))) => match std::fs::read(path) {
            Ok(bytes) => payload::image(&graph.keeps("image/jpeg", bytes)),
            Err(error) => {
                anstream::println!("  {path}: {error}");
                return None;
            }
        },
        (None, Some(("contact", number))) => payload::contact(number, true),
        (None, Some(("address", street))) => {
            payload::address(&serde_json::json!({ "address": street }))
        }
        _ => payload::text(what),
    };
    Some(graph.says(who, &kind))
}

/// What a message offers: ids of buttons and rows, and their titles, which templates keep to themselves.
fn options(body: &Value) -> Vec<(String, Option<String>)> {
    let all = |value: &Value, path: &str| {
        value.pointer(path).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let sections = all(body, "/interactive/action/sections").into_iter();
    let rows = sections.flat_map(|it| all(&it, "/rows"));
    let buttons = all(body, "/interactive/action/buttons").into_iter();
    let buttons = buttons.filter_map(|it| it.get("reply").cloned());
    let cards = all(body, "/interactive/action/cards").into_iter();
    let swiped = cards.flat_map(|it| all(&it, "/action/buttons"));
    let swiped = swiped.filter_map(|it| it.get("quick_reply").cloned());
    let components = all(body, "/template/components").into_iter();
    let replies = components.flat_map(|it| all(&it, "/parameters"));
    let replies = replies.filter(|it| it.get("payload").is_some());
    let text = |it: &Value, key: &str| Some(it.get(key)?.as_str()?.to_owned());
    let pair = |it: Value| Some((text(&it, "id")?, text(&it, "title")));
    let reply = |it: Value| Some((text(&it, "payload")?, None));
    buttons.chain(rows).chain(swiped).filter_map(pair).chain(replies.filter_map(reply)).collect()
}

#[expect(clippy::disallowed_methods, reason = "a program of its own: its time begins now")]
fn now() -> Micros {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Micros(since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or_default()))
}
