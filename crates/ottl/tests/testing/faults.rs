//! Faults of case files: their pictures (`tests/ui/E082x.toml`), the examples of their pages, and their places.

use ottl::testing::Verdict;
use ottl::{CODES, Code};
use serde::Deserialize;

use super::pictures::{self, root};
use super::{judged, said};

#[derive(Deserialize)]
struct Fixture {
    text: String,
}

fn codes() -> impl Iterator<Item = Code> {
    CODES.iter().copied().filter(|code| code.as_str().starts_with("E082"))
}

#[test]
fn faults_are_drawn_as_recorded() {
    pictures::are_as_recorded(codes(), |code, fixture: &Fixture| {
        let found = judged(&fixture.text).expect_err("a fault");
        assert!(found.iter().all(|fault| fault.code == code), "{code}: {found}");
        found
    });
}

#[test]
fn pages_show_the_fault_and_its_mending() {
    for code in codes() {
        let path = root().join(format!("spec/diagnostics/{code}.md"));
        let page = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut blocks = 0;
        for block in page.split("```yaml,case").skip(1) {
            let (marks, rest) = block.split_once('\n').expect("a line of marks");
            let text = rest.split_once("```").map_or("", |(text, _)| text);
            match (marks.strip_prefix(",fails("), judged(text)) {
                (Some(wanted), Err(found)) => {
                    assert!(found.iter().all(|fault| wanted.starts_with(fault.code.as_str())), "{code}: {found}");
                }
                (None, Ok(verdicts)) => assert!(verdicts.iter().all(Verdict::passes), "{code}: {verdicts:?}"),
                (_, Ok(verdicts)) => panic!("{code}: {text}\n{verdicts:?}"),
                (_, Err(found)) => panic!("{code}: {text}\n{found}"),
            }
            blocks += 1;
        }
        assert!(blocks == 2, "{code} has {blocks} examples");
    }
}

#[test]
fn faults_have_places_and_ways_out() {
    let head = "rules: {log_statements: ['set(log.body, \"b\")']}\ncases:\n";
    let mut wrong = Vec::new();
    for (cases, want) in [
        (
            "  - {name: a, input: {logs: [{bodi: x}]}, expect: dropped}",
            "3:31: error[E0822]: LogRecord has no field `bodi`",
        ),
        (
            "  - {name: a, input: {logs: [{body: x, time_unix_nano: soon}]}, expect: dropped}",
            "3:56: error[E0822]: an integer",
        ),
        ("  - {name: a, input: {log: []}, expect: dropped}", "3:23: error[E0822]: `log` is no telemetry"),
        ("  - {name: a, input: {logs: {}}, expect: dropped}", "3:29: error[E0822]: a list of records is wanted"),
        ("  - {name: a, input: {logs: [x]}, expect: dropped}", "3:30: error[E0822]: a record is a map"),
        ("  - {name: a, input: {logs: []}, expect: droped}", "3:42: error[E0821]: there is no expectation `droped`"),
        ("  - {name: a, input: {logs: []}, expect: {}}", "3:42: error[E0821]: nothing is expected"),
        (
            "  - {name: a, input: {logs: []}, expect: {dropped: true, unchanged: true}}",
            "3:58: error[E0821]: the output is specified twice",
        ),
        ("  - {name: a, input: {logs: []}, expect: {count: many}}", "3:50: error[E0821]: `count` is how many"),
        (
            "  - {name: a, input: {logs: [{}]}, expect: {none: log.boddy == \"x\"}}",
            "3:51: error[E0203]: the context log has no path `boddy`",
        ),
        ("  - {name: a, input: {logs: [{}]}, expect: {every: 'not (log.body = \"x\")'}}", "3:67: error[E0115]"),
        (
            "  - {name: a, input: {logs: [{}]}, expect: {patch: {logs: {7: {}}}}}",
            "3:53: error[E0821]: there is no record 7",
        ),
        (
            "  - {name: a, input: {logs: [{}]}, expect: {patch: {logs: [{}, {}]}}}",
            "3:53: error[E0821]: the patch lists 2",
        ),
        (
            "  - {name: a, input: {logs: [{}]}, expect: {patch: {log: []}}}",
            "3:53: error[E0820]: a patch has no key `log`",
        ),
        ("  - {name: a, input: {logs: [{}]}, expect: dropped, now: today}", "3:58: error[E0821]: `now` is a time"),
        (
            "  - {name: a, input: {file: x, format: xml}, expect: dropped}",
            "3:40: error[E0821]: there is no format `xml`",
        ),
        (
            "  - {name: a, input: {file: x, signal: log}, expect: dropped}",
            "3:40: error[E0821]: there is no signal `log`",
        ),
    ] {
        let found = said(&format!("{head}{cases}\n"));
        if found.len() != 1 || !found[0].starts_with(&format!("a.test.yaml:{want}")) {
            wrong.push(format!("{cases}\n{found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (text, want) in [
        ("rules: a.yaml\n", "1:1: error[E0821]: a case file has `cases:`"),
        ("cases:\n  - {name: a, input: {logs: []}, expect: dropped}\n", "2:5: error[E0821]: there are no rules"),
        ("- a\n", "1:1: error[E0821]: a case file is a map"),
        ("rules: [\n", "1:8: error[E0601]"),
        ("rules: a\nrules: b\ncases: [{name: a, input: {logs: []}, expect: dropped}]\n", "2:1: error[E0602]"),
        ("rules: a\ncases: []\n", "2:8: error[E0821]: there are no cases"),
        (
            "rules: ''\ncases: [{name: a, input: {logs: []}, expect: dropped}]\n",
            "1:8: error[E0821]: the path of the rules",
        ),
    ] {
        let found = said(text);
        assert!(found.len() == 1 && found[0].starts_with(&format!("a.test.yaml:{want}")), "{text}\n{found:?}");
    }
    let nameless = said(&format!("{head}  - {{name: ' ', input: {{logs: [{{body: x}}]}}, expect: dropped}}\n"));
    assert!(nameless.len() == 1 && nameless[0].contains("this one is empty"), "{nameless:?}");
    let deep = format!("{head}  - {{name: a, input: {}x{}, expect: dropped}}\n", "[".repeat(200), "]".repeat(200));
    assert!(said(&deep)[0].contains("deep inside each other"));
}

/// Where rules stand in the file in whatever way, their faults have their places there.
#[test]
fn rules_in_the_file_have_its_places() {
    let case = "cases: [{name: a, input: {logs: []}, expect: dropped}]\n";
    for (rules, want) in [
        ("rules:\n  log_statements:\n    - set(log.boddy, 1)\n", "3:11"),
        ("rules: {log_statements: ['set(log.boddy, 1)']}\n", "1:31"),
        ("rules: |\n  log_statements:\n    - set(log.boddy, 1)\n", "3:11"),
        ("rules: |\n  # a\n  ---\n  log_statements:\n    - set(log.boddy, 1)\n", "5:11"),
        ("rules: |-\n  log_statements: [\"set(log.boddy, 1)\"]\n", "2:25"),
    ] {
        let found = said(&format!("{rules}{case}"));
        assert!(
            found.len() == 1 && found[0].starts_with(&format!("a.test.yaml:{want}: error[E0203]")),
            "{rules}\n{found:?}"
        );
    }
}
