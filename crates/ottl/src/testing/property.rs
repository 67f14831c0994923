//! Conditions of OTTL that hold for all, some or none of the records.

use ottl_diagnostics::{Diagnostic, Severity, Span};
use ottl_otlp::wire::WireError;

use super::compare::{Mismatch, MismatchKind, MismatchLine};
use super::records::records;
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

/// What records say of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It holds.
    Holds,
    /// It holds since there is no record to ask, which is said.
    Unasked(String),
    /// It does not, which is said, for the records of these numbers, of which not all are told.
    Broken(String, Vec<usize>),
}

impl Placed {
    /// All that it says, of what came out or of what came in.
    ///
    /// # Errors
    /// Damage of the record.
    pub fn shown(&self, is_received: bool) -> Result<Mismatch, WireError> {
        let mut lines = Vec::new();
        for record in records(&self.bytes)? {
            lines.extend(
                record
                    .fields(self.signal)?
                    .into_iter()
                    .filter_map(|field| Some(MismatchLine { is_received, path: field.path, value: field.after? })),
            );
        }
        Ok(Mismatch { place: self.place.clone(), kind: MismatchKind::Asked, lines })
    }
}

impl Property {
    /// Whether the property holds for these records.
    ///
    /// # Errors
    /// What is wrong with the condition.
    pub fn asked(&self, compiler: &Compiler, records: &[Placed]) -> Result<Answer, Vec<Diagnostic>> {
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
            if let Some(found) = faults.into_iter().next() {
                return Err(found);
            }
            return Ok(match self.kind {
                PropertyKind::Some => {
                    Answer::Broken(self.sentence("holds for no record: the output is empty"), Vec::new())
                }
                PropertyKind::DroppedOnly => Answer::Unasked(self.sentence("was asked of no record: none was dropped")),
                _ => Answer::Unasked(self.sentence("was not evaluated: the output is empty")),
            });
        }
        let (mut held, mut failed) = (Vec::new(), None);
        for (signal, rules) in &compiled {
            look(*signal, rules, records, &mut held, &mut failed);
        }
        let named = || {
            let places: Vec<&str> = held.iter().take(NAMED).map(|number| records[*number].place.as_str()).collect();
            match held.len().saturating_sub(NAMED) {
                0 => places.join(", "),
                more => format!("{} and {more} more", places.join(", ")),
            }
        };
        let sentence = match (self.kind, failed) {
            (_, Some((number, why))) => {
                let message = self.sentence(&format!("failed for {}: {why}", records[number].place));
                return Ok(Answer::Broken(message, vec![number]));
            }
            (PropertyKind::Some, _) if held.is_empty() => {
                let message = self.sentence(&format!("holds for none of the {} records of the output", records.len()));
                return Ok(Answer::Broken(message, Vec::new()));
            }
            (PropertyKind::Some, _) => return Ok(Answer::Holds),
            _ if held.is_empty() => return Ok(Answer::Holds),
            (PropertyKind::None, _) => format!("holds for {} of the output", named()),
            (PropertyKind::Every, _) => format!("does not hold for {} of the output", named()),
            (PropertyKind::DroppedOnly, _) => {
                format!("does not hold for dropped records: {} of the input", named())
            }
        };
        let message = self.sentence(&sentence);
        held.truncate(NAMED);
        Ok(Answer::Broken(message, held))
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

/// The numbers of the records that a filter drops anything of, one by one where it drops anything at all, and of the first one for
/// which it fails.
fn look(
    signal: Signal,
    rules: &RuleSet,
    records: &[Placed],
    held: &mut Vec<usize>,
    failed: &mut Option<(usize, String)>,
) {
    let own = || records.iter().enumerate().filter(|(_, record)| record.signal == signal);
    // Messages one behind the other are one message.
    let joined: Vec<u8> = own().flat_map(|(_, record)| record.bytes.iter().copied()).collect();
    if rules.transform(signal, &joined).is_ok_and(|outcome| outcome.output == Output::Unchanged) {
        return;
    }
    let (mut scratch, mut report) = (Scratch::new(), Report::new());
    for (number, Placed { bytes, .. }) in own() {
        match rules.transform_into(signal, bytes, &mut scratch, &mut Vec::new(), &mut report) {
            Ok(Status::Unchanged) => {}
            Ok(_) => held.push(number),
            Err(error) => {
                let why = error.error().map_or_else(|| error.to_string(), |error| error.to_string());
                failed.get_or_insert((number, why));
            }
        }
    }
}
