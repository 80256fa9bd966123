//! JUnit's XML, as CI servers read it: a suite, a test case each, and why it failed.
//!
//! By the de-facto schema of the Ant `junitreport` task (`testsuites`, `testsuite`, `testcase`, `failure`, `error`).

use std::fmt::Write as _;

use super::Report;
use super::terminal;

/// One test case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// What was found wrong.
    pub failure: Option<String>,
    /// Why it could not be tried.
    pub error: Option<String>,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

/// The text of the file.
#[must_use]
pub fn junit(suite: &str, cases: &[Case]) -> String {
    let failures = cases.iter().filter(|case| case.failure.is_some()).count();
    let errors = cases.iter().filter(|case| case.error.is_some()).count();
    let counts = format!("tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\"", cases.len());
    let name = escaped(suite);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"sutler\" {counts}>\n  \
         <testsuite name=\"{name}\" {counts}>\n"
    );
    for case in cases {
        let (seconds, millis) = (case.millis / 1000, case.millis % 1000);
        // Writing to a string can't fail.
        let _ = write!(
            text,
            "    <testcase classname=\"{name}\" name=\"{}\" time=\"{seconds}.{millis:03}\"",
            escaped(&case.name)
        );
        let wrong = [("failure", &case.failure), ("error", &case.error)];
        match wrong.into_iter().find_map(|(kind, why)| Some((kind, why.as_ref()?))) {
            None => text.push_str("/>\n"),
            Some((kind, why)) => {
                let first = why.lines().next().unwrap_or_default();
                let _ = write!(
                    text,
                    ">\n      <{kind} message=\"{}\">{}</{kind}>\n    </testcase>\n",
                    escaped(first),
                    escaped(why)
                );
            }
        }
    }
    text + "  </testsuite>\n</testsuites>\n"
}

/// A report: a test case a conversation.
#[must_use]
pub fn of(report: &Report) -> String {
    let cases = report.conversations.iter().map(|conversation| Case {
        name: conversation.journal.clone(),
        failure: (conversation.differs() && conversation.error.is_none())
            .then(|| terminal::conversation(conversation, false)),
        error: conversation.error.clone(),
        millis: conversation
            .turns
            .iter()
            .filter_map(|it| it.spent)
            .map(|(_, now)| now.millis)
            .sum(),
    });
    junit(&report.changes.join("; "), &cases.collect::<Vec<_>>())
}

/// Text in XML 1.0: its five signs as entities, and without what it can't hold.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' => escaped.push_str("&#10;"),
            c if c.is_control() && c != '\t' => escaped.push('\u{fffd}'),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_told_apart_from_what_could_not_be_tried_and_text_stays_text() {
        let case = |name: &str| Case { name: name.to_owned(), ..Case::default() };
        let cases = [
            case("good"),
            Case { failure: Some("says <b> & \"c\"\nmore\u{1}".to_owned()), ..case("bad") },
            Case { error: Some("no pack".to_owned()), millis: 1_234, ..case("broken") },
        ];
        expect_test::expect![[r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="sutler" tests="3" failures="1" errors="1">
              <testsuite name="a suite" tests="3" failures="1" errors="1">
                <testcase classname="a suite" name="good" time="0.000"/>
                <testcase classname="a suite" name="bad" time="0.000">
                  <failure message="says &lt;b&gt; &amp; &quot;c&quot;">says &lt;b&gt; &amp; &quot;c&quot;&#10;more�</failure>
                </testcase>
                <testcase classname="a suite" name="broken" time="1.234">
                  <error message="no pack">no pack</error>
                </testcase>
              </testsuite>
            </testsuites>
        "#]]
        .assert_eq(&junit("a suite", &cases));
    }
}
