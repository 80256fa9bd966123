//! Full text over products, on tantivy: its one door.
//!
//! A product fits when enough of a query's words are found in it, each in any field, stemmed and folded; a
//! word the catalogue does not know is taken for a typing error of one it knows, and does not count where
//! there is none. Model numbers are found however they are joined. Groups of letters in titles only rank what
//! fits, they never make it fit.

mod analysis;
mod found;
mod grams;
mod words;

use std::collections::BTreeSet;

use agent_core::catalog::CatalogError;
use agent_core::compound::bare;
use tantivy::query::{BooleanQuery, BoostQuery, Occur, Query, TermQuery};
use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{Language, TextAnalyzer};
use tantivy::{Index, IndexReader, Searcher, TantivyDocument, Term};

use self::analysis::{joined, tokens};
use self::found::Everything;
pub(crate) use self::found::Found;
use self::grams::Grams;
pub(crate) use self::grams::Likeness;
use self::words::Words;
use crate::product::Product;

/// Memory the writer may use while it builds.
const WRITER_BYTES: usize = 128 << 20;
/// Letters of a word that longer ones are made of, at least.
const LAST: usize = 3;
/// What it counts for that a title ends in a word, which is what the product is: a `Belt Bag` is no belt.
const KIND: f32 = 0.5;
/// What a word counts for that is only a guess at what was meant.
const GUESSED: f32 = 0.8;

/// One part of a query.
type Clause = (Occur, Box<dyn Query>);

/// The index of one catalogue.
pub(crate) struct Texts {
    reader: IndexReader,
    fields: Vec<(Field, f32)>,
    indexed: TextAnalyzer,
    asked: TextAnalyzer,
    words: Words,
    grams: Grams,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Texts").finish_non_exhaustive()
    }
}

fn failed(error: impl std::fmt::Display) -> CatalogError {
    CatalogError(error.to_string())
}

impl Texts {
    /// Indexes products; a product is found by its place among them.
    pub(crate) fn build(products: &[Product]) -> Result<Self, CatalogError> {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("words")
            .set_index_option(IndexRecordOption::WithFreqs);
        let text = TextOptions::default().set_indexing_options(indexing);
        let at = schema.add_u64_field(found::AT, NumericOptions::default().set_fast());
        let mut field = |name: &str| schema.add_text_field(name, text.clone());
        let (title, brand, codes) = (field("title"), field("brand"), field("codes"));
        let (category, body, kind) = (field("category"), field("body"), field("kind"));
        let index = Index::create_in_ram(schema.build());
        let language = analysis::language(products);
        let indexed = analysis::words(language);
        index.tokenizers().register("words", indexed.clone());
        let mut writer = index.writer::<TantivyDocument>(WRITER_BYTES).map_err(failed)?;
        for (n, product) in products.iter().enumerate() {
            let mut document = TantivyDocument::default();
            document.add_u64(at, n as u64);
            document.add_text(title, &product.title);
            document.add_text(brand, &product.brand);
            document.add_text(codes, joined(&product.title));
            for code in &product.codes {
                document.add_text(codes, code);
                document.add_text(codes, joined(code));
            }
            document.add_text(category, product.category.join(" "));
            document.add_text(kind, last(&product.title));
            document.add_text(body, &product.description);
            document.add_text(body, attributes(product));
            writer.add_document(document).map_err(failed)?;
        }
        let grams = Grams::of(products);
        writer.commit().map_err(failed)?;
        writer.wait_merging_threads().map_err(failed)?;
        let reader = index.reader().map_err(failed)?;
        let fields = vec![
            (title, 1.0),
            (brand, 0.5),
            (codes, 1.2),
            (category, 0.4),
            (body, 0.25),
            (kind, KIND),
        ];
        let names = [title, brand, category];
        let mut words = Words::of(&reader.searcher(), &names, &[body]).map_err(failed)?;
        if language == Language::German {
            let texts = products.iter().flat_map(|it| it.category.iter().chain([&it.title]));
            let written: BTreeSet<String> = texts.flat_map(|it| split(it)).collect();
            let stem = |word: String| Some((bare(&word), tokens(&indexed, &word).pop()?));
            words.joined = written.into_iter().filter_map(stem).collect();
        }
        let asked = analysis::asked(language)?;
        Ok(Self { reader, fields, indexed, asked, words, grams })
    }

    /// All products that fit, in no order; none where the words say nothing, so that everything fits.
    /// `loose`: words that stand in descriptions only need not be found.
    pub(crate) fn search(
        &self,
        words: &str,
        loose: bool,
    ) -> Result<Option<Vec<Found>>, CatalogError> {
        let mut asked = tokens(&self.asked, words);
        if asked.is_empty() {
            asked = tokens(&self.indexed, words);
        }
        if asked.is_empty() {
            return Ok(None);
        }
        let searcher = self.reader.searcher();
        let (mut needed, mut numbers, mut clauses, mut aside) =
            (0, Vec::new(), Vec::new(), Vec::new());
        // Where no word is of a name, one that a description has is enough.
        let no_name = loose && !asked.iter().any(|word| self.words.name(word));
        for word in &asked {
            let longer = self.longer(word, words);
            let Some(clause) = self.word(&searcher, word, &longer)? else { continue };
            if numbered(word) {
                numbers.extend(self.word(&searcher, word, &longer)?.map(|it| (Occur::Should, it)));
            }
            if loose && !no_name && !self.words.name(word) {
                aside.push((Occur::Should, clause));
            } else {
                needed += 1;
                clauses.push((Occur::Should, clause));
            }
        }
        for whole in tokens(&self.indexed, &joined(words)).iter().filter(|it| !asked.contains(it)) {
            let known = self.anywhere(&searcher, whole, 1.0)?;
            if !known.is_empty() {
                let list = if numbered(whole) { &mut numbers } else { &mut clauses };
                list.push((Occur::Should, Box::new(BooleanQuery::new(known)) as Box<dyn Query>));
            }
        }
        // A part number is enough by itself, and says more than any word.
        if !clauses.is_empty() {
            let needed = if no_name { 1 } else { needed_of(needed) };
            let words = BooleanQuery::with_minimum_required_clauses(clauses, needed);
            numbers.push((Occur::Should, Box::new(words)));
        }
        if numbers.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let mut fits: Vec<Clause> = vec![(Occur::Must, Box::new(BooleanQuery::new(numbers)))];
        fits.extend(aside);
        searcher.search(&BooleanQuery::new(fits), &Everything).map(Some).map_err(failed)
    }

    /// What titles are to be like, to rank what fits.
    pub(crate) fn like(&self, words: &str) -> Likeness {
        self.grams.like(words)
    }

    /// The names that end in a word of a query, which is told by its stem.
    fn longer(&self, stem: &str, words: &str) -> BTreeSet<&str> {
        if self.words.joined.is_empty() {
            return BTreeSet::new();
        }
        let said = split(words).filter(|it| it.chars().count() >= LAST);
        let own = said.filter(|it| tokens(&self.indexed, it).iter().any(|own| own == stem));
        own.flat_map(|it| self.words.ending_in(&bare(&it)).collect::<Vec<_>>()).collect()
    }

    /// One word, or a longer one made of it, in any field; where no field knows it, what was perhaps meant; none, where
    /// that is nothing.
    fn word(
        &self,
        searcher: &Searcher,
        word: &str,
        longer: &BTreeSet<&str>,
    ) -> Result<Option<Box<dyn Query>>, CatalogError> {
        let mut known = self.anywhere(searcher, word, 1.0)?;
        // A `Gartenschere` is found by `Schere`.
        for longer in longer {
            known.extend(self.anywhere(searcher, longer, GUESSED)?);
        }
        if !known.is_empty() {
            return Ok(Some(Box::new(BooleanQuery::new(known))));
        }
        if numbered(word) {
            return Ok(None);
        }
        if let Some((front, back)) = self.words.parts(word) {
            let mut both: Vec<Clause> = Vec::with_capacity(2);
            for part in [front, back] {
                let part = self.anywhere(searcher, part, GUESSED)?;
                both.push((Occur::Must, Box::new(BooleanQuery::new(part))));
            }
            return Ok(Some(Box::new(BooleanQuery::new(both))));
        }
        let mut meant = Vec::new();
        for near in self.words.near(word) {
            meant.extend(self.anywhere(searcher, near, GUESSED)?);
        }
        Ok((!meant.is_empty()).then(|| Box::new(BooleanQuery::new(meant)) as Box<dyn Query>))
    }

    /// A word in each field that knows it.
    fn anywhere(
        &self,
        searcher: &Searcher,
        word: &str,
        worth: f32,
    ) -> Result<Vec<Clause>, CatalogError> {
        let mut clauses: Vec<Clause> = Vec::with_capacity(self.fields.len());
        for (field, boost) in &self.fields {
            let term = Term::from_field_text(*field, word);
            if searcher.doc_freq(&term).map_err(failed)? > 0 {
                let query = Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
                clauses.push((Occur::Should, Box::new(BoostQuery::new(query, boost * worth))));
            }
        }
        Ok(clauses)
    }
}

/// How many of a query's words must be found: both of two, two of a few, a quarter of a sentence. What holds
/// more of them stands first all the same.
fn needed_of(words: usize) -> usize {
    match words {
        0..=7 => words.clamp(1, 2),
        _ => words / 4,
    }
}

/// The last word of a title that is no number.
fn last(title: &str) -> String {
    let word = |it: &String| it.chars().all(char::is_alphabetic);
    split(title).filter(word).last().unwrap_or_default()
}

/// The words of a text as they are written, in lower case.
fn split(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase)
}

/// Whether a word is most likely a part number.
fn numbered(word: &str) -> bool {
    word.len() >= 4 && word.bytes().any(|byte| byte.is_ascii_digit())
}

/// The typed attributes of all variants, once each.
fn attributes(product: &Product) -> String {
    let mut values: Vec<&str> = Vec::new();
    for value in product.variants.iter().flat_map(|variant| variant.attributes.values()) {
        if !values.contains(&value.as_str()) {
            values.push(value);
        }
    }
    values.join(" ")
}
