//! OTTL that other components than the transform and the filter processor hold, and what pipelines make of rules.
#![cfg(feature = "host")]

use ottl::{Code, Compiler, Signal, Span};

/// Each component marks what shall be pointed at; without a mark, there is nothing.
#[test]
fn ottl_of_other_components_is_checked_in_its_context() {
    let processor = |text: &str| {
        format!(
            "processors:\n  {text}\nservice: {{pipelines: {{traces: {{processors: [p, tail_sampling, log_dedup, partitioning]}}, logs: {{processors: [log_dedup]}}}}}}\n"
        )
    };
    let connector = |text: &str| format!("connectors:\n  {text}\n");
    let route = |text: &str| connector(&format!("routing/a:\n    table:\n      - {text}\n        pipelines: [logs/a]"));
    let policies = |text: &str| processor(&format!("tail_sampling: {{policies: {text}}}"));
    let mut faults = String::new();
    for marked in [
        connector("count: {spans: {n: {conditions: ['attributes[\"a\"] == 1', «naem» == \"x\"]}}}"),
        connector("count: {spanevents: {n: {conditions: ['spanevent.name == \"x\"']}}, logs: {n: {conditions: ['IsMatch(«boddy», \"x\")']}}}"),
        connector("count: {metrics: {n: {conditions: ['HasAttrOnDatapoint(\"a\", \"b\") and type == METRIC_DATA_TYPE_SUM']}}}"),
        connector("count/x: {datapoints: {n: {conditions: ['«HasAttrOnDatapoint»(\"a\", \"b\")']}}}"),
        connector("count: {profiles: {n: {conditions: ['«duration_uni» > 1']}}}"),
        connector("sum: {logs: {n: {source_attribute: x, conditions: ['«sevrity_number» > 9']}}}"),
        connector("signaltometrics: {spans: [{name: n, sum: {value: 'Int(AdjustedCount())'}}], datapoints: [{name: n, sum: {value: \"1\"}}]}"),
        connector("signal_to_metrics: {logs: [{name: n, gauge: {value: 'Double(attributes[\"x\"]) + «boddy»'}}]}"),
        connector("signaltometrics: {logs: [{name: n, gauge: {value: '«AdjustedCount»()'}}]}"),
        connector("signaltometrics: {spans: [{name: n, histogram: {count: '1', value: 'Seconds(end_time - «start_tim»)'}}]}"),
        route("context: log\n        condition: «severty_number» > 9"),
        route("condition: attributes[\"a\"] == \"b\" and resource.attributes[\"c\"] != nil"),
        route("condition: «log.boddy» == \"b\""),
        route("context: resource\n        condition: '«log».attributes[\"a\"] == \"b\"'"),
        route("context: span\n        statement: route() where «naem» == \"b\""),
        route("statement: route()"),
        route("statement: 'delete_key(attributes, \"a\") where «attribtes[\"a\"]» == 1'"),
        route("statement: '«set»(attributes[\"a\"], 1)'"),
        route("context: «logs»\n        condition: body == 1"),
        route("condition: 'HasPrefix(attributes[\"a\"], \"x\")'"),
        connector("count: {logs: {n: {conditions: ['«HasPrefix(attributes[\"a\"], \"x\")»']}}}"),
        connector("count: {logs: {n: {conditions: ['attributes[\"a\"] != nil and HasPrefix(attributes[\"a\"], \"x\")']}}}"),
        connector("count: {logs: {n: {conditions: ['«ExtractPatterns(body, \"(?P<u>x)\")[\"u\"]» == \"a\"', 'IsMatch(body, \"x\") and ExtractPatterns(body, \"(?P<u>x)\")[\"u\"] == \"a\"']}}}"),
        connector("count: {logs: {n: {conditions: ['attributes[\"a\"] != nil and «Split(attributes[\"a\"], \",\")[1]» == \"a\"']}}}"),
        connector("sum: {logs: {n: {source_attribute: x, conditions: ['not «HasSuffix(attributes[\"a\"], \"x\")»']}}}"),
        connector("signaltometrics: {logs: [{name: n, gauge: {value: 'Len(attributes[\"a\"])'}}]}"),
        connector("signaltometrics: {logs: [{name: n, gauge: {value: 'Seconds(«Now()»)'}}]}"),
        connector("signaltometrics: {logs: [{name: n, gauge: {value: 'Len(body) + «010»'}}]}"),
        connector("signaltometrics: {logs: [{name: n, gauge: {value: '1'}, «sum»: {value: '1'}}]}"),
        connector("signaltometrics: {logs: [{«sum»: {value: '1'}}]}"),
        connector("signaltometrics: {logs: [{name: n, sum: {«monotonic»: true}}]}"),
        connector("signaltometrics: {logs: [{«name»: n}]}"),
        connector("signaltometrics: {logs: [{name: n, attributes: [{key: a}, {key: «a»}], sum: {value: '1'}}]}"),
        connector("signaltometrics: {logs: [{name: n, attributes: [{key: a, default_value: x}, {key: b, optional: true}], sum: {value: '1'}}]}"),
        connector("signaltometrics: {logs: [{name: n, attributes: [{«key»: a, optional: true, default_value: x}], sum: {value: '1'}}]}"),
        connector("signaltometrics: {logs: [{name: n, attributes: [{«optional»: true}], sum: {value: '1'}}]}"),
        connector("signaltometrics: {logs: [{name: n, attributes: [{keys_expression: 'Keys(«atributes»)'}], sum: {value: '1'}}]}"),
        route("condition: log.body == \"a\"\n        pipelines: [logs/a]\n      - condition: «'log.body == \"a\"'»"),
        route("condition: log.body == \"a\"\n        pipelines: [logs/a]\n      - condition: log.body == \"b\""),
        connector("signaltometrics: {spans: [{name: n, sum: {value: '«end_time - start_time»'}}]}"),
        connector("signaltometrics: {spans: [{name: n, histogram: {count: '«name»', value: '1'}}]}"),
        connector("count: {logs: {n: {conditions: ['attributes[\"a\"] != \"x\"', '«attributes[\"a\"] != \"y\"»']}}}"),
        connector("count: {logs: {n: {conditions: ['attributes[\"a\"] != \"x\"']}, m: {conditions: ['attributes[\"a\"] != \"y\"']}}}"),
        policies("[{name: p, type: ottl_condition, ottl_condition: {span: ['attributes[\"a\"] != \"x\"', '«attributes[\"a\"] != \"y\"»']}}]"),
        processor("log_dedup: {conditions: ['severity_text != \"x\"', '«severity_text != \"y\"»']}"),
        route("context: request\n        condition: request[\"a\"] == \"b\""),
        route("context: request\n        condition: «request.a == 1»"),
        route("context: request\n        condition: «request[\"a\"] == \"b\" and request[\"c\"] == \"d\"»"),
        policies("[{name: p, type: ottl_condition, ottl_condition: {span: ['«attributez» == 1'], spanevent: ['name == \"x\"']}}]"),
        policies("[{name: p, type: and, and: {and_sub_policy: [{type: ottl_condition, ottl_condition: {spanevent: ['«naem» == 1']}}]}}]"),
        policies("[{composite: {composite_sub_policy: [{and: {and_sub_policy: [{type: ottl_condition, ottl_condition: {span: ['IsRootSpan() and «x» == 1']}}]}}]}}]"),
        policies("[{drop: {drop_sub_policy: [{type: ottl_condition, ottl_condition: {span: ['«log».body == 1']}}]}}]"),
        processor("log_dedup: {conditions: ['body == \"x\"', '«bdy» == \"x\"']}"),
        "processors:\n  lookup/a: {source: {type: yaml, path: x}, lookups: [{key: 'log.attributes[\"a\"]', attributes: [{destination: b}]}, {key: «log.boddy»}]}\n".to_owned(),
        processor("partitioning: {keys: {a: 'resource.attributes[\"a\"]', b: '«span.naem»'}}"),
        "exporters:\n  honeycombmarker: {markers: [{rules: {log_conditions: ['«boddy» == 1'], resource_conditions: ['attributes[\"a\"] == 1']}}]}\nextensions: {}\n".to_owned(),
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  relay: |\n    connectors:\n      count: {logs: {n: {conditions: ['«bdy» == 1']}}}\n".to_owned(),
    ] {
        let text = marked.replace(['«', '»'], "");
        let want = marked.find('«').map(|start| {
            let end = marked.find('»').expect("a mark") - '«'.len_utf8();
            Span::new(start as u32, end as u32)
        });
        let diagnostics = Compiler::new().check(&text);
        let of_component = diagnostics.iter().filter(|diagnostic| diagnostic.code != Code::UNDEFINED_PROCESSOR);
        let found: Vec<Span> = of_component.map(|diagnostic| diagnostic.span).collect();
        if found != want.into_iter().collect::<Vec<_>>() {
            faults += &format!("{marked}\n{diagnostics}\n\n");
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

/// The key that is pointed at, the code, and what mends it.
#[test]
fn unknown_keys_beside_ottl_are_said() {
    let policies = |text: &str| format!("processors: {{tail_sampling: {{policies: {text}}}}}\n");
    let connector = |text: &str| format!("connectors: {{{text}}}\n");
    let (unknown, kind, unchecked) = (Code::UNKNOWN_KEY, Code::WRONG_VALUE_KIND, Code::UNCHECKED_RULES);
    let mut faults = String::new();
    for (marked, code, fix) in [
        (
            policies("[{name: p, type: ottl_condition, ottl_condition: {«spans»: ['name == \"a\"']}}]"),
            unknown,
            Some("span"),
        ),
        (
            policies("[{and: {and_sub_policy: [{type: ottl_condition, ottl_condition: {«events»: []}}]}}]"),
            unknown,
            None,
        ),
        (
            policies("[{name: p, type: ottl_condition, «otl_condition»: {span: ['name == \"a\"']}}]"),
            unknown,
            Some("ottl_condition"),
        ),
        (policies("[{and: {«and_sub_policies»: []}}]"), unknown, Some("and_sub_policy")),
        (policies("«{a: 1}»"), kind, None),
        ("processors: {tail_sampling: {«policy»: [{name: p}]}}\n".to_owned(), unknown, Some("policies")),
        (policies("[{type: ottl_condition, «ottl_condition»: {span: []}}]"), Code::EMPTY_ITEM, None),
        (policies("[{not: {not_sub_policy: {type: «ottl_condition»}}}]"), Code::EMPTY_ITEM, None),
        (
            policies("[{type: «ottl_conditions», ottl_condition: {span: ['name == \"a\"']}}]"),
            Code::UNKNOWN_POLICY_TYPE,
            Some("ottl_condition"),
        ),
        (policies("[{type: «otl_condition»}]"), Code::UNKNOWN_POLICY_TYPE, None),
        (policies("[{type: «ottl_conditions», ottl_conditions: {span: ['a']}}]"), Code::UNKNOWN_POLICY_TYPE, None),
        (connector("signaltometrics: {spans: [{name: a, sum: {value: «1»}}]}"), kind, None),
        (policies("[{«ottl_condition»: {spanevent: ['name == \"a\"']}}]"), Code::UNKNOWN_POLICY_TYPE, None),
        (
            policies("[{type: always_sample, «ottl_condition»: {span: ['name == \"a\"']}}]"),
            Code::UNASKED_CONDITIONS,
            None,
        ),
        (
            policies(
                "[{type: ottl_condition, ottl_condition: {error_mode: «ignor», span: ['attributes[\"a\"] == nil']}}]",
            ),
            Code::UNKNOWN_ERROR_MODE,
            Some("ignore"),
        ),
        (
            connector(
                "routing: {error_mode: «bogus», table: [{condition: 'attributes[\"a\"] == nil', pipelines: [logs]}]}",
            ),
            Code::UNKNOWN_ERROR_MODE,
            None,
        ),
        (
            connector("signaltometrics: {error_mode: «drop», logs: [{name: n, sum: {value: '1'}}]}"),
            Code::UNKNOWN_ERROR_MODE,
            None,
        ),
        (connector("count: {«log»: {n: {conditions: ['attributes[\"a\"] == nil']}}}"), unknown, Some("logs")),
        (connector("count: {logs: {n: {«condition»: ['attributes[\"a\"] == nil']}}}"), unknown, Some("conditions")),
        (connector("count: {logs: «[{name: n}]»}"), kind, None),
        (
            connector(
                "signaltometrics: {logs: [{name: n, «conditon»: ['attributes[\"a\"] == nil'], sum: {value: '1'}}]}",
            ),
            unknown,
            Some("conditions"),
        ),
        (connector("signaltometrics: {logs: [{name: n, sum: {«val»: '1'}}]}"), unknown, Some("value")),
        (connector("signal_to_metrics/a: {spans: «{n: {sum: {value: '1'}}}»}"), kind, None),
        (
            connector("sum: {logs: {n: {source_attribute: a, «condition»: ['attributes[\"a\"] == nil']}}}"),
            unchecked,
            Some("conditions"),
        ),
        (
            connector("routing: {«tables»: [{condition: 'attributes[\"a\"] == nil', pipelines: [logs]}]}"),
            unchecked,
            Some("table"),
        ),
        (
            connector(
                "routing/a: {«match_once»: true, table: [{condition: 'attributes[\"a\"] == nil', pipelines: [logs]}]}",
            ),
            Code::KEY_OUTSIDE_VERSION,
            None,
        ),
        ("processors: {lookup: {lookups: [{«keys»: 'log.attributes[\"a\"]'}]}}\n".to_owned(), unchecked, Some("key")),
        (
            "processors: {logdedup: {«condition»: ['attributes[\"a\"] == nil']}}\n".to_owned(),
            unchecked,
            Some("conditions"),
        ),
        (
            "processors: {partitioning: {«key»: {a: 'resource.attributes[\"a\"]'}}}\n".to_owned(),
            unchecked,
            Some("keys"),
        ),
        (
            "exporters: {honeycombmarker: {markers: [{rules: {«log_condition»: ['attributes[\"a\"] == nil']}}]}}\n"
                .to_owned(),
            unchecked,
            Some("log_conditions"),
        ),
    ] {
        let text = marked.replace(['«', '»'], "");
        let start = marked.find('«').expect("a mark");
        let span = Span::new(start as u32, (marked.find('»').expect("a mark") - '«'.len_utf8()) as u32);
        let diagnostics = Compiler::new().check(&text);
        let found: Vec<_> = diagnostics.iter().map(|found| (found.code, found.span)).collect();
        let fixes = diagnostics.iter().filter_map(|found| found.fix.as_ref());
        let fixes: Vec<&str> = fixes.map(|fix| fix.replacement.as_str()).collect();
        if found != [(code, span)] || fixes != fix.into_iter().collect::<Vec<_>>() {
            faults += &format!("{marked}\n{diagnostics}\n{fixes:?}\n\n");
        }
    }
    // A policy of an extension has its settings below the extension's name.
    let extension = policies("[{name: p, type: latencies, latencies: {a: 1}}, {name: q, type: x, x: {a: 1}}]");
    let diagnostics = Compiler::new().check(&extension);
    assert!(diagnostics.iter().all(|found| found.code == Code::WITHOUT_RULES), "{diagnostics}");
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn what_is_not_checked_or_never_runs_is_said() {
    let config = |processors: &str, pipelines: &str| {
        format!("processors: {{{processors}}}\nservice: {{pipelines: {{{pipelines}}}}}\n")
    };
    let mut faults = String::new();
    let log = "transform: {log_statements: ['set(log.body, 1)']}";
    for (text, want) in [
        (config(log, "logs: {processors: [transform]}"), &[][..]),
        (config("batch: {}", "logs: {processors: [batch]}"), &[Code::WITHOUT_RULES]),
        (config(log, "logs: {processors: []}"), &[Code::UNUSED_PROCESSOR]),
        (config(log, "traces: {processors: [transform]}"), &[Code::UNREACHED_SIGNAL]),
        (config(log, "traces: {processors: [transform]}, logs/a: {processors: [transform]}"), &[]),
        (config("transform: {log_statements: []}", "traces: {processors: []}"), &[Code::EMPTY_GROUP]),
        (config("logdedup: {conditions: ['body == nil']}", "logs: {processors: []}"), &[Code::UNUSED_PROCESSOR]),
        (
            config("filter: {traces: {span: ['name == \"a\"']}}", "logs: {processors: [filter]}"),
            &[Code::UNREACHED_SIGNAL],
        ),
        (
            config(&format!("{log}, other: {{ottl: ['log.body == 1']}}"), "logs: {processors: [transform, other]}"),
            &[Code::UNCHECKED_RULES],
        ),
        (
            config(
                &format!("{log}, other: {{conditions: ['type == 1'], statements: [1]}}"),
                "logs: {processors: [transform, other]}",
            ),
            &[],
        ),
        (
            "connectors: {routing: {table: [{context: otelcol, condition: 'a == 1', pipelines: [logs]}]}}\nprocessors: {}\n".to_owned(),
            &[Code::UNCHECKED_RULES],
        ),
    ] {
        let diagnostics = Compiler::new().check(&text);
        let mut found: Vec<Code> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        found.sort_by_key(|code| code.as_str());
        if found != want {
            faults += &format!("{text}\n{diagnostics}\n\n");
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

/// What of a configuration leads nowhere: the codes, in the order of their names, and what mends it.
#[test]
fn what_leads_nowhere_is_said() {
    let routing = |route: &str, pipelines: &str| {
        format!(
            "connectors: {{routing: {{table: [{{{route}}}]}}}}\nservice: {{pipelines: {{logs/in: {{exporters: [routing]}}, {pipelines}}}}}\n"
        )
    };
    let end = "logs/a: {receivers: [routing]}";
    let route = "condition: 'attributes[\"a\"] == nil'";
    let log = "{log_statements: ['set(log.body, 1)']}";
    let pipeline = |kind: &str, processors: &str| {
        format!("processors: {{{processors}}}\nservice: {{pipelines: {{{kind}: {{processors: [transform]}}}}}}\n")
    };
    let transform = format!("transform: {log}");
    let count = |pipelines: &str| {
        format!(
            "connectors: {{count: {{spans: {{n: {{conditions: ['name == \"a\"']}}}}}}}}\nservice: {{pipelines: {{{pipelines}}}}}\n"
        )
    };
    let mut faults = String::new();
    for (text, codes, fix) in [
        (routing(&format!("{route}, pipelines: [logs/a]"), end), &[][..], None),
        (routing("statement: 'route() where attributes[\"a\"] == nil'", end), &[], None),
        (routing(&format!("{route}, statement: route(), pipelines: [logs/a]"), end), &[Code::CONFLICTING_KEYS], None),
        (routing("pipelines: [logs/a]", end), &[Code::EMPTY_ITEM], None),
        (routing(route, end), &[Code::EMPTY_ITEM], None),
        (routing(&format!("{route}, pipelines: [logs/b]"), end), &[Code::UNKNOWN_PIPELINE], None),
        (routing(&format!("{route}, pipelines: [logs/in]"), end), &[Code::UNKNOWN_PIPELINE], None),
        (
            routing("context: span, condition: 'name == \"a\"', pipelines: [logs/a]", end),
            &[Code::UNREACHED_SIGNAL],
            None,
        ),
        (pipeline("lgos", &transform), &[Code::UNKNOWN_KEY], Some("logs")),
        (pipeline("LOGS/a", &transform), &[Code::UNKNOWN_KEY], Some("logs")),
        (pipeline("logs/", &transform), &[Code::UNKNOWN_KEY], None),
        (pipeline("logs", &transform).replace("pipelines", "pipeline"), &[Code::UNKNOWN_KEY], Some("pipelines")),
        (pipeline("logs", &transform).replacen("processors", "processor", 1), &[Code::UNKNOWN_KEY], Some("processors")),
        (pipeline("logs", "transform: "), &[Code::WITHOUT_RULES], None),
        (pipeline("logs", "transform: {}"), &[Code::WITHOUT_RULES], None),
        (pipeline("logs", &format!("tranform: {log}")), &[Code::UNDEFINED_PROCESSOR], Some("transform")),
        (
            pipeline("logs", "transform: , error_mode: ignore, log_statements: ['sett(log.body, 1)']"),
            &[Code::UNKNOWN_KEY, Code::UNKNOWN_KEY],
            None,
        ),
        (
            format!("processors: [{{{transform}}}]\nservice: {{pipelines: {{logs: {{processors: [transform]}}}}}}\n"),
            &[Code::WRONG_VALUE_KIND],
            None,
        ),
        (pipeline("logs", &format!("transform/a: {log}")), &[Code::UNDEFINED_PROCESSOR], Some("transform/a")),
        (pipeline("logs", &format!("\"tranform\": {log}")), &[Code::UNDEFINED_PROCESSOR], None),
        (
            pipeline("logs", &transform).replace("transform: {", "\"transform\": {\"eror_mode\": silent, "),
            &[Code::UNKNOWN_KEY],
            Some("error_mode"),
        ),
        (
            format!("receivers: {{otlp: }}\nprocessors: {{{transform}}}\nexporters: {{debug: }}\n"),
            &[Code::NO_PIPELINES],
            None,
        ),
        (count("traces: {exporters: [count]}, metrics: {receivers: [count]}"), &[], None),
        (count("logs: {exporters: [count]}, metrics: {receivers: [count]}"), &[Code::UNREACHED_SIGNAL], None),
        (count("logs: {exporters: [debug]}"), &[Code::UNUSED_PROCESSOR], None),
        (
            "processors: {tail_sampling: {policies: [{type: ottl_condition, ottl_condition: {span: ['name == \"a\"']}}]}}\nservice: {pipelines: {logs: {processors: [tail_sampling]}}}\n".to_owned(),
            &[Code::UNREACHED_SIGNAL],
            None,
        ),
    ] {
        let diagnostics = Compiler::new().check(&text);
        let mut found: Vec<Code> = diagnostics.iter().map(|found| found.code).collect();
        found.sort_by_key(|code| code.as_str());
        let fixes = diagnostics.iter().filter_map(|found| found.fix.as_ref());
        let fixes: Vec<&str> = fixes.map(|fix| fix.replacement.as_str()).collect();
        if found != codes || fixes != fix.into_iter().collect::<Vec<_>>() {
            faults += &format!("{text}\n{diagnostics}\n{fixes:?}\n\n");
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn connectors_chain_pipelines() {
    let processors = "processors:\n  transform/a: {log_statements: ['set(log.body, 1)']}\n  transform/b: {log_statements: ['set(log.body, 2)']}\n  attributes: {}\n";
    let config = |kind: &str, first: &str, second: &str| {
        format!(
            "{processors}connectors: {{{kind}: {{}}}}\nservice:\n  pipelines:\n    logs/out: {{receivers: [{kind}], processors: [{second}], exporters: [debug]}}\n    logs/in: {{receivers: [otlp], processors: [{first}], exporters: [{kind}, debug]}}\n"
        )
    };
    let texts = |compiler: Compiler, config: &str| {
        let errors = |error: ottl::CompileError| -> Vec<Code> {
            let found = error.diagnostics().iter().map(|diagnostic| diagnostic.code);
            found.filter(|code| *code != Code::UNUSED_PROCESSOR).collect()
        };
        let rules = compiler.compile(config).map_err(errors)?;
        let left_out: Vec<String> = rules.left_out(Signal::Logs).map(str::to_owned).collect();
        let texts: Vec<String> = rules.statements(Signal::Logs).map(|statement| statement.text().to_owned()).collect();
        Ok((texts.join(" "), left_out.join(" ")))
    };
    let both = config("forward", "transform/a, attributes", "transform/b");
    let of = |texts: &str, left_out: &str| Ok((texts.to_owned(), left_out.to_owned()));
    assert_eq!(texts(Compiler::new(), &both), of("set(log.body, 1) set(log.body, 2)", "attributes"));
    assert_eq!(texts(Compiler::new().pipeline("logs/out"), &both), of("set(log.body, 2)", ""));
    // A processor that runs twice, and a connector that decides what goes on, are somebody else's.
    let twice = config("forward", "transform/a, transform/b", "transform/b");
    assert_eq!(texts(Compiler::new(), &twice), Err(vec![Code::AMBIGUOUS_PIPELINE]));
    let routed = config("routing/x", "transform/a", "transform/b");
    assert_eq!(texts(Compiler::new(), &routed), Err(vec![Code::AMBIGUOUS_PIPELINE]));
    let chosen = Compiler::new().pipeline("logs/in").pipeline("logs/out");
    assert_eq!(texts(chosen, &routed), of("set(log.body, 1) set(log.body, 2)", ""));
    let backwards = Compiler::new().pipeline("logs/out").pipeline("logs/in");
    assert_eq!(texts(backwards, &routed), Err(vec![Code::AMBIGUOUS_PIPELINE]));
}

/// A value of a ConfigMap in one line is looked into like one of many.
#[test]
fn configurations_in_one_line_of_a_text_are_found() {
    let map =
        |value: &str| format!("apiVersion: v1\nkind: ConfigMap\ndata:\n  a.yaml: {value}\n  b: 'processors: none'\n");
    for (value, want) in [
        (r#""processors: {transform: {log_statements: ['sett(log.body, 1)']}}""#, Code::UNKNOWN_FUNCTION),
        (r#"'log_statements: ["sett(log.body, 1)"]'"#, Code::UNKNOWN_FUNCTION),
        (r#"'filter/a: {log_conditions: ["log.boddy == nil"]}'"#, Code::UNKNOWN_PATH),
        (r#""processors: {transform: {log_statements: ['set(log.body, 1)'}}""#, Code::INVALID_YAML),
    ] {
        let text = map(value);
        let found = Compiler::new().check(&text);
        assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), [want], "{text}{found}");
    }
    let found = Compiler::new().check(&map("'processors: see the manual'"));
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::WITHOUT_RULES], "{found}");
}

#[test]
fn secrets_in_base64_are_not_looked_into() {
    let found = Compiler::new().check("apiVersion: v1\nkind: Secret\ndata: {a.yaml: bG9nX3N0YXRlbWVudHM6IFtdCg==}\n");
    let help = found.iter().next().and_then(|found| found.help.as_deref()).unwrap_or_default();
    assert!(help.contains("base64 -d"), "{found}");
}

#[test]
fn hostile_components_end_soon() {
    let mut policies = String::from("a0: &a0 {ottl_condition: {span: ['naem == 1']}}\n");
    for level in 1..30 {
        let below = level - 1;
        policies += &format!("a{level}: &a{level} [*a{below}, *a{below}]\n");
    }
    policies += "processors: {tail_sampling: {policies: *a29}}\n";
    assert!(Compiler::new().check(&policies).has_errors());
    let table = "{condition: 'span.x == 1'}, ".repeat(20_000);
    let found = Compiler::new().check(&format!("connectors: {{routing: {{table: [{table}]}}}}\nreceivers: {{}}\n"));
    assert!(found.has_errors() && found.len() <= 1000);
}

#[test]
fn documents_behind_the_first_one_are_checked_and_never_run() {
    let text = "log_statements: ['set(log.body, 1)']\n---\nlog_statements: ['set(log.boddy, 1)']\n---\n# nothing\n";
    let found: Vec<Code> = Compiler::new().check(text).iter().map(|found| found.code).collect();
    assert_eq!(found, [Code::UNREAD_DOCUMENT, Code::UNKNOWN_PATH]);
    let rules = Compiler::new().compile(text).expect("the first document has no fault");
    assert_eq!(rules.warnings().iter().map(|found| found.code).collect::<Vec<_>>(), [Code::UNREAD_DOCUMENT]);
}

#[test]
fn redactions_that_no_pipeline_names_are_missed() {
    let text = "processors:\n  redaction: {}\n  attributes/a: {}\n  batch: {}\n  transform: {log_statements: ['set(log.body, 1)']}\n\
                service: {pipelines: {logs: {processors: [transform, attributes/a]}}}\n";
    let diagnostics = Compiler::new().check(text);
    let found: Vec<_> = diagnostics.iter().map(|found| (found.code, found.span.of(text))).collect();
    assert_eq!(found, [(Code::UNUSED_PROCESSOR, "redaction")]);
    // What a chart adds may name it.
    let values = format!("config:\n  {}", text.replace('\n', "\n  "));
    assert_eq!(Compiler::new().check(&values).iter().count(), 0);
}

#[test]
fn files_in_other_languages_are_named() {
    let text =
        "// in\notelcol.processor.transform \"a\" {\n  log_statements {\n    statements = [`set(body, 1)`]\n  }\n}\n";
    let terraform = "resource \"helm_release\" \"otel\" {\n  values = [<<-EOT\n    a: b\n  EOT\n  ]\n}\n";
    let found = Compiler::new().check(terraform);
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::FOREIGN_LANGUAGE], "{found}");
    for text in [text.to_owned(), format!("a: b: c\n{text}")] {
        let diagnostics = Compiler::new().check(&text);
        let [found] = diagnostics.iter().as_slice() else { panic!("{diagnostics}") };
        assert_eq!((found.code, found.span.of(&text)), (Code::FOREIGN_LANGUAGE, "otelcol.processor.transform \"a\" {"));
    }
    let patch = "- op: add\n  path: /spec/config/processors/transform/log_statements/-\n  value: set(log.body, 1)\n";
    let found = Compiler::new().check(patch);
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::UNRENDERED_TEMPLATE], "{found}");
}
