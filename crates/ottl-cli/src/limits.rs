//! `--max NAME=VALUE`: the limits of the libraries, by the names of their fields.
//!
//! INVARIANT: one table says which there are, how they are read, shown, set and explained.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use ottl::Limits;
use ottl::otlp::framing::FrameOptions;

use crate::failure::{Failure, is_standard, name_of};

/// All limits that can be set.
#[derive(Clone, Copy, Debug, Default)]
pub struct Budgets {
    /// Those of rules and of running them.
    pub rules: Limits,
    /// Those of reading input.
    pub frames: FrameOptions,
}

/// What one `--max` says.
#[derive(Clone, Copy, Debug)]
pub enum Setting {
    /// Nothing is to be set: which limits are there?
    Help,
    /// A limit, and what it is now.
    Limit(&'static Limit, u64),
}

/// One limit.
#[derive(Debug)]
pub struct Limit {
    name: &'static str,
    is_bytes: bool,
    what: &'static str,
    get: fn(&Budgets) -> u64,
    /// False where the number is too large for the limit.
    set: fn(&mut Budgets, u64) -> bool,
}

/// A row: a limit's name is that of its field.
macro_rules! limit {
    ($group:ident . $name:ident, $is_bytes:literal, $what:literal) => {
        Limit {
            name: stringify!($name),
            is_bytes: $is_bytes,
            what: $what,
            get: |budgets| u64::try_from(budgets.$group.$name).unwrap_or(u64::MAX),
            set: |budgets, value| value.try_into().map(|value| budgets.$group.$name = value).is_ok(),
        }
    };
}

static LIMITS: &[Limit] = &[
    limit!(rules.configuration_length, true, "bytes of a file of rules, and of its text after ${...} is expanded"),
    limit!(rules.statement_length, true, "bytes of a statement or condition"),
    limit!(rules.statement_nesting, false, "nested brackets in a statement or condition"),
    limit!(rules.statements, false, "statements and conditions of one processor for one signal"),
    limit!(rules.tokens, false, "tokens of all statements and conditions"),
    limit!(rules.configuration_nodes, false, "keys, values, lists and maps of a file of rules"),
    limit!(rules.pattern_bytes, true, "estimated memory of the patterns of all rules together"),
    limit!(rules.new_metrics, false, "metrics that one statement may append to one scope"),
    limit!(rules.list_padding, false, "length of the list that a write to an index of an empty value creates"),
    limit!(
        rules.scratch_bytes,
        true,
        "memory of values that statements make from one record, plus 16 bytes per byte of the message"
    ),
    limit!(rules.steps, false, "steps that statements may take on one message, plus 16 per byte of the message"),
    limit!(rules.listed_errors, false, "errors that a report lists individually"),
    limit!(frames.message_bytes, true, "bytes of an input message after decompression"),
    limit!(frames.decompressed_bytes, true, "bytes of an input after decompression"),
    limit!(frames.zstd_window, true, "memory for the window of a Zstandard frame; at most 2 GiB"),
    limit!(frames.decompression_ratio, false, "maximum compression ratio of an input, beyond 64 MiB"),
];

/// Reads `NAME=VALUE`, or `help`.
///
/// # Errors
/// There is no such limit, or the value is no number for it.
pub fn parse(text: &str) -> Result<Setting, String> {
    if text == "help" {
        return Ok(Setting::Help);
    }
    let Some((name, value)) = text.split_once('=') else {
        return Err("expected NAME=VALUE; `--max help` lists the names".to_owned());
    };
    let Some(limit) = LIMITS.iter().find(|limit| limit.name == name) else {
        let near = ottl::near_name(name, LIMITS.iter().map(|limit| limit.name));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(format!("there is no limit `{name}`{near}; `--max help` lists them"));
    };
    let value = number(value).ok_or("expected a number, such as 10000, 64MiB or 2GiB")?;
    if !(limit.set)(&mut Budgets::default(), value) {
        return Err(format!("{value} is too large for `{name}`"));
    }
    Ok(Setting::Limit(limit, value))
}

/// A whole number, with a unit of bytes or without.
fn number(text: &str) -> Option<u64> {
    const UNITS: [(&str, u32); 8] =
        [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40), ("K", 10), ("M", 20), ("G", 30), ("T", 40)];
    let (digits, shift) = UNITS
        .iter()
        .find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, *shift)))
        .unwrap_or((text.strip_suffix('B').unwrap_or(text), 0));
    let digits = digits.trim_end().replace('_', "");
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u64>().ok()?.checked_mul(1 << shift)
}

/// The limits with these settings; none if one of them asks for help.
pub fn budgets(settings: &[Setting]) -> Option<Budgets> {
    let mut budgets = Budgets::default();
    for setting in settings {
        match setting {
            Setting::Help => return None,
            // It was tried when it was read.
            Setting::Limit(limit, value) => _ = (limit.set)(&mut budgets, *value),
        }
    }
    Some(budgets)
}

/// What `--max help` prints.
pub fn help() -> String {
    let budgets = Budgets::default();
    let mut out =
        "Set a limit with --max NAME=VALUE. Sizes are in bytes, or with a unit: KiB, MiB, GiB.\n\n".to_owned();
    for limit in LIMITS {
        let Limit { name, what, .. } = limit;
        let _ = writeln!(out, "  {name:<22} {:>10}  {what}", shown(limit, (limit.get)(&budgets)));
    }
    out.push_str("\nspec/limits.md explains what happens when a limit is reached, and lists the fixed limits.\n");
    out
}

fn shown(limit: &Limit, value: u64) -> String {
    const UNITS: [(&str, u32); 3] = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
    if value == u64::MAX {
        return "none".to_owned();
    }
    let unit =
        UNITS.iter().find(|(_, shift)| limit.is_bytes && value >= 1 << shift && value.is_multiple_of(1 << shift));
    unit.map_or_else(|| value.to_string(), |(unit, shift)| format!("{} {unit}", value >> shift))
}

/// An error's text, with the option that raises the limit that it names.
pub fn advised(mut text: String) -> String {
    if let Some(advice) = advice_on(&text) {
        text.push_str(&advice);
    }
    text
}

/// How the limit is raised that an error's text names.
pub fn advice_on(text: &str) -> Option<String> {
    const MARK: &str = "limit reached: ";
    let rest = &text[text.find(MARK)? + MARK.len()..];
    advice(&rest[..rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len())])
}

/// How a limit is raised; nothing for one that is fixed.
pub fn advice(name: &str) -> Option<String> {
    let limit = LIMITS.iter().find(|limit| limit.name == name)?;
    let name = limit.name;
    Some(format!("; raise it with --max {name}=..., the default is {}", shown(limit, (limit.get)(&Budgets::default()))))
}

/// The content of a file, or of standard input for `-`, of at most so many bytes: of a longer one no more is read.
///
/// # Errors
/// It cannot be read, or is longer.
pub fn read_limited(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let name = name_of(path);
    let mut source: Box<dyn Read> = if is_standard(path) {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(path).map_err(|error| Failure::read(&name, error))?)
    };
    let mut bytes = Vec::new();
    let most = (limit as u64).saturating_add(1);
    source.by_ref().take(most).read_to_end(&mut bytes).map_err(|error| Failure::read(&name, error))?;
    if bytes.len() > limit {
        let advice = advice("configuration_length").unwrap_or_default();
        return Err(Failure::Refused(format!(
            "{name}: larger than {limit} bytes: limit reached: configuration_length{advice}"
        )));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_set() {
        let set = |text: &str| {
            let setting = parse(text).expect("well-formed");
            budgets(&[setting]).expect("no help was asked for")
        };
        assert_eq!(set("statements=1_000").rules.statements, 1000);
        assert_eq!(set("scratch_bytes=64MiB").rules.scratch_bytes, 64 << 20);
        assert_eq!(set("scratch_bytes=3 GiB").rules.scratch_bytes, 3 << 30);
        assert_eq!(set("message_bytes=10KiB").frames.message_bytes, 10 << 10);
        assert!(budgets(&[parse("help").expect("it is one")]).is_none());
        for (wrong, part) in [
            ("statements", "NAME=VALUE"),
            ("statments=1", "did you mean `statements`"),
            ("statements=many", "expected a number"),
            ("statements=-1", "expected a number"),
            ("statement_nesting=70000", "too large"),
            ("scratch_bytes=99999999TiB", "expected a number"),
        ] {
            let error = parse(wrong).expect_err(wrong);
            assert!(error.contains(part), "{wrong}: {error}");
        }
    }

    #[test]
    fn every_limit_is_listed_with_its_default() {
        let help = help();
        for limit in LIMITS {
            assert!(help.contains(limit.name), "{}", limit.name);
        }
        assert!(help.contains("1 GiB") && help.contains("10000"), "{help}");
        // No field of the limits is forgotten.
        let fields = format!("{:?} {:?}", Limits::default(), FrameOptions::default());
        let names = fields.split([' ', '{', ',']).filter_map(|word| word.strip_suffix(':'));
        for name in names.filter(|name| *name != "format") {
            assert!(LIMITS.iter().any(|limit| limit.name == name), "{name} cannot be set");
        }
    }

    #[test]
    fn errors_name_the_option() {
        let text = advised("rules.yaml:1:5: limit reached: list_padding (10)".to_owned());
        assert!(text.ends_with("; raise it with --max list_padding=..., the default is 10000"), "{text}");
        assert_eq!(advised("limit reached: anything else".to_owned()), "limit reached: anything else");
    }
}
