//! Pictures of goods that have none we may show: drawn from their category and colour, always the same.

mod shapes;

use std::fmt::Write as _;

use agent_core::digest::Digest;
use agent_core::evidence::ProductFacts;
use agent_core::id::Name;

/// Colours by the words shops use for them.
const COLOURS: &[(&str, [u8; 3])] = &[
    ("light blue", [0x8f, 0xb8, 0xd8]),
    ("black", [0x2d, 0x2f, 0x34]),
    ("navy", [0x2a, 0x3a, 0x5c]),
    ("burgundy", [0x6e, 0x24, 0x38]),
    ("grey", [0x8a, 0x8f, 0x96]),
    ("gray", [0x8a, 0x8f, 0x96]),
    ("silver", [0xb4, 0xb9, 0xc0]),
    ("gold", [0xc9, 0xa2, 0x4a]),
    ("olive", [0x6f, 0x72, 0x43]),
    ("green", [0x3d, 0x7a, 0x5b]),
    ("blue", [0x35, 0x63, 0xa8]),
    ("white", [0xf3, 0xf1, 0xec]),
    ("cream", [0xec, 0xe0, 0xc8]),
    ("beige", [0xcf, 0xb9, 0x98]),
    ("brown", [0x7d, 0x56, 0x3c]),
    ("pink", [0xdd, 0x8f, 0xa6]),
    ("red", [0xb8, 0x3a, 0x3a]),
    ("orange", [0xd9, 0x7a, 0x35]),
    ("yellow", [0xe2, 0xb8, 0x3c]),
    ("purple", [0x6d, 0x4f, 0x93]),
];

/// Colours of goods that name none.
const PALETTE: [[u8; 3]; 6] = [
    [0xb8, 0x3a, 0x3a],
    [0x3d, 0x7a, 0x5b],
    [0xd9, 0x7a, 0x35],
    [0x8a, 0x4b, 0x2f],
    [0x6d, 0x4f, 0x93],
    [0x35, 0x63, 0xa8],
];

const PAPER: [u8; 3] = [0xf5, 0xf2, 0xec];
const INK: [u8; 3] = [0x14, 0x16, 0x1a];

/// The picture of a product's chosen variant, as SVG; of a record nobody knows, a tag.
pub(super) fn of(facts: Option<&ProductFacts>, record: &str) -> String {
    let shape = facts.map_or(shapes::TAG, shape);
    let product = facts.map_or(record, |facts| facts.product.as_str());
    let [first, second, ..] = Digest::of(product.as_bytes()).0;
    let colour = facts
        .and_then(named)
        .unwrap_or_else(|| PALETTE.get(usize::from(first) % PALETTE.len()).copied().unwrap_or(INK));
    let bright = luma(colour) > 200;
    // A light thing stands on a darker ground, or nobody would see it.
    let (near, far) = if bright {
        (mix(PAPER, INK, 0.10), mix(PAPER, INK, 0.22))
    } else {
        (mix(PAPER, colour, 0.10), mix(PAPER, colour, 0.26))
    };
    let (shade, seam) =
        (mix(colour, INK, 0.28), mix(colour, if luma(colour) < 90 { PAPER } else { INK }, 0.34));
    let backdrop = match second % 3 {
        0 => "<circle cx=\"120\" cy=\"152\" r=\"112\"/>",
        1 => "<path d=\"M24 300V150a96 96 0 0 1 192 0V300Z\"/>",
        _ => "<path d=\"M0 214Q60 186 120 206T240 196V300H0Z\"/>",
    };
    let mut svg = String::with_capacity(2_048);
    // Writing to a string can't fail.
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 240 300\" width=\"240\" height=\"300\">\
         <style>:root{{--b:{b}}}.b{{fill:{b}}}.s{{fill:{s}}}.w{{fill:#fbfaf7}}\
         .l{{fill:none;stroke:{l};stroke-width:2.5;stroke-linecap:round;stroke-linejoin:round}}\
         .o{{fill:none;stroke:{b};stroke-width:9;stroke-linecap:round}}</style>\
         <rect width=\"240\" height=\"300\" fill=\"{near}\"/><g fill=\"{far}\">{backdrop}</g>\
         <ellipse cx=\"120\" cy=\"262\" rx=\"74\" ry=\"9\" fill=\"#000\" opacity=\".10\"/>{shape}</svg>",
        b = hex(colour),
        s = hex(shade),
        l = hex(seam),
        near = hex(near),
        far = hex(far),
    );
    svg
}

/// The drawing by the innermost word that is known of a product's category, else by its title.
fn shape(facts: &ProductFacts) -> &'static str {
    let places = facts.category.iter().rev().chain([&facts.title]);
    let lowered = places.map(|place| place.to_lowercase());
    let mut found = lowered.filter_map(|place| {
        shapes::WORDS.iter().find(|(word, _)| place.contains(word)).map(|(_, shape)| *shape)
    });
    found.next().unwrap_or(shapes::TAG)
}

/// The colour a product's chosen variant names.
fn named(facts: &ProductFacts) -> Option<[u8; 3]> {
    let colour = facts.variant()?.attributes.get(&Name::from("color"))?.to_lowercase();
    COLOURS.iter().find(|(word, _)| colour.contains(word)).map(|(_, rgb)| *rgb)
}

fn mix(from: [u8; 3], to: [u8; 3], share: f32) -> [u8; 3] {
    let mut mixed = from;
    for (part, to) in mixed.iter_mut().zip(to) {
        *part = (f32::from(*part) + (f32::from(to) - f32::from(*part)) * share).round() as u8;
    }
    mixed
}

/// How bright a colour looks, of 255 (ITU-R BT.601).
fn luma([red, green, blue]: [u8; 3]) -> u32 {
    (299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue)) / 1_000
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use agent_core::evidence::{Stock, VariantFacts};
    use agent_core::money::Money;

    use super::*;

    fn facts(category: &[&str], colour: &str) -> ProductFacts {
        ProductFacts {
            product: "P".into(),
            title: "Thing".to_owned(),
            brand: String::new(),
            description: String::new(),
            category: category.iter().map(|&it| it.to_owned()).collect(),
            chosen: 0,
            variants: vec![VariantFacts {
                variant: "P-1".into(),
                attributes: [("color".into(), colour.to_owned())].into(),
                price: Money { minor: 100, currency: "EUR".into() },
                was: None,
                stock: Stock::In(None),
                link: None,
                image: None,
            }],
        }
    }

    #[test]
    fn the_same_goods_have_the_same_picture_and_others_another() {
        let drawn = |category: &[&str], colour| of(Some(&facts(category, colour)), "P-1");
        let jacket = drawn(&["Men", "Outerwear", "Rain jackets"], "navy");
        assert_eq!(jacket, drawn(&["Men", "Outerwear", "Rain jackets"], "navy"));
        assert_ne!(jacket, drawn(&["Men", "Outerwear", "Rain jackets"], "red"));
        assert_ne!(jacket, drawn(&["Women", "Dresses"], "navy"));
        assert!(jacket.contains("#2a3a5c"), "{jacket}");
        assert!(drawn(&[], "").contains(shapes::TAG));
        assert!(of(None, "<x>").starts_with("<svg ") && !of(None, "<x>").contains("<x>"));
    }
}
