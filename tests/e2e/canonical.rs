//! Events read back what they were written as, in a form that is one and the same.

use agent_core::digest::canonical;
use agent_core::event::{Answer, Decision, Event, Recorded};
use agent_core::evidence::{Access, Call, Change, Output, ToolError};
use agent_core::id::{Made, Seq, TurnId};
use agent_core::message::{Inbound, InboundKind};
use agent_core::model::scripted::says;
use agent_core::time::Micros;
use proptest::prelude::*;
use serde_json::{Map, Number, Value};

/// A value that is there: null is none.
fn value() -> impl Strategy<Value = Value> {
    json().prop_filter("null is none", |value| !value.is_null())
}

/// Any JSON that a model, a platform or a shop may send.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter_map("no JSON", |it| Number::from_f64(it).map(Value::Number)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|fields| Value::Object(Map::from_iter(fields))),
        ]
    })
}

fn event() -> impl Strategy<Value = Event> {
    let made = (any::<u128>(), any::<u16>()).prop_map(|(turn, n)| Made { turn: TurnId(turn), n });
    let call = (made.clone(), any::<String>(), json());
    let call =
        call.prop_map(|(id, tool, arguments)| Call { id, tool: tool.into(), arguments }).boxed();
    let received = (any::<String>(), any::<i64>(), any::<String>(), prop::option::of(value()));
    prop_oneof![
        received.prop_map(|(id, at, text, referral)| {
            let (id, at, kind) = (id.into(), Micros(at), InboundKind::Text(text));
            let (from, aliases, reply_to) = (None, Vec::new(), None);
            Answer::Received(Inbound { id, at, from, aliases, kind, reply_to, referral }).into()
        }),
        (any::<String>(), json()).prop_map(|(text, arguments)| {
            let calls = vec![("search".into(), arguments)];
            Answer::Answered(Ok(agent_core::model::Completion { calls, ..says(&text) })).into()
        }),
        (made.clone(), value(), any::<String>()).prop_map(|(call, value, name)| {
            let changes = vec![Change::Slot { name: name.into(), value: Some(value) }];
            Answer::Returned { call, result: Ok(Output { findings: Vec::new(), changes }) }.into()
        }),
        (made, any::<String>()).prop_map(|(call, why)| {
            Answer::Returned { call, result: Err(ToolError::Ambiguous(why)) }.into()
        }),
        call.clone().prop_map(|call| Decision::Called { call, access: Access::Write }.into()),
        call.prop_map(|call| Decision::Changed(Change::Pending(Some(call))).into()),
    ]
}

proptest! {
    #[test]
    fn an_event_reads_back_what_it_was_written_as(seq: u64, at: i64, event in event()) {
        let recorded = Recorded { seq: Seq(seq), at: Micros(at), event };
        let text = canonical(&recorded);
        let read: Recorded = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read, &recorded);
        prop_assert_eq!(canonical(&read), text);
    }
}

/// No number of ours is a float: only what others sent can hold one.
#[test]
fn the_kinds_of_json_stand_in_one_form() {
    let value =
        serde_json::json!({ "b": 1.0, "a": [0.1, 1e300, -0.0, 149.9], "ä": "\u{1F600}\u{7}" });
    assert_eq!(canonical(&value), "{\"a\":[0.1,1e+300,-0.0,149.9],\"b\":1.0,\"ä\":\"😀\\u0007\"}");
}
