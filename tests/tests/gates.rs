//! Groups under conditions: what these trigger is asked of a record together with what the groups' statements do, and records
//! on which no group runs are left early. Both engines in every configuration; counters are part of what is compared.

use ottl_engine::Engine as _;
use ottl_engine::fast::Engine;
use ottl_schema::Signal;
use ottl_suite::engines::agreed;
use ottl_suite::{messages, rules};

/// Name, groups, and how often conditions and statements match, all together.
type Case = (&'static str, &'static str, u64);

const LOGS: &str = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"env","value":{"stringValue":"prod"}}]},
    "scopeLogs":[{"logRecords":[
    {"severityText":"a","severityNumber":9,"body":{"stringValue":"{\"x\":1}"},"attributes":[
        {"key":"k","value":{"stringValue":"v"}},{"key":"other","value":{"intValue":1}}]},
    {"severityText":"b","body":{"stringValue":"text"},"attributes":[{"key":"gone","value":{}},
        {"key":"k","value":{"stringValue":"w"}},{"key":"k","value":{"stringValue":"v"}}]},
    {"severityText":"c","attributes":[{"key":"other","value":{"stringValue":"o"}}]}]}]},
    {"scopeLogs":[{"logRecords":[{"severityText":"a"}]}]}]}"#;

const CASES: &[Case] = &[
    (
        "a group that runs on one record, and one that runs on none",
        r#"
        - conditions: ['log.severity_text == "a" and log.attributes["k"] == "v"']
          statements: ['set(log.flags, 1)', 'set(log.flags, 2) where log.attributes["other"] == 1', 'delete_key(log.attributes, "k")']
        - conditions: ['log.severity_text == "none"']
          statements: ['set(log.flags, 3)', 'set(log.flags, 4) where log.attributes["k"] == "w"']"#,
        4,
    ),
    (
        "a write that lets a later group run, whose statements were triggered before",
        r#"
        - conditions: ['log.attributes["k"] == "w"', 'log.attributes["k"] == "v"']
          statements: ['set(log.severity_text, "now")', 'set(log.attributes["new"], "n") where log.attributes["other"] == 1']
        - conditions: ['log.severity_text == "now"']
          statements:
            - 'set(log.flags, 1) where log.attributes["k"] == "w"'
            - 'set(log.flags, 2)'
            - 'set(log.flags, 3) where log.attributes["new"] == "n"'
        - statements: ['set(log.flags, 4) where log.severity_text == "now" and log.attributes["k"] == "v"']"#,
        12,
    ),
    (
        "a write that keeps a later group from running, and one within a group, which does not",
        r#"
        - conditions: ['log.severity_text == "a"']
          statements: ['set(log.severity_text, "b")', 'set(log.attributes["still"], true)']
        - conditions: ['log.severity_text == "a"', 'log.attributes["k"] == "none"']
          statements: ['set(log.flags, 1)']"#,
        6,
    ),
    (
        "conditions that fail are reported, and the next ones are asked",
        r#"
        - conditions: ['ParseJSON(log.body)["x"] == 1.0', 'log.severity_text == "c"']
          statements: ['set(log.flags, 1)', 'set(log.flags, 2) where ParseJSON(log.body)["x"] == 1.0']
        - conditions: ['log.attributes["other"] == "o"']
          statements: ['set(log.attributes["p"], ParseJSON(log.severity_text))', 'set(log.flags, 3)']"#,
        8,
    ),
    (
        "a group under a condition on the resource alone, and one that asks the record as well",
        r#"
        - conditions: ['resource.attributes["env"] == "prod"']
          statements: ['set(log.flags, 1) where log.severity_text == "a"', 'set(log.flags, 2) where log.severity_text == "b"']
        - conditions: ['resource.attributes["env"] == "prod" and log.severity_number >= 9', 'IsMatch(log.body, "^text")']
          statements: ['set(log.attributes["n"], log.severity_number)', 'replace_pattern(log.body, "t", "T")']"#,
        11,
    ),
    (
        "an error that gives up the message, in a condition",
        r#"
        - conditions: ['log.severity_text == "b"']
          statements: ['set(log.flags, 1)']
        - error_mode: propagate
          conditions: ['log.severity_text == "none"', 'Len(log.attributes["k"]) == 1 and log.severity_text == "a"']
          statements: ['set(log.flags, 2)', 'set(log.flags, 3) where log.attributes["other"] == 1']"#,
        5,
    ),
    (
        "an error that gives up the message, in a statement",
        r#"
        - error_mode: propagate
          conditions: ['log.severity_text == "a"', 'log.severity_text == "b"']
          statements:
            - 'set(log.flags, 1)'
            - 'set(log.attributes["x"], ParseJSON(log.body)) where log.attributes["k"] != nil'
            - 'set(log.flags, 2) where log.attributes["other"] == 1'"#,
        7,
    ),
];

#[test]
fn engines_agree_on_groups_under_conditions() {
    let message = messages::protobuf(Signal::Logs, LOGS);
    for (name, groups, matches) in CASES {
        let plan = rules::plan("transform", Signal::Logs, &format!("log_statements:{groups}"));
        let report = agreed(&plan, &message, name).report;
        let matched: u64 = report.sources.iter().map(|source| source.matched).sum();
        assert_eq!(matched, *matches, "{name}: {:?}", report.sources);
    }
}

#[test]
fn conditions_of_groups_are_asked_at_once() {
    let plan = rules::plan("transform", Signal::Logs, &format!("log_statements:{}", CASES[0].1));
    let text = Engine::new(&plan).explain();
    assert!(text.contains("log.severity_text: 1 text in a table; for group 2"), "{text}");
    assert!(text.contains("not known before group 2 is run: 4"), "{text}");
}
