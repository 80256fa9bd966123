//! Brands and attributes as numbers, so that a filter is read once for each value and not for each variant.

use std::collections::BTreeMap;

use agent_core::id::Name;

use crate::product::Product;

/// What products and variants are like.
#[derive(Debug, Default)]
pub(crate) struct Facets {
    brands: Column,
    attributes: BTreeMap<Name, Column>,
    /// The number of each product's first variant.
    first: Vec<usize>,
}

/// One property of everything that is counted.
#[derive(Debug, Default)]
struct Column {
    /// The values; the first stands for none.
    values: Vec<String>,
    numbers: BTreeMap<String, u32>,
    /// Which value each has; what is beyond the end has none.
    of: Vec<u32>,
}

/// A filter over one property.
#[derive(Debug)]
pub(crate) struct Filter<'a> {
    of: &'a [u32],
    /// How loosely each value fits; none where it does not.
    fits: Vec<Option<u8>>,
}

/// Which of a query's words each value of one property says, a bit each.
#[derive(Debug)]
pub(crate) struct Said<'a> {
    of: &'a [u32],
    words: Vec<u32>,
}

impl Said<'_> {
    /// The words something says.
    pub(crate) fn words(&self, at: usize) -> u32 {
        let value = self.of.get(at).copied().unwrap_or_default();
        self.words.get(value as usize).copied().unwrap_or_default()
    }
}

impl Facets {
    /// Of products, in their order.
    pub(crate) fn of(products: &[Product]) -> Self {
        let (mut facets, mut variants) = (Self::default(), 0);
        for (at, product) in products.iter().enumerate() {
            facets.first.push(variants);
            facets.brands.put(at, &product.brand);
            for variant in &product.variants {
                for (name, value) in &variant.attributes {
                    if let Some(column) = facets.attributes.get_mut(name) {
                        column.put(variants, value);
                    } else {
                        let mut column = Column::default();
                        column.put(variants, value);
                        facets.attributes.insert(name.clone(), column);
                    }
                }
                variants += 1;
            }
        }
        facets
    }

    /// The number of a product's first variant; the others follow it.
    pub(crate) fn first(&self, product: usize) -> usize {
        self.first.get(product).copied().unwrap_or_default()
    }

    /// What attributes say of these words, at most 32; those that say nothing are left out.
    pub(crate) fn said(&self, words: &[String]) -> Vec<Said<'_>> {
        let says = |value: &String| {
            let value = value.to_lowercase();
            let own = |word: &String| value.split(' ').any(|own| own == word);
            let said = words.iter().enumerate().filter(|(_, word)| own(word));
            said.fold(0, |said, (bit, _)| said | 1 << bit)
        };
        let said = self
            .attributes
            .values()
            .map(|column| Said { of: &column.of, words: column.values.iter().map(says).collect() });
        said.filter(|said| said.words.iter().any(|words| *words != 0)).collect()
    }

    /// A filter over the brands of products.
    pub(crate) fn brand(&self, fits: impl Fn(Option<&str>) -> Option<u8>) -> Filter<'_> {
        self.brands.filter(fits)
    }

    /// A filter over each attribute of variants that has a value that fits.
    pub(crate) fn any(&self, fits: impl Fn(&str) -> Option<u8>) -> Vec<Filter<'_>> {
        let columns = self.attributes.values().map(|column| column.filter(|has| fits(has?)));
        columns.filter(|filter| filter.fits.iter().any(Option::is_some)).collect()
    }

    /// A filter over an attribute of variants.
    pub(crate) fn attribute(
        &self,
        name: &str,
        fits: impl Fn(Option<&str>) -> Option<u8>,
    ) -> Filter<'_> {
        match self.attributes.get(name) {
            Some(column) => column.filter(fits),
            None => Filter { of: &[], fits: vec![fits(None)] },
        }
    }
}

impl Column {
    fn put(&mut self, at: usize, value: &str) {
        if self.values.is_empty() {
            self.values.push(String::new());
        }
        let number = match self.numbers.get(value) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.values.len()).unwrap_or_default();
                self.values.push(value.to_owned());
                self.numbers.insert(value.to_owned(), number);
                number
            }
        };
        self.of.resize(at, 0);
        self.of.push(number);
    }

    fn filter(&self, fits: impl Fn(Option<&str>) -> Option<u8>) -> Filter<'_> {
        let values = self.values.iter().skip(1).map(|value| fits(Some(value)));
        Filter { of: &self.of, fits: std::iter::once(fits(None)).chain(values).collect() }
    }
}

impl Filter<'_> {
    /// How loosely something fits; none when it does not.
    pub(crate) fn fit(&self, at: usize) -> Option<u8> {
        let value = self.of.get(at).copied().unwrap_or_default();
        self.fits.get(value as usize).copied().flatten()
    }
}
