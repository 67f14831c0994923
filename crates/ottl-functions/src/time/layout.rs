//! Go time layouts: text in which pieces of the reference time stand for fields.

/// A field of a layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperPm,
    LowerPm,
    ZoneName,
    /// A numeric offset.
    Offset(OffsetStyle),
    /// A fraction of the second with its separator and number of digits; with `trim`, trailing
    /// zeros are dropped and the whole fraction may be absent.
    Fraction {
        digits: usize,
        comma: bool,
        trim: bool,
    },
}

/// How an offset is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OffsetStyle {
    /// Whether UTC is written as `Z`.
    pub(super) zulu: bool,
    pub(super) colon: bool,
    pub(super) minutes: bool,
    pub(super) seconds: bool,
}

/// A field with the literal text before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) prefix: String,
    pub(super) field: Field,
    /// The layout text of the field, as errors quote it.
    pub(super) text: String,
}

/// A Go time layout, taken apart once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    pub(super) text: String,
    pub(super) chunks: Vec<Chunk>,
    pub(super) suffix: String,
}

impl Layout {
    /// Takes the layout apart; every text is a layout.
    pub fn new(text: impl Into<String>) -> Layout {
        let text = text.into();
        let mut chunks = Vec::new();
        let (mut start, mut at) = (0, 0);
        while at < text.len() {
            let Some((field, len)) = field_at(&text.as_bytes()[at..]) else {
                at += 1;
                continue;
            };
            // `_2006` is a literal underscore before a year.
            let skip = usize::from(field == Field::LongYear && text.as_bytes()[at] == b'_');
            let end = at + len;
            chunks.push(Chunk {
                prefix: text[start..at + skip].to_owned(),
                field,
                text: text[at + skip..end].to_owned(),
            });
            (start, at) = (end, end);
        }
        let suffix = text[start..].to_owned();
        Layout { text, chunks, suffix }
    }

    /// The layout's text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The field that begins here, with its length.
fn field_at(rest: &[u8]) -> Option<(Field, usize)> {
    let starts = |word: &str| rest.starts_with(word.as_bytes());
    let no_lower = |at: usize| !rest.get(at).is_some_and(u8::is_ascii_lowercase);
    let offset = |word: &str, zulu, colon, minutes, seconds| {
        let style = OffsetStyle { zulu, colon, minutes, seconds };
        starts(word).then_some((Field::Offset(style), word.len()))
    };
    match rest.first()? {
        b'J' if starts("January") => Some((Field::LongMonth, 7)),
        b'J' if starts("Jan") && no_lower(3) => Some((Field::Month, 3)),
        b'M' if starts("Monday") => Some((Field::LongWeekday, 6)),
        b'M' if starts("Mon") && no_lower(3) => Some((Field::Weekday, 3)),
        b'M' if starts("MST") => Some((Field::ZoneName, 3)),
        b'0' if starts("002") => Some((Field::ZeroYearDay, 3)),
        b'0' => {
            let field = match rest.get(1)? {
                b'1' => Field::ZeroMonth,
                b'2' => Field::ZeroDay,
                b'3' => Field::ZeroHour12,
                b'4' => Field::ZeroMinute,
                b'5' => Field::ZeroSecond,
                b'6' => Field::Year,
                _ => return None,
            };
            Some((field, 2))
        }
        b'1' if starts("15") => Some((Field::Hour, 2)),
        b'1' => Some((Field::NumMonth, 1)),
        b'2' if starts("2006") => Some((Field::LongYear, 4)),
        b'2' => Some((Field::Day, 1)),
        b'_' if starts("_2006") => Some((Field::LongYear, 5)),
        b'_' if starts("_2") => Some((Field::UnderDay, 2)),
        b'_' if starts("__2") => Some((Field::UnderYearDay, 3)),
        b'3' => Some((Field::Hour12, 1)),
        b'4' => Some((Field::Minute, 1)),
        b'5' => Some((Field::Second, 1)),
        b'P' if starts("PM") => Some((Field::UpperPm, 2)),
        b'p' if starts("pm") => Some((Field::LowerPm, 2)),
        b'-' => offset("-070000", false, false, true, true)
            .or_else(|| offset("-07:00:00", false, true, true, true))
            .or_else(|| offset("-0700", false, false, true, false))
            .or_else(|| offset("-07:00", false, true, true, false))
            .or_else(|| offset("-07", false, false, false, false)),
        b'Z' => offset("Z070000", true, false, true, true)
            .or_else(|| offset("Z07:00:00", true, true, true, true))
            .or_else(|| offset("Z0700", true, false, true, false))
            .or_else(|| offset("Z07:00", true, true, true, false))
            .or_else(|| offset("Z07", true, false, false, false)),
        separator @ (b'.' | b',') => {
            let digit = rest.get(1).copied().filter(|digit| matches!(digit, b'0' | b'9'))?;
            let digits = rest[1..].iter().take_while(|&&byte| byte == digit).count();
            let ends = !rest.get(1 + digits).is_some_and(u8::is_ascii_digit);
            let field = Field::Fraction { digits, comma: *separator == b',', trim: digit == b'9' };
            ends.then_some((field, 1 + digits))
        }
        _ => None,
    }
}
