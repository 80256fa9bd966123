//! Files in each source's own format, written for this test.

use expect_test::{Expect, expect};

use super::{Format, read};

/// The cases as they are written, and what is said of the rest.
#[track_caller]
fn check(format: Format, text: &str, expect: &Expect) {
    let imported = read(format, "file", text, None).unwrap();
    let mut shown = String::new();
    for case in &imported.cases {
        shown.push_str(&case.write());
        shown.push('\n');
    }
    shown.push_str(&format!("imported {}\n", imported.imported));
    for (word, counted) in [("degraded", &imported.degraded), ("skipped", &imported.skipped)] {
        for (why, n) in counted {
            shown.push_str(&format!("{word} {n} {why}\n"));
        }
    }
    expect.assert_eq(&shown);
}

#[test]
fn openai_chats_with_calls_and_parts() {
    let text = concat!(
        r#"{"messages":[{"role":"system","content":"You sell."},{"role":"user","content":"a blue jacket?"},"#,
        r#"{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"search","arguments":"{\"words\":\"jacket\"}"}},"#,
        r#"{"id":"c2","type":"function","function":{"name":"weather","arguments":"{}"}}]},"#,
        r#"{"role":"tool","tool_call_id":"c1","content":"[]"},{"role":"assistant","content":"None, sorry."},"#,
        r#"{"role":"user","content":[{"type":"text","text":"and this?"},{"type":"image_url","image_url":{"url":"x"}}]}]}"#,
        "\n\n",
        r#"{"messages":[{"role":"user","content":"hello"},{"role":"assistant","content":"Hi!"}]}"#,
        "\n"
    );
    check(
        Format::Openai,
        text,
        &expect![[r#"
        from = "OpenAI chat"
        name = "file 1"

        [[turn]]
        say = "a blue jacket?"
        called = [{ arguments = { words = "jacket" }, name = "search" }]
        was = """
        [called weather {}]
        None, sorry."""

        [[turn]]
        say = "and this?"

        from = "OpenAI chat"
        name = "file 3"

        [[turn]]
        say = "hello"
        was = "Hi!"

        imported 3
        degraded 1 a call of a tool that is not ours
        degraded 1 a part `image_url`
        skipped 1 a prompt of another agent
        skipped 1 the result of a tool: ours are asked anew
    "#]],
    );
    let error = read(Format::Openai, "file", "{}\n{}", None).unwrap_err();
    assert_eq!(error.to_string(), "line 1: there is no list `messages`");
}

/// Batches and logs have the request and its answer apart; some write a list over several lines.
#[test]
fn openai_chats_of_logs() {
    let text = r#"[
      { "custom_id": "a", "body": { "model": "m", "messages": [{ "role": "user", "content": "a hat?" }] } },
      { "request": { "messages": [{ "role": "user", "content": "socks?" }] },
        "response": { "body": { "choices": [{ "message": { "role": "assistant", "content": "Grey ones." } }] } } }
    ]"#;
    check(
        Format::Openai,
        text,
        &expect![[r#"
        from = "OpenAI chat"
        name = "file 1"

        [[turn]]
        say = "a hat?"

        from = "OpenAI chat"
        name = "file 2"

        [[turn]]
        say = "socks?"
        was = "Grey ones."

        imported 2
    "#]],
    );
}

#[test]
fn content_blocks_whole_and_as_a_session() {
    let whole = r#"{"system":"You sell.","messages":[{"role":"user","content":"one jacket"},
        {"role":"assistant","content":[{"type":"thinking","thinking":"…"},{"type":"text","text":"Which size?"},
        {"type":"tool_use","id":"t","name":"cart_view","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"empty"}]},
        {"role":"user","content":[{"type":"text","text":"M"},{"type":"image","source":{}}]}]}"#;
    check(
        Format::Anthropic,
        whole,
        &expect![[r#"
        from = "content blocks"
        name = "file"

        [[turn]]
        say = "one jacket"
        called = [{ arguments = {}, name = "cart_view" }]
        was = "Which size?"

        [[turn]]
        say = "M"

        imported 2
        degraded 1 a block `image`
        skipped 1 a prompt of another agent
        skipped 1 the result of a tool: ours are asked anew
        skipped 1 thoughts of another agent
    "#]],
    );
    let session = concat!(
        r#"{"type":"user","message":{"role":"user","content":"hello"}}"#,
        "\n",
        r#"{"type":"summary","summary":"…"}"#,
        "\n",
        r#"{"type":"assistant","message":{"content":[{"type":"text","text":"Hi!"}]}}"#,
        "\n"
    );
    check(
        Format::Anthropic,
        session,
        &expect![[r#"
        from = "content blocks"
        name = "file"

        [[turn]]
        say = "hello"
        was = "Hi!"

        imported 1
        skipped 1 a line of the type `summary`
    "#]],
    );
}

#[test]
fn rasa_end_to_end_tests() {
    let tests = r#"
test_cases:
  - test_case: user_buys_a_bag
    steps:
      - user: "I want a bag"
        assertions:
          - bot_uttered:
              utter_name: utter_ask_colour
              text_matches: "Which colou?r"
              buttons: [{ title: Grey, payload: /grey }, { title: Blue, payload: /blue }]
          - flow_started: buy
      - utter: utter_ask_colour
      - user: grey
      - slot_was_set:
          - colour: grey
      - bot: It is in your cart.
      - user: "/blue"
      - user: 2
      - user: ""
"#;
    check(
        Format::Rasa,
        tests,
        &expect![[r#"
        from = "Rasa end-to-end test"
        name = "user_buys_a_bag"

        [[turn]]
        say = "I want a bag"
        matches = ["Which colou?r"]
        offers = ["Grey", "Blue"]
        was = "[utter_ask_colour]"

        [[turn]]
        say = "grey"
        reply = ["It is in your cart."]
        slots = { colour = "grey" }

        [[turn]]
        tap = "Blue"

        [[turn]]
        say = "2"

        imported 4
        degraded 2 a reply that is named and not said
        skipped 1 a message without words
        skipped 1 an assertion `flow_started`
    "#]],
    );
    assert!(read(Format::Rasa, "file", "a: [", None).is_err());
}

#[test]
fn rasa_stories() {
    let stories = r#"
version: "3.1"
nlu:
  - intent: greet
    examples: |
      - hey [there](who)
      - hi
stories:
  - story: a greeting
    steps:
      - intent: greet
      - action: utter_greet
      - user: |
          show me [blue]{"entity": "colour"} bags
      - intent: say_bye
      - checkpoint: end
"#;
    check(
        Format::Rasa,
        stories,
        &expect![[r#"
        from = "Rasa story"
        name = "a greeting"

        [[turn]]
        say = "hey there"
        was = "[utter_greet]"

        [[turn]]
        say = "show me blue bags"

        [[turn]]
        say = "say bye"

        imported 3
        degraded 1 an intent, said by its first example
        degraded 1 an intent, said by its name
        skipped 1 a step `checkpoint`
        skipped 1 an entry of `nlu`
    "#]],
    );
}

#[test]
fn bot_framework_transcripts() {
    let text = r#"[
      {"type":"conversationUpdate","conversation":{"id":"c"},"from":{"role":"user"}},
      {"type":"message","conversation":{"id":"c"},"from":{"id":"u","role":"user"},"text":"a bag","timestamp":"2026-11-25T10:00:00Z"},
      {"type":"typing","conversation":{"id":"c"},"from":{"id":"b","role":"bot"}},
      {"type":"message","conversation":{"id":"c"},"from":{"id":"b","role":"bot"},"text":"Which?","suggestedActions":{"actions":[{"type":"imBack","title":"Grey","value":"Grey"}]}},
      {"type":"message","conversation":{"id":"c"},"from":{"id":"u","role":"user"},"text":"Grey"},
      {"type":"message","conversation":{"id":"c"},"from":{"id":"b","role":"bot"},"attachments":[{"contentType":"application/vnd.microsoft.card.hero","content":{"title":"Archive Backpack","text":"95.90"}}]}
    ]"#;
    check(
        Format::Transcript,
        text,
        &expect![[r#"
        from = "Bot Framework transcript"
        name = "file c"

        [[turn]]
        say = "a bag"
        was = """
        Which?
        [Grey]"""

        [[turn]]
        tap = "Grey"
        was = """
        Archive Backpack

        95.90"""

        imported 2
        skipped 1 an activity `conversationUpdate`
        skipped 1 an activity `typing`
    "#]],
    );
}

#[test]
fn botium_convos() {
    let text = "a bag in grey\n\n#begin\nPAUSE 100\n\n#me\nhello\n\n#bot\nHello, I am a bot.\n!sorry\n?Maybe this\n\n#me\nBUTTON grey|Grey\n\n#bot\nBUTTONS Yes|No\nTEXT_CONTAINS_ANY bag|backpack\nINTENT buy\n\n#me\nmy name is $name\n";
    check(
        Format::Botium,
        text,
        &expect![[r#"
        from = "Botium convo"
        name = "a bag in grey"

        [[turn]]
        say = "hello"
        not = ["sorry"]
        reply = ["Hello, I am a bot."]

        [[turn]]
        tap = "Grey"
        matches = ["(?i)bag|backpack"]
        offers = ["Yes", "No"]

        [[turn]]
        say = "my name is $name"

        imported 3
        degraded 1 words with a variable
        skipped 1 a line that may be missing
        skipped 1 an assertion `INTENT`
        skipped 1 what is done before a convo
    "#]],
    );
    assert!(read(Format::Botium, "file", "nothing of it", None).is_err());
}

#[test]
fn whatsapp_chats_of_android_and_ios() {
    let android = "25/11/2026, 14:02 - Messages and calls are end-to-end encrypted.\n25/11/2026, 14:03 - Ada: do you have\nthis in blue?\n25/11/2026, 14:04 - The Shop: Yes: in M and L. <This message was edited>\n11/25/26, 2:05\u{202f}PM - Ada: <Media omitted>\n25.11.26, 14:06 - Ada: M then\n25/11/2026, 14:07 - The Shop: This message was deleted\n25/11/2026, 14:08 - Ada: IMG-1.jpg (file attached)\nlike here\n25/11/2026, 14:09 - Ada:\n";
    check(
        Format::Whatsapp,
        android,
        &expect![[r#"
        from = "WhatsApp chat"
        name = "file"

        [[turn]]
        say = """
        do you have
        this in blue?"""
        was = "Yes: in M and L."

        [[turn]]
        say = "M then"

        imported 2
        degraded 1 Ada writes first and is taken for the customer; --agent says who is the shop
        skipped 1 a file
        skipped 1 a file that was not exported
        skipped 1 a message that was deleted
        skipped 1 a message without words
        skipped 1 a notice of WhatsApp
    "#]],
    );
    // What iOS says itself stands behind a mark, and under somebody's name.
    let ios = "\u{feff}[25/11/2026, 14:02:01] The Shop: \u{200e}Messages and calls are end-to-end encrypted.\n[25/11/2026, 14:03:07] Ada: hello\n\u{200e}[25/11/2026, 14:03:09] Ada: \u{200e}image omitted\n\u{200e}[25/11/2026, 14:03:10] Ada: \u{200e}<attached: 0007-PHOTO.jpg>\n\u{200e}[25/11/2026, 14:03:11] Ada: list.pdf \u{200e}• \u{200e}2 pages \u{200e}document omitted\n[25.11.26, 14:04:00] The Shop: Hi!\n";
    let imported = read(Format::Whatsapp, "file", ios, None).unwrap();
    assert_eq!((imported.cases.len(), imported.imported), (1, 1), "{imported:?}");
    assert_eq!(imported.cases[0].turns[0].was.as_deref(), Some("Hi!"));
    let skipped: Vec<(&str, usize)> =
        imported.skipped.iter().map(|(why, n)| (why.as_str(), *n)).collect();
    let expected =
        [("a file", 1), ("a file that was not exported", 2), ("a notice of WhatsApp", 1)];
    assert_eq!(skipped, expected);
    let three = "1/2/26, 10:00 - A: x\n1/2/26, 10:01 - B: y\n1/2/26, 10:02 - C: z\n";
    let error = read(Format::Whatsapp, "file", three, None).unwrap_err().to_string();
    assert!(error.contains("--agent") && error.contains("A, B, C"), "{error}");
    assert!(read(Format::Whatsapp, "file", "no chat", None).is_err());
}

#[test]
fn chatwoot_conversations() {
    let text = r#"{"data":{"meta":{},"payload":[{"id":7,"messages":[
      {"id":2,"content":"Which colour?","message_type":1,"created_at":1764060060,"private":false,"sender":{"type":"agent_bot"},"content_type":"input_select","content_attributes":{"items":[{"title":"Grey","value":"grey"}],"submitted_values":[{"title":"Grey","value":"grey"}]}},
      {"id":1,"content":"a bag","message_type":0,"created_at":1764060000,"private":false},
      {"id":3,"content":"Mel took over","message_type":2,"created_at":1764060070},
      {"id":4,"content":"he is rude","message_type":1,"created_at":1764060080,"private":true},
      {"id":5,"content":"Hi, Mel here","message_type":1,"created_at":1764060090,"private":false,"sender":{"type":"user","name":"Mel"}},
      {"id":6,"content":null,"message_type":0,"created_at":1764060100,"attachments":[{"file_type":"image"}]}]},
      {"id":8,"messages":[]}]}}"#;
    check(
        Format::Chatwoot,
        text,
        &expect![[r#"
        from = "Chatwoot"
        name = "file 7"

        [[turn]]
        say = "a bag"
        was = """
        Which colour?
        [Grey]"""

        [[turn]]
        tap = "Grey"
        was = "Hi, Mel here"

        imported 2
        degraded 1 a file `image`
        degraded 1 a reply by a person of the shop
        skipped 1 a conversation without messages
        skipped 1 a message without words
        skipped 1 a notice of Chatwoot
        skipped 1 a private note
    "#]],
    );
}
