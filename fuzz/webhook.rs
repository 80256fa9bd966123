//! Bodies of Meta's webhooks, led by the coverage of the reader: whatever was signed is read, or said to be
//! unreadable, comes to the same when it is told again, and is redacted as before anything is durable.
#![no_main]


use adapters::meta::news::{Reading, What};
use adapters::meta::parse::parse;
use agent_core::policy::privacy::redact_inbound;
use agent_core::time::Micros;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let reading = Reading { now: Micros(1_793_491_200_000_000) };
    let read = parse(body, reading);
    assert_eq!(read, parse(body, reading));
    for news in read.into_iter().flatten() {
        if let What::Chat(inbound) = news.what {
            let _clean = redact_inbound(inbound);
        }
    }
});
