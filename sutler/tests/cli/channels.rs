//! Four channels at once in one `sutler serve`: whoever writes where, and in whatever order, is answered there, from
//! their own shop and their own cart.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use reqwest::Client;
use serde_json::Value;
use sutler::clock::SystemClock;
use sutler_tests::dice::Dice;
use sutler_tests::fake::discord::{self, FakeDiscord};
use sutler_tests::fake::graph::{FakeGraph, Settings, payload};
use sutler_tests::fake::telegram::{self, FakeTelegram};
use tokio::sync::Mutex;

use super::visit::{Serving, Stream, Visitor};

/// What each customer wants; nobody else does.
const GOODS: [&str; 8] = [
    "Amber Kettle",
    "Birch Lantern",
    "Cobalt Teapot",
    "Dune Blanket",
    "Ember Skillet",
    "Fern Trellis",
    "Garnet Pillow",
    "Hazel Bucket",
];
/// The channels, in the order in which their customers stand: two each.
const CHANNELS: [&str; 4] = ["web", "whatsapp", "telegram", "discord"];

const SECRETS: [(&str, &str); 5] = [
    ("TELEGRAM_TOKEN", telegram::TOKEN),
    ("DISCORD_TOKEN", discord::TOKEN),
    ("WHATSAPP_TOKEN", "whatsapp-token"),
    ("META_APP_SECRET", "meta-secret"),
    ("META_VERIFY_TOKEN", "verify"),
];

/// The platforms, and the program between them.
struct Market {
    telegram: FakeTelegram,
    discord: FakeDiscord,
    graph: FakeGraph,
    serving: Serving,
    /// The browsers of the visitors, each with its stream and what it has shown.
    pages: Vec<(Visitor, Mutex<(Stream, String)>)>,
}

impl Market {
    /// Opens one shop on all channels, or one shop on each.
    async fn open(folder: &Path, shops: usize) -> Self {
        let clock = Arc::new(SystemClock);
        let telegram = FakeTelegram::start(clock.clone()).await.unwrap();
        let discord = FakeDiscord::start(clock.clone()).await.unwrap();
        let settings = Settings {
            number: "77".to_owned(),
            token: "whatsapp-token".to_owned(),
            secret: "meta-secret".to_owned(),
            clock,
            seed: 1,
        };
        let graph = FakeGraph::start(settings).await.unwrap();
        let bases = [graph.base_url(), telegram.url(), discord.base()];
        std::fs::write(folder.join("sutler.toml"), configuration(folder, shops, bases)).unwrap();
        let serving = Serving::knowing(folder, SECRETS);
        discord.until(|it| (it.sessions().0 > 0).then_some(())).await;
        let mut pages = Vec::new();
        for _ in 0..2 {
            let visitor = Visitor::new(&serving, "shop-0").await;
            let stream = visitor.open(None).await.unwrap();
            pages.push((visitor, Mutex::new((stream, String::new()))));
        }
        Self { telegram, discord, graph, serving, pages }
    }

    /// The customer of this number writes.
    async fn say(&self, customer: usize, words: &str) {
        match customer / 2 {
            0 => self.pages.get(customer).unwrap().0.say(words).await,
            1 => {
                let (body, signature) = self.graph.says(&number(customer), &payload::text(words));
                let url = format!("{}/webhooks/meta", self.serving.url);
                let request = Client::new().post(url).body(body);
                let told = request.header("x-hub-signature-256", signature).send().await.unwrap();
                assert!(told.status().is_success(), "{told:?}");
            }
            2 => _ = self.telegram.say(customer as i64, words),
            _ => _ = self.discord.write(customer as u64, words),
        }
    }

    /// Everything the customer of this number was shown, as the platform has it.
    fn shown(&self, customer: usize) -> String {
        match customer / 2 {
            1 => {
                let taken = self.graph.taken().into_iter().filter(|it| it.to == number(customer));
                taken.map(|it| it.body.to_string()).collect()
            }
            2 => self.telegram.answers(customer as i64).iter().map(telegram::Shown::page).collect(),
            _ => {
                let said = self.discord.said(customer as u64).into_iter();
                said.filter(|it| !it.by_customer).map(|it| it.text + "\n").collect()
            }
        }
    }

    /// Waits until the customer of this number was shown this; everything they were shown.
    async fn until(&self, customer: usize, words: &str) -> String {
        let there = |shown: String| shown.contains(words).then_some(shown);
        match customer / 2 {
            0 => {
                let mut page = self.pages.get(customer).unwrap().1.lock().await;
                let (stream, shown) = &mut *page;
                while !shown.contains(words) {
                    let told = stream.next().await;
                    if told.name == "message" && told.data.get("client").is_none_or(|it| it == "") {
                        shown.push_str(&read(&told.data));
                    }
                }
                shown.clone()
            }
            1 => self.graph.until(|_| there(self.shown(customer))).await,
            2 => self.telegram.until(|_| there(self.shown(customer))).await,
            _ => self.discord.until(|_| there(self.shown(customer))).await,
        }
    }
}

/// What a visitor reads of an entry of the page.
fn read(entry: &Value) -> String {
    let mut read = format!("{entry}\n");
    for line in entry.get("lines").and_then(Value::as_array).into_iter().flatten() {
        let label = line.get("label").and_then(Value::as_str).unwrap_or_default();
        let quantity = line.get("quantity").and_then(Value::as_u64).unwrap_or_default();
        _ = writeln!(read, "{quantity} × {label}");
    }
    read
}

/// The phone number of a customer.
fn number(customer: usize) -> String {
    format!("1555000{customer}")
}

/// Shops, each with the goods of its own customers alone.
fn configuration(folder: &Path, shops: usize, [graph, telegram, discord]: [&str; 3]) -> String {
    let channels = [
        "kind = \"web\"".to_owned(),
        format!(
            "kind = \"whatsapp\"\nnumber_id = \"77\"\n[shop.channel.app]\ntoken_env = \"WHATSAPP_TOKEN\"\n\
             secret_env = [\"META_APP_SECRET\"]\nverify_env = \"META_VERIFY_TOKEN\"\nbase_url = \"{graph}\""
        ),
        format!("kind = \"telegram\"\ntoken_env = \"TELEGRAM_TOKEN\"\nbase_url = \"{telegram}\""),
        format!(
            "kind = \"discord\"\ntoken_env = \"DISCORD_TOKEN\"\napplication_id = \"{}\"\n\
             base_url = \"{discord}\"",
            discord::APPLICATION
        ),
    ];
    let mut all = String::new();
    for shop in 0..shops {
        let each = CHANNELS.len() / shops;
        let mut feed = "id,title,description,link,availability,price\n".to_owned();
        for (n, goods) in GOODS.iter().enumerate().skip(shop * each * 2).take(each * 2) {
            let link = format!("https://shop{shop}.example/{n}");
            _ = writeln!(feed, "g{n},{goods},Made to last,{link},in_stock,1{n}.00 EUR");
        }
        std::fs::write(folder.join(format!("{shop}.csv")), feed).unwrap();
        let head = "[[shop]]\nname = \"shop";
        _ = writeln!(all, "{head} {shop}\"\npack = \"retail\"\nfeed = \"{shop}.csv\"");
        for channel in channels.iter().skip(shop * each).take(each) {
            _ = writeln!(all, "[[shop.channel]]\n{channel}");
        }
    }
    all
}

/// What a customer says, and what they are shown then.
fn line(customer: usize, n: usize) -> (String, String) {
    let goods = GOODS.get(customer).unwrap();
    match n {
        0 => (format!("show me the {goods}"), (*goods).to_owned()),
        1 => ("add it to my cart".to_owned(), format!("1 × {goods}")),
        _ => (format!("make it {}", customer + 2), format!("{} × {goods}", customer + 2)),
    }
}

/// Customers write in an order of chance, each as soon as they were answered, whatever the others wait for.
async fn visit(shops: usize, seed: u64) {
    // An error means that another test has chosen one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let market = Market::open(folder.path(), shops).await;
    let (mut dice, mut said) = (Dice::new(seed), [0; GOODS.len()]);
    while let Some(left) = said.iter().map(|said| 3 - said).max().filter(|left| *left > 0) {
        let customer = dice.below(GOODS.len() as u64) as usize;
        let (done, n) = (said.get_mut(customer).unwrap(), 3 - left);
        if *done == 3 || *done > n + 1 {
            continue;
        }
        if *done > 0 {
            market.until(customer, &line(customer, *done - 1).1).await;
        }
        market.say(customer, &line(customer, *done).0).await;
        *done += 1;
    }
    for (customer, own) in GOODS.iter().enumerate() {
        let shown = market.until(customer, &line(customer, 2).1).await;
        let place = CHANNELS.get(customer / 2).unwrap();
        let others = GOODS.iter().filter(|goods| *goods != own && shown.contains(**goods));
        let others: Vec<_> = others.collect();
        assert_eq!(others, Vec::<&&str>::new(), "seed {seed}, {place}, {own}: {shown}");
    }
    assert_eq!(market.discord.complaints(), Vec::<String>::new());
    assert_eq!(market.graph.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn one_shop_on_all_channels_keeps_its_customers_apart() {
    visit(1, 1).await;
    visit(1, 2).await;
}

#[tokio::test]
async fn a_shop_on_each_channel_sells_its_own_goods_alone() {
    visit(4, 3).await;
    visit(4, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_says_where_to_click() {
    // An error means that another test has chosen one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let telegram = FakeTelegram::start(Arc::new(SystemClock)).await.unwrap();
    let discord = FakeDiscord::start(Arc::new(SystemClock)).await.unwrap();
    // Neither the intent nor the shop's own channels, of which it is needed.
    discord.set_up("flags", 0.into());
    let bases = ["http://127.0.0.1:9", telegram.url(), discord.base()];
    let all = configuration(folder.path(), 1, bases);
    let doctor = |all: &str| {
        std::fs::write(folder.path().join("sutler.toml"), all).unwrap();
        let mut command = super::sutler(folder.path());
        let command = command.args(["doctor", "--data", "d"]).envs(SECRETS);
        let output = command.output().unwrap();
        format!("{}{}", super::stdout(&output), super::stderr(&output))
    };
    let discords = all.rfind("base_url = ").unwrap();
    let (before, after) = all.split_at(discords);
    let own = doctor(&format!("{before}channels = [\"600\"]\n{after}"));
    let fine = doctor(&all);
    for words in
        ["the token is @shop_bot's", "@BotFather, /setprivacy", "the token opens the application"]
    {
        assert!(fine.contains(words), "{words}: {fine}");
    }
    assert!(!fine.contains("Message Content Intent"), "{fine}");
    assert!(own.contains("the message content intent is missing"), "{own}");
    assert!(own.contains("Bot, Privileged Gateway Intents: switch on"), "{own}");
}
