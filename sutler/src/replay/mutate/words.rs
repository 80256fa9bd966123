//! An agent that does the right thing and says another: the words of a reply are changed, and nothing else.

use std::sync::OnceLock;

use agent_core::message::{Action, Block, Choice};
use regex::Regex;

use super::events::reply;
use super::{Place, Plant};

type Sites = Vec<(String, Plant)>;

/// Amounts of one reply that are changed, one at a time.
const AMOUNTS: usize = 6;

fn blocks<'a>(place: &Place<'a>) -> &'a [Block] {
    place.view.replies.last().map_or(&[], |reply| &reply.outbound.blocks)
}

/// The texts of blocks that a customer reads as statements.
fn texts(blocks: &mut [Block]) -> Vec<&mut String> {
    let mut texts = Vec::new();
    for block in blocks {
        match block {
            Block::Text(text) | Block::AskLocation(text) => texts.push(text),
            Block::Choice { ask, .. } => texts.push(ask),
            Block::Cards(cards) => texts.extend(cards.iter_mut().map(|card| &mut card.detail)),
            Block::Summary { lines, total, .. } => {
                texts.extend(lines.iter_mut().map(|line| &mut line.text));
                texts.push(&mut total.1);
            }
            Block::Link { .. }
            | Block::Media { .. }
            | Block::Form { .. }
            | Block::Native(_)
            | Block::Template { .. } => {}
        }
    }
    texts
}

/// An amount as it is written, in either notation.
#[expect(clippy::expect_used, reason = "the pattern is a constant that a test compiles")]
fn amount() -> &'static Regex {
    static AMOUNT: OnceLock<Regex> = OnceLock::new();
    AMOUNT.get_or_init(|| Regex::new(r"(\d+)([.,]\d{2})\b").expect("a pattern"))
}

/// Adds one to the n-th amount.
fn raise(blocks: &mut [Block], nth: usize) {
    let mut left = nth;
    for text in texts(blocks) {
        let many = amount().find_iter(text).count();
        if left >= many {
            left -= many;
            continue;
        }
        let mut at = 0;
        let raised = amount().replace_all(text, |found: &regex::Captures<'_>| {
            let whole =
                found.get(1).and_then(|it| it.as_str().parse::<u64>().ok()).unwrap_or_default();
            let cents = found.get(2).map(|it| it.as_str()).unwrap_or_default();
            at += 1;
            format!("{}{cents}", if at == left + 1 { whole + 1 } else { whole })
        });
        *text = raised.into_owned();
        return;
    }
}

fn amounts(place: &Place<'_>) -> Vec<String> {
    let mut blocks = blocks(place).to_vec();
    let texts = texts(&mut blocks);
    let found =
        texts.iter().flat_map(|text| amount().find_iter(text).map(|it| it.as_str().to_owned()));
    found.collect()
}

pub(super) fn other_amount(place: &Place<'_>) -> Sites {
    let found = amounts(place).into_iter().enumerate().take(AMOUNTS);
    found.map(|(nth, amount)| (amount, reply(move |blocks| raise(blocks, nth)))).collect()
}

pub(super) fn second_amount(place: &Place<'_>) -> Sites {
    let lines = blocks(place).iter().any(|block| match block {
        Block::Summary { lines, .. } => lines.len() > 1,
        Block::Cards(cards) => cards.len() > 1,
        _ => false,
    });
    let second = amounts(place).into_iter().nth(1).filter(|_| lines);
    second.map(|amount| (amount, reply(|blocks| raise(blocks, 1)))).into_iter().collect()
}

pub(super) fn other_name(place: &Place<'_>) -> Sites {
    const OTHER: &str = "Something Else";
    let named = blocks(place).iter().find_map(|block| match block {
        Block::Cards(cards) => cards.first().map(|card| card.title.clone()),
        Block::Summary { lines, .. } => lines.first().map(|line| line.label.clone()),
        _ => None,
    });
    let Some(name) = named else { return Sites::new() };
    let change = |blocks: &mut Vec<Block>| {
        for block in blocks {
            match block {
                Block::Cards(cards) => {
                    if let Some(card) = cards.first_mut() {
                        OTHER.clone_into(&mut card.title);
                    }
                    return;
                }
                Block::Summary { lines, .. } => {
                    if let Some(line) = lines.first_mut() {
                        OTHER.clone_into(&mut line.label);
                    }
                    return;
                }
                _ => {}
            }
        }
    };
    vec![(name, reply(change))]
}

/// The last line of the last text that has several, or the last block, is not said.
pub(super) fn line_left_out(place: &Place<'_>) -> Sites {
    let said = blocks(place);
    let long = said
        .iter()
        .rposition(|block| matches!(block, Block::Text(text) if text.lines().count() > 1));
    match (long, said.len()) {
        (Some(at), _) => {
            let change = move |blocks: &mut Vec<Block>| {
                if let Some(Block::Text(text)) = blocks.get_mut(at) {
                    let kept = text.trim_end().rfind('\n').unwrap_or_default();
                    text.truncate(kept);
                }
            };
            vec![("the last line".to_owned(), reply(change))]
        }
        (None, 2..) => {
            vec![("the last block".to_owned(), reply(|blocks| drop(blocks.pop())))]
        }
        _ => Sites::new(),
    }
}

pub(super) fn discount(place: &Place<'_>) -> Sites {
    if blocks(place).is_empty() {
        return Sites::new();
    }
    let change =
        |blocks: &mut Vec<Block>| blocks.push(Block::Text("And 15% off, today only.".to_owned()));
    vec![("15%".to_owned(), reply(change))]
}

fn options(blocks: &mut [Block]) -> Vec<&mut Choice> {
    let options = blocks.iter_mut().flat_map(|block| match block {
        Block::Choice { options, .. } => options.iter_mut().collect::<Vec<_>>(),
        Block::Cards(cards) => cards.iter_mut().flat_map(|card| &mut card.actions).collect(),
        _ => Vec::new(),
    });
    options.collect()
}

pub(super) fn no_options(place: &Place<'_>) -> Sites {
    let many = options(&mut blocks(place).to_vec()).len();
    if many == 0 {
        return Sites::new();
    }
    let change = |blocks: &mut Vec<Block>| {
        for block in blocks {
            match block {
                Block::Choice { options, .. } => options.clear(),
                Block::Cards(cards) => cards.iter_mut().for_each(|card| card.actions.clear()),
                _ => {}
            }
        }
    };
    vec![(format!("{many} options"), reply(change))]
}

/// The first option that does something with a variant does it with another product's.
pub(super) fn other_option(place: &Place<'_>) -> Sites {
    let mut said = blocks(place).to_vec();
    let variant = |choice: &Choice| match &choice.action {
        Action::Do { arguments, .. } => arguments.get("variant").cloned(),
        Action::Say(_) => None,
    };
    let named: Vec<serde_json::Value> =
        options(&mut said).into_iter().filter_map(|it| variant(it)).collect();
    let Some(other) = named.iter().find(|it| Some(*it) != named.first()).cloned() else {
        return Sites::new();
    };
    let change = move |blocks: &mut Vec<Block>| {
        for choice in options(blocks) {
            if let Action::Do { arguments, .. } = &mut choice.action
                && let Some(variant) = arguments.get_mut("variant")
            {
                *variant = other.clone();
                return;
            }
        }
    };
    vec![("the first option".to_owned(), reply(change))]
}

fn link(place: &Place<'_>, other: fn(&str) -> String) -> Sites {
    let url = blocks(place).iter().find_map(|block| match block {
        Block::Link { url, .. } => Some(url.clone()),
        _ => None,
    });
    let change = move |blocks: &mut Vec<Block>| {
        for block in blocks {
            if let Block::Link { url, .. } = block {
                *url = other(url);
            }
        }
    };
    url.map(|url| (url.split('?').next().unwrap_or_default().to_owned(), reply(change)))
        .into_iter()
        .collect()
}

pub(super) fn link_elsewhere(place: &Place<'_>) -> Sites {
    link(place, |url| {
        let rest = url.split_once("://").map_or(url, |it| it.1);
        let path = rest.split_once('/').map(|it| it.1).unwrap_or_default();
        format!("https://elsewhere.invalid/{path}")
    })
}

pub(super) fn other_order(place: &Place<'_>) -> Sites {
    link(place, |url| {
        let page = url.split('?').next().unwrap_or(url);
        format!("{page}?cart=ANOTHER%3A1&expires=1&sig=0")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_amount_is_raised_and_the_others_stay() {
        let said = || {
            vec![
                Block::Text("77.90 € or 9,95 €".to_owned()),
                Block::Text("M 1.234,50 x".to_owned()),
            ]
        };
        let after = |nth| {
            let mut blocks = said();
            raise(&mut blocks, nth);
            texts(&mut blocks).into_iter().map(|text| text.clone()).collect::<Vec<_>>().join("|")
        };
        assert_eq!(after(0), "78.90 € or 9,95 €|M 1.234,50 x");
        assert_eq!(after(1), "77.90 € or 10,95 €|M 1.234,50 x");
        assert_eq!(after(2), "77.90 € or 9,95 €|M 1.235,50 x");
    }
}
