//! Names of enums in telemetry: what was meant by a text that is none of them, or that stands in place of an object with one.

use ottl_diagnostics::{Code, Diagnostic, Span, near_name};
use ottl_otlp::schema::{EnumName, Kind, MessageId};

/// Names that are listed where none is near.
const LISTED: usize = 8;

fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// The name of an enum that this is.
pub(super) fn named(names: &[EnumName], text: &str) -> Option<&'static str> {
    names.iter().find(|known| known.name == text).map(|known| known.name)
}

/// The name of an enum that was meant: `ERROR`, `error` and `Errors` are `SEVERITY_NUMBER_ERROR`.
fn meant(names: &[EnumName], text: &str) -> Option<&'static str> {
    let upper = text.trim().to_ascii_uppercase();
    let first = names.first().map_or("", |known| known.name);
    // All names begin with that of the enum.
    let own = |known: &EnumName| known.name.strip_prefix(prefix(names, first)).unwrap_or(known.name);
    let exact = || names.iter().find(|known| own(known) == upper);
    let longer = || names.iter().find(|known| own(known).len() > 3 && upper.starts_with(own(known)));
    let found = if upper.is_empty() { None } else { exact().or_else(longer) };
    found.map(|known| known.name).or_else(|| {
        let near = near_name(text, names.iter().map(|known| known.name))?;
        named(names, near)
    })
}

/// What the names of an enum begin with, up to the last `_` of it.
fn prefix<'n>(names: &[EnumName], first: &'n str) -> &'n str {
    let shared = |one: &str| one.bytes().zip(first.bytes()).take_while(|(one, other)| one == other).count();
    let len = names.iter().map(|known| shared(known.name)).min().unwrap_or(0);
    &first[..first[..len].rfind('_').map_or(0, |at| at + 1)]
}

/// A text in place of the name of an enum.
pub(super) fn no_name(names: &[EnumName], text: &str, span: Span) -> Diagnostic {
    let example = names.get(1).map_or_else(String::new, |known| format!(" or a name such as {}", known.name));
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = format!("a number{example} is wanted, and quotes make `{text}` a text");
        return Diagnostic::new(Code::INVALID_TELEMETRY, span, message).help("write it without quotes");
    }
    let fault =
        Diagnostic::new(Code::INVALID_TELEMETRY, span, format!("a number{example} is wanted, this is another name"));
    match meant(names, text) {
        Some(name) => fault.help(format!("did you mean `{name}`?")).fix(span, name),
        None if names.len() <= LISTED => {
            fault.help(format!("the names are {}", listed(names.iter().map(|known| known.name))))
        }
        None => fault,
    }
}

/// A text in place of an object.
pub(super) fn no_object(id: MessageId, text: &str, span: Span) -> Diagnostic {
    let fault = Diagnostic::new(Code::INVALID_TELEMETRY, span, "an object is wanted, this is a string");
    let of_enum = id.def().fields.iter().find_map(|field| match field.kind {
        Kind::Enum(names) => Some((field.snake_name, named(names, text).or_else(|| meant(names, text))?)),
        _ => None,
    });
    match of_enum {
        Some((field, name)) => fault.help(format!("write `{{{field}: {name}}}`")),
        None => fault.help(format!("its fields are {}", listed(id.def().fields.iter().map(|field| field.snake_name)))),
    }
}
