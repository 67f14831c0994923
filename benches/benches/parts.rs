//! Parts of the project by themselves, with statistics: what a message and a statement pass through on their way.
//!
//!     cargo bench -p ottl-benches
//!     cargo bench -p ottl-benches -- json
//!
//! Deliberately elsewhere: whole workloads beside the reference (the binary of this package).

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ottl::{RuleSet, Signal};
use ottl_benches::data;
use ottl_otlp::edit::Splicer;
use ottl_otlp::json::{self, Style};
use ottl_otlp::wire::{Payload, Reader};
use ottl_regex::{PatternSet, Regex, TextPattern};

/// Records in a message.
const RECORDS: usize = 512;

/// `ResourceLogs.scope_logs`, `ScopeLogs.log_records`.
const MEMBERS: u32 = 2;
/// `LogRecord.body`, and `AnyValue.string_value` in it.
const BODY: u32 = 5;
const TEXT: u32 = 1;

/// A statement of usual length, with one of most things that the language has.
const STATEMENT: &str = r#"set(log.attributes["route"], Concat([log.attributes["http.method"], "x"], " ")) where log.severity_number >= SEVERITY_NUMBER_WARN and (IsMatch(log.body, "^GET /[a-z]+") or resource.attributes["env"] != nil)"#;

/// Reads every field of a message down to its log records, and the fields of these.
fn walk(message: &[u8], depth: u32) -> usize {
    let mut fields = 0;
    let mut reader = Reader::new(message);
    while let Ok(Some(field)) = reader.next_field() {
        fields += 1;
        let inner = if depth == 0 { 1 } else { MEMBERS };
        if depth < 3
            && field.number == inner
            && let Payload::Bytes(content) = field.payload
        {
            fields += walk(content, depth + 1);
        }
    }
    fields
}

/// Puts a byte in front of the text of every body.
fn splice(message: &[u8], out: &mut Vec<u8>) -> bool {
    let mut splicer = Splicer::new(message, out);
    enter(message, 0, &[1, MEMBERS, MEMBERS, BODY, TEXT], &mut splicer);
    splicer.finish()
}

fn enter<'m>(content: &'m [u8], base: usize, path: &[u32], splicer: &mut Splicer<'m, '_>) {
    let Some((number, rest)) = path.split_first() else {
        splicer.replace(base, base).push(b'!');
        return;
    };
    let mut reader = Reader::new(content);
    while let Ok(Some(field)) = reader.next_field() {
        if field.number == *number
            && let Payload::Bytes(content) = field.payload
        {
            splicer.enter_field(&field, base);
            enter(content, base + field.content_start(), rest, splicer);
            splicer.leave();
        }
    }
}

fn otlp(criterion: &mut Criterion) {
    let message = data::logs(RECORDS);
    let mut group = criterion.benchmark_group("otlp");
    group.throughput(Throughput::Bytes(message.len() as u64));
    assert!(walk(&message, 0) > 10 * RECORDS);
    group.bench_function("walk", |bencher| bencher.iter(|| walk(black_box(&message), 0)));
    let mut out = Vec::new();
    assert!(splice(&message, &mut out) && out.len() >= message.len() + RECORDS);
    group.bench_function("splice", |bencher| {
        bencher.iter(|| {
            out.clear();
            splice(black_box(&message), &mut out)
        });
    });
    group.finish();
}

fn transcoding(criterion: &mut Criterion) {
    let message = data::logs(RECORDS);
    let mut text = Vec::new();
    json::from_protobuf(Signal::Logs, &message, &mut text, Style::Compact).expect("own data");
    let mut group = criterion.benchmark_group("json");
    group.throughput(Throughput::Bytes(text.len() as u64));
    let mut out = Vec::new();
    group.bench_function("to_protobuf", |bencher| {
        bencher.iter(|| {
            out.clear();
            json::to_protobuf(Signal::Logs, black_box(&text), &mut out)
        });
    });
    group.bench_function("from_protobuf", |bencher| {
        bencher.iter(|| {
            out.clear();
            json::from_protobuf(Signal::Logs, black_box(&message), &mut out, Style::Compact)
        });
    });
    group.finish();
}

fn language(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("language");
    group.throughput(Throughput::Bytes(STATEMENT.len() as u64));
    assert_eq!(ottl::syntax::parse_statement(STATEMENT).diagnostics, []);
    group.bench_function("parse", |bencher| bencher.iter(|| ottl::syntax::parse_statement(black_box(STATEMENT))));
    let rules = rules(STATEMENT);
    RuleSet::compile(&rules).expect("own rules");
    // With the configuration around it, and the regex compiled.
    group.bench_function("compile", |bencher| bencher.iter(|| RuleSet::compile(black_box(&rules))));
    group.finish();
}

/// A processor with one statement.
fn rules(statement: &str) -> String {
    format!("log_statements:\n  - >-\n    {statement}\n")
}

/// A call of a function for XML: its event has a part that each record says, so that it is read for each.
fn xml(call: &str, rest: &str) -> String {
    let event = r#"Concat(["<event id=\"4624\"><system><level>", log.severity_text, "</level><time at=\"2024-01-01\"/>audit</system><data name=\"user\">u1</data><data name=\"ip\">10.0.0.1</data></event>"], "")"#;
    format!(r#"set(log.cache["o"], {call}{event}{rest}))"#)
}

/// One function over a message of records, the walk over the message included.
fn functions(criterion: &mut Criterion) {
    let message = data::logs(RECORDS);
    let mut group = criterion.benchmark_group("function");
    group.throughput(Throughput::Elements(RECORDS as u64));
    let rows = [
        ("ParseJSON", r#"set(log.cache["parsed"], ParseJSON(log.body)) where HasPrefix(log.body, "{")"#),
        (
            "ExtractGrokPatterns",
            r#"set(log.cache["parsed"], ExtractGrokPatterns(log.body, "user=%{USERNAME:user} .*?%{NUMBER:n:int}", true))"#,
        ),
        ("UserAgent", r#"set(log.cache["parsed"], UserAgent(log.body))"#),
        ("Decode", r#"set(log.cache["parsed"], Decode(log.body, "Shift_JIS"))"#),
        ("Decode base64", r#"set(log.cache["parsed"], Decode(Base64Encode("some text that is not long"), "base64"))"#),
        ("replace_pattern", r#"replace_pattern(log.body, "user=([a-z0-9]+)", "user=<$1>")"#),
        ("ParseXML", &xml("ParseXML(", "")),
        ("ParseSimplifiedXML", &xml("ParseSimplifiedXML(", "")),
        ("GetXML", &xml("GetXML(", r#", "/event/data[@name='user']/text()""#)),
        ("RemoveXML", &xml("RemoveXML(", r#", "//data[2]""#)),
        ("InsertXML", &xml("InsertXML(", r#", "/event/system", "<host>a</host>""#)),
        ("ConvertAttributesToElementsXML", &xml("ConvertAttributesToElementsXML(", "")),
        ("ConvertTextToElementsXML", &xml("ConvertTextToElementsXML(", "")),
        ("Year", r#"set(log.cache["o"], Year(log.time))"#),
        ("Month", r#"set(log.cache["o"], Month(log.time))"#),
        ("Day", r#"set(log.cache["o"], Day(log.time))"#),
        ("Hour", r#"set(log.cache["o"], Hour(log.time))"#),
        ("Minute", r#"set(log.cache["o"], Minute(log.time))"#),
        ("Second", r#"set(log.cache["o"], Second(log.time))"#),
        ("Nanosecond", r#"set(log.cache["o"], Nanosecond(log.time))"#),
        ("Weekday", r#"set(log.cache["o"], Weekday(log.time))"#),
        ("Murmur3Hash", r#"set(log.cache["o"], Murmur3Hash(log.body))"#),
        ("Murmur3Hash128", r#"set(log.cache["o"], Murmur3Hash128(log.body))"#),
        ("XXH3", r#"set(log.cache["o"], XXH3(log.body))"#),
        ("XXH128", r#"set(log.cache["o"], XXH128(log.body))"#),
        ("CommunityID", r#"set(log.cache["o"], CommunityID("10.0.0.1", log.severity_number, "10.0.0.2", 443))"#),
        ("UUIDv7", r#"set(log.cache["o"], UUIDv7())"#),
        ("All", r#"set(log.cache["o"], All(log.attributes, (k, v) => k != "none"))"#),
        ("Find", r#"set(log.cache["o"], Find(log.attributes, (k, v) => k == "none"))"#),
        ("MapKeys", r#"set(log.cache["o"], MapKeys(log.attributes, (k, v) => k))"#),
        ("Reduce", r#"set(log.cache["o"], Reduce(log.attributes, 0, (n, k, v) => n + 1))"#),
        ("When", r#"set(log.cache["o"], When(() => log.severity_number > 9, "high", "low"))"#),
        ("Time", r#"set(log.cache["o"], Time("Tuesday, 14 November 2023 03:04:05", "%A, %d %B %Y %T"))"#),
        (
            "Time in German",
            r#"set(log.cache["o"], Time("Dienstag, 14 November 2023 03:04:05", "%A, %d %B %Y %T", "Europe/Berlin", "de"))"#,
        ),
        ("FormatTime", r#"set(log.cache["o"], FormatTime(log.time, "%FT%T.%L%z"))"#),
        ("TruncateTime", r#"set(log.time, TruncateTime(log.time, Duration("1h")))"#),
    ];
    for (name, statement) in rows {
        let rules = RuleSet::compile(&rules(statement)).expect("own rules");
        group.bench_function(name, |bencher| {
            let (mut scratch, mut report) = (ottl::Scratch::new(), ottl::Report::new());
            bencher.iter_batched_ref(
                Vec::new,
                |out| rules.transform_into(Signal::Logs, black_box(&message), &mut scratch, out, &mut report),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

/// Metrics of a kind, as many as there are records in other messages: the data of each as OTLP/JSON, with a point.
fn metrics(data: &str) -> Vec<u8> {
    let metric = format!(r#"{{"name":"http.server.duration","unit":"ms",{data}}}"#);
    let metrics = vec![metric; RECORDS].join(",");
    let text = format!(r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{metrics}]}}]}}]}}"#);
    let mut message = Vec::new();
    json::to_protobuf(Signal::Metrics, text.as_bytes(), &mut message).expect("own data");
    message
}

/// The same for functions of metrics and spans.
fn metric_functions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("function");
    group.throughput(Throughput::Elements(RECORDS as u64));
    let attributes = r#""attributes":[{"key":"http.route","value":{"stringValue":"/api/users"}},{"key":"host","value":{"stringValue":"a"}}],"timeUnixNano":"1700000000000000000","count":"60","sum":1234.5"#;
    let histogram = metrics(&format!(
        r#""histogram":{{"aggregationTemporality":1,"dataPoints":[{{{attributes},"bucketCounts":["10","20","15","9","6"],"explicitBounds":[5,10,50,100]}}]}}"#
    ));
    let exponential = metrics(&format!(
        r#""exponentialHistogram":{{"aggregationTemporality":2,"dataPoints":[{{{attributes},"scale":2,"positive":{{"offset":3,"bucketCounts":["10","20","15","9","6"]}}}}]}}"#
    ));
    let summary = metrics(&format!(
        r#""summary":{{"dataPoints":[{{{attributes},"quantileValues":[{{"quantile":0.5,"value":2}},{{"quantile":0.99,"value":9}}]}}]}}"#
    ));
    let spans = data::spans(RECORDS);
    let of_histograms = "where metric.type == METRIC_DATA_TYPE_HISTOGRAM";
    for (name, message, statement) in [
        ("extract_count_metric", &histogram, &format!("extract_count_metric(true) {of_histograms}")[..]),
        ("extract_sum_metric", &histogram, &format!("extract_sum_metric(true) {of_histograms}")),
        ("extract_avg_metric", &histogram, &format!("extract_avg_metric() {of_histograms}")),
        ("extract_percentile_metric", &histogram, "extract_percentile_metric(95.0)"),
        ("extract_percentile_metric, exponential", &exponential, "extract_percentile_metric(95.0)"),
        (
            "aggregate_on_attribute_value",
            &histogram,
            r#"aggregate_on_attribute_value("sum", "host", ["a", "b"], "all")"#,
        ),
        (
            "merge_histogram_buckets",
            &histogram,
            r#"merge_histogram_buckets(3, "limit_buckets") where datapoint.count > 0"#,
        ),
        (
            "convert_exponential_histogram_to_histogram",
            &exponential,
            r#"convert_exponential_histogram_to_histogram("uniform", [1.0, 2.0, 5.0, 10.0])"#,
        ),
        ("convert_summary_quantile_val_to_gauge", &summary, "convert_summary_quantile_val_to_gauge()"),
        (
            "convert_summary_count_val_to_sum",
            &summary,
            r#"convert_summary_count_val_to_sum("delta", true) where datapoint.count > 0"#,
        ),
        (
            "convert_summary_sum_val_to_sum",
            &summary,
            r#"convert_summary_sum_val_to_sum("delta", true) where datapoint.count > 0"#,
        ),
        ("set_semconv_span_name", &spans, r#"set_semconv_span_name("1.37.0") where span.kind != nil"#),
    ] {
        let (key, signal) = match name {
            "set_semconv_span_name" => ("trace_statements", Signal::Traces),
            _ => ("metric_statements", Signal::Metrics),
        };
        let rules = RuleSet::compile(&format!("{key}:\n  - >-\n    {statement}\n")).expect("own rules");
        group.bench_function(name, |bencher| {
            let (mut scratch, mut report) = (ottl::Scratch::new(), ottl::Report::new());
            bencher.iter_batched_ref(
                Vec::new,
                |out| rules.transform_into(signal, black_box(message), &mut scratch, out, &mut report),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

/// The same for functions that need a text of their own in the body of every record.
fn parsers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("function");
    group.throughput(Throughput::Elements(RECORDS as u64));
    let severities = r#"{"error": [{"equals": ["err", "error"]}, {"range": "5xx"}], "info": [{"equals": ["info"]}]}"#;
    let rows = [
        (
            "ParseCSV",
            r#"10.0.0.1,GET,"/api/users?page=1,2",200,5321"#,
            r#"ParseCSV(log.body, "ip,method,uri,status,bytes")"#,
        ),
        ("ParseInt", "7fc3a1", "ParseInt(log.body, 16)"),
        ("ParseSeverity", "info", &format!("ParseSeverity(log.body, {severities})")),
        (
            "ParseCEF",
            "CEF:0|Vendor|Product|1.0|100|Worm stopped|10|src=10.0.0.1 dst=2.1.2.2 spt=1232 msg=some text here",
            "ParseCEF(log.body)",
        ),
        (
            "ParseCLF",
            r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326"#,
            "ParseCLF(log.body)",
        ),
        (
            "ParseELF",
            "#Version: 1.0\n#Fields: time cs-method cs-uri\n00:34:23 GET /foo/bar.html\n12:21:16 GET \"/a b\"",
            "ParseELF(log.body)",
        ),
        (
            "ParseLEEF",
            "LEEF:2.0|Vendor|Product|1.0|4000|^|src=10.0.1.8^dst=10.0.0.5^sev=5^usrName=joe",
            "ParseLEEF(log.body)",
        ),
        ("SliceToMap", "a,b,c,d,e,f", r#"SliceToMap(Split(log.body, ","))"#),
        ("ToKeyValueString", "", "ToKeyValueString(log.attributes)"),
        ("ToCamelCase", "http_request_method", "ToCamelCase(log.body)"),
        ("ToSnakeCase", "HttpRequestMethod", "ToSnakeCase(log.body)"),
        ("IsValidLuhn", "4111 1111 1111 1111", "IsValidLuhn(log.body)"),
    ];
    for (name, body, call) in rows {
        let compile = |statement: &str| RuleSet::compile(&rules(statement)).expect("own rules");
        let with_body = compile(&format!("set(log.body, {body:?})"));
        let made = with_body.transform(Signal::Logs, &data::logs(RECORDS)).expect("own data");
        let message = made.output.bytes(&[]).expect("nothing is dropped").to_vec();
        let rules = compile(&format!(r#"set(log.cache["o"], {call})"#));
        group.bench_function(name, |bencher| {
            let (mut scratch, mut report) = (ottl::Scratch::new(), ottl::Report::new());
            bencher.iter_batched_ref(
                Vec::new,
                |out| rules.transform_into(Signal::Logs, black_box(&message), &mut scratch, out, &mut report),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

/// Regexes as rules have them, all different.
fn regexes(count: usize) -> Vec<TextPattern> {
    let pattern = |n: usize| match n % 5 {
        0 => format!("user{n:03} .* failed"),
        1 => format!("error code {n}[a-z]+"),
        2 => format!("(?i)deadline {n} exceeded [0-9]+"),
        3 => format!(r"service-{n}\.(prod|dev)"),
        _ => format!("/api/v{n}/users/[0-9]+"),
    };
    (0..count).map(|n| TextPattern::Matches(Regex::new(pattern(n)).expect("own patterns"))).collect()
}

/// Lines of an access log, some of which one of the regexes matches.
fn lines(count: usize, matching: usize) -> Vec<String> {
    let line = |n: usize| {
        let cache = if n % 100 < matching { format!("error code {}a", n % 20 * 5 + 1) } else { "hit".to_owned() };
        let (user, millis) = (n * 7919 % 10_007, n * 31 % 997);
        format!(
            "{} INFO [worker-{}] GET /api/users/{user}/orders?page={} completed status=200 duration={millis}ms \
             trace={:016x} region=eu-west-1 cache={cache}",
            1_700_000_000 + n * 37,
            n % 17,
            n % 5,
            (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        )
    };
    (0..count).map(line).collect()
}

/// Many patterns on one text, together and one by one.
fn patterns(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("patterns");
    for count in [100, 500] {
        let set = PatternSet::new(regexes(count));
        let mut found = vec![0; set.words()];
        for matching in [0, 5] {
            let lines = lines(1000, matching);
            group.throughput(Throughput::Elements(lines.len() as u64));
            let expected =
                lines.iter().filter(|line| set.patterns().iter().any(|p| p.is_match(line.as_bytes()))).count();
            assert_eq!(expected, lines.len() * matching / 100);
            group.bench_function(format!("set/{count}/{matching}%"), |bencher| {
                bencher.iter(|| {
                    for line in &lines {
                        found.fill(0);
                        set.matches(black_box(line.as_bytes()), &mut found);
                    }
                });
            });
        }
        let lines = lines(1000, 0);
        group.bench_function(format!("one by one/{count}/0%"), |bencher| {
            bencher.iter(|| {
                let found = |line: &String| set.patterns().iter().filter(|p| p.is_match(line.as_bytes())).count();
                lines.iter().map(black_box).map(found).sum::<usize>()
            });
        });
    }
    group.finish();
}

criterion_group!(parts, otlp, transcoding, language, functions, metric_functions, parsers, patterns);
criterion_main!(parts);
