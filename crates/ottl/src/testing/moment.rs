//! Points in time as case files write them: RFC 3339 in UTC.

/// Nanoseconds since 1970 of `2026-03-01T12:00:00Z` or `2026-03-01T12:00:00.5Z`.
pub(super) fn nanos(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if is_leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *lengths.get(usize::try_from(month - 1).ok()?)?;
    let fits = (1..=length).contains(&day) && hour < 24 && minute < 60 && second < 60;
    if !fits || fraction.is_empty() || fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let leaps = |year: i64| year / 4 - year / 100 + year / 400;
    let before = year - 1;
    // 719 162 days lie before 1970.
    let days = before * 365 + leaps(before) - 719_162 + lengths[..month as usize - 1].iter().sum::<i64>() + day - 1;
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    let fraction: i64 = format!("{fraction:0<9}").parse().ok()?;
    seconds.checked_mul(1_000_000_000)?.checked_add(fraction)
}

fn numbers<const N: usize>(text: &str, separator: char, lengths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut out = [0; N];
    for (number, length) in out.iter_mut().zip(lengths) {
        let part =
            parts.next().filter(|part| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::nanos;

    #[test]
    fn times_are_nanoseconds() {
        for (text, want) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1969-12-31T23:59:59.5Z", Some(-500_000_000)),
            ("2000-02-29T12:34:56.000000001Z", Some(951_827_696_000_000_001)),
            ("2026-03-01T00:00:00Z", Some(1_772_323_200_000_000_000)),
            ("2026-02-29T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-00-01T00:00:00Z", None),
            ("2026-03-01T24:00:00Z", None),
            ("2026-03-01T00:00:00", None),
            ("2026-03-01T00:00:00.Z", None),
            ("9999-01-01T00:00:00Z", None),
        ] {
            assert_eq!(nanos(text), want, "{text}");
        }
    }
}
