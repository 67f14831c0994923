//! What cases cover of the rules.

use ottl::Compiler;
use ottl::testing::{Coverage, DataFile, Judging, Share, Snapshots, Suite};

use super::rules_of;

#[test]
fn coverage_has_statements_and_both_sides_of_conditions() {
    let text = r#"
rules:
  error_mode: ignore
  log_statements:
    - statements:
        - set(log.attributes["a"], 1) where log.severity_number > 16 and (log.body == "x" or not IsString(log.body))
        - set(log.attributes["b"], 1)
    - context: log
      conditions: ['log.severity_number < 5']
      statements: ['set(log.attributes["c"], 1)']
    - context: log
      statements:
        - set(log.attributes["d"], ParseJSON(log.body)) where log.body == "y"
        - set(log.attributes["e"], 1) where Len(log.time) > 1
cases:
  - name: a
    input: {logs: [{severity_number: 17, body: x}, {severity_number: 9}, {severity_number: 18, body: y}]}
    expect: {count: 3}
"#;
    let suite = Suite::read("a.test.yaml", text).expect("sound");
    let compiler = Compiler::new();
    let rules = rules_of(&suite, &suite.cases()[0], &compiler).expect("sound");
    let read = |_: &DataFile| Err(String::new());
    let snapshots = Snapshots::default();
    let with = Judging { compiler: &compiler, rules: &rules, read: &read, snapshots: &snapshots, update: false };
    let mut one = Coverage::default();
    one.add(&rules, &suite.input(&suite.cases()[0], &with).expect("sound")).expect("sound");
    let mut coverage = Coverage::default();
    coverage.add_rules(&rules);
    coverage.merge(&one);
    let rows: Vec<String> = coverage
        .statements(0)
        .map(|row| {
            let conditions: Vec<String> =
                row.conditions.iter().map(|one| format!("{}: {}/{}", one.text, one.held, one.not_held)).collect();
            format!("{} {}/{} [{}]", row.location.line, row.matched, row.evaluated, conditions.join(", "))
        })
        .collect();
    assert_eq!(
        rows,
        [
            "6 1/3 [log.severity_number > 16 and (log.body == \"x\" or not IsString(log.body)): 1/2, \
             log.severity_number > 16: 2/1, log.body == \"x\": 1/1, IsString(log.body): 1/0]",
            "7 3/3 []",
            "9 0/3 [log.severity_number < 5: 0/3]",
            "10 0/0 []",
            // A statement that failed ran; a condition that failed met no side.
            "13 1/3 [log.body == \"y\": 1/2]",
            "14 0/3 [Len(log.time) > 1: 0/0]",
        ]
    );
    assert_eq!(Coverage::ran(coverage.statements(0)), Share { met: 4, all: 6 });
    assert_eq!(Coverage::sides(coverage.statements(0)), Share { met: 10, all: 14 });
    assert_eq!(coverage.statements(0).last().map(|row| row.conditions[0].failed), Some(3));
    assert_eq!(coverage.files()[0].name, "a.test.yaml");
    assert!(coverage.files()[0].text.lines().nth(6).is_some_and(|line| line.contains("attributes[\"b\"]")));
}
