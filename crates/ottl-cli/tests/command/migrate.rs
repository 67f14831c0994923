//! `ottl migrate`, and the matchers that `ottl check` shows.

use crate::harness::{Dir, contents, ottl};

const OLDER: &str = "\
# A gateway.
processors:
  filter/noise:  # health checks
    error_mode: ignore
    logs:
      # What nobody reads.
      exclude:
        match_type: regexp  # RE2
        bodies:
          - '^GET /health$$'
          - \"it's\"
        record_attributes: [{key: code, value: \"200\"}]
    metrics:
      include:
        match_type: strict
        metric_names: [cpu, memory]
        resource_attributes:
          - {key: env, value: prod}
  filter/spans: {spans: {exclude: {match_type: strict, span_kinds: [SPAN_KIND_CLIENT]}}}
  batch: {}
service:
  pipelines:
    logs: {processors: [filter/noise, batch]}
";

const NEWER: &str = "\
# A gateway.
processors:
  filter/noise:  # health checks
    error_mode: ignore
    # What nobody reads.
    # RE2
    log_conditions:
      - context: log
        conditions:
          - '(IsString(log.attributes[\"code\"]) or IsInt(log.attributes[\"code\"]) or IsDouble(log.attributes[\"code\"]) and log.attributes[\"code\"] - log.attributes[\"code\"] == 0) and IsMatch(log.attributes[\"code\"], \"200\") and (IsMatch(log.body.string, \"^GET /health$$\") or IsMatch(log.body.string, \"it''s\"))'
    metric_conditions:
      - context: resource
        conditions:
          - 'not resource.attributes[\"env\"] == \"prod\"'
      - context: metric
        conditions:
          - 'not (metric.name == \"cpu\" or metric.name == \"memory\")'
  filter/spans: {trace_conditions: [{context: span, conditions: ['span.kind.deprecated_string == \"SPAN_KIND_CLIENT\"']}]}
  batch: {}
service:
  pipelines:
    logs: {processors: [filter/noise, batch]}
";

#[test]
fn matchers_become_conditions_in_place() {
    let dir = Dir::new();
    let file = dir.file("collector.yaml", OLDER);
    ottl(["migrate", "--check", &file], b"").ends(1).names(&["collector.yaml: in an older form"]);
    assert_eq!(contents(&file), OLDER.as_bytes(), "a check changes nothing");
    assert_eq!(ottl(["migrate", "--stdout", &file], b"").ends(0).text(), NEWER);
    assert_eq!(ottl(["migrate", &file], b"").ends(0).out, b"");
    assert_eq!(String::from_utf8(contents(&file)).expect("text"), NEWER);
    ottl(["migrate", "--check", &file], b"").ends(0);
    ottl(["check", &file], b"").ends(0);
    assert_eq!(ottl(["migrate"], OLDER.as_bytes()).ends(0).text(), NEWER);
}

#[test]
fn older_lists_become_entries_in_place() {
    let rows = [
        (
            "\
processors:
  filter:
    error_mode: ignore  # as it was
    # What nobody reads.
    traces:
      # resources first
      resource:
      - attributes[\"env\"] == \"dev\"
      # then spans
      span:  # by name
        - 'name == \"it''s\"'  # quoted

        # folded
        - >-
          IsMatch(name,
            \"^GET\")
        - |
          kind == 3
      spanevent: ['name == \"${env:EVENT:-e}\"',
        'false']
      # the end
    metrics: {metric: [name == \"a\"], datapoint: []}  # braces
    logs:
      log_record: []
  batch: {}
",
            "\
processors:
  filter:
    error_mode: ignore  # as it was
    # What nobody reads.
    trace_conditions:
      # resources first
      - context: resource
        conditions:
        - attributes[\"env\"] == \"dev\"
      # then spans
      - context: span
        conditions:  # by name
          - 'name == \"it''s\"'  # quoted

          # folded
          - >-
            IsMatch(name,
              \"^GET\")
          - |
            kind == 3
      - context: spanevent
        conditions: ['name == \"${env:EVENT:-e}\"',
          'false']
      # the end
    metric_conditions: [{context: metric, conditions: [name == \"a\"]}, {context: datapoint, conditions: ['false']}]  # braces
    log_conditions:
      - context: log
        conditions: ['false']
  batch: {}
",
        ),
        (
            "profiles:\r\n  profile:\r\n    - period == 7\r\n",
            "profile_conditions:\r\n  - context: profile\r\n    conditions:\r\n      - period == 7\r\n",
        ),
        (
            r#"{"logs":{"log_record":["body == 1"]}}"#,
            r#"{"log_conditions":[{context: log, "conditions":["body == 1"]}]}"#,
        ),
        (
            "logs: &l\n  log_record: &c\n    - 'true'\n  resource: *c\n",
            "logs: &l\n  log_record: &c\n    - 'true'\n  resource: *c\n",
        ),
    ];
    for (older, newer) in rows {
        for expand in [&["migrate"][..], &["migrate", "--expand", "--no-host-env"]] {
            let done = ottl(expand.iter().copied(), older.as_bytes()).ends(0);
            assert_eq!(done.text(), newer);
        }
        ottl(["check"], newer.as_bytes()).ends(0);
    }
}

#[test]
fn what_cannot_be_rewritten_stays_and_is_named() {
    let rows = [
        ("logs: {exclude: {match_type: strict, bodies: ['${env:NOISE}']}}", "references"),
        ("logs:\n  include: &a {match_type: strict, bodies: [noise]}\n  exclude: *a\n", "elsewhere"),
        ("logs: {exclude: {match_type: strict, bodies: []}}", "nothing in particular"),
        ("? logs\n: exclude: {match_type: strict, bodies: [a]}\n", "no safe way"),
        ("trace_conditions: []\nspans: {exclude: {match_type: strict, services: [a]}}\n", "read as the same"),
        ("error_mode: propagate\ntraces:\n  span: ['true']\n", "propagate"),
        ("traces:\n  spanevent: ['true']\n  span: ['true']\n", "another order"),
        ("traces:\n  span: ['true']\n  spanevent:\n", "no safe way"),
        ("traces:\n  span: 'true'\n", "in the place of a list"),
        ("? traces\n: span: ['true']\n", "no safe way"),
    ];
    for (text, why) in rows {
        let done = ottl(["migrate", "--expand", "--no-host-env"], text.as_bytes()).ends(0).names(&["note: ", why]);
        assert_eq!(done.text(), text);
    }
    ottl(["migrate"], b"logs: {exclude: {match_type: glob, bodies: [a]}}").ends(2).names(&["glob", "without errors"]);
}

#[test]
fn check_shows_what_stands_for_matchers() {
    let dir = Dir::new();
    let file = dir.file("rules.yaml", "metrics:\n  exclude:\n    match_type: strict\n    metric_names: [cpu]\n    resource_attributes: [{key: env}]\n");
    let want = format!(
        "{file}:2:3: metrics.exclude, resource: ContainsValue(Keys(resource.attributes), \"env\")\n\
         {file}:2:3: metrics.exclude, metric: metric.name == \"cpu\"\n"
    );
    assert_eq!(ottl(["check", "--matchers", &file], b"").ends(0).text(), want);
}
