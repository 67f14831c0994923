//! Conditions of OTTL that hold for all, some or none of the records.

use ottl_diagnostics::{Diagnostic, Severity, Span};

use crate::config::Text;
use crate::{Compiler, Output, Report, RuleSet, Scratch, Signal, Status};

/// A record by itself.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub signal: Signal,
    /// How it is called: `logs[2]`.
    pub place: String,
    /// A message of it alone.
    pub bytes: Vec<u8>,
}

/// A condition, and for which records it holds.
#[derive(Clone, Debug)]
pub(super) struct Property {
    pub kind: PropertyKind,
    pub condition: Text,
    pub span: Span,
}

/// For which records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PropertyKind {
    /// For none of those that come out.
    None,
    /// For each of those that come out.
    Every,
    /// For one at least of those that come out.
    Some,
    /// For each of those that are dropped, as they came in.
    DroppedOnly,
}

impl PropertyKind {
    pub const ALL: [PropertyKind; 4] =
        [PropertyKind::None, PropertyKind::Every, PropertyKind::Some, PropertyKind::DroppedOnly];

    /// Its key in a case file.
    pub fn name(self) -> &'static str {
        match self {
            PropertyKind::None => "none",
            PropertyKind::Every => "every",
            PropertyKind::Some => "some",
            PropertyKind::DroppedOnly => "dropped_only",
        }
    }
}

/// Records for which a property does not hold that are named.
const NAMED: usize = 5;

impl Property {
    /// What is said where the property does not hold for these records; nothing if it does.
    ///
    /// # Errors
    /// What is wrong with the condition.
    pub fn broken(&self, compiler: &Compiler, records: &[Placed]) -> Result<Option<String>, Vec<Diagnostic>> {
        let mut signals: Vec<Signal> = records.iter().map(|record| record.signal).collect();
        signals.sort_unstable();
        signals.dedup();
        let (mut compiled, mut faults) = (Vec::new(), Vec::new());
        for signal in signals {
            match self.compiled(compiler, signal) {
                Ok(rules) => compiled.push((signal, rules)),
                Err(found) => faults.push(found),
            }
        }
        if compiled.is_empty() {
            return match faults.into_iter().next() {
                Some(found) => Err(found),
                None => {
                    Ok((self.kind == PropertyKind::Some).then(|| self.sentence("holds for no record: there is none")))
                }
            };
        }
        let (mut held, mut failed) = (Vec::new(), None);
        for (signal, rules) in &compiled {
            look(*signal, rules, records, &mut held, &mut failed);
        }
        let named = |list: &[String]| match list.len().checked_sub(NAMED) {
            Some(more @ 1..) => format!("{} and {more} more", list[..NAMED].join(", ")),
            _ => list.join(", "),
        };
        let sentence = match self.kind {
            _ if failed.is_some() => format!("failed for {}", failed.unwrap_or_default()),
            PropertyKind::None if !held.is_empty() => format!("holds for {}", named(&held)),
            PropertyKind::Every if !held.is_empty() => format!("does not hold for {}", named(&held)),
            PropertyKind::Some if held.is_empty() => format!("holds for none of {} records", records.len()),
            PropertyKind::DroppedOnly if !held.is_empty() => {
                format!("does not hold for what was dropped: {}", named(&held))
            }
            _ => return Ok(None),
        };
        Ok(Some(self.sentence(&sentence)))
    }

    fn sentence(&self, rest: &str) -> String {
        format!("{}: `{}` {rest}", self.kind.name(), self.condition.as_str().trim())
    }

    /// A filter of the records for which the condition holds, or does not where that is a fault.
    fn compiled(&self, compiler: &Compiler, signal: Signal) -> Result<RuleSet, Vec<Diagnostic>> {
        let text = self.condition.as_str();
        let mapped = |found: Vec<Diagnostic>| -> Vec<Diagnostic> {
            let at = |span: Span| self.condition.span(span.start as usize, span.end as usize);
            found
                .into_iter()
                .filter(|fault| fault.severity() == Severity::Error)
                .map(|fault| fault.map_spans(at))
                .collect()
        };
        let plain = compiler.condition(signal, text).map_err(mapped)?;
        match self.kind {
            PropertyKind::None | PropertyKind::Some => Ok(plain),
            PropertyKind::Every | PropertyKind::DroppedOnly => {
                compiler.condition(signal, &format!("not ({text})")).map_err(mapped)
            }
        }
    }
}

/// The records that a filter drops anything of, one by one where it drops anything at all.
fn look(signal: Signal, rules: &RuleSet, records: &[Placed], held: &mut Vec<String>, failed: &mut Option<String>) {
    let own = || records.iter().filter(|record| record.signal == signal);
    // Messages one behind the other are one message.
    let joined: Vec<u8> = own().flat_map(|record| record.bytes.iter().copied()).collect();
    if rules.transform(signal, &joined).is_ok_and(|outcome| outcome.output == Output::Unchanged) {
        return;
    }
    let (mut scratch, mut report) = (Scratch::new(), Report::new());
    for Placed { place, bytes, .. } in own() {
        match rules.transform_into(signal, bytes, &mut scratch, &mut Vec::new(), &mut report) {
            Ok(Status::Unchanged) => {}
            Ok(_) => held.push(place.clone()),
            Err(error) => {
                let why = error.error().map_or_else(|| error.to_string(), |error| error.to_string());
                failed.get_or_insert(format!("{place}: {why}"));
            }
        }
    }
}
