//! What people see: messages on standard error, colours where they are wanted, the progress of long work.
//!
//! INVARIANT: nothing here fails; what cannot be shown is not shown.

use std::collections::HashSet;
use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::args::ReportForm;
use crate::failure::Failure;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// How long work goes on before its progress shows.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether pictures on standard error may have colours.
pub fn colors_on_stderr() -> bool {
    anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never
}

/// Says why the command ends.
pub fn failure(failure: &Failure) {
    if let Failure::Failed(text) | Failure::Refused(text) = failure {
        error(text);
    }
}

/// An error on standard error.
pub fn error(text: impl Display) {
    let _ = writeln!(anstream::stderr(), "{ERROR}error{ERROR:#}: {text}");
}

/// Text on standard error as it is.
pub fn plain(text: impl Display) {
    let _ = write!(anstream::stderr(), "{text}");
}

/// Where a verb says what goes wrong on the way: each warning once, in the form that was asked for.
#[derive(Debug)]
pub struct Voice {
    form: ReportForm,
    quiet: bool,
    said: HashSet<String>,
}

impl Voice {
    /// A voice that writes in this form; a quiet one has no warnings.
    pub fn new(form: ReportForm, quiet: bool) -> Voice {
        Voice { form, quiet, said: HashSet::new() }
    }

    /// The form.
    pub fn form(&self) -> ReportForm {
        self.form
    }

    /// Whether warnings go unsaid.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// A warning, once.
    pub fn warn(&mut self, text: impl Into<String>) {
        let text = text.into();
        if self.quiet || self.said.contains(&text) {
            return;
        }
        match self.form {
            ReportForm::Text => {
                let _ = writeln!(anstream::stderr(), "{WARNING}warning{WARNING:#}: {text}");
            }
            ReportForm::Json => self.record("warning", &text),
        }
        self.said.insert(text);
    }

    /// An error.
    pub fn error(&mut self, text: &str) {
        match self.form {
            ReportForm::Text => error(text),
            ReportForm::Json => self.record("error", text),
        }
    }

    fn record(&self, severity: &str, text: &str) {
        let _ = writeln!(std::io::stderr(), "{}", json!({ "severity": severity, "message": text }));
    }
}

/// The progress of reading, on standard error, when that is a terminal and the work takes longer than a second.
pub struct Progress {
    total: Option<u64>,
    done: u64,
    started: Instant,
    bar: Option<ProgressBar>,
    shown: bool,
}

impl Progress {
    /// The progress of reading `total` bytes, or an unknown number.
    pub fn new(total: Option<u64>, quiet: bool) -> Progress {
        let shown = !quiet && std::io::stderr().is_terminal();
        Progress { total, done: 0, started: Instant::now(), bar: None, shown }
    }

    /// So many bytes more have been read.
    pub fn advance(&mut self, bytes: usize) {
        self.done += bytes as u64;
        if !self.shown || (self.bar.is_none() && self.started.elapsed() < PATIENCE) {
            return;
        }
        let (total, done) = (self.total, self.done);
        self.bar.get_or_insert_with(|| bar(total)).set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: Option<u64>) -> ProgressBar {
    // Ten pictures a second are enough and cost nothing.
    let target = ProgressDrawTarget::stderr_with_hz(10);
    let bar = ProgressBar::with_draw_target(total, target);
    let form = match total {
        Some(_) => "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
        None => "{spinner} {bytes}, {bytes_per_sec}",
    };
    match ProgressStyle::with_template(form) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
