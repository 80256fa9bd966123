//! Fills a draft with evidence: the renderer writes prices, stock, titles and links; a model never does.

use crate::evidence::{Body, Evidence, Label, ProductFacts, VariantFacts};
use crate::id::Name;
use crate::message::{Action, Block, Card, Choice, SummaryLine};
use crate::reply::draft::{Draft, Means, Offer, Piece, Span};
use crate::reply::{Ground, write};

/// A draft with everything in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// What is shown.
    pub blocks: Vec<Block>,
    /// The evidence it stands on, in order of first use.
    pub sources: Vec<Label>,
}

/// What a draft cites in vain. Written so that a model can mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// No such evidence in this conversation.
    #[error("there is no evidence {0}; call a tool first and cite what it brings")]
    Unknown(Label),
    /// It may no longer be told as present fact.
    #[error("evidence {0} is too old; call the tool again")]
    Old(Label),
    /// It does not say that.
    #[error("evidence {0} has no `{1}`")]
    Field(Label, String),
    /// It has no such variant.
    #[error("evidence {0} has no variant `{1}`")]
    Variant(Label, Name),
    /// `[[cart]]` without a cart.
    #[error("the cart was not looked at; call cart_view first")]
    Cart,
}

/// Fills a draft.
///
/// # Errors
/// The first slot or block whose evidence is missing, too old, or does not say that.
pub fn fill(draft: &Draft, ground: &Ground<'_>) -> Result<Filled, FillError> {
    let mut filling = Filling { ground, sources: Vec::new() };
    let mut blocks: Vec<Block> = Vec::new();
    for piece in &draft.pieces {
        match (filling.piece(piece)?, blocks.last_mut()) {
            // Cards that follow each other stand in one row; paragraphs in one text.
            (Block::Cards(more), Some(Block::Cards(cards))) => cards.extend(more),
            (Block::Text(more), Some(Block::Text(text))) => {
                text.push_str("\n\n");
                text.push_str(&more);
            }
            (block, _) => blocks.push(block),
        }
    }
    Ok(Filled { blocks, sources: filling.sources })
}

struct Filling<'a, 'g> {
    ground: &'g Ground<'a>,
    sources: Vec<Label>,
}

impl<'a> Filling<'a, '_> {
    fn piece(&mut self, piece: &Piece) -> Result<Block, FillError> {
        Ok(match piece {
            Piece::Text(spans) => Block::Text(self.words(spans)?),
            Piece::Card(label, variant) => Block::Cards(vec![self.card(*label, variant.as_ref())?]),
            Piece::Choice(ask, options) => Block::Choice {
                ask: self.words(ask)?,
                open: self.phrase("choice.open"),
                options: options
                    .iter()
                    .map(|option| self.option(option))
                    .collect::<Result<_, _>>()?,
            },
            Piece::Cart => self.cart()?,
            Piece::Link(label, words) => {
                let evidence = self.cite(*label)?;
                let url =
                    link(evidence).ok_or_else(|| FillError::Field(*label, "link".to_owned()))?;
                let words = if words.is_empty() { self.phrase("link.open") } else { words.clone() };
                Block::Link { label: words, url }
            }
        })
    }

    fn phrase(&self, name: &str) -> String {
        self.ground.pack.say(name, self.ground.locale, &[])
    }

    /// Evidence that may be told as present fact.
    fn cite(&mut self, label: Label) -> Result<&'a Evidence, FillError> {
        let evidence = self.ground.cited(label).ok_or(FillError::Unknown(label))?;
        if self.ground.now > evidence.finding.at.after(evidence.finding.good_for) {
            return Err(FillError::Old(label));
        }
        if !self.sources.contains(&label) {
            self.sources.push(label);
        }
        Ok(evidence)
    }

    fn words(&mut self, spans: &[Span]) -> Result<String, FillError> {
        let mut text = String::new();
        for span in spans {
            match span {
                Span::Words(words) => text.push_str(words),
                Span::Slot { label, field, variant } => {
                    text.push_str(&self.slot(*label, field, variant.as_ref())?);
                }
            }
        }
        Ok(text)
    }

    fn slot(
        &mut self,
        label: Label,
        field: &str,
        variant: Option<&Name>,
    ) -> Result<String, FillError> {
        let evidence = self.cite(label)?;
        let Ground { pack, locale, .. } = *self.ground;
        let said = match (&evidence.finding.body, field) {
            (Body::Product(facts), _) => {
                let variant = chosen(label, facts, variant)?;
                self.product(facts, variant, field)
            }
            (Body::Cart(cart), "total") => {
                cart.total.as_ref().map(|total| write::money(total, pack, locale))
            }
            (Body::Cart(cart), "count") => Some(
                cart.lines.iter().map(|line| u64::from(line.quantity)).sum::<u64>().to_string(),
            ),
            (Body::Link { url, .. }, "link") => Some(url.clone()),
            (Body::Policy { text, .. }, "text") => Some(text.clone()),
            _ => None,
        };
        said.ok_or_else(|| FillError::Field(label, field.to_owned()))
    }

    fn product(&self, facts: &ProductFacts, variant: &VariantFacts, field: &str) -> Option<String> {
        let Ground { pack, locale, .. } = *self.ground;
        match field {
            "title" => Some(facts.title.clone()),
            "brand" => Some(facts.brand.clone()),
            "description" => Some(facts.description.clone()),
            "price" => Some(write::money(&variant.price, pack, locale)),
            "was" => variant.was.as_ref().map(|was| write::money(was, pack, locale)),
            "stock" => Some(write::stock(variant.stock, pack, locale)),
            "link" => variant.link.clone(),
            "options" => Some(write::options(variant)),
            field => variant.attributes.get(field.strip_prefix("attr.")?).cloned(),
        }
    }

    fn card(&mut self, label: Label, variant: Option<&Name>) -> Result<Card, FillError> {
        let evidence = self.cite(label)?;
        let Body::Product(facts) = &evidence.finding.body else {
            return Err(FillError::Field(label, "card".to_owned()));
        };
        let variant = chosen(label, facts, variant)?;
        let Ground { pack, locale, .. } = *self.ground;
        let options = write::options(variant);
        let title = if options.is_empty() {
            facts.title.clone()
        } else {
            format!("{} ({options})", facts.title)
        };
        let price = write::money(&variant.price, pack, locale);
        let price = match &variant.was {
            Some(was) => pack.say(
                "card.sale",
                locale,
                &[("price", &price), ("was", &write::money(was, pack, locale))],
            ),
            None => price,
        };
        let mut actions = Vec::new();
        if variant.stock.can_be_ordered() {
            actions.push(self.action(
                "card.add",
                "cart_add",
                &serde_json::json!({ "variant": variant.variant }),
            ));
        }
        actions.push(self.action(
            "card.more",
            "product",
            &serde_json::json!({ "id": variant.variant }),
        ));
        Ok(Card {
            record: variant.variant.clone(),
            source: label,
            title,
            detail: format!("{price} · {}", write::stock(variant.stock, pack, locale)),
            price: variant.price.clone(),
            image: variant.image.clone(),
            link: variant.link.clone(),
            actions,
        })
    }

    fn action(&self, phrase: &str, tool: &str, arguments: &serde_json::Value) -> Choice {
        let action = Action::Do { tool: tool.into(), arguments: arguments.clone() };
        Choice { label: self.phrase(phrase), hint: String::new(), action }
    }

    fn option(&mut self, option: &Offer) -> Result<Choice, FillError> {
        let label = self.words(&option.label)?;
        let action = match &option.means {
            None => Action::Say(label.clone()),
            Some(Means::Say(words)) => Action::Say(words.clone()),
            Some(Means::Do(tool, arguments)) => {
                Action::Do { tool: tool.clone(), arguments: arguments.clone() }
            }
        };
        Ok(Choice { label, hint: String::new(), action })
    }

    fn cart(&mut self) -> Result<Block, FillError> {
        let newest =
            self.ground.evidence.iter().rev().find_map(|evidence| match &evidence.finding.body {
                Body::Cart(cart) => Some((evidence.label, cart)),
                _ => None,
            });
        let (label, cart) = newest.ok_or(FillError::Cart)?;
        self.cite(label)?;
        let Ground { pack, locale, .. } = *self.ground;
        if cart.lines.is_empty() {
            return Ok(Block::Text(self.phrase("cart.empty")));
        }
        let lines = cart.lines.iter().map(|line| SummaryLine {
            variant: Some(line.variant.clone()),
            quantity: line.quantity,
            label: if line.options.is_empty() {
                line.title.clone()
            } else {
                format!("{} ({})", line.title, line.options)
            },
            text: write::money(&line.amount, pack, locale),
            amount: line.amount.clone(),
        });
        // Prices in two currencies have no sum.
        let Some(total) = &cart.total else {
            let lines = lines.map(|it| format!("{} × {}: {}", it.quantity, it.label, it.text));
            return Ok(Block::Text(lines.collect::<Vec<_>>().join("\n")));
        };
        Ok(Block::Summary {
            lines: lines.collect(),
            total: (self.phrase("cart.total"), write::money(total, pack, locale)),
            amount: total.clone(),
        })
    }
}

fn chosen<'f>(
    label: Label,
    facts: &'f ProductFacts,
    variant: Option<&Name>,
) -> Result<&'f VariantFacts, FillError> {
    match variant {
        Some(id) => {
            let found = facts.variants.iter().find(|variant| variant.variant == *id);
            found.ok_or_else(|| FillError::Variant(label, id.clone()))
        }
        None => facts.variant().ok_or_else(|| FillError::Field(label, "variant".to_owned())),
    }
}

fn link(evidence: &Evidence) -> Option<String> {
    match &evidence.finding.body {
        Body::Link { url, .. } => Some(url.clone()),
        Body::Product(facts) => facts.variant()?.link.clone(),
        _ => None,
    }
}
