//! Which of many places are tried.

use sutler_tests::dice::Dice;

/// So many places, in order: of each kind in turn, one by chance in each of as many stretches.
pub(crate) fn sample<T: Copy + Ord>(kinds: &[Vec<T>], points: usize, seed: u64) -> Vec<T> {
    let mut dice = Dice::new(seed);
    let mut sampled: Vec<T> = (0..points)
        .zip(kinds.iter().cycle())
        .filter_map(|(n, places)| {
            let stretch = places.len().div_ceil(points);
            let place = n * places.len() / points + dice.below(stretch as u64) as usize;
            places.get(place.min(places.len().saturating_sub(1))).copied()
        })
        .collect();
    sampled.sort_unstable();
    sampled
}
