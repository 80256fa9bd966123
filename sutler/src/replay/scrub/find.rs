//! What is personal in what came in: by its form (mail, telephone, card, account, street), by the name of the field
//! it stands in, and by the words before it (`my name is`).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value;

/// What something personal is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An address of electronic mail.
    Mail,
    /// A bank account by ISO 13616.
    Account,
    /// A payment card.
    Card,
    /// A telephone number.
    Phone,
    /// Street and house.
    Street,
    /// Postcode and town.
    Town,
    /// A person's name.
    Name,
    /// What a platform calls a person, a chat or a message: replaced where it stands alone.
    Id,
}

/// Words of one message that may be a name, after the words that say so.
const NAME_WORDS: usize = 3;
/// Signs of the shortest name of a message that may say whose it is.
const MESSAGE_ID: usize = 8;
/// Digits of the shortest telephone number that is looked for.
const PHONE_DIGITS: usize = 7;

/// Forms, the most certain first: what one has found, the next does not look at. Where a form has a group, that is
/// what is personal, and the rest says so.
fn forms() -> &'static [(Kind, Regex)] {
    static FORMS: OnceLock<Vec<(Kind, Regex)>> = OnceLock::new();
    FORMS.get_or_init(|| {
        let street = r"(?i:street|st\.?|avenue|ave\.?|road|rd\.?|lane|ln\.?|drive|boulevard|blvd\.?|court|square|terrace|place|crescent|close|way)";
        let german = "(?:straße|strasse|str\\.|weg|platz|allee|gasse|ring|damm|ufer|steig|chaussee)";
        let at = r"(?:Am|An der|An den|Auf der|Auf dem|Im|In der|In den|Unter den|Zum|Zur|Hinter der|Vor dem)";
        let calls = r"(?i:phone|call(?: me)?(?: at| on)?|tel|mobile|cell|whatsapp|handy|telefon|mobil|rückruf)";
        let patterns = [
            (Kind::Mail, r"[\p{L}\d._%+-]+@[\p{L}\d-]+(?:\.[\p{L}\d-]+)*\.\p{L}{2,}".to_owned()),
            (Kind::Mail, r"(?i)[\p{L}\d._%+-]+ ?[(\[](?:at|ät)[)\]] ?[\p{L}\d-]+(?: ?(?:\.|[(\[](?:dot|punkt)[)\]]) ?[\p{L}\d-]+)+".to_owned()),
            (Kind::Account, r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b|\b[a-z]{2}\d{2}(?: ?\d{4}){3,6}(?: ?\d{1,3})?\b".to_owned()),
            (Kind::Phone, r"\b00[1-9]\d?[\d ()/.-]{6,13}\d\b".to_owned()),
            (Kind::Card, r"\b\d(?:[ .-]?\d){12,18}\b".to_owned()),
            (Kind::Phone, r"\+\d[\d ()/.-]{5,}\d|\(0\d{1,5}\) ?[\d /-]{4,}\d|\b0\d[\d ()/.-]{5,}\d|\(\d{3}\) ?\d{3}[ .-]?\d{4}|\b\d{3}[ .-]\d{3}[ .-]\d{4}\b|\b\d{3} \d{7}\b|\b\d{10,15}\b".to_owned()),
            (Kind::Phone, format!(r"\b{calls}\b\D{{0,12}}?(\d[\d /.-]{{5,}}\d)")),
            (Kind::Street, format!(r"\b\d{{1,5}}[a-zA-Z]? (?:\p{{Lu}}[\w'.-]+ ){{1,4}}{street}(?:\b|$)")),
            (Kind::Street, r"\b\d{1,4}[a-z]? (?:\p{Ll}{3,} ){1,2}(?:street|road|avenue|lane)\b".to_owned()),
            (Kind::Street, format!(r"\b(?:\p{{Lu}}[\p{{L}}.-]*[ -])?\p{{L}}+{german} ?\d{{1,4}} ?[a-z]?\b|\b(?:\p{{Lu}}[\p{{L}}-]+ )(?i:{german}) \d{{1,4}}[a-z]?\b|\b\p{{L}}{{3,}} (?:straße|strasse|str\.) \d{{1,4}}[a-z]?\b")),
            (Kind::Street, format!(r"\b{at} (?:\p{{Lu}}[\p{{L}}-]+ ){{1,3}}\d{{1,4}} ?[a-z]?\b")),
            (Kind::Street, r"(?i:rue|avenue|via|calle|plaza) (?:\p{L}+ ){1,4}\d{1,4}\b|\b\d{1,4},? (?:rue|avenue) (?:\p{L}+ ?){1,4}|(?i:p\.? ?o\.? ?box|postfach) \d[\d ]*\d".to_owned()),
            (Kind::Town, r"\b(?:[A-Z]{1,2}-)?\d{5} \p{Lu}\p{L}+(?:[ -]\p{Lu}\p{L}+)?|\b(?:A|CH)-\d{4} \p{Lu}\p{L}+|\p{Lu}\p{L}+(?: \p{Lu}\p{L}+)?,? [A-Z]{2} \d{5}(?:-\d{4})?|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b".to_owned()),
            (Kind::Name, r"\b(?:Mr|Mrs|Ms|Dr|Prof|Herrn?|Frau)\.? ((?:\p{Lu}[\p{L}'-]+ ?){1,3})".to_owned()),
        ];
        let made = patterns.into_iter().filter_map(|(kind, it)| Some((kind, Regex::new(&it).ok()?)));
        made.collect()
    })
}

/// The words before a name; what they stand for alone, and what needs a capital.
fn introduces() -> Option<&'static Regex> {
    static INTRODUCES: OnceLock<Option<Regex>> = OnceLock::new();
    let words = r"(?i)\b(?:my name is|my name's|i am called|i'm called|name:|yours,|sincerely,|regards,|best,|cheers,|thanks,|thank you,|i am|i'm|this is|it's me,|call me|ich hei(?:ß|ss)e|mein name ist|ich bin|hier ist|hier spricht|im namen von|gr(?:ü|ue)(?:ß|ss)e?,?|danke,|mfg,?|lg,?|vg,?|je m'appelle|me llamo|mi chiamo|(?:ship|send|deliver)(?:ped)?(?: it| them)? to|addressed to|on behalf of|lieferung an|(?:schick|liefer|send)(?:e|t|en|en sie)? (?:es|sie|das|alles)?(?: bitte)? ?an)[\s:,]+";
    INTRODUCES.get_or_init(|| Regex::new(words).ok()).as_ref()
}

/// Words with capitals that are nobody's name.
const NOBODY: [&str; 44] = [
    "i", "i'm", "i'd", "i'll", "i've", "the", "a", "an", "it", "we", "my", "is", "are", "do",
    "can", "could", "would", "please", "what", "how", "when", "where", "not", "just", "looking",
    "ich", "wir", "der", "die", "das", "den", "dem", "ein", "eine", "mein", "meine", "es", "bitte",
    "was", "wie", "wann", "wo", "kann", "und",
];

/// What stands before a number and is no street.
const SIZES: [&str; 8] =
    ["größe", "groesse", "grösse", "preis", "angebot", "wert", "nummer", "farbe"];

/// Everything personal that was found, by its words.
#[derive(Clone, Debug, Default)]
pub struct Found(pub BTreeMap<String, Kind>);

impl Found {
    /// Looks into a text a customer or a person wrote.
    pub fn text(&mut self, text: &str) {
        let rest = self.forms(text);
        let Some(introduces) = introduces() else { return };
        for found in introduces.find_iter(&rest) {
            // Who speaks of a name may write it small; a parcel is sent to somebody, or just abroad.
            let named = ["nam", "called", "hei", "appelle", "llamo", "chiamo"];
            let small = named.iter().any(|it| found.as_str().to_lowercase().contains(it));
            self.name(rest.get(found.end()..).unwrap_or_default(), small);
        }
    }

    /// Looks for what is known by its form alone: in words of ours, nobody introduces themselves. The rest.
    pub fn forms(&mut self, text: &str) -> String {
        let mut rest = text.to_owned();
        for (kind, form) in forms() {
            let found = form.captures_iter(&rest);
            let spans = found.filter_map(|it| Some(it.get(1).or_else(|| it.get(0))?.range()));
            let spans: Vec<_> = spans.collect();
            for span in spans.into_iter().rev() {
                let Some(words) = rest.get(span.clone()).map(str::trim) else { continue };
                let digits = words.chars().filter(char::is_ascii_digit).count();
                let lower = words.to_lowercase();
                let size = *kind == Kind::Street && SIZES.iter().any(|it| lower.contains(it));
                if *kind == Kind::Phone && digits < PHONE_DIGITS || words.is_empty() || size {
                    continue;
                }
                self.put(words, *kind);
                rest.replace_range(span, " · ");
            }
        }
        rest
    }

    /// A name begins here: words with capitals, or one word where it may be small.
    fn name(&mut self, text: &str, small: bool) {
        let words = text.split_inclusive(char::is_whitespace).take(NAME_WORDS);
        let mut name = String::new();
        for word in words {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            let capital = bare.chars().next().is_some_and(char::is_uppercase);
            let nobody = bare.chars().count() < 2 || NOBODY.contains(&bare.to_lowercase().as_str());
            if nobody || !(capital || small && name.is_empty()) {
                break;
            }
            name.push_str(if name.is_empty() { "" } else { " " });
            name.push_str(bare);
            if word.trim_end().ends_with(['.', ',', '!', ';', '\n']) {
                break;
            }
        }
        if !name.is_empty() {
            self.put(&name, Kind::Name);
        }
    }

    /// Looks into data: a field's name says what stands in it.
    pub fn value(&mut self, field: &str, value: &Value) {
        match value {
            Value::String(text) => match of_field(field) {
                Some(kind) if !text.trim().is_empty() => self.put(text.trim(), kind),
                _ => self.text(text),
            },
            Value::Number(number) => match of_field(field) {
                Some(kind) => self.put(&number.to_string(), kind),
                None => self.text(&number.to_string()),
            },
            Value::Array(values) => values.iter().for_each(|it| self.value(field, it)),
            Value::Object(fields) => fields.iter().for_each(|(name, it)| self.value(name, it)),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// What a platform calls somebody: by its form, else an id. One or two letters say nothing, and name a language.
    pub fn id(&mut self, id: &str) {
        if id.chars().count() < 3 {
            return;
        }
        let digits = id.chars().filter(char::is_ascii_digit).count();
        let plain = id.chars().all(|c| c.is_ascii_digit() || "+ -()".contains(c));
        let kind = if id.contains('@') && forms().first().is_some_and(|(_, it)| it.is_match(id)) {
            Kind::Mail
        } else if plain && (PHONE_DIGITS..=15).contains(&digits) {
            Kind::Phone
        } else {
            Kind::Id
        };
        self.put(id, kind);
    }

    /// What a platform calls a message. A short one is a count and says nothing of anybody; and a customer may well
    /// have written it.
    pub fn message(&mut self, id: &str) {
        if id.len() >= MESSAGE_ID {
            self.put(id, Kind::Id);
        }
    }

    /// Something personal, whose words are known.
    pub fn put(&mut self, words: &str, kind: Kind) {
        self.0.entry(words.to_owned()).or_insert(kind);
    }
}

/// What stands in a field of this name.
fn of_field(name: &str) -> Option<Kind> {
    let name = name.to_lowercase();
    let any = |words: &[&str]| {
        words.iter().any(|word| name.split(['_', '-', '.', ' ']).any(|it| it == *word))
    };
    if any(&["email", "mail", "e-mail"]) {
        Some(Kind::Mail)
    } else if any(&["phone", "tel", "telephone", "mobile", "telefon", "wa"]) {
        Some(Kind::Phone)
    } else if any(&["street", "address", "address1", "address2", "strasse", "line1", "line2"]) {
        Some(Kind::Street)
    } else if any(&["city", "town", "zip", "postcode", "postal", "plz", "ort"]) {
        Some(Kind::Town)
    } else if any(&[
        "name",
        "firstname",
        "lastname",
        "surname",
        "first",
        "last",
        "fullname",
        "recipient",
        "vorname",
        "nachname",
    ]) || name == "formatted_name"
    {
        Some(Kind::Name)
    } else if any(&["card", "iban"]) {
        Some(if name.contains("iban") { Kind::Account } else { Kind::Card })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, Kind)]) {
        let mut found = Found::default();
        found.text(text);
        let found: Vec<(&str, Kind)> =
            found.0.iter().map(|(words, kind)| (words.as_str(), *kind)).collect();
        let mut expected = expected.to_vec();
        expected.sort();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn what_is_personal_is_found_by_its_form_and_by_the_words_before_it() {
        check(
            "mail me at ada.l+shop@mail.example.co.uk, please",
            &[("ada.l+shop@mail.example.co.uk", Kind::Mail)],
        );
        check(
            "call +49 170 1234567 or 0170/1234567",
            &[("+49 170 1234567", Kind::Phone), ("0170/1234567", Kind::Phone)],
        );
        check("call (415) 555-2671", &[("(415) 555-2671", Kind::Phone)]);
        check("my card is 4111 1111 1111 1111", &[("4111 1111 1111 1111", Kind::Card)]);
        check(
            "IBAN DE89 3704 0044 0532 0130 00",
            &[("DE89 3704 0044 0532 0130 00", Kind::Account)],
        );
        check(
            "ship to Ada Lovelace, 12 St James Square, London",
            &[("12 St James Square", Kind::Street), ("Ada Lovelace", Kind::Name)],
        );
        check(
            "an die Lange Straße 12a, 10115 Berlin",
            &[("Lange Straße 12a", Kind::Street), ("10115 Berlin", Kind::Town)],
        );
        check("Hauptstraße 5", &[("Hauptstraße 5", Kind::Street)]);
        check("hi, my name is ada", &[("ada", Kind::Name)]);
        check("Ich heiße Grete Meier und suche", &[("Grete Meier", Kind::Name)]);
    }

    #[test]
    fn it_is_found_as_people_write_it_in_both_languages() {
        let one = |text: &str, words: &str, kind: Kind| check(text, &[(words, kind)]);
        for (text, words) in [
            ("write to jürgen.müller@käse.example", "jürgen.müller@käse.example"),
            ("ada (at) mail.example please", "ada (at) mail.example"),
        ] {
            one(text, words, Kind::Mail);
        }
        for (text, words) in [
            ("Telefon (030) 123 45 67", "(030) 123 45 67"),
            ("ruf an: 0049 170 1234567", "0049 170 1234567"),
            ("call me on 5550123 today", "5550123"),
            ("+1 (415) 555-2671 works", "+1 (415) 555-2671"),
            ("Handy 170 1234567", "170 1234567"),
        ] {
            one(text, words, Kind::Phone);
        }
        for (text, words) in [
            ("221B Baker Street", "221B Baker Street"),
            ("i live at 12 baker street", "12 baker street"),
            ("to 10 High St, now", "10 High St"),
            ("PO Box 1234", "PO Box 1234"),
            ("Musterstr. 12b", "Musterstr. 12b"),
            ("wohne in der lange str. 4", "lange str. 4"),
            ("Am Alten Markt 3", "Am Alten Markt 3"),
            ("Unter den Linden 77", "Unter den Linden 77"),
            ("Postfach 10 20 30", "Postfach 10 20 30"),
        ] {
            one(text, words, Kind::Street);
        }
        for (text, words) in [
            ("D-80331 München", "D-80331 München"),
            ("Springfield IL 62704", "Springfield IL 62704"),
            ("London NW1 6XE", "NW1 6XE"),
        ] {
            one(text, words, Kind::Town);
        }
        for (text, words) in [
            ("Hi, I'm Jane Doe, and", "Jane Doe"),
            ("this is Ada. Do you", "Ada"),
            ("Hier ist Jonas Weber", "Jonas Weber"),
            ("Viele Grüße\nJonas", "Jonas"),
            ("Thanks, Jane", "Jane"),
            ("für Frau Meier-Schmidt bitte", "Meier-Schmidt"),
            ("deliver it to Grete Meier", "Grete Meier"),
            ("schick es bitte an Karl Otto", "Karl Otto"),
        ] {
            one(text, words, Kind::Name);
        }
        one("de89 3704 0044 0532 0130 00", "de89 3704 0044 0532 0130 00", Kind::Account);
        one("4111-1111-1111-1111", "4111-1111-1111-1111", Kind::Card);
    }

    #[test]
    fn goods_sizes_and_prices_are_nobody() {
        for text in [
            "two blue jackets under 150 in M",
            "RJM01-BLU-M",
            "77.90 EUR",
            "what about size 42-44?",
            "add 2 and 3",
            "is it waterproof to 15,000 mm?",
            "within 30 days",
            "under 1.299,00 €",
            "order 12345",
            "I'm looking for a coat",
            "i am a tall man",
            "thanks, I'll take it",
            "is this the blue one?",
            "In der Größe 42 bitte",
            "Ich bin auf der Suche nach Größe 38",
            "In der Farbe Blau für 20 Euro",
            "call it 12 to 14",
            "2 pairs of socks by friday",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn a_field_says_what_stands_in_it() {
        let mut found = Found::default();
        found.value("", &serde_json::json!({ "name": { "first_name": "Ada" }, "phones": [{ "phone": 4_917_012 }], "size": "M" }));
        assert_eq!(found.0.get("Ada"), Some(&Kind::Name));
        assert_eq!(found.0.get("4917012"), Some(&Kind::Phone));
        assert_eq!(found.0.len(), 2);
    }
}
