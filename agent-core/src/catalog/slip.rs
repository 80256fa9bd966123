//! How far a word as it was typed is off one that may have been meant.

/// How many letters are wrong, missing, too many or swapped with the next; anything beyond `reach` is
/// `reach + 1`. A letter that no finger and no ear takes for the other counts as one missing and one too many:
/// `books` are no `boots`.
#[must_use]
pub fn distance(typed: &str, meant: &str, reach: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (typed.chars().collect(), meant.chars().collect());
    if a.len().abs_diff(b.len()) > reach {
        return reach + 1;
    }
    let at = |row: &[usize], n: usize| row.get(n).copied().unwrap_or(usize::MAX / 2);
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let wrong = if x == y { 0 } else { 1 + usize::from(!slips(*x, *y)) };
            let least = (at(&above, j) + wrong).min(at(&above, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            row.push(if swapped { least.min(at(&before, j - 1) + 1) } else { least });
        }
        before = std::mem::replace(&mut above, row);
    }
    at(&above, b.len()).min(reach + 1)
}

/// Whether one letter is easily typed or heard where another is meant: its key is a neighbour, or it sounds alike.
fn slips(x: char, y: char) -> bool {
    let near = match x {
        'a' => "eioqsuwyzäöü",
        'b' => "ghnpv",
        'c' => "dfkqsvxz",
        'd' => "cefrstx",
        'e' => "adiorsuwyäöü",
        'f' => "cdgrtvw",
        'g' => "bfhjktvy",
        'h' => "bgjnuy",
        'i' => "aejkouyäöü",
        'j' => "ghikmnu",
        'k' => "cgijlmoqx",
        'l' => "kopr",
        'm' => "jkn",
        'n' => "bhjm",
        'o' => "aeiklpuyäöü",
        'p' => "blo",
        'q' => "ackwx",
        'r' => "deflt",
        's' => "acdewxzß",
        'ß' => "sz",
        't' => "dfgry",
        'u' => "aehijoyäöü",
        'v' => "bcfgw",
        'w' => "aefqsv",
        'x' => "cdkqsz",
        'y' => "aeghiotuzäöü",
        'z' => "acsxy",
        'ä' => "aeiouyöü",
        'ö' => "aeiouyäü",
        'ü' => "aeiouyäö",
        _ => "",
    };
    near.contains(y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_what_a_finger_or_an_ear_takes_for_the_word() {
        for (typed, meant, off) in [
            ("jakcet", "jacket", 1),
            ("jackit", "jacket", 1),
            ("jacjet", "jacket", 1),
            ("jaket", "jacket", 1),
            ("sneekers", "sneakers", 1),
            ("adidaz", "adidas", 1),
            ("mantwl", "mantel", 1),
            ("books", "boots", 2),
            ("fridge", "fringe", 2),
            ("basket", "jacket", 2),
            ("hat", "jacket", 2),
        ] {
            assert_eq!(distance(typed, meant, 1), off, "{typed}");
        }
    }
}
