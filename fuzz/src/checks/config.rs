//! [`config`]: any text as a configuration.

use std::sync::{Arc, LazyLock};

use ottl::function::{FixedClock, SequenceRng};
use ottl::{Compiler, Limits, ProcessorKind, Signal};

use super::meter::within;
use super::spans::assert_in;

/// The longest configuration, and the most that variables may write into one.
const LONGEST: usize = 1 << 16;

static COMPILER: LazyLock<Compiler> = LazyLock::new(|| {
    let limits = Limits { configuration_length: LONGEST, statements: 100, ..Limits::default() };
    Compiler::with_sources(Arc::new(FixedClock::default()), Arc::new(SequenceRng::default())).limits(limits)
});

/// Variables that configurations may name: plain, empty, a number, YAML, and some that name each other or themselves.
const VARIABLES: &[(&str, &str)] = &[
    ("A", "a"),
    ("E", ""),
    ("N", "12"),
    ("L", "[a, 'b', {c: d}]"),
    ("S", "set(log.body, \"$$1\")"),
    ("R", "${env:A}${env:N}"),
    ("X", "${env:X}"),
    ("XX", "${env:XX}${env:XX}"),
    ("Y", "[${env:Y}, ${env:Y}]"),
];

/// What the patterns of a rule set may take.
const PATTERNS: usize = 64 << 20;

/// What compiling may hold for each byte of the text and of what variables write: a node of YAML, a place in the file and a
/// tree of the rules, in vectors that grow.
const PER_BYTE: usize = 256;

/// What running over nothing may hold.
const RUN: usize = 1 << 20;

/// Any text as a processor's body or a Collector's configuration, as the first byte says: compiling returns, and every
/// span lies on characters of the text. What compiles runs over an empty message.
pub fn config(data: &[u8]) {
    let Some((flags, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let mut compiler = COMPILER.clone().expand(flags & 1 != 0);
    if flags & 2 != 0 {
        compiler = compiler
            .variables(|name| VARIABLES.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()));
    }
    compiler = match flags >> 2 & 3 {
        0 => compiler.processor(ProcessorKind::Transform),
        1 => compiler.processor(ProcessorKind::Filter),
        _ => compiler,
    };
    // Compiling is on this thread, where the meter sees it, if `ottl` is built without `threads`, as for the targets.
    let granted = PATTERNS + PER_BYTE * (text.len() + LONGEST);
    let compiled = within("compiling", granted, || compiler.compile(text));
    let diagnostics = match &compiled {
        Ok(rules) => rules.warnings(),
        Err(error) => error.diagnostics(),
    };
    assert_eq!(compiled.is_err(), diagnostics.has_errors(), "{text:?}: {diagnostics}");
    for diagnostic in diagnostics {
        assert_in(text, diagnostic);
    }
    assert!(diagnostics.records().all(|record| record.line > 0 && record.column > 0));
    let Ok(rules) = compiled else { return };
    for signal in [Signal::Traces, Signal::Metrics, Signal::Logs] {
        for statement in rules.statements(signal) {
            // Of a long text it shows the beginning.
            let begins: String = statement.text().chars().take(400).collect();
            assert!(statement.to_string().contains(&begins));
        }
        let outcome = within("running", RUN, || rules.transform(signal, b""));
        assert!(outcome.is_ok(), "{text:?}: {outcome:?}");
    }
}
