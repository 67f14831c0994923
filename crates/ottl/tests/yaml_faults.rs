//! What is said where YAML takes something else than was meant: one fault each, at its line, with the way out.
#![cfg(feature = "host")]

use ottl::Compiler;

#[test]
fn each_fault_of_yaml_is_said_once_with_the_way_out() {
    let statements = |lines: &str| format!("log_statements:\n{lines}");
    let conditions = |line: &str| format!("log_conditions:\n  - {line}\n");
    let quote = "put the whole statement in single quotes";
    let sign = "put the whole string in single quotes";
    let items = "begin each item of the list with `- `";
    let comment = "a comment ends an unquoted string";
    let rows = [
        (
            statements("  - delete_key(log.attributes, \"a\")\n  - set(log.body, \"x: y\")\n"),
            "3:5: error[E0604]",
            quote,
        ),
        (
            statements("  - set(log.attributes[\"a\"], Concat([log.body], \": \"))\n  - set(log.body, \"c\")\n"),
            "2:52: error[E0601]",
            quote,
        ),
        (statements("  - set(log.body, \"a #b\")\n"), "2:19: error[E0103]", quote),
        (
            statements("  - set(log.body,\n      \"a\") # why\n      where log.body == nil\n"),
            "3:12: error[E0601]",
            comment,
        ),
        (
            statements("  - set(log.body, \"a\")\n    # those\n    where log.severity_number == 9\n"),
            "4:5: error[E0601]",
            comment,
        ),
        ("log_statements: [ set(log.bdy, 1) ]\n".to_owned(), "1:19: error[E0604]", "in brackets put each statement"),
        (
            statements(
                "  - context: log\n    conditions: [ IsMatch(log.body, 1) ]\n    statements: ['set(log.body, 1)']\n",
            ),
            "3:19: error[E0604]",
            "in brackets put each statement",
        ),
        (
            "log_statements: ['set(log.body, \"a\")', set(log.body, \"b\")]\n".to_owned(),
            "1:57: error[E0601]",
            "in brackets put each statement",
        ),
        (statements("\t- set(log.body, 1)\n"), "2:2: error[E0601]", "YAML does not allow tabs"),
        (statements("  set(log.body, 1)\n"), "2:3: error[E0604]", items),
        (statements("  - context: log\n    statements: set(log.body, 1)\n"), "3:17: error[E0604]", items),
        (conditions("%log.body == 1"), "2:5: error[E0601]", sign),
        (conditions("@log.body == 1"), "2:5: error[E0601]", sign),
        (conditions("`log.body` == 1"), "2:5: error[E0601]", sign),
        (conditions("*log.body == 1"), "2:5: error[E0601]", sign),
        (conditions("&log.body == 1"), "2:15: error[E0102]", sign),
        (conditions("!log.body == 1"), "2:15: error[E0102]", sign),
        (conditions("[log.body] == [1]"), "2:16: error[E0601]", sign),
        (conditions("'log.body == 'x''"), "2:19: error[E0601]", "inside single quotes"),
        (conditions("\"log.body == \"x\"\""), "2:19: error[E0601]", "inside double quotes"),
    ];
    let mut faults = Vec::new();
    for (text, want, help) in rows {
        let found = Compiler::new().check(&text);
        let said = found.to_string();
        let given = found.iter().next().and_then(|one| one.help.clone()).unwrap_or_default();
        let is_right = found.len() == 1 && said.starts_with(&format!("rules.yaml:{want}")) && given.contains(help);
        faults.extend((!is_right).then(|| format!("{text}{said}\n{given}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}
