//! Parts of the project by themselves, with statistics: what a message and a statement pass through on their way.
//!
//!     cargo bench -p ottl-benches
//!     cargo bench -p ottl-benches -- json
//!
//! Deliberately elsewhere: whole workloads beside the reference (the binary of this package).

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ottl::{RuleSet, Signal};
use ottl_benches::functions::FunctionRow;
use ottl_benches::{data, functions};
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

/// The examples of all functions over a message of records, the walk over the message included.
fn functions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("function");
    group.throughput(Throughput::Elements(RECORDS as u64));
    for FunctionRow { function, row, .. } in functions::rows("").expect("own examples") {
        let message = row.message(RECORDS.into()).expect("own records");
        let rules = RuleSet::compile(&row.rules).expect("own rules");
        group.bench_function(format!("{function}: {}", row.name), |bencher| {
            let (mut scratch, mut report) = (ottl::Scratch::new(), ottl::Report::new());
            bencher.iter_batched_ref(
                Vec::new,
                |out| rules.transform_into(row.signal, black_box(&message), &mut scratch, out, &mut report),
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

criterion_group!(parts, otlp, transcoding, language, functions, patterns);
criterion_main!(parts);
