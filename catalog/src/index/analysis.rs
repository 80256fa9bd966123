//! How text becomes words: folded to lower case without accents, stemmed in the language of the goods.

use agent_core::catalog::CatalogError;
use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer,
    StopWordFilter, TextAnalyzer,
};

use super::failed;
use crate::product::Product;

/// Words that tell a language, where a description holds them.
const ENGLISH: &[&str] = &["the", "and", "with", "for", "of"];
const GERMAN: &[&str] = &["der", "die", "und", "mit", "für", "aus"];
/// Products whose descriptions tell the language of the goods.
const LISTENED_TO: usize = 2_000;
/// Longer words are no words.
const WORD_MAX: usize = 40;

/// The language most descriptions are written in.
pub(super) fn language(products: &[Product]) -> Language {
    let step = (products.len() / LISTENED_TO).max(1);
    let (mut english, mut german) = (0_usize, 0_usize);
    for product in products.iter().step_by(step) {
        for word in product.description.split(' ') {
            english += usize::from(ENGLISH.contains(&word));
            german += usize::from(GERMAN.contains(&word));
        }
    }
    if german > english { Language::German } else { Language::English }
}

/// What is indexed.
pub(super) fn words(language: Language) -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(WORD_MAX))
        .filter(LowerCaser)
        .filter(Stemmer::new(language))
        .filter(AsciiFoldingFilter)
        .build()
}

/// What is looked for: the same, without the words that stand in every sentence.
pub(super) fn asked(language: Language) -> Result<TextAnalyzer, CatalogError> {
    let stop = StopWordFilter::new(language).ok_or_else(|| failed("a stop list is missing"))?;
    Ok(TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(WORD_MAX))
        .filter(LowerCaser)
        .filter(stop)
        .filter(Stemmer::new(language))
        .filter(AsciiFoldingFilter)
        .build())
}

/// The words of a text, once each, in their order.
pub(super) fn tokens(analyzer: &TextAnalyzer, text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    analyzer.clone().token_stream(text).process(&mut |token| {
        if !tokens.contains(&token.text) {
            tokens.push(token.text.clone());
        }
    });
    tokens
}

/// Words that are written together or apart, as one: `zt-40604-10l` is found as `zt4060410l`, `T-Shirt` as `tshirt`.
pub(super) fn joined(text: &str) -> String {
    let mut joined = String::new();
    for word in text.split_whitespace().filter(|word| word.contains(['-', '/', '.', '_'])) {
        let whole = word.chars().filter(|c| c.is_alphanumeric());
        joined.extend(whole.chain([' ']));
    }
    joined
}
