//! Instants of ISO 8601, as feeds write sale dates: `2026-01-01T00:00+01:00`.

use agent_core::time::Micros;

/// Reads an interval `from/to`, both inclusive: an end without a time is the end of its day.
pub(super) fn interval(text: &str) -> Option<(Micros, Micros)> {
    let (from, end) = text.split_once('/')?;
    let (from, mut to) = (instant(from.trim())?, instant(end.trim())?);
    if !end.trim().contains(['T', ' ']) {
        to.0 += 86_400_000_000 - 1;
    }
    (from <= to).then_some((from, to))
}

/// Reads an instant: date, and optionally time and offset; without an offset it is UTC.
pub(super) fn instant(text: &str) -> Option<Micros> {
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let mut parts = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let last = 31 - if month == 2 { 3 - i64::from(leap(year)) } else { (month - 1) % 7 % 2 };
    if !(1..=12).contains(&month) || !(1..=last).contains(&day) {
        return None;
    }
    let at = time.find(['+', '-', 'Z', 'z']).unwrap_or(time.len());
    let (time, offset) = time.split_at(at);
    let seconds = clock(time)?;
    let offset = match offset.chars().next() {
        Some(sign @ ('+' | '-')) => {
            let minutes = clock(offset.get(1..)?)? / 60;
            if sign == '+' { minutes } else { -minutes }
        }
        _ => 0,
    };
    Some(Micros((days(year, month, day) * 86_400 + seconds - offset * 60) * 1_000_000))
}

/// `hh`, `hh:mm`, `hhmm` or `hh:mm:ss` in seconds; nothing is midnight.
fn clock(text: &str) -> Option<i64> {
    let digits: String =
        text.chars().filter(|c| *c != ':').take_while(char::is_ascii_digit).collect();
    let part =
        |from: usize| digits.get(from..from + 2).map_or(Some(0), |part| part.parse::<i64>().ok());
    let (hours, minutes, seconds) = (part(0)?, part(2)?, part(4)?);
    (hours < 25 && minutes < 60 && seconds < 61).then_some(hours * 3600 + minutes * 60 + seconds)
}

fn leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days since 1970-01-01 (Howard Hinnant's `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let yoe = year - era * 400;
    let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_holds_to_the_end_of_its_last_day_unless_it_names_a_time() {
        for (text, from, to) in [
            ("2026-11-20/2026-11-27", "2026-11-20T00:00:00Z", "2026-11-27T23:59:59Z"),
            ("2026-11-27 / 2026-11-27", "2026-11-27T00:00:00Z", "2026-11-27T23:59:59Z"),
            (
                "2026-11-27T08:00/2026-11-27T00:00-1200",
                "2026-11-27T08:00:00Z",
                "2026-11-27T12:00:00Z",
            ),
            ("2026-11-20/2026-11-27 00:00", "2026-11-20T00:00:00Z", "2026-11-27T00:00:00Z"),
        ] {
            let (start, end) = interval(text).unwrap();
            assert_eq!(
                (start.to_string(), end.to_string()),
                (from.to_owned(), to.to_owned()),
                "{text}"
            );
        }
        assert_eq!(interval("2026-11-28/2026-11-27"), None);
    }

    #[test]
    fn instants_are_read_with_their_offsets() {
        for (text, utc) in [
            ("2026-01-01T00:00+01:00", "2025-12-31T23:00:00Z"),
            ("2026-03-31T12:30:15-0500", "2026-03-31T17:30:15Z"),
            ("2026-03-31", "2026-03-31T00:00:00Z"),
            ("2024-02-29T23:59Z", "2024-02-29T23:59:00Z"),
        ] {
            assert_eq!(instant(text).unwrap().to_string(), utc, "{text}");
        }
        for text in ["tomorrow", "2026-13-01", "2026-02-29", "2026-04-31", "2026-01-01T99:00", ""] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
