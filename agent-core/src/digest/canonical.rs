//! One form of JSON, whoever writes it: the fields of each object in order.
//!
//! It is written straight from the value, into one buffer; fields that came in another order are put in theirs when
//! their object ends. Most come in order, and nothing but text is ever built.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use serde::Serialize;
use serde_json::ser::Formatter;

/// JSON without spaces and with keys in byte order as they are written, whatever order or features the writer had.
///
/// Our types hold no floats, so numbers have one form. A value that JSON can't hold (a map with
/// composite keys) has no canonical form; none of ours is such, and it would read `null`.
#[must_use]
pub fn canonical(value: &impl Serialize) -> String {
    String::from_utf8(written(value)).unwrap_or_default()
}

pub(super) fn written(value: &impl Serialize) -> Vec<u8> {
    let page = Page::default();
    let sorted = Sorted { page: page.clone(), fields: Vec::new(), open: Vec::new() };
    let mut to = serde_json::Serializer::with_formatter(page.clone(), sorted);
    match value.serialize(&mut to) {
        Ok(()) => page.0.take(),
        Err(_) => b"null".to_vec(),
    }
}

/// What is written so far, shared by who writes and who sorts.
#[derive(Clone, Default)]
struct Page(Rc<RefCell<Vec<u8>>>);

impl Page {
    fn end(&self) -> usize {
        self.0.borrow().len()
    }
}

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes fields as they come, and puts them in order when their object ends, if they are not.
struct Sorted {
    page: Page,
    /// Of the objects that are open, outermost first.
    fields: Vec<Field>,
    /// How many fields there were when each of them began.
    open: Vec<usize>,
}

/// Where a field stands on the page: its key from behind the quote to before it, and its end.
#[derive(Copy, Clone)]
struct Field {
    begins: usize,
    key: usize,
    ends: usize,
}

impl Field {
    fn key(self, page: &[u8]) -> &[u8] {
        page.get(self.begins + 1..self.key).unwrap_or_default()
    }
}

impl Formatter for Sorted {
    fn begin_object<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.open.push(self.fields.len());
        to.write_all(b"{")
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        to: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if !first {
            to.write_all(b",")?;
        }
        let begins = self.page.end();
        self.fields.push(Field { begins, key: begins, ends: begins });
        Ok(())
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        if let Some(field) = self.fields.last_mut() {
            field.key = self.page.end().saturating_sub(1);
        }
        Ok(())
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        if let Some(field) = self.fields.last_mut() {
            field.ends = self.page.end();
        }
        Ok(())
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        let first = self.open.pop().unwrap_or_default();
        let mut page = self.page.0.borrow_mut();
        let fields = self.fields.get_mut(first..).unwrap_or_default();
        if !fields.is_sorted_by(|a, b| a.key(&page) <= b.key(&page)) {
            let begins = fields.first().map_or(page.len(), |field| field.begins);
            fields.sort_by(|a, b| a.key(&page).cmp(b.key(&page)));
            let fields = fields.iter().filter_map(|it| page.get(it.begins..it.ends));
            let mut sorted = fields.collect::<Vec<_>>().join(&b',');
            page.truncate(begins);
            page.append(&mut sorted);
        }
        drop(page);
        self.fields.truncate(first);
        to.write_all(b"}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use serde_json::json;

    use super::*;

    #[test]
    fn keys_stand_in_byte_order_at_every_depth() {
        let value = json!({"b": [{"z": 1, "a": null}], "a": "ü\"\n"});
        assert_eq!(canonical(&value), r#"{"a":"ü\"\n","b":[{"a":null,"z":1}]}"#);
    }

    #[derive(Serialize)]
    struct Unsorted {
        zone: Kind,
        a: Option<u8>,
        #[serde(rename = "a!")]
        beside: (),
        map: HashMap<u8, &'static str>,
        inner: Option<Box<Self>>,
    }

    #[derive(Serialize)]
    enum Kind {
        Unit,
        New(i64),
        Two(bool, char),
        Named { y: &'static str, x: f64 },
    }

    #[test]
    fn whatever_the_writer_has_is_written_as_its_value_is() {
        let unsorted = |zone, inner| Unsorted {
            zone,
            a: Some(1),
            beside: (),
            map: [(10, "ten"), (9, "nine"), (1, "one")].into(),
            inner,
        };
        let mut value = None;
        for zone in [Kind::Unit, Kind::New(-3), Kind::Two(true, '"'), Kind::Named { y: "", x: 0.5 }]
        {
            value = Some(Box::new(unsorted(zone, value)));
        }
        // A map of `serde_json` is in order.
        let plain = serde_json::to_value(&value).unwrap();
        assert_eq!(canonical(&value), plain.to_string());
        assert!(canonical(&value).starts_with(r#"{"a":1,"a!":null,"inner":{"a":1"#));
    }

    #[test]
    fn what_json_can_not_hold_is_null() {
        assert_eq!(canonical(&BTreeMap::from([([1, 2], 3)])), "null");
        assert_eq!(canonical(&f64::NAN), "null");
    }
}
