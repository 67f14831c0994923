//! Small messages must not cost memory: with scratch memory that has seen such a message before, a run allocates nothing.

use ottl::{Report, RuleSet, Scratch, Signal};
use ottl_benches::rows::ROWS;

#[test]
fn messages_of_one_record_allocate_nothing() {
    for row in ROWS {
        let signal = match row.signal {
            "traces" => Signal::Traces,
            "metrics" => Signal::Metrics,
            _ => Signal::Logs,
        };
        let message = (row.message)(1);
        let rules = RuleSet::compile(row.rules).expect("the rules compile");
        let (mut scratch, mut report, mut out) = (Scratch::new(), Report::default(), Vec::new());
        let mut run = || {
            out.clear();
            rules.transform_into(signal, &message, &mut scratch, &mut out, &mut report).expect("the message is sound");
        };
        // Automata and tables are built on first use; the vectors grow to what this message needs.
        (0..3).for_each(|_| run());
        let used = allocation_counter::measure(run);
        assert_eq!(used.count_total, 0, "{}: {used:?}", row.name);
    }
}
