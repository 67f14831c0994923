//! `ottl diff`: what two rule sets do differently to recorded data.
//!
//! - here: messages through both, and what is counted.
//! - `side`: one rule set at work; `sources`: the clock and chance that both have.
//! - `samples`, `fields`, `statements`: what is told of the differences.
//! - `text`, `json`, `markdown`: how.
//!
//! INVARIANT: both rule sets see the same messages, times and random numbers; one message and what came of it are in memory at a
//! time, and what is kept of all of them is bounded.

mod fields;
mod json;
mod markdown;
mod samples;
mod side;
mod sources;
mod statements;
mod text;

use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use ottl::compare::{Change, Compared, Numbered, Outline, compare, count, number_records};
use ottl::otlp::Signal;

use crate::args::{DiffArguments, DiffFormat, ReportForm, Threshold};
use crate::failure::{Failure, Status, is_standard, name_of, printed};
use crate::folders;
use crate::input::{paths_or_standard, total_len};
use crate::messages::{Arrived, Reading};
use crate::records;
use crate::run::tally::Tally;
use crate::terminal::{Progress, Voice};
use fields::Fields;
use samples::{Field, Kind, Sample, Samples, Taken};
use side::Side;
use sources::Still;

/// Fields of a sample that are shown.
const SHOWN: usize = 20;

/// Runs the verb.
///
/// # Errors
/// Rules are wrong, or the data cannot be read.
pub fn diff(arguments: &DiffArguments) -> Result<Status, Failure> {
    let form = if arguments.format == DiffFormat::Json { ReportForm::Json } else { ReportForm::Text };
    let mut voice = Voice::new(form, arguments.quiet);
    let inputs = inputs(arguments)?;
    let rules = [&arguments.old, &arguments.new].into_iter().chain(&arguments.config);
    if rules.chain(&inputs).filter(|path| is_standard(path)).count() > 1 {
        let text = "standard input can be OLD, NEW or the data, and not two of them";
        return Err(Failure::Refused(text.to_owned()));
    }
    let clock = Arc::new(Still::now());
    let old = Side::load(arguments, &arguments.old, clock.clone(), &mut voice)?;
    let new = Side::load(arguments, &arguments.new, clock, &mut voice)?;
    for side in [&old, &new] {
        match &side.program.left_out()[..] {
            [] => {}
            names => {
                let (name, names) = (&side.name, names.join(", "));
                voice.warn(format!("{name}: skipped: {names}; ottl runs only transform and filter processors"));
            }
        }
    }
    let mut served = old.program.signals();
    served.extend(new.program.signals().into_iter().filter(|signal| !old.program.serves(*signal)));
    let only = arguments.signal.map(|name| name.signal());
    let mut comparison = Comparison {
        old,
        new,
        only,
        messages: 0,
        records: 0,
        traced: 0,
        served: 0,
        compared: Compared::default(),
        failed: 0,
        mended: 0,
        fields: Fields::default(),
        samples: Samples::new(usize::from(arguments.samples)),
    };
    let mut progress = Progress::new(total_len(&inputs), arguments.quiet);
    let mut passed = Tally::new(form);
    let reading = Reading {
        only,
        limit: arguments.limit,
        keep_going: arguments.keep_going.then_some(&mut passed),
        has_keep_going: true,
        progress: Some(&mut progress),
        ..Reading::of(&inputs, arguments.frames(), served)
    };
    reading.each(|arrived| comparison.message(arrived).map(|()| ControlFlow::Continue(())))?;
    drop(progress);
    passed.finish();
    let found = comparison.finish(passed.total());
    if found.served == 0 {
        voice.warn("no record was looked at by any rule");
    }
    let is_above = arguments.fail_above.is_some_and(|most| most.is_below(found.different, found.records));
    let out = match arguments.format {
        DiffFormat::Text => text::show(&found, arguments.values),
        DiffFormat::Json => json::show(&found, arguments.values, arguments.fail_above.map(|_| is_above)),
        DiffFormat::Markdown => markdown::show(&found, arguments.values),
    };
    // Colours are taken out where they are not wanted.
    let written = match arguments.format {
        DiffFormat::Text => anstream::stdout().write_all(out.as_bytes()),
        _ => std::io::stdout().write_all(out.as_bytes()),
    };
    printed(written)?;
    if let Some(most) = arguments.fail_above.filter(|_| is_above) {
        let most = match most {
            Threshold::Records(most) => most.to_string(),
            Threshold::Percent(most) => format!("{most}%"),
        };
        voice.error(&format!("{} of {} records differ: more than --fail-above {most}", found.different, found.records));
        return Ok(Status::Failed);
    }
    if arguments.fail_above.is_some() && found.served == 0 {
        voice.error("--fail-above decides nothing: no record was looked at by any rule");
        return Ok(Status::Failed);
    }
    Ok(if found.unreadable > 0 { Status::Failed } else { Status::Done })
}

/// The files of data, those of folders among them.
fn inputs(arguments: &DiffArguments) -> Result<Vec<PathBuf>, Failure> {
    let named = paths_or_standard(&arguments.inputs);
    let found: Vec<PathBuf> = folders::data_files(named.clone())?.into_iter().map(|found| found.path).collect();
    if found.is_empty() {
        let names: Vec<String> = named.iter().map(|path| name_of(path)).collect();
        let text = format!(
            "there is no data in {}: files of it are called NAME.json, NAME.jsonl.gz, NAME.pb and so on",
            names.join(", ")
        );
        return Err(Failure::Refused(text));
    }
    Ok(found)
}

/// Two rule sets at work, and what was found so far.
struct Comparison {
    old: Side,
    new: Side,
    only: Option<Signal>,
    messages: u64,
    records: u64,
    /// The same as traces count them: metrics, and not their points.
    traced: u64,
    /// Records of signals that there are rules for.
    served: u64,
    compared: Compared,
    /// Records of messages that fail under the new rules only.
    failed: u64,
    /// Records of messages that fail under the old rules only.
    mended: u64,
    fields: Fields,
    samples: Samples,
}

/// What two rule sets did.
struct Found {
    old: Side,
    new: Side,
    messages: u64,
    /// Messages and ends of inputs that were left out.
    unreadable: u64,
    records: u64,
    /// Of these, how many rules looked at.
    served: u64,
    compared: Compared,
    failed: u64,
    mended: u64,
    /// How many records differ, for whatever reason.
    different: u64,
    fields: Fields,
    samples: Vec<Sample>,
    statements: Vec<statements::Row>,
}

impl Comparison {
    fn message(&mut self, arrived: Arrived<'_>) -> Result<(), Failure> {
        let Arrived { file, number, signal, oddity, bytes } = arrived;
        let damaged = |error| {
            let why = oddity.map_or_else(String::new, |why| format!("; {why}"));
            Failure::Failed(format!("{file}: message {number}: {error}{why}"))
        };
        let traced = records::records(signal, bytes).map_err(damaged)?;
        self.messages += 1;
        let before = self.traced;
        self.traced += traced;
        let is_asked_for = self.only.is_none_or(|only| only == signal);
        if !is_asked_for || !(self.old.program.serves(signal) || self.new.program.serves(signal)) {
            self.records += records::count(signal, bytes).map_err(damaged)?;
            return Ok(());
        }
        let Numbered { message, records } = number_records(signal, bytes).map_err(damaged)?;
        self.records += records;
        self.served += records;
        // Who runs second finds the message in the processor's memory, so they take turns.
        let sides =
            if self.messages % 2 == 1 { [&mut self.old, &mut self.new] } else { [&mut self.new, &mut self.old] };
        for side in sides {
            side.run(signal, (bytes, &message), self.messages);
        }
        if self.old.is_idle() && self.new.is_idle() {
            self.compared.both += records;
            return Ok(());
        }
        let came = Outline::of(signal, &message).map_err(damaged)?;
        let at = At { file, message: number, signal, bytes, came: &came, records_before: before };
        let (old, new) = (self.old.result(&message), self.new.result(&message));
        let (old_outline, new_outline) = (
            old.ok().map(|out| Outline::of(signal, out)).transpose().map_err(damaged)?,
            new.ok().map(|out| Outline::of(signal, out)).transpose().map_err(damaged)?,
        );
        let total = |outline: &Option<Outline<'_>>| match outline {
            Some(outline) => count(&came, outline).map(Some),
            None => Ok(None),
        };
        let (of_old, of_new) = (total(&old_outline).map_err(damaged)?, total(&new_outline).map_err(damaged)?);
        match (&old_outline, &new_outline) {
            (Some(_), Some(other)) if old == new => self.compared.both += other.records(),
            (Some(one), Some(other)) => {
                let (fields, samples, sides) = (&mut self.fields, &mut self.samples, [&self.old, &self.new]);
                let compared = compare(one, other, |change| see(change, &at, (fields, samples), sides));
                self.compared.add(compared.map_err(damaged)?);
            }
            (Some(_), None) => {
                self.failed += records;
                at.failed(Kind::Failed, new.err(), &mut self.samples);
            }
            (None, Some(_)) => {
                self.mended += records;
                at.failed(Kind::Mended, old.err(), &mut self.samples);
            }
            (None, None) => {}
        }
        for (side, total) in [(&mut self.old, of_old), (&mut self.new, of_new)] {
            match total {
                Some(compared) => side.totals.add(compared),
                None => side.totals.fail(records),
            }
        }
        Ok(())
    }

    fn finish(self, unreadable: u64) -> Found {
        let Comparison { old, new, messages, records, served, compared, failed, mended, fields, samples, .. } = self;
        let (statements, samples) = (statements::rows(&old, &new), samples.finish());
        let different = compared.different() + failed + mended;
        Found {
            old,
            new,
            messages,
            unreadable,
            records,
            served,
            compared,
            failed,
            mended,
            different,
            fields,
            samples,
            statements,
        }
    }
}

/// The message at hand.
struct At<'a> {
    file: &'a str,
    message: u64,
    signal: Signal,
    /// As it came.
    bytes: &'a [u8],
    came: &'a Outline<'a>,
    records_before: u64,
}

impl At<'_> {
    fn failed(&self, kind: Kind, error: Option<&str>, samples: &mut Samples) {
        let error = error.unwrap_or_default();
        let taken = samples.wants(kind, error);
        let sample = Sample {
            kind,
            file: self.file.to_owned(),
            message: self.message,
            record: None,
            point: None,
            place: String::new(),
            records: self.came.records(),
            fields: Vec::new(),
            more_fields: 0,
            by: None,
            error: Some(error.to_owned()),
        };
        samples.keep(sample, error.to_owned(), taken);
    }
}

/// Counts a difference, and keeps it if it is wanted.
fn see(change: Change<'_>, at: &At<'_>, (fields, samples): (&mut Fields, &mut Samples), [old, new]: [&Side; 2]) {
    let kind = Kind::from(change.fate);
    let paths = if kind == Kind::Changed { fields::paths(&change.differences) } else { Vec::new() };
    fields.add(&paths, change.records);
    let signature = paths.join("\n");
    let taken = samples.wants(kind, &signature);
    if taken == Taken::No {
        return;
    }
    let place = change.number.and_then(|number| at.came.place_of(number, change.context));
    let traced = change.number.and_then(|number| at.came.traced_record(number)).filter(|_| change.is_record());
    let (more_fields, mut shown) = (change.differences.len().saturating_sub(SHOWN), change.differences.clone());
    shown.truncate(SHOWN);
    let names: Vec<&str> =
        if kind == Kind::Changed { shown.iter().map(|field| field.path.as_str()).collect() } else { Vec::new() };
    let blame = |side: &Side| match &place {
        Some(place) => side.blame((at.signal, at.bytes), traced, place, &names),
        None => Vec::new(),
    };
    // Who is gone was dropped by the new rules, who is here again by the old ones.
    let by = match kind {
        Kind::Dropped => blame(new).pop().flatten(),
        Kind::Kept => blame(old).pop().flatten(),
        _ => None,
    };
    let (by_old, by_new) = if kind == Kind::Changed { (blame(old), blame(new)) } else { Default::default() };
    let of = |list: &[Option<samples::Blame>], field: usize| list.get(field).cloned().flatten();
    let shown = shown.into_iter().enumerate().map(|(field, difference)| Field {
        path: difference.path,
        old: difference.before,
        new: difference.after,
        by: [of(&by_old, field), of(&by_new, field)],
    });
    let sample = Sample {
        kind,
        file: at.file.to_owned(),
        message: at.message,
        record: traced.map(|record| at.records_before + record + 1),
        point: traced.and(change.number).and_then(|number| at.came.point(number)).map(|point| point + 1),
        place: place.unwrap_or_else(|| change.place()),
        records: change.records,
        fields: shown.collect(),
        more_fields,
        by,
        error: None,
    };
    samples.keep(sample, signature, taken);
}
