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

use ottl::{visible, visible_lines};

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

/// Whether text on standard output may have colours.
pub fn colors_on_stdout() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}

/// Colours of texts, where they go to a terminal.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// As standard output is now.
    pub fn on_stdout() -> Paint {
        Paint { on: colors_on_stdout() }
    }

    /// As standard error is now.
    pub fn on_stderr() -> Paint {
        Paint { on: colors_on_stderr() }
    }

    /// Whether there are any.
    pub fn is_on(self) -> bool {
        self.on
    }

    /// A text in a style, or as it is.
    pub fn with(self, style: Style, text: &str) -> String {
        let style = if self.on { style } else { Style::new() };
        format!("{style}{text}{style:#}")
    }
}

/// Says why the command ends.
pub fn failure(failure: &Failure) {
    if let Failure::Failed(text) | Failure::Refused(text) = failure {
        error(text);
    }
}

/// An error on standard error.
pub fn error(text: impl Display) {
    let text = text.to_string();
    let _ = writeln!(anstream::stderr(), "{ERROR}error{ERROR:#}: {}", visible_lines(&text));
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
                let _ = writeln!(anstream::stderr(), "{WARNING}warning{WARNING:#}: {}", visible(&text));
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
    patience: Duration,
    /// Where the bar will be; none once it is there, and where nobody looks.
    target: Option<ProgressDrawTarget>,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// The progress of reading `total` bytes, or an unknown number.
    pub fn new(total: Option<u64>, quiet: bool) -> Progress {
        let shown = !quiet && std::io::stderr().is_terminal();
        // Ten pictures a second are enough and cost nothing.
        let target = shown.then(|| ProgressDrawTarget::stderr_with_hz(10));
        Progress::on(target, total, PATIENCE)
    }

    fn on(target: Option<ProgressDrawTarget>, total: Option<u64>, patience: Duration) -> Progress {
        Progress { total, done: 0, started: Instant::now(), patience, target, bar: None }
    }

    /// How many bytes have been read.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// So many bytes more have been read.
    pub fn advance(&mut self, bytes: usize) {
        self.done += bytes as u64;
        if self.target.is_some() && self.started.elapsed() >= self.patience {
            self.bar = self.target.take().map(|target| bar(target, self.total));
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(target: ProgressDrawTarget, total: Option<u64>) -> ProgressBar {
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

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// A terminal that remembers what was written to it; a cleared line shows as `|`.
    #[derive(Clone, Debug, Default)]
    struct Paper(Arc<Mutex<String>>);

    impl Paper {
        fn text(&self) -> String {
            self.0.lock().expect("nobody panicked").clone()
        }
    }

    impl TermLike for Paper {
        fn width(&self) -> u16 {
            100
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)?;
            self.write_str("\n")
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().expect("nobody panicked").push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            self.write_str("|")
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn shown(total: Option<u64>, patience: Duration) -> (Paper, Progress) {
        let paper = Paper::default();
        let target = ProgressDrawTarget::term_like(Box::new(paper.clone()));
        (paper, Progress::on(Some(target), total, patience))
    }

    #[test]
    fn progress_shows_what_is_read_of_what_and_goes_away() {
        let (paper, mut progress) = shown(Some(4 << 20), Duration::ZERO);
        progress.advance(1 << 20);
        let first = paper.text();
        assert!(first.contains("1.00 MiB of 4.00 MiB") && first.contains(" left"), "{first:?}");
        // A quarter of the thirty places of the bar.
        assert_eq!(first.matches('\u{2588}').count(), 7, "{first:?}");
        progress.advance(2 << 20);
        assert!(paper.text()[first.len()..].contains("3.00 MiB of 4.00 MiB"));
        drop(progress);
        let last = paper.text().rsplit("left").next().map(str::trim).map(str::to_owned);
        assert_eq!(last.as_deref(), Some("|"), "nothing of it stays");
    }

    #[test]
    fn progress_of_a_stream_has_no_total() {
        let (paper, mut progress) = shown(None, Duration::ZERO);
        progress.advance(3 << 10);
        assert!(paper.text().contains("3.00 KiB") && !paper.text().contains(" of "), "{:?}", paper.text());
    }

    #[test]
    fn short_work_shows_no_progress() {
        let (paper, mut progress) = shown(Some(10), Duration::MAX);
        (0..10).for_each(|_| progress.advance(1));
        drop(progress);
        assert_eq!(paper.text(), "");
        assert!(Progress::new(Some(10), true).target.is_none(), "--quiet");
    }
}
