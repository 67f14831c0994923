//! Diagnostics point at the fault in the YAML file, whatever the style of the scalar that holds the statement.
#![cfg(feature = "host")]

use ottl::{Compiler, Span};

/// Every configuration marks with `«` and `»` what shall be pointed at; the marks are taken out before it is compiled.
#[test]
fn carets_stand_under_the_fault() {
    for marked in [
        "log_statements:\n  - set(«log.boddy», 1)\n",
        "log_statements: [clear(«log.boddy»)]\n",
        "log_statements:\n  - 'set(log.attributes[\"it''s\"], «log.boddy»)'\n",
        "log_statements:\n  - \"set(log.attributes[\\\"\\u00e9\\\"], «log.boddy»)\"\n",
        "log_statements:\n  - set(log.body,\n      «log.boddy»)\n",
        "log_statements:\n  - >\n    set(log.body,\n       «log.boddy»)\n    where log.body == 1\n",
        "log_statements:\n  - |2-\n      set(log.body,\n     «log.boddy»)\n",
        "log_statements:\n  - |\n    set(log.body, «\"x)\n»",
        "log_statements:\r\n  - |\r\n    set(log.body,\r\n    «log.boddy»)\r\n",
        "# é\nlog_statements:\n  - set(log.attributes[\"é\"], «log.boddy»)\n",
        "log_statements:\n  - context: log\n    conditions:\n      - body == «boddy»\n    statements: []\n",
        "log_statements:\n  - context: log\n    statements: clear(body),clear(«boddy»)\n",
        "x: &s\n  - clear(«log.boddy»)\nlog_statements: *s\n",
        "processors:\n  transform:\n    log_statements:\n      - set(log.attributes[\"$$\"], «log.boddy»)\n",
        "processors:\n  transform:\n    log_statements:\n      - set(log.attributes[\"${env:LONG}\"], «log.boddy»)\n",
        "processors:\n  transform:\n    log_statements:\n      - set(log.body, «${env:PATH_}»)\n",
        "processors:\n  filter:\n    logs:\n      log_record: [\"«boddy» == \\\"${env:LONG}\\\"\"]\n",
        "logs:\n  exclude:\n    match_type: regexp\n    bodies: [a, «'a('»]\n",
        "logs:\n  exclude:\n    match_type: regexp\n    record_attributes:\n      - key: \"\\\"\"\n        value: «a(»\n",
        "processors:\n  filter:\n    spans:\n      exclude: {match_type: regexp, services: \"«${env:OPEN}»\"}\n",
        "spans:\n  exclude: {match_type: regexp, services: [a], attributes: [{key: a, value: «5»}]}\n",
        "spans:\n  include: {match_type: strict, span_kinds: [«SERVER»]}\n",
        "log_statements:\n  - context: «span»\n    statements: []\n",
        "log_statements:\n  - context: log\n    statements: «5»\n",
        "processors:\n  transform: {log_statements: []}\nservice: {pipelines: {logs: {processors: [«transform/x»]}}}\n",
    ] {
        let start = marked.find('«').expect("a mark");
        let end = marked.find('»').expect("a mark") - '«'.len_utf8();
        let text = marked.replace(['«', '»'], "");
        let variables = |name: &str| match name {
            "LONG" => Some(String::from("a text that is longer than the reference to it")),
            "OPEN" => Some(String::from("a(")),
            "PATH_" => Some(String::from("log.boddy")),
            _ => None,
        };
        let diagnostics = Compiler::new().variables(variables).check(&text);
        let spans: Vec<Span> = diagnostics.iter().map(|diagnostic| diagnostic.span).collect();
        let want = Span::new(start as u32, end as u32);
        assert!(spans.contains(&want), "{marked}\nwant {:?}\n{:?}", want.of(&text), spans);
    }
}

#[test]
fn all_faults_of_a_file_are_found_in_one_run() {
    let text = "\
error_mode: loud
log_statements:
  - context: log
    statements: [set(body), frob(body), 5]
    shared_cache: on
  - contxt: log
trace_statements:
  - set(span.nam, 1)
metric_statements: text
";
    let diagnostics = Compiler::new().check(text);
    let lines: Vec<(u32, &str)> = diagnostics.records().map(|record| (record.line, record.name)).collect();
    for want in [
        (1, "unknown-error-mode"),
        (4, "wrong-argument-count"),
        (4, "unknown-function"),
        (4, "wrong-value-kind"),
        (5, "wrong-value-kind"),
        (6, "unknown-key"),
        (8, "unknown-path"),
        (9, "wrong-value-kind"),
    ] {
        assert!(lines.contains(&want), "{want:?} is missing in {lines:?}");
    }
}

#[test]
fn hostile_configurations_end_soon() {
    // Aliases that name aliases: as a tree this would have 2^40 leaves.
    let mut bomb = String::from("a0: &a0 ['set(log.body, 1)']\n");
    for level in 1..40 {
        let below = level - 1;
        bomb += &format!("a{level}: &a{level} [*a{below}, *a{below}]\n");
    }
    let cases = [
        format!("{bomb}log_statements: *a39\n"),
        format!("processors:\n  transform:\n    log_statements: []\n    x:\n      {}", bomb.replace('\n', "\n      ")),
        format!("log_statements: {}\n", "[".repeat(100_000)),
        format!("log_statements: [{}]\n", "5,".repeat(200_000)),
        format!("log_statements: [{}]\n", ",".repeat(10)),
        format!("{{{}}}", (0..100_000).map(|n| format!("k{n}: 1,")).collect::<String>()),
        String::from("processors: {transform: {log_statements: ['${env:BOMB}', 'a ${env:TWICE}', '${env:NEST}']}}"),
        format!("processors: {{transform: {{log_statements: '${{yaml:{}}}'}}}}", bomb.replace('\n', " ")),
        String::from("\u{feff}log_statements: []"),
        // Blanks inside a scalar, in each of its styles.
        format!("log_statements:\n- set(log.body,{}1)\n", " ".repeat(1 << 20)),
        format!("log_statements:\n- 'set(log.body,{}1)'\n", " ".repeat(1 << 20)),
        format!("log_statements:\n- \"set(log.body,{}1)\"\n", " ".repeat(1 << 20)),
        format!("log_statements:\n- >\n  set(log.body,{}1)\n", " ".repeat(1 << 20)),
        String::from("log_statements:\n- \"\\u0000\\U0010ffff\"\n"),
    ];
    for text in cases {
        let bomb = bomb.clone();
        let variables = move |name: &str| match name {
            "BOMB" => Some(bomb.clone()),
            "TWICE" => Some(String::from("${env:TWICE}${env:TWICE}${TWICE}")),
            "NEST" => Some(format!("{}'${{env:NEST}}'{}", "[".repeat(200), "]".repeat(200))),
            _ => None,
        };
        let start = std::time::Instant::now();
        let diagnostics = Compiler::new().variables(variables).check(&text);
        assert!(diagnostics.len() <= 1000);
        let taken = start.elapsed();
        assert!(taken.as_secs() < 20, "{taken:?} for {}", &text[..60.min(text.len())]);
    }
}
