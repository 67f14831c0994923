//! Messages must not cost memory: with scratch memory that has seen such a message before, a run allocates nothing.

use ottl::{Report, RuleSet, Scratch};
use ottl_benches::rows;

#[test]
fn messages_that_were_seen_before_allocate_nothing() {
    for (row, _) in rows::counted().into_iter().filter(|(_, records)| *records != 1) {
        let rules = RuleSet::compile(&row.rules).expect("the rules compile");
        for records in [1, 512] {
            let message = row.message(records.into()).expect("a message");
            let (mut scratch, mut report, mut out) = (Scratch::new(), Report::default(), Vec::new());
            let mut run = || {
                out.clear();
                rules
                    .transform_into(row.signal, &message, &mut scratch, &mut out, &mut report)
                    .expect("the message is sound");
            };
            // Automata and tables are built on first use; the vectors grow to what this message needs.
            (0..3).for_each(|_| run());
            let used = allocation_counter::measure(run);
            assert_eq!(used.count_total, 0, "{} at {records} records: {used:?}", row.name);
        }
    }
}
