//! Pictures that are swiped: which of them make a row.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::message::{Slide, SlideTap};
use crate::profile::Limit;
use crate::reply::split::shorten;

/// Pictures of one row (WhatsApp's carousels of media).
const SLIDES: RangeInclusive<usize> = 2..=10;
/// Answers below each of them: Meta names no number, its own apps show two.
const REPLIES: RangeInclusive<usize> = 1..=2;
/// Bytes of a link.
const URL: usize = 2_000;

/// Whether pictures make a row: two to ten, or as many films, that lie at links, each with a link below it or each
/// with as many answers, told apart by what fits on their buttons.
pub(super) fn is_even(slides: &[Slide], label: &Limit) -> bool {
    let alike = |slide: &Slide| Some((film(slide)?, taps(slide, label)?));
    let first = slides.first().and_then(alike);
    let even = first.is_some() && slides.iter().all(|slide| alike(slide) == first);
    even && SLIDES.contains(&slides.len())
}

/// Whether it is a film and no picture; none where it is neither, or lies at no link.
fn film(slide: &Slide) -> Option<bool> {
    let (kind, of) = slide.media.mime.split_once('/')?;
    // A picture in WebP is a sticker there.
    let shown = kind == "video" || kind == "image" && of != "webp";
    (shown && is_link(&slide.media.id)).then_some(kind == "video")
}

/// How many answers it has; none where what can be tapped can't be shown.
fn taps(slide: &Slide, label: &Limit) -> Option<usize> {
    match &slide.tap {
        SlideTap::Link { label, url } => (is_link(url) && !label.trim().is_empty()).then_some(0),
        SlideTap::Replies(replies) => {
            let labels = replies.iter().map(|reply| shorten(&reply.label, label));
            let labels: BTreeSet<String> = labels.filter(|it| !it.trim().is_empty()).collect();
            let apart = labels.len() == replies.len() && REPLIES.contains(&replies.len());
            apart.then_some(replies.len())
        }
    }
}

fn is_link(url: &str) -> bool {
    let web = url.starts_with("https://") || url.starts_with("http://");
    web && !url.contains(char::is_whitespace) && url.len() <= URL
}
