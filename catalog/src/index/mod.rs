//! Full text over products, on tantivy: its one door.
//!
//! A product fits when enough of a query's words are found in it, each in any field, stemmed and folded; a
//! word the catalogue does not know is taken for a typing error of one it knows, and does not count where
//! there is none. Model numbers are found however they are joined. Character trigrams of titles only rank
//! what fits, they never make it fit.

mod words;

use agent_core::catalog::CatalogError;
use tantivy::collector::TopDocs;
use tantivy::query::{AllQuery, BooleanQuery, BoostQuery, Occur, Query, TermQuery};
use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions, Value as _,
};
use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, NgramTokenizer, RemoveLongFilter, SimpleTokenizer,
    Stemmer, TextAnalyzer,
};
use tantivy::{Index, IndexReader, TantivyDocument, Term};

use crate::index::words::Words;
use crate::product::Product;

/// Memory the writer may use while it builds.
const WRITER_BYTES: usize = 64 << 20;

/// The index of one catalogue.
pub(crate) struct Texts {
    index: Index,
    reader: IndexReader,
    at: Field,
    fields: Vec<(Field, f32)>,
    grams: Field,
    words: Words,
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
        let text = |tokenizer: &str| {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(tokenizer)
                .set_index_option(IndexRecordOption::WithFreqs);
            TextOptions::default().set_indexing_options(indexing)
        };
        let at = schema.add_u64_field("at", NumericOptions::default().set_stored());
        let title = schema.add_text_field("title", text("words"));
        let brand = schema.add_text_field("brand", text("words"));
        let codes = schema.add_text_field("codes", text("words"));
        let category = schema.add_text_field("category", text("words"));
        let body = schema.add_text_field("body", text("words"));
        let grams = schema.add_text_field("grams", text("grams"));
        let index = Index::create_in_ram(schema.build());
        register(&index)?;
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
            document.add_text(body, &product.description);
            document.add_text(body, attributes(product));
            document.add_text(grams, &product.title);
            writer.add_document(document).map_err(failed)?;
        }
        writer.commit().map_err(failed)?;
        writer.wait_merging_threads().map_err(failed)?;
        let reader = index.reader().map_err(failed)?;
        let fields = vec![(title, 1.0), (brand, 0.5), (codes, 1.2), (category, 0.4), (body, 0.25)];
        let words =
            Words::of(&reader.searcher(), &[title, brand, category], &[body]).map_err(failed)?;
        Ok(Self { index, reader, at, fields, grams, words })
    }

    /// The places of the products that fit, best first, with their scores. `loose`: words that stand in
    /// descriptions only need not be found.
    pub(crate) fn search(
        &self,
        words: &str,
        limit: usize,
        loose: bool,
    ) -> Result<Vec<(usize, f32)>, CatalogError> {
        let searcher = self.reader.searcher();
        let plain = self.tokens("words", words)?;
        let tokens = self.tokens("words", &format!("{words} {}", joined(words)))?;
        if plain.is_empty() {
            let all = searcher
                .search(&AllQuery, &TopDocs::with_limit(limit.max(1)).order_by_score())
                .map_err(failed)?;
            let mut found = self.places(&searcher, all)?;
            found.sort_by_key(|(at, _)| *at);
            return Ok(found);
        }
        let mut clauses = Vec::with_capacity(tokens.len());
        let (mut known, mut aside) = (0, Vec::new());
        // Where no word is of a name, one that a description has is enough.
        let no_name = loose && !tokens.iter().any(|token| self.words.name(token));
        for token in &tokens {
            if let Some(word) = self.word(&searcher, token)? {
                let needed = plain.contains(token) && (!loose || no_name || self.words.name(token));
                known += usize::from(needed);
                match loose && !needed {
                    true => aside.push((Occur::Should, word)),
                    false => clauses.push((Occur::Should, word)),
                }
            }
        }
        if clauses.is_empty() {
            return Ok(Vec::new());
        }
        let needed = if no_name { 1 } else { needed(known.max(1)) };
        let fits = BooleanQuery::with_minimum_required_clauses(clauses, needed);
        let grams = self.tokens("grams", words)?.into_iter().map(|gram| {
            let term = Term::from_field_text(self.grams, &gram);
            (Occur::Should, boxed(TermQuery::new(term, IndexRecordOption::WithFreqs), 0.15))
        });
        let query = BooleanQuery::new(
            std::iter::once((Occur::Must, Box::new(fits) as Box<dyn Query>))
                .chain(grams)
                .chain(aside)
                .collect(),
        );
        let found = searcher
            .search(&query, &TopDocs::with_limit(limit.max(1)).order_by_score())
            .map_err(failed)?;
        self.places(&searcher, found)
    }

    /// One word in any field; a word no field knows, as those it may have been meant to be; none, where
    /// there are none.
    fn word(
        &self,
        searcher: &tantivy::Searcher,
        token: &str,
    ) -> Result<Option<Box<dyn Query>>, CatalogError> {
        let mut known = false;
        for (field, _) in &self.fields {
            let term = Term::from_field_text(*field, token);
            known |= searcher.doc_freq(&term).map_err(failed)? > 0;
        }
        let meant = if known { vec![token] } else { self.words.near(token) };
        if meant.is_empty() {
            return Ok(None);
        }
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for word in meant {
            for (field, boost) in &self.fields {
                let term = Term::from_field_text(*field, word);
                let boost = if known { *boost } else { boost * 0.8 };
                let query = boxed(TermQuery::new(term, IndexRecordOption::WithFreqs), boost);
                clauses.push((Occur::Should, query));
            }
        }
        Ok(Some(Box::new(BooleanQuery::new(clauses))))
    }

    fn places(
        &self,
        searcher: &tantivy::Searcher,
        found: Vec<(f32, tantivy::DocAddress)>,
    ) -> Result<Vec<(usize, f32)>, CatalogError> {
        let mut places = Vec::with_capacity(found.len());
        for (score, address) in found {
            let document: TantivyDocument = searcher.doc(address).map_err(failed)?;
            let at = document.get_first(self.at).and_then(|value| value.as_u64());
            places.extend(at.and_then(|at| usize::try_from(at).ok()).map(|at| (at, score)));
        }
        Ok(places)
    }

    fn tokens(&self, tokenizer: &str, text: &str) -> Result<Vec<String>, CatalogError> {
        let analyzer = self.index.tokenizers().get(tokenizer);
        let mut analyzer = analyzer.ok_or_else(|| failed("a tokenizer is missing"))?;
        let mut tokens: Vec<String> = Vec::new();
        analyzer.token_stream(text).process(&mut |token| {
            if !tokens.contains(&token.text) {
                tokens.push(token.text.clone());
            }
        });
        Ok(tokens)
    }
}

/// How many of a query's words must be found: all of a short query, half of a long one.
fn needed(words: usize) -> usize {
    match words {
        0..=2 => words,
        3..=5 => words - 1,
        _ => words.div_ceil(2),
    }
}

fn boxed(query: impl Query, boost: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(Box::new(query), boost))
}

fn register(index: &Index) -> Result<(), CatalogError> {
    let words = TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(40))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .filter(Stemmer::new(Language::English))
        .build();
    let grams = NgramTokenizer::new(3, 3, false).map_err(failed)?;
    let grams = TextAnalyzer::builder(grams).filter(LowerCaser).filter(AsciiFoldingFilter).build();
    index.tokenizers().register("words", words);
    index.tokenizers().register("grams", grams);
    Ok(())
}

/// Model numbers as one word: `zt-40604-10l` is found as `zt4060410l`.
fn joined(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| {
        word.contains(['-', '/', '.', '_'])
            && word.chars().any(|c| c.is_ascii_digit())
            && word.chars().any(char::is_alphabetic)
    });
    words
        .map(|word| word.chars().filter(|c| c.is_alphanumeric()).collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The typed attributes of all variants, once each.
fn attributes(product: &Product) -> String {
    let values: std::collections::BTreeSet<&str> = product
        .variants
        .iter()
        .flat_map(|variant| variant.attributes.values())
        .map(String::as_str)
        .collect();
    values.into_iter().collect::<Vec<_>>().join(" ")
}
