//! `Time`: reads a time.
//!
//! The local zone is UTC: the library never asks the host for its zone.

use ottl_core::data::{DataSet, DataSets};
use ottl_core::function::{Const, FunctionDef, Kernel, ParamType, Purity, Type};
use ottl_core::{ErrorKind, EvalError, Value, Zone};

use crate::arguments;
use crate::time::locale::is_english;
use crate::time::{Format, Locale, default_zone};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Time")
    .arg("time", ParamType::STRING, "the text")
    .arg("format", ParamType::ConstString, "the format, of `%` directives")
    .optional(
        "location",
        ParamType::ConstString,
        "the zone for texts without one, by its name in the tz database; default: UTC for a format that ends in \
         `Z`, else the local zone",
    )
    .optional("locale", ParamType::ConstString, "the language of names, by its BCP 47 tag; default: English")
    .returns(Type::Time)
    // A text without a year takes it from the clock.
    .purity(Purity::Volatile)
    .docs(
        "Reads a time by a format.\n\nWith a locale, names of months, days and half days are looked for in its language, where the \
         format has them. A missing year becomes the current one, or the one before when the result \
         would lie more than a week ahead. Texts that do not fit are errors. A format that is empty, has decimal \
         digits or unknown directives does not compile, nor does an unknown location or locale.",
    )
    .example(r#"UnixSeconds(Time("2023-11-14 22:13:20Z", "%F %TZ"))"#, "1700000000")
    .example(r#"UnixSeconds(Time("1 mars 1970", "%d %B %Y", "UTC", "fr"))"#, "5097600")
    .needs(needs)
    .compile(compile);

/// Zones where one is named, or texts may name one; names of months where they are not English.
fn needs(args: &[Const<'_>]) -> DataSets {
    let literal = |idx| args.get(idx).and_then(Const::as_str).and_then(|text| std::str::from_utf8(text).ok());
    let names_zones = literal(1).is_some_and(Format::names_zones);
    let zone = literal(2).is_some_and(|name| !matches!(name, "" | "UTC" | "Local"));
    let locale = literal(3).is_some_and(|tag| !is_english(tag));
    DataSets::NONE.with(DataSet::Zones, names_zones || zone).with(DataSet::Locales, locale)
}

/// Reads the format, the location and the locale.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let text = arguments::literal(args, 1)?.unwrap_or_default();
    let format = Format::new(text)?;
    let zone = default_zone(arguments::literal(args, 2)?, text, Zone::Utc)?;
    let locale = arguments::literal(args, 3)?.map(Locale::new).transpose()?;
    Ok(Kernel::of_first(move |ctx, args| {
        let text = arguments::text(args, 0)?;
        let time = format.parse(text, zone, || ctx.host().now(), locale.as_ref());
        time.map(Value::Time).map_err(|_| EvalError::new(ErrorKind::Layout(1)).of(0))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Absent, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"2023-11-14 22:13:20"), Str(b"%F %T")], "time(1700000000, 0)"),
                (&[Str(b"2023-11-14 22:13:20.25"), Str(b"%F %T.%L")], "time(1700000000, 250000000)"),
                (&[Str(b"14.11.2023"), Str(b"%d.%m.%Y"), Str(b"Europe/Berlin")], "time(1699916400, 0)"),
                (&[Str(b"Nov 14"), Str(b"%b %d")], "time(1699920000, 0)"),
                (&[Str(b"Nov 14"), Str(b"%b %d"), Absent, Str(b"en")], "time(1699920000, 0)"),
                (&[Str(b"Nov 14"), Str(b"%b %d"), Absent, Str(b"en-US")], "time(1699920000, 0)"),
                (&[Str(b"Nov 14"), Str(b"%b %d"), Absent, Str(b"en_GB")], "refused"),
                (&[Str(b"Nov 14"), Str(b"%b %d"), Absent, Str(b"EN")], "refused"),
                (&[Str(b"14 NOV"), Str(b"%d %b"), Absent, Str(b"en")], "time(1699920000, 0)"),
                (&[Str(b"14"), Str(b"%F")], "error"),
                (&[Str(b""), Str(b"%F")], "error"),
                (&[Str(b"x"), Str(b"")], "refused"),
                (&[Str(b"x"), Str(b"%J")], "refused"),
                (&[Str(b"x"), Str(b"%F"), Str(b"Nowhere/Here")], "refused"),
                (&[Nil, Str(b"%F")], "error"),
            ],
        );
    }
}
