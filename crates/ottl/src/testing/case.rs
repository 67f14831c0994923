//! What a case file holds.

use std::sync::Arc;

use ottl_diagnostics::{Diagnostic, Location, Span};
use ottl_otlp::framing::Format;

use super::patch::Patch;
use super::property::Property;
use super::telemetry::Document;
use crate::config::Sources;
use crate::{Diagnostics, Signal};

/// A case file: rules, and cases that say what they do.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The file, which all that is said of it shares.
    pub(super) sources: Arc<Sources>,
    pub(super) setups: Vec<Setup>,
    pub(super) cases: Vec<Case>,
}

/// Which rules cases run, and how they are read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Setup {
    /// The rules.
    pub rules: TestedRules,
    /// The processors that run, in this order; without any all that a Collector's pipeline has.
    pub processors: Vec<String>,
    /// Which pipelines run, where a signal has several.
    pub pipelines: Vec<String>,
    /// Variables, before those of the caller.
    pub env: Vec<(String, String)>,
    /// The time that it is, in nanoseconds since 1970; that of the caller's clock without it.
    pub now: Option<i64>,
    /// Where the processors are named, for what is wrong with them.
    pub(super) at: Span,
}

/// Where rules are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TestedRules {
    /// In files, which are merged where there are several.
    Files(Vec<FilePath>),
    /// In the case file. The text has blank lines in front, so that places in it are those of the file.
    Inline(String),
}

/// The path of a file as a case file names it: relative to that file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilePath {
    /// The path.
    pub path: String,
    pub(super) span: Span,
}

impl Setup {
    /// The same without its places in the case file: equal ones make the same rules of the same files.
    #[must_use]
    pub fn without_places(mut self) -> Setup {
        self.at = Span::default();
        if let TestedRules::Files(files) = &mut self.rules {
            files.clear();
        }
        self
    }
}

impl FilePath {
    pub(super) fn span(&self) -> Span {
        self.span
    }
}

/// A file of telemetry.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DataFile {
    /// The file.
    pub path: FilePath,
    /// The signal of protobuf, where its content does not tell.
    pub signal: Option<Signal>,
    /// The format, where its content does not tell.
    pub format: Option<Format>,
}

/// A case: rules, what comes in, and what is expected of what comes out.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name, which no other case of the file has.
    pub name: String,
    /// Where it begins.
    pub location: Location,
    /// Its rules: a number among [`Suite::setups`].
    pub setup: usize,
    /// Where it begins in the file's bytes.
    pub(super) begin: u32,
    pub(super) at: Span,
    pub(super) input: Telemetry,
    pub(super) expected: Expected,
}

/// Telemetry that a case names or holds.
#[derive(Clone, Debug)]
pub(super) enum Telemetry {
    Given(Document),
    File(DataFile),
}

/// All that is expected.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    pub output: Option<(Output, Span)>,
    pub error: Option<(WantedError, Span)>,
    pub count: Option<(u64, Span)>,
    pub properties: Vec<Property>,
}

/// What comes out.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Exactly(Telemetry),
    Patched(Patch),
    Dropped,
    Unchanged,
    Snapshot,
}

/// What fails.
#[derive(Clone, Debug)]
pub(super) enum WantedError {
    /// Something, with this in its text.
    With(String),
    /// Nothing, under whatever error mode.
    Nothing,
}

impl Case {
    /// Whether it expects what came out once.
    pub fn expects_snapshot(&self) -> bool {
        matches!(self.expected.output, Some((Output::Snapshot, _)))
    }
}

impl Suite {
    /// The file, as the caller named it.
    pub fn file(&self) -> &str {
        self.sources.parts().first().map_or("", |part| &part.name)
    }

    /// Something that is wrong with the file.
    pub(super) fn fault(&self, fault: Diagnostic) -> Diagnostics {
        Diagnostics::of(self.sources.clone(), vec![fault])
    }

    /// A place that a case names. Files are long and cases short, so lines are counted from its beginning.
    pub(super) fn locate(&self, case: &Case, at: u32) -> Location {
        let Some(len) = at.checked_sub(case.begin) else { return ottl_diagnostics::locate(self.sources.text(), at) };
        let Location { line, column } = ottl_diagnostics::locate(&self.sources.text()[case.begin as usize..], len);
        let column = if line == 1 { case.location.column + column - 1 } else { column };
        Location { line: case.location.line + line - 1, column }
    }

    /// The cases in their order.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The files that the cases name: rules, and telemetry that comes in or is expected.
    pub fn files(&self) -> impl Iterator<Item = &FilePath> {
        let rules = self.setups.iter().flat_map(|setup| match &setup.rules {
            TestedRules::Files(files) => &files[..],
            TestedRules::Inline(_) => &[],
        });
        let told = self.cases.iter().flat_map(|case| {
            let expected = match &case.expected.output {
                Some((Output::Exactly(telemetry), _)) => Some(telemetry),
                _ => None,
            };
            std::iter::once(&case.input).chain(expected)
        });
        let data = told.filter_map(|telemetry| match telemetry {
            Telemetry::File(file) => Some(&file.path),
            Telemetry::Given(_) => None,
        });
        rules.chain(data)
    }

    /// The rules that cases run, by [`Case::setup`].
    pub fn setups(&self) -> &[Setup] {
        &self.setups
    }
}
