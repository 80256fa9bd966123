//! The nearest valid name to one that is not, for every "did you mean".

/// The candidate that `word` was most likely meant to be, if one is near enough: at most a third of
/// its letters differ, and at most three. Of equally near ones the first.
///
/// ```
/// use prompts::suggest::nearest;
/// assert_eq!(nearest("serach", ["cart_add", "search"]), Some("search"));
/// assert_eq!(nearest("weather", ["cart_add", "search"]), None);
/// ```
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let far = (word.chars().count() / 3).clamp(1, 3);
    let measured = candidates.into_iter().map(|candidate| (distance(word, candidate), candidate));
    let near = measured.filter(|(distance, _)| *distance <= far);
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// How many letters must be changed, added, dropped or swapped with their neighbour; case counts nothing.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.to_lowercase().chars().collect();
    let to: Vec<char> = to.to_lowercase().chars().collect();
    // Three rows of the usual table: the one being filled and the two above it.
    let mut above: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let cell = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX - 1);
            let mut best = (cell(&last, j) + usize::from(a != b))
                .min(cell(&last, j + 1) + 1)
                .min(cell(&row, j) + 1);
            let swapped = i > 0 && j > 0 && from.get(i - 1) == Some(b) && to.get(j - 1) == Some(a);
            if swapped {
                best = best.min(cell(&above, j - 1) + 1);
            }
            row.push(best);
        }
        above = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, meant: Option<&str>) {
        let candidates = ["greet.first", "greet.again", "search", "product", "cart_view", "en"];
        assert_eq!(nearest(word, candidates), meant);
    }

    #[test]
    fn a_swap_a_slip_a_missing_and_an_extra_letter_are_near() {
        check("serach", Some("search"));
        check("prodact", Some("product"));
        check("greet.frst", Some("greet.first"));
        check("cart_vieww", Some("cart_view"));
        check("EN", Some("en"));
    }

    #[test]
    fn another_word_is_not_near() {
        check("weather", None);
        check("", None);
        check("fr", None);
    }
}
