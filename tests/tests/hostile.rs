//! Hostile messages and rules end with a clear error or the right output, in memory that is a multiple of their size, in both
//! engines.
//!
//! Everything is made here, from little: pieces that are repeated, nested or doubled. Limits are scaled down, so that what would
//! grow without them is seen to grow. What is measured is memory, at once and in all, and never time: work that goes over
//! the same data again and again shows in what it asks for in all.
//! Deliberately elsewhere: hostile configurations (`crates/ottl/tests`), arguments that make single functions fail
//! (`ottl-functions`, `hostile.rs`), and random ones (`fuzz`, target `functions`).

use ottl::otlp::Signal;
use ottl::otlp::framing::{FrameOptions, FrameReader};
use ottl::otlp::json::{self, Style};
use ottl::otlp::schema::validate;
use ottl::{Compiler, Engine, Limits, Report, RuleSet, Scratch, Status};
use ottl_generate::Node;

/// What statements may make of a message beside what its length grants.
const SCRATCH: usize = 2 << 20;

/// What is granted for each byte of a message (`spec/limits.md`), twice for each time it is copied as a whole, for which there is
/// one more; and real memory stays within twice of that.
fn granted(len: usize) -> usize {
    2 * (SCRATCH + 16 * len + 4 * len)
}

/// What is kept from one message to the next, and small change.
const FIXED: usize = 9 << 20;

/// A message with its rules, and parts of what has to come of it: of the output as JSON, or of errors.
struct Case {
    name: &'static str,
    rules: Vec<String>,
    signal: Signal,
    message: Vec<u8>,
    parts: &'static [&'static str],
}

fn limits() -> Limits {
    Limits { scratch_bytes: SCRATCH, new_metrics: 100, ..Limits::default() }
}

fn compile(case: &Case, engine: Engine) -> RuleSet {
    let signal = match case.signal {
        Signal::Traces => "trace",
        Signal::Metrics => "metric",
        _ => "log",
    };
    let list: String = case.rules.iter().map(|rule| format!("  - '{}'\n", rule.replace('\'', "''"))).collect();
    let yaml = format!("error_mode: ignore\n{signal}_statements:\n{list}");
    let compiler = Compiler::new().limits(limits()).engine(engine);
    compiler.compile(&yaml).unwrap_or_else(|error| panic!("{}: {error}", case.name))
}

/// What came of a message, as text: the output's JSON, or that it stays, and all errors.
fn run(case: &Case, rules: &RuleSet, scratch: &mut Scratch) -> String {
    let (mut out, mut report) = (Vec::new(), Report::new());
    let result = rules.transform_into(case.signal, &case.message, scratch, &mut out, &mut report);
    // What is looked at is not what is measured.
    let mut text = String::new();
    allocation_counter::opt_out(|| {
        let output = if matches!(result, Ok(Status::Changed)) { &out } else { &case.message };
        text = match &result {
            Ok(status) => {
                validate(case.signal, output).unwrap_or_else(|error| panic!("{}: {error}", case.name));
                let mut json = Vec::new();
                json::from_protobuf(case.signal, output, &mut json, Style::Compact).expect("it is valid");
                format!("{status:?} {}", String::from_utf8_lossy(&json))
            }
            Err(error) => format!("failed: {error}"),
        };
        for error in report.errors() {
            text.push_str(&format!("\nerror: {}", error.error));
        }
    });
    text
}

/// Runs cases in both engines.
#[track_caller]
fn all(cases: impl IntoIterator<Item = Case>) {
    let mut wrong = Vec::new();
    for case in cases {
        for (engine, per_byte) in [(Engine::Fast, 16), (Engine::Interp, 192)] {
            let rules = compile(&case, engine);
            let mut scratch = Scratch::new();
            // Automata are made on first use, and stay.
            let _ = run(&case, &rules, &mut scratch);
            let mut text = String::new();
            let used = allocation_counter::measure(|| text = run(&case, &rules, &mut scratch));
            let allowed = granted(case.message.len()) + per_byte * case.message.len() + FIXED;
            let shown: String = text.chars().take(300).chain(" ... ".chars()).collect();
            let end: String = text.chars().skip(text.chars().count().saturating_sub(300)).collect();
            let mut says = |what: String| wrong.push(format!("{} {engine:?}: {what}", case.name));
            if let Some(part) = case.parts.iter().find(|part| !text.contains(**part)) {
                says(format!("{part:?} is not in: {shown}{end}"));
            }
            if used.bytes_max as usize > allowed {
                says(format!("held {} bytes for a message of {}", used.bytes_max, case.message.len()));
            }
            if used.bytes_total as usize > 64 * allowed {
                says(format!("asked for {} bytes for a message of {}", used.bytes_total, case.message.len()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn case(
    name: &'static str,
    rules: &[&str],
    (signal, message): (Signal, Vec<u8>),
    parts: &'static [&'static str],
) -> Case {
    Case { name, rules: rules.iter().map(|rule| (*rule).to_owned()).collect(), signal, message, parts }
}

fn text(content: impl AsRef<[u8]>) -> Vec<Node> {
    vec![Node::Bytes(1, content.as_ref().to_vec())]
}

fn int(number: i64) -> Vec<Node> {
    vec![Node::Varint(3, number as u64)]
}

fn list(items: impl IntoIterator<Item = Vec<Node>>) -> Vec<Node> {
    vec![Node::Message(5, items.into_iter().map(|item| Node::Message(1, item)).collect())]
}

fn map(pairs: impl IntoIterator<Item = (String, Vec<Node>)>) -> Vec<Node> {
    vec![Node::Message(6, pairs.into_iter().map(|(key, value)| pair(1, key, value)).collect())]
}

fn pair(number: u32, key: impl AsRef<[u8]>, value: Vec<Node>) -> Node {
    Node::Message(number, vec![Node::Bytes(1, key.as_ref().to_vec()), Node::Message(2, value)])
}

fn body(value: Vec<Node>) -> Node {
    Node::Message(5, value)
}

/// A message of these records in one scope.
fn message(signal: Signal, resource: Vec<Node>, scope: Vec<Node>, records: Vec<Vec<Node>>) -> (Signal, Vec<u8>) {
    let records = records.into_iter().map(|record| Node::Message(2, record));
    let scope = Node::Message(2, std::iter::once(Node::Message(1, scope)).chain(records).collect());
    (signal, Node::encode(&[Node::Message(1, vec![Node::Message(1, resource), scope])]))
}

/// A message of one log record.
fn log(fields: Vec<Node>) -> (Signal, Vec<u8>) {
    message(Signal::Logs, vec![], vec![], vec![fields])
}

/// A value with lists or maps inside each other.
fn deep(depth: usize, as_map: bool) -> Vec<Node> {
    (0..depth).fold(int(1), |value, _| if as_map { map([("k".to_owned(), value)]) } else { list([value]) })
}

const MARK: &str = r#"set(log.severity_text, "A")"#;

#[test]
fn repeated_singular_messages_cost_their_length() {
    let large = || text("z".repeat(20_000));
    let again = |number: u32| std::iter::repeat_n(Node::Message(number, vec![]), 4000);
    let resource = std::iter::once(pair(1, "k", large())).collect::<Vec<_>>();
    let parts_of = |number: u32, first: Vec<Node>, rest: Vec<Node>| {
        std::iter::once(Node::Message(number, first)).chain(again(number)).chain(rest).collect::<Vec<_>>()
    };
    let record = Node::Message(2, vec![Node::Varint(2, 9)]);
    let scoped = Node::Message(2, vec![record.clone()]);
    let whole = |fields: Vec<Node>| (Signal::Logs, Node::encode(&[Node::Message(1, fields)]));
    let span = |fields: Vec<Node>| message(Signal::Traces, vec![], vec![], vec![fields]);
    let scope = vec![Node::Message(2, parts_of(1, vec![Node::Bytes(1, vec![b'z'; 20_000])], vec![record]))];
    let point = |buckets: Vec<Node>| {
        let data = vec![Node::Message(1, buckets), Node::Varint(2, 1)];
        message(Signal::Metrics, vec![], vec![], vec![vec![Node::Bytes(1, b"m".to_vec()), Node::Message(10, data)]])
    };
    all([
        case("body", &[MARK], log(parts_of(5, large(), vec![])), &["\"severityText\":\"A\"", "zzzz"]),
        case(
            "body that is read",
            &[r#"set(log.attributes["b"], log.body)"#],
            log(parts_of(5, large(), vec![])),
            &["zz"],
        ),
        case("body that is written", &[r#"set(log.body, "x")"#], log(parts_of(5, large(), vec![])), &["\"x\""]),
        case("resource", &[MARK], whole(parts_of(1, resource.clone(), vec![scoped.clone()])), &["\"A\"", "zzzz"]),
        case(
            "resource that is written",
            &[r#"set(resource.attributes["n"], 1)"#],
            whole(parts_of(1, resource, vec![scoped])),
            &["\"n\"", "zzzz"],
        ),
        case("scope", &[r#"set(scope.version, "v")"#], whole(scope), &["\"version\":\"v\"", "zzzz"]),
        case(
            "status",
            &[r#"set(span.status.code, 2)"#],
            span(parts_of(15, vec![Node::Bytes(2, vec![b'z'; 20_000])], vec![])),
            &["\"code\":2", "zzzz"],
        ),
        case(
            "buckets",
            &["set(datapoint.positive.offset, 7)"],
            point(parts_of(8, vec![Node::PackedVarints(2, vec![1; 20_000])], vec![])),
            &["\"offset\":7"],
        ),
    ]);
}

#[test]
fn growth_ends_at_the_budget() {
    let tens = || {
        let mut rules = vec![r#"set(log.body, "a")"#];
        rules.extend([r#"replace_pattern(log.body, "a", "aaaaaaaaaa")"#; 10]);
        rules
    };
    let long = format!(r#"replace_pattern(log.body, "x", "{}")"#, "y".repeat(100_000));
    let double = |what: &str| {
        let mut rules = vec![r#"set(log.cache["a"], log.body)"#.to_owned()];
        rules.extend(std::iter::repeat_n(format!(r#"set(log.cache["a"], {what})"#), 60));
        rules
    };
    let doubled = |what: &str| double(what).iter().map(String::as_str).map(str::to_owned).collect::<Vec<_>>();
    let numbers = |many: i64| log(vec![body(list((0..many).map(int)))]);
    let budget: &[&str] = &["limit reached: scratch_bytes"];
    let hundred = || log(vec![body(text("x".repeat(100)))]);
    let with =
        |name, rules: Vec<String>, message: (Signal, Vec<u8>), parts| Case { rules, ..case(name, &[], message, parts) };
    all([
        case("ten times ten", &tens(), log(vec![body(text("q"))]), budget),
        case("long replacement", &[&long], log(vec![body(text("x".repeat(1000)))]), budget),
        case(
            "a text for each element",
            &[r#"set(log.attributes["o"], MapEach(log.body, (k, v) => String(log.body)))"#],
            numbers(3000),
            budget,
        ),
        case(
            "elements for each element",
            &[r#"set(log.attributes["o"], MapEach(log.body, (k, v) => MapEach(log.body, (l, w) => w)))"#],
            numbers(3000),
            budget,
        ),
        with("lists that double", doubled(r#"[log.cache["a"], log.cache["a"]]"#), hundred(), &["limit reached"]),
        with("texts that double", doubled(r#"Concat([log.cache["a"], log.cache["a"]], "")"#), hundred(), budget),
        case(
            "split of separators",
            &[r#"set(log.body, Split(log.body, ","))"#, r#"set(log.attributes["n"], Len(log.body))"#],
            log(vec![body(text(",".repeat(2000)))]),
            &["\"intValue\":\"2001\""],
        ),
        case(
            "texts of texts",
            &[
                r#"set(log.cache["l"], [log.body, log.body, log.body, log.body, log.body, log.body, log.body, log.body])"#,
                r#"set(log.cache["m"], [log.cache["l"], log.cache["l"], log.cache["l"], log.cache["l"], log.cache["l"]])"#,
                r#"set(log.cache["n"], [log.cache["m"], log.cache["m"], log.cache["m"], log.cache["m"], log.cache["m"]])"#,
                r#"set(log.attributes["s"], String(log.cache["n"]))"#,
            ],
            log(vec![body(text("x".repeat(50_000)))]),
            &["limit reached"],
        ),
    ]);
}

#[test]
fn what_records_share_is_not_multiplied_without_a_bound() {
    let resource = |len: usize| vec![pair(1, "t", text("t".repeat(len)))];
    let records = |many: usize| vec![vec![Node::Varint(2, 9)]; many];
    let shared = |many: usize| message(Signal::Logs, resource(50_000), vec![], records(many));
    let budget: &[&str] = &["limit reached: scratch_bytes"];
    let events = std::iter::repeat_n(Node::Message(11, vec![]), 2000).chain([Node::Bytes(5, vec![b'n'; 50_000])]);
    all([
        case("field", &[r#"set(log.severity_text, resource.attributes["t"])"#], shared(1000), budget),
        case("attribute", &[r#"set(log.attributes["a"], resource.attributes["t"])"#], shared(1000), budget),
        case("body", &[r#"set(log.body, resource.attributes["t"])"#], shared(1000), budget),
        case(
            "events",
            &["set(spanevent.name, span.name)"],
            message(Signal::Traces, vec![], vec![], vec![events.collect()]),
            budget,
        ),
        case(
            "a test of each",
            &[r#"set(log.severity_text, "A") where IsMatch(resource.attributes["t"], ".*x$")"#],
            shared(1000),
            &["Unchanged"],
        ),
        case(
            "a list that grows",
            &[r#"append(resource.attributes["l"], log.body)"#],
            message(Signal::Logs, vec![], vec![], vec![vec![body(text("x"))]; 200]),
            &["\"arrayValue\""],
        ),
    ]);
}

#[test]
fn depth_is_bounded_where_it_is_made() {
    let path = format!("set(log.attributes{}, 1)", r#"["a"]"#.repeat(3000));
    let mut chain = vec![r#"set(log.attributes["a"], log.body)"#; 1];
    chain.extend([r#"set(log.attributes["a"], [log.attributes["a"]])"#; 600]);
    let full = |as_map| log(vec![body(deep(500, as_map))]);
    all([
        case("path", &[&path], log(vec![body(text("q"))]), &["value_depth"]),
        case("chain", &chain, log(vec![body(text("q"))]), &["limit reached"]),
        case("copies of deep lists", &[r#"set(log.attributes["a"], log.body)"#], full(false), &["Changed"]),
        case("copies of deep maps", &[r#"set(log.attributes["a"], log.body)"#], full(true), &["Changed"]),
        case(
            "one too many",
            &[r#"set(log.attributes["a"], [[[[[[[[[[[[[log.body]]]]]]]]]]]]])"#],
            full(true),
            &["value_depth"],
        ),
        case(
            "deep JSON",
            &[r#"set(log.attributes["j"], ParseJSON(log.body))"#],
            log(vec![body(text("[".repeat(50_000)))]),
            &["error: "],
        ),
        case(
            "deep maps made flat",
            &[r#"set(log.attributes["a"], log.body)"#, "flatten(log.attributes)"],
            full(true),
            &["k.k.k.k"],
        ),
    ]);
}

#[test]
fn wide_maps_are_edited_in_linear_memory() {
    let same = |many: usize| log((0..many).map(|i| pair(6, format!("k{}", i % 3), int(i as i64))).collect());
    let own = |many: usize| log((0..many).map(|i| pair(6, format!("k{i}"), int(i as i64))).collect());
    let of_maps = map((0..3000).map(|i| (format!("k{i}"), map([("a".to_owned(), int(1)), ("b".to_owned(), int(2))]))));
    let mut cases = Vec::new();
    for (name, rule, parts) in [
        ("limit", r#"limit(log.attributes, 10, ["k1"])"#, &["Changed"] as &[&str]),
        ("keep_keys", r#"keep_keys(log.attributes, ["k1"])"#, &["Changed", "\"k1\""]),
        ("delete_key", r#"delete_key(log.attributes, "k1")"#, &["Changed"]),
        ("delete_matching_keys", r#"delete_matching_keys(log.attributes, "k[12]")"#, &["Changed"]),
        ("keep_matching_keys", r#"keep_matching_keys(log.attributes, "k[12]")"#, &["Changed"]),
        ("merge_maps", r#"merge_maps(log.attributes, log.attributes, "upsert")"#, &["\"k1\""]),
        ("flatten", "flatten(log.attributes)", &["\"k1\""]),
        ("truncate_all", "truncate_all(log.attributes, 1)", &["\"k1\""]),
        ("stringify_all", "stringify_all(log.attributes)", &["\"stringValue\":\"1\""]),
        ("replace_all_patterns", r#"replace_all_patterns(log.attributes, "key", "k(.)", "x$1")"#, &["\"x1\""]),
        ("replace_all_matches", r#"replace_all_matches(log.attributes, "k*", "x")"#, &["\"k1\""]),
    ] {
        cases.push(case(name, &[rule], same(10_000), parts));
        cases.push(case(name, &[rule], own(5000), &["k"]));
    }
    let long = format!(r#"flatten(log.attributes, "{}")"#, "p".repeat(2000));
    cases.push(case(
        "flatten with a long prefix",
        &[&long],
        log(vec![pair(6, "a", of_maps.clone())]),
        &["limit reached"],
    ));
    cases.push(case(
        "flatten of many maps",
        &["flatten(log.attributes)"],
        log(vec![pair(6, "a", of_maps)]),
        &["a.k2999.b"],
    ));
    // As many statements as fields.
    let rules: Vec<_> =
        (0..500).map(|i| format!(r#"set(log.attributes["x{i}"], 1) where log.attributes["y{i}"] == nil"#)).collect();
    let rules: Vec<_> = rules.iter().map(String::as_str).collect();
    cases.push(case("many statements", &rules, own(1000), &["\"x499\""]));
    all(cases);
}

#[test]
fn hostile_texts_are_parsed_within_the_budget() {
    let of = |content: String| log(vec![body(text(content))]);
    let members = |key: fn(usize) -> String| format!("{{{}}}", (0..10_000).map(key).collect::<Vec<_>>().join(","));
    let parse = &[r#"set(log.attributes["j"], ParseJSON(log.body))"#];
    let pairs = &[r#"merge_maps(log.attributes, ParseKeyValue(log.body), "upsert")"#];
    let url = &[r#"set(log.attributes["u"], URL(log.body))"#];
    let groups: String = (0..90).map(|i| format!("(?P<g{i}>a*)")).collect();
    let groups = format!(r#"merge_maps(log.attributes, ExtractPatterns(log.body, "{groups}"), "upsert")"#);
    let format = format!(r#"set(log.body, Format("{}", [log.body, 1]))"#, "%999999d%.*f%[9]*d".repeat(500));
    let sort = &[r#"set(log.body, Sort(log.body, "desc"))"#];
    all([
        case("members", parse, of(members(|i| format!("\"a{i}\":1"))), &["\"a9999\""]),
        case("one member", parse, of(members(|_| "\"a\":1".into())), &["\"a\""]),
        case("lists", parse, of(format!("[{}[]]", "[],".repeat(3000))), &["Changed"]),
        case("no end", parse, of(format!("[{}", "{},".repeat(20_000))), &["error: "]),
        case("quotes", pairs, of("a=\"b ".repeat(20_000)), &["Changed"]),
        case("pairs", pairs, of((0..4000).map(|i| format!("k{i}=v ")).collect()), &["\"k3999\""]),
        case("parameters", url, of(format!("http://a/?{}", "a=1&".repeat(10_500))), &["Changed"]),
        case("segments", url, of(format!("http://a/{}", "%2F../".repeat(10_000))), &["Changed"]),
        case("numbers", sort, log(vec![body(list((0..10_000).map(|i| int(i * 7919 % 10_007))))]), &["Changed"]),
        case(
            "texts",
            sort,
            log(vec![body(list((0..5000).map(|i| text(format!("{}{i}", "x".repeat(30))))))]),
            &["Changed"],
        ),
        case("groups", &[&groups], of("a".repeat(20_000)), &["\"g0\""]),
        case("backtracking", &[r#"replace_pattern(log.body, "(x+x+)+y", "")"#], of("x".repeat(20_000)), &["Unchanged"]),
        case(
            "globs",
            &[r#"replace_match(log.body, "*a*b*a*b*a*b*a*c", "x")"#],
            of("ab".repeat(10_000)),
            &["Unchanged"],
        ),
        case("a number", &[r#"set(log.attributes["d"], Double(log.body))"#], of("9".repeat(50_000)), &["body"]),
        case("a duration", &[r#"set(log.attributes["d"], Duration(log.body))"#], of("1h".repeat(50_000)), &["body"]),
        case("a time", &[r#"set(log.time, Time(log.body, "%Y-%m-%d"))"#], of("9".repeat(50_000)), &["error: "]),
        case("a format", &[&format], of("x".into()), &["limit reached: scratch_bytes"]),
        case(
            "a precision",
            &[r#"set(log.attributes["o"], Format("%.*f", [log.attributes["p"], 1.5]))"#],
            log(vec![pair(6, "p", int(70_000))]),
            &["1.500000000000"],
        ),
        case(
            "a pattern for each record",
            &[r#"set(log.severity_text, "A") where IsMatch(log.body, log.attributes["p"])"#],
            message(
                Signal::Logs,
                vec![],
                vec![],
                (0..20)
                    .map(|i| vec![body(text("x".repeat(60))), pair(6, "p", text(format!("\\pL{{50}}x|y{i}")))])
                    .collect(),
            ),
            &["\"A\""],
        ),
    ]);
}

#[test]
fn hostile_metrics_are_bounded() {
    let metric = |kind: u32, data: Vec<Node>| vec![Node::Bytes(1, b"m".to_vec()), Node::Message(kind, data)];
    let metrics = |metrics: Vec<Vec<Node>>| message(Signal::Metrics, vec![], vec![], metrics);
    let zigzag = |v: i64| ((v << 1) ^ (v >> 63)) as u64;
    let point = |scale: i64, offset: i64| {
        let buckets = Node::Message(8, vec![Node::Varint(1, zigzag(offset)), Node::PackedVarints(2, vec![1; 3])]);
        Node::Message(1, vec![Node::Fixed64(4, 3), Node::Varint(6, zigzag(scale)), buckets])
    };
    let far = [(20, i64::from(i32::MAX)), (-10, i64::from(i32::MIN)), (0, 2_000_000), (0, -2_000_000)];
    let points = far.map(|(scale, offset)| point(scale, offset)).into_iter().chain([Node::Varint(2, 1)]).collect();
    let near = vec![point(0, 0), point(0, 100_000), Node::Varint(2, 1)];
    let series = (0..3000).map(|i| Node::Message(1, vec![pair(7, "a", text(i.to_string())), Node::Fixed64(6, i)]));
    let sum: Vec<_> = series.chain([Node::Varint(2, 1)]).collect();
    all([
        case(
            "copies of copies",
            &[r#"copy_metric(name="m") where metric.name == "m""#],
            metrics(vec![metric(5, vec![])]),
            &["limit reached: new_metrics"],
        ),
        case(
            "buckets far apart",
            &[r#"aggregate_on_attributes("sum", []) where metric.name == "m""#],
            metrics(vec![metric(10, points)]),
            &["Changed"],
        ),
        case(
            "buckets apart",
            &[r#"aggregate_on_attributes("sum", []) where metric.name == "m""#],
            metrics(vec![metric(10, near)]),
            &[],
        ),
        case(
            "series",
            &[r#"aggregate_on_attributes("sum", ["a"]) where metric.name == "m""#],
            metrics(vec![metric(7, sum.clone())]),
            &["2999"],
        ),
        case(
            "one series",
            &[r#"aggregate_on_attributes("median", []) where metric.name == "m""#],
            metrics(vec![metric(7, sum)]),
            &["Changed"],
        ),
    ]);
}

/// What reading JSON may hold: a multiple of its length.
#[test]
fn hostile_json_costs_its_length() {
    let record =
        |members: String| format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{{members}}}]}}]}}]}}"#);
    let unknown = (0..20_000).map(|i| format!("\"u{i}\":[{{}}]")).collect::<Vec<_>>().join(",");
    let bodies = format!(r#""body":{{"stringValue":"{}"}}{}"#, "z".repeat(20_000), ",\"body\":{}".repeat(5000));
    for (name, text, is_sound) in [
        ("unknown members", record(unknown), true),
        ("nested unknown members", record(format!("\"u\":{}{}", "[".repeat(9000), "]".repeat(9000))), true),
        ("too deep", record(format!("\"u\":{}{}", "[".repeat(50_000), "]".repeat(50_000))), false),
        ("no end", record(format!("\"body\":{}", "[".repeat(50_000))), false),
        ("repeated body", record(bodies), true),
        (
            "empty records",
            format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}{{}}]}}]}}]}}"#, "{},".repeat(30_000)),
            true,
        ),
        ("escapes", record(format!(r#""body":{{"stringValue":"{}"}}"#, "\\u0001".repeat(20_000))), true),
    ] {
        let mut result = Ok(());
        let used = allocation_counter::measure(|| {
            let mut out = Vec::new();
            result = json::to_protobuf(Signal::Logs, text.as_bytes(), &mut out).map_err(drop);
        });
        assert_eq!(result.is_ok(), is_sound, "{name}");
        assert!(used.bytes_max as usize <= 16 * text.len() + (1 << 20), "{name} held {}", used.bytes_max);
        assert!(used.bytes_total as usize <= 64 * text.len() + (4 << 20), "{name} asked for {}", used.bytes_total);
    }
}

/// Streams of nothing: the reader holds a chunk, whatever their length.
#[test]
fn streams_of_nothing_take_no_memory() {
    for (name, piece) in
        [("empty frames", "\0\0\0\0"), ("blanks", "    "), ("lines", "\n\n\n\n"), ("empty documents", "{}\n ")]
    {
        let chunk = piece.repeat(16 << 10);
        let format = (name == "empty frames").then_some(ottl::otlp::framing::Format::LengthPrefixed);
        let used = allocation_counter::measure(|| {
            let mut reader = FrameReader::new(FrameOptions { format, ..FrameOptions::default() });
            for _ in 0..20 {
                reader.push(chunk.as_bytes());
                while reader.next().expect("it is sound").is_some() {}
            }
            reader.finish();
            while reader.next().expect("it is sound").is_some() {}
        });
        assert!(used.bytes_max as usize <= 4 * chunk.len(), "{name} held {}", used.bytes_max);
        assert!(used.count_total < 1000, "{name}: {}", used.count_total);
    }
}
