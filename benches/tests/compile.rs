//! What compiled rules keep: bytes of memory per statement, of which the text is a part. Counted, so it does not vary.

use ottl::{RuleSet, Signal};
use ottl_benches::families::{Family, Kind};

const STATEMENTS: usize = 1000;

/// Bytes that are given back when the rules are dropped, per statement: what they kept.
fn kept(rules: RuleSet) -> u64 {
    let freed = allocation_counter::measure(|| drop(rules));
    freed.bytes_current.unsigned_abs() / STATEMENTS as u64
}

#[test]
fn statements_keep_little_memory() {
    for (kind, after_compiling, after_a_message) in [
        (Kind::Equalities, 2000, 2000),
        (Kind::Keys, 2600, 2600),
        (Kind::Mixed, 3500, 3500),
        (Kind::Patterns, 2200, 3000),
        (Kind::Computed, 3000, 3000),
    ] {
        let family = Family { kind, filter: false, statements: STATEMENTS, rate: 0, writing: false, failing: false };
        let compile = || RuleSet::compile(&family.rules()).expect("the rules compile");
        let fresh = kept(compile());
        let used = compile();
        used.transform(Signal::Logs, &family.message(8)).expect("the message is sound");
        let used = kept(used);
        println!("{}: {fresh} bytes, {used} after a message, text {}", kind.name(), family.rules().len() / STATEMENTS);
        assert!(fresh <= after_compiling, "{}: {fresh}", kind.name());
        assert!(used <= after_a_message, "{}: {used}", kind.name());
    }
}
