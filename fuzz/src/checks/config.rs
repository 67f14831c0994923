//! [`config`]: any text as a configuration.

use std::sync::{Arc, LazyLock};

use ottl::function::{FixedClock, SequenceRng};
use ottl::{Compiler, Limits, ProcessorKind, Signal};

use super::spans::assert_in;

static COMPILER: LazyLock<Compiler> = LazyLock::new(|| {
    let limits = Limits { configuration_length: 1 << 16, statements: 100, ..Limits::default() };
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
    let compiled = compiler.compile(text);
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
            assert!(statement.to_string().contains(statement.text()));
        }
        let outcome = rules.transform(signal, b"");
        assert!(outcome.is_ok(), "{text:?}: {outcome:?}");
    }
}
