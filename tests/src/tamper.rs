//! Changes one field of something written as JSON.

use serde_json::Value;

use crate::dice::Dice;

/// Changes one scalar somewhere in a value, and nothing else; false when it has none.
pub fn one_field(value: &mut Value, dice: &mut Dice) -> bool {
    let mut count = 0;
    let mut counter = |_: &mut Value| count += 1;
    each(value, &mut counter);
    let chosen = dice.below(count);
    let mut n = 0;
    let mut changer = |scalar: &mut Value| {
        if n == chosen {
            change(scalar, dice);
        }
        n += 1;
    };
    each(value, &mut changer);
    count > 0
}

fn each(value: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| each(item, visit)),
        Value::Object(fields) => fields.values_mut().for_each(|field| each(field, visit)),
        scalar => visit(scalar),
    }
}

fn change(scalar: &mut Value, dice: &mut Dice) {
    *scalar = match &*scalar {
        Value::Bool(is) => Value::Bool(!is),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => Value::from(whole.wrapping_add(1)),
            (None, Some(whole)) => Value::from(whole - 1),
            (None, None) => Value::from(number.as_f64().unwrap_or_default() / 2.0 + 1.0),
        },
        Value::String(text) => Value::from(text_changed(text, dice)),
        _ => Value::Bool(true),
    };
}

/// One letter is another one; so a hash or an id stays one, and is not the same.
fn text_changed(text: &str, dice: &mut Dice) -> String {
    let at = usize::try_from(dice.below(text.chars().count() as u64)).unwrap_or_default();
    let other = |letter: char| if letter == '7' { '3' } else { '7' };
    if text.is_empty() {
        return "7".to_owned();
    }
    text.chars()
        .enumerate()
        .map(|(n, letter)| if n == at { other(letter) } else { letter })
        .collect()
}
