//! Webhook bodies, damaged in every way chance finds, through the reader: nothing may panic.

use adapters::meta::news::Reading;
use adapters::meta::parse::parse;
use agent_core::time::Micros;

use crate::dice::Dice;
use crate::fake::graph::payload;

/// What a run came to.
#[derive(Copy, Clone, Debug, Default)]
pub struct Run {
    /// Bodies that were read.
    pub read: u64,
    /// Bodies that were no JSON, or nothing of business messaging.
    pub unread: u64,
    /// What they told.
    pub news: u64,
}

/// Bodies to begin with: what Meta tells, in our own words.
#[must_use]
pub fn bodies() -> Vec<Vec<u8>> {
    let whatsapp = [
        r#"{"type":"text","text":{"body":"hi \ud83d\ude00 there"},"context":{"id":"w","referred_product":{"product_retailer_id":"a"}}}"#,
        r#"{"type":"image","image":{"id":"1","mime_type":"image/jpeg","sha256":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="}}"#,
        r#"{"type":"audio","audio":{"id":"1","mime_type":"audio/ogg; codecs=opus","voice":true}}"#,
        r#"{"type":"document","document":{"id":"1","filename":"a \"b\".pdf","caption":"c"}}"#,
        r#"{"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"AgAAAAAAAAAAAAAAAAAA","title":"x"}}}"#,
        r#"{"type":"location","location":{"latitude":1.5,"longitude":-170.25}}"#,
        r#"{"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"response_json":"{\"a\":1}"}}}"#,
        r#"{"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","title":"x"}}}"#,
        r#"{"type":"order","order":{"product_items":[{"product_retailer_id":"a","quantity":2,"item_price":"1.5","currency":"EUR"}]}}"#,
        r#"{"type":"system","system":{"type":"user_changed_number","wa_id":"2"}}"#,
        r#"{"type":"edit","edit":{"original_message_id":"w","message":{"type":"text","text":{"body":"x"}}}}"#,
        r#"{"type":"reaction","reaction":{"message_id":"w","emoji":"👍"}}"#,
        r#"{"type":"contacts","contacts":[{"origin":"contact_request","name":{"formatted_name":"A"},"phones":[{"phone":"+49 15","wa_id":"4915"}]}]}"#,
        r#"{"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"address_message","response_json":"{\"values\":{\"in_pin_code\":\"110001\"}}"}}}"#,
        r#"{"type":"button","button":{"text":"Yes","payload":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}"#,
        r#"{"type":"revoke","revoke":{"original_message_id":"w"}}"#,
        r#"{"type":"unsupported","errors":[{"code":131051,"title":"x"}],"unsupported":{"type":"poll"}}"#,
    ];
    let of = |kind: &&str| {
        let kind = serde_json::from_str(kind).unwrap_or_default();
        payload::wire(&payload::message(
            "77",
            ("4915", "wamid.1"),
            Micros(1_700_000_000_000_000),
            &kind,
        ))
    };
    let mut bodies: Vec<Vec<u8>> = whatsapp.iter().map(of).collect();
    let others = [
        r#"{"object":"whatsapp_business_account","entry":[{"id":"5","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"77"},"statuses":[{"id":"w","status":"failed","timestamp":"1","recipient_id":"4","biz_opaque_callback_data":"sutler:00000000000000000000000000000001-1/0","errors":[{"code":131048}],"pricing":{"billable":true,"category":"general_purpose_ai"}}]}}]}]}"#,
        r#"{"object":"whatsapp_business_account","entry":[{"id":"5","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"77"},"statuses":[{"id":"w","status":"failed","timestamp":"1","recipient_id":"4","biz_opaque_callback_data":"sutler:00000000000000000000000000000001-4097/0","errors":[{"code":131056}]}]}}]}]}"#,
        r#"{"object":"whatsapp_business_account","entry":[{"id":"5","time":1,"changes":[{"field":"account_update","value":{"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"RESTRICTED_CUSTOMER_INITIATED_MESSAGING","expiration":1}]}}]}]}"#,
        r#"{"object":"whatsapp_business_account","entry":[{"id":"5","changes":[{"field":"standby","value":{"metadata":{"phone_number_id":"77"},"standby":{"messages":[{"from":"1","id":"w","type":"text","text":{"body":"x"}}],"message_echoes":[{"id":"e","message":{"to":"1","type":"text","text":{"body":"y"}}}]}}}]}]}"#,
        r#"{"object":"whatsapp_business_account","entry":[{"id":"5","changes":[{"field":"user_id_update","value":{"metadata":{"phone_number_id":"77"},"user_id_update":[{"wa_id":"1","user_id":{"previous":"DE.1","current":"DE.2"},"timestamp":"1"}]}}]}]}"#,
        r#"{"object":"whatsapp_business_account","entry":[{"id":"5","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"77"},"statuses":[{"id":"w","type":"payment","status":"captured","timestamp":"1","recipient_id":"4","payment":{"reference_id":"r","amount":{"value":1,"offset":100},"currency":"INR","transaction":{"id":"T"}}}]}}]}]}"#,
        r#"{"object":"whatsapp_business_account","entry":[{"id":"5","time":1,"changes":[{"field":"message_template_status_update","value":{"event":"PAUSED","message_template_name":"t","message_template_language":"en","reason":null}},{"field":"phone_number_quality_update","value":{"display_phone_number":"1","event":"FLAGGED"}}]}]}"#,
        r#"{"object":"whatsapp_business_account","entry":[{"id":"5","changes":[{"field":"user_preferences","value":{"metadata":{"phone_number_id":"77"},"user_preferences":[{"wa_id":"1","category":"marketing_messages","value":"stop","timestamp":1}]}},{"field":"smb_message_echoes","value":{"metadata":{"phone_number_id":"77"},"message_echoes":[{"id":"e","to":"1","to_user_id":"DE.1","type":"text","text":{"body":"x"}}]}},{"field":"messaging_handovers","value":{"metadata":{"phone_number_id":"77"},"sender":{"phone_number":"1"},"control_passed":{"metadata":"x"}}}]}]}"#,
        r#"{"object":"page","entry":[{"id":"1","messaging":[{"sender":{"id":"2"},"recipient":{"id":"1"},"timestamp":1,"postback":{"mid":"m","title":"x","payload":"y","referral":{"ref":"z"}}},{"recipient":{"id":"1"},"timestamp":1,"policy-enforcement":{"action":"block","reason":"x"}},{"sender":{"id":"2"},"recipient":{"id":"1"},"timestamp":1,"optin":{"type":"notification_messages"}},{"sender":{"id":"2"},"recipient":{"id":"1"},"timestamp":1,"pass_thread_control":{"new_owner_app_id":"1"}},{"sender":{"id":"2"},"recipient":{"id":"1"},"timestamp":1,"reaction":{"mid":"m","action":"react","emoji":"x"}},{"sender":{"id":"2"},"recipient":{"id":"1"},"timestamp":1,"delivery":{"mids":["m"],"watermark":1}}]}]}"#,
        r#"{"object":"page","entry":[{"id":1,"messaging":[{"sender":{"id":2},"recipient":{"id":1},"timestamp":1459991487970,"message":{"mid":"m","text":"x","attachments":[{"type":"image","payload":{"url":"https://x.y"}}]}},{"sender":{"id":2},"read":{"watermark":1459991487970}}]}]}"#,
        r#"{"object":"instagram","entry":[{"id":"1","standby":[{"sender":{"id":"2"},"recipient":{"id":"1"},"timestamp":"2021-09-08T06:34:04+0000","message":{"mid":"m","is_echo":true,"text":"x"}}]}]}"#,
    ];
    bodies.extend(others.iter().map(|body| body.as_bytes().to_vec()));
    bodies
}

/// Reads so many damaged bodies, from a seed; each must be read, or be said to be unreadable.
pub fn run(cases: u64, seed: u64, bodies: &[Vec<u8>]) -> Run {
    let mut dice = Dice::new(seed);
    let mut run = Run::default();
    let reading = Reading { now: Micros(1_793_491_200_000_000) };
    for _ in 0..cases {
        let pick = usize::try_from(dice.below(bodies.len() as u64)).unwrap_or_default();
        let Some(body) = bodies.get(pick) else { return run };
        let mut body = body.clone();
        // Half of them stay JSON: what they say is damaged, and not how.
        let gently = dice.below(2) == 0;
        for _ in 0..=dice.below(6) {
            if gently {
                garble(&mut body, &mut dice);
            } else {
                damage(&mut body, &mut dice);
            }
        }
        match parse(&body, reading) {
            Ok(news) => {
                run.read += 1;
                run.news += news.len() as u64;
            }
            Err(_) => run.unread += 1,
        }
    }
    run
}

/// Bytes that mean something to a parser.
const TELLING: &[&[u8]] = &[
    b"\"",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\\",
    b",",
    b":",
    b"null",
    b"\\ud83d",
    b"\\u0000",
    b"1e999",
    b"-1",
    b"99999999999999999999",
    b"\xff",
    b"\xf0\x9f",
    b"\"id\":",
    b"true",
    b"{}",
    b"[]",
    b"\"\"",
];

/// Changes one letter or digit of a key, a word or a number.
fn garble(body: &mut [u8], dice: &mut Dice) {
    let at = usize::try_from(dice.below(body.len() as u64)).unwrap_or_default();
    let plain = body.iter_mut().skip(at).find(|byte| byte.is_ascii_alphanumeric());
    let Some(byte) = plain else { return };
    let letters =
        if byte.is_ascii_digit() { b"123456789".as_slice() } else { b"abgjpxzABE".as_slice() };
    let pick = usize::try_from(dice.below(letters.len() as u64)).unwrap_or_default();
    *byte = letters.get(pick).copied().unwrap_or(*byte);
}

fn damage(body: &mut Vec<u8>, dice: &mut Dice) {
    let at = usize::try_from(dice.below(body.len() as u64 + 1)).unwrap_or_default();
    let length = usize::try_from(dice.below(24)).unwrap_or_default();
    let end = (at + length).min(body.len());
    let telling = usize::try_from(dice.below(TELLING.len() as u64)).unwrap_or_default();
    let telling = TELLING.get(telling).copied().unwrap_or_default();
    match dice.below(6) {
        0 => drop(body.drain(at..end)),
        1 => drop(body.splice(at..at, telling.iter().copied())),
        2 => drop(body.splice(at..end, telling.iter().copied())),
        3 => {
            let piece = body.get(at..end).unwrap_or_default().to_vec();
            drop(body.splice(at..at, piece));
        }
        4 => body.truncate(at),
        _ => {
            if let Some(byte) = body.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
    }
}
