//! Configurations where people keep them: custom resources, values of charts, ConfigMaps, lists and files of several documents.
#![cfg(feature = "host")]

use ottl::{Code, Compiler, Limits, Signal, Span};

/// The rules of a Collector, with as many blanks in front of each line.
fn indented(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect()
}

const COLLECTOR: &str = r#"receivers:
  otlp:
    protocols: {grpc: {endpoint: "0.0.0.0:4317"}}
processors:
  batch: {}
  transform/shop:
    error_mode: ignore
    log_statements:
      - context: log
        statements:
          - set(attributes["é"], "it's") where «naem» == "x"
exporters: {debug: {}}
service:
  pipelines:
    logs: {receivers: [otlp], processors: [transform/shop, batch], exporters: [debug]}
"#;

/// Each file marks what shall be pointed at.
#[test]
fn places_are_those_of_the_file_that_holds_it() {
    let resource = |version: &str, config: &str| {
        format!(
            "apiVersion: opentelemetry.io/{version}\nkind: OpenTelemetryCollector\nmetadata: {{name: gateway}}\nspec:\n  mode: deployment\n  config:{config}"
        )
    };
    let map = |key: &str, text: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: conf\ndata:\n  README: |\n    No rules: here.\n  {key}: {text}"
        )
    };
    let block = |by| format!("|\n{}", indented(COLLECTOR, by));
    let values =
        format!("service:\n  type: ClusterIP\nopentelemetry-collector:\n  config:\n{}", indented(COLLECTOR, 4));
    let json = r#"{"apiVersion":"opentelemetry.io/v1beta1","kind":"OpenTelemetryCollector","metadata":{"name":"a"},"spec":{"config":
        {"processors":{"filter":{"log_conditions":["«log.boddy» == \"x\""]}},"service":{"pipelines":{"logs":{"processors":["filter"]}}}}}}"#;
    for marked in [
        resource("v1beta1", &format!("\n{}", indented(COLLECTOR, 4))),
        resource("v1alpha1", &format!(" {}", block(4))),
        resource("v1alpha1", &format!(" |2-\n{}", indented(COLLECTOR, 6))),
        map("relay", &block(6)),
        map("collector.yaml", &block(4).replace('\n', "\r\n")),
        map("rules", "|\n    log_statements:\n      - set(«log.boddy», 1)\n"),
        map("rules", "\"processors:\\n  filter:\\n    log_conditions: ['«log.boddy» == \\\"x\\\"']\\n\"\n"),
        map("rules", "'{\"processors\": {\"filter\": {\"log_conditions\": [\"«log.boddy» == 1\"]}}}'\n"),
        map("rules", ">-\n    processors:\n      filter:\n        log_conditions:\n          - «log.boddy» == 1\n"),
        format!("apiVersion: v1\nkind: List\nitems:\n- {}", indented(&map("relay", &block(6)), 2).trim_start()),
        format!("# Rendered.\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: s}}\n---\n{}", map("relay", &block(6))),
        format!("{}---\n{}", resource("v1beta1", " {receivers: {}, exporters: {}}\n"), map("relay", &block(6))),
        format!("mode: daemonset\nconfig:\n{}", indented(COLLECTOR, 2)),
        format!("alternateConfig:\n{}", indented(COLLECTOR, 2)),
        format!("collectors:\n  daemon:\n    config: &c\n{}  other:\n    config: *c\n", indented(COLLECTOR, 6)),
        format!("apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      values: |\n        config:\n{}", indented(COLLECTOR, 10)),
        values,
        json.to_owned(),
        "apiVersion: operator.dash0.com/v1alpha1\nkind: Dash0Monitoring\nspec:\n  transform:\n    trace_statements: ['set(«span.naem», 1)']\n  filter: {traces: {span: ['name == \"x\"']}}\n".to_owned(),
    ] {
        let start = marked.find('«').expect("a mark");
        let end = marked.find('»').expect("a mark") - '«'.len_utf8();
        let text = marked.replace(['«', '»'], "");
        let diagnostics = Compiler::new().check(&text);
        let faults = diagnostics.iter().filter(|diagnostic| diagnostic.code != Code::NO_PIPELINES);
        let found: Vec<Span> = faults.map(|diagnostic| diagnostic.span).collect();
        assert_eq!(found, [Span::new(start as u32, end as u32)], "{marked}\n{diagnostics}");
        for fix in diagnostics.iter().filter_map(|diagnostic| diagnostic.fix.as_ref()) {
            let mut mended = text.clone();
            mended.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
            let left = Compiler::new().check(&mended);
            assert!(!left.has_errors(), "{mended}\n{left}");
        }
    }
}

#[test]
fn what_holds_no_configuration_says_so() {
    for (text, code) in [
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a: b\n", Code::WITHOUT_RULES),
        ("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: c}\n", Code::WITHOUT_RULES),
        ("apiVersion: x/v1\nkind: OpenTelemetryCollector\nmetadata: {name: c}\n", Code::UNRECOGNIZED_CONFIGURATION),
        ("apiVersion: v1\nkind: Service\nspec: {type: ClusterIP}\n---\na: [\n", Code::INVALID_YAML),
        ("service: {type: ClusterIP}\nmode: daemonset\nconfig: {log_statments: []}\n", Code::WITHOUT_RULES),
        (
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    processors:\n      {{ .Values.all }}\n",
            Code::UNRENDERED_TEMPLATE,
        ),
        ("apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    processors:\n      filter: [\n", Code::INVALID_YAML),
        ("apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    Of processors: [\n", Code::WITHOUT_RULES),
        ("{{- if .Values.on }}\nprocessors: {}\n{{- end }}\n", Code::UNRENDERED_TEMPLATE),
        ("# {{ no template }}\nprocessors: [\n", Code::INVALID_YAML),
    ] {
        let diagnostics = Compiler::new().check(text);
        let found = diagnostics.iter().any(|diagnostic| diagnostic.code == code);
        assert!(found, "{text}\n{diagnostics}");
    }
}

#[test]
fn rules_of_a_chart_may_name_what_only_the_chart_has() {
    let values = "config:\n  processors: {transform/a: {log_statements: ['set(log.body, 1)']}}\n  service: {pipelines: {logs: {processors: [memory_limiter, NAME, batch]}}}\n";
    let faults = |name: &str| {
        let found = Compiler::new().check(&values.replace("NAME", name));
        found.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>()
    };
    assert_eq!(faults("transform/a"), []);
    // A slip in a name is one fault.
    assert_eq!(faults("transform/aa"), [Code::UNDEFINED_PROCESSOR]);
    assert!(!faults("filter/of-the-chart").contains(&Code::UNDEFINED_PROCESSOR));
    // Charts fill in what stands in their values; nobody does in a Collector's own file.
    let text = "set(log.attributes[\"a\"], \"{{ .Release.Namespace }}\")";
    let of_chart = values.replace("NAME", "transform/a").replace("set(log.body, 1)", text);
    let found = Compiler::new().check(&of_chart);
    assert!(found.is_empty(), "{found}");
    let found = Compiler::new().check(&format!("log_statements: ['{text}']\n"));
    assert_eq!(found.iter().map(|one| one.code).collect::<Vec<_>>(), [Code::PATH_IN_TEXT]);
    let whole = values.replace("config:\n", "").replace("\n  ", "\n").trim_start().replace("NAME", "transform/a");
    let found = Compiler::new().check(&whole);
    assert_eq!(found.iter().filter(|one| one.code == Code::UNDEFINED_PROCESSOR).count(), 2, "{found}");
}

#[test]
fn one_of_several_configurations_runs() {
    let objects = |second: &str| {
        let object = |name: &str, rules: &str| {
            format!("---\napiVersion: opentelemetry.io/v1beta1\nkind: OpenTelemetryCollector\nmetadata: {{name: {name}}}\nspec:\n  config:\n    processors: {{{rules}}}\n    service: {{pipelines: {{logs: {{processors: []}}, logs/a: {{processors: [{rules}]}}}}}}\n")
                .replace(&format!("processors: [{rules}]"), if rules.is_empty() { "processors: []" } else { "processors: [transform]" })
        };
        object("one", "transform: {log_statements: ['set(log.body, 1)']}") + &object("two", second)
    };
    let both = objects("transform: {log_statements: ['set(log.body, 2)']}");
    let compiler = Compiler::new().pipeline("logs/a");
    let error = compiler.compile(&both).expect_err("two of them");
    assert!(error.diagnostics().iter().any(|found| found.code == Code::AMBIGUOUS_CONFIGURATION), "{error}");
    let text = |compiler: &Compiler, file: &str| {
        let rules = compiler.compile(file).expect("one of them");
        rules.statements(Signal::Logs).map(|statement| statement.text().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(text(&compiler.clone().configuration("two:spec.config"), &both), ["set(log.body, 2)"]);
    // Where only one has rules, there is nothing to choose.
    assert_eq!(text(&compiler, &objects("")), ["set(log.body, 1)"]);
    let error = compiler.clone().configuration("three:spec.config").compile(&both).expect_err("no such one");
    let fault = error.diagnostics().iter().next().expect("a fault");
    assert_eq!(
        (fault.code, fault.help.as_deref()),
        (Code::UNKNOWN_CONFIGURATION, Some("did you mean `one:spec.config`?"))
    );
}

#[test]
fn older_rules_in_texts_are_migrated_where_lines_are_lines() {
    let rules = "logs:\n  log_record:\n    - body == 1  # one\n";
    let map = |head: &str, body: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n  rules: {head}\n{body}")
    };
    let body = format!("processors:\n  filter:\n{}", indented(rules, 4));
    let migrated = Compiler::new().migrate(&map("|", &indented(&body, 4))).expect("it compiles");
    let newer = "log_conditions:\n  - context: log\n    conditions:\n      - body == 1  # one\n";
    let want = map("|", &indented(&format!("processors:\n  filter:\n{}", indented(newer, 4)), 4));
    assert_eq!((migrated.text(), migrated.left().count()), (want.as_str(), 0));
    let quoted = map("\"processors: {filter: {logs: {log_record: ['body == 1']}}}\\n\"", "");
    let migrated = Compiler::new().migrate(&quoted).expect("it compiles");
    assert_eq!((migrated.text(), migrated.left().count()), (quoted.as_str(), 1));
}

#[test]
fn hostile_files_end_soon() {
    // Texts in texts, each larger than what it holds; aliases of a text that holds rules; many lists of objects.
    let mut nested = String::from("processors: {transform: {log_statements: ['set(log.boddy, 1)']}}\n");
    for _ in 0..6 {
        nested = format!("service: 1\na: |\n{}", indented(&nested, 2));
    }
    let texts = Compiler::new().check(&nested);
    assert!(!texts.iter().any(|found| found.code == Code::UNKNOWN_PATH), "{texts}");
    let mut aliases = String::from("a0: &a0 ['processors: {}\n\n    x: 1']\n");
    for level in 1..30 {
        let below = level - 1;
        aliases += &format!("a{level}: &a{level} [*a{below}, *a{below}]\n");
    }
    assert!(Compiler::new().check(&aliases).has_errors());
    let deep = format!("a: {}{}", "[".repeat(300), "]".repeat(300));
    assert!(Compiler::new().check(&deep).has_errors());
    let wide = "- |\n  processors:\n    transform: {log_statements: ['set(log.body, 1)']}\n".repeat(400);
    let small = Limits { configuration_nodes: 2000, ..Limits::default() };
    let found = Compiler::new().limits(small).check(&wide);
    assert!(found.iter().any(|found| found.code == Code::CONFIGURATION_TOO_LARGE), "{}", found.len());
}
