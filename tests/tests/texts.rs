//! Rewrites of texts, and steps that ask about what they leave: what one changes the next one sees, also where all texts are
//! asked about before the first one runs.

use ottl_core::Time;
use ottl_core::function::{FixedClock, SequenceRng};
use ottl_engine::Env;
use ottl_engine::fast::{Engine, Options};
use ottl_generate::Node;
use ottl_schema::Signal;
use ottl_suite::{engines, rules};

const EMAIL: &str = r#"replace_all_patterns(log.attributes, "value", "[a-z]+@[a-z]+", "<email>")"#;
const PASSWORD: &str = r#"replace_all_patterns(log.attributes, "value", "password=[^ ]+", "password=***")"#;
const BODY: &str = r#"replace_pattern(log.body, "password=[^ ]+", "password=***")"#;

/// Statements, and how often each of them changes something in the records of [`message`].
const TABLE: &[(&[&str], &[u64])] = &[
    // Quiet records, and those in which one value or the other has something.
    (&[EMAIL, PASSWORD], &[2, 2]),
    (&[EMAIL, PASSWORD, BODY], &[2, 2, 2]),
    // What is written in front of a rewrite: a text with something in it, one without, a copy, what another rewrite makes.
    (&[r#"set(log.attributes["new"], "a@b")"#, EMAIL], &[5, 5]),
    (&[r#"set(log.attributes["new"], "a")"#, EMAIL], &[5, 2]),
    (&[r#"set(log.attributes["new"], log.body)"#, PASSWORD], &[5, 3]),
    (&[r#"set(log.attributes["new"], Concat(["x@", "y"], ""))"#, EMAIL], &[5, 5]),
    (&[r#"replace_all_patterns(log.attributes, "value", "none", "password=x")"#, PASSWORD], &[1, 3]),
    (&[r#"replace_pattern(log.attributes["a"], "none", "c@d")"#, EMAIL], &[1, 3]),
    // One piece alone is nothing, but what stands around it is there, too.
    (&[r#"replace_pattern(log.attributes["a"], "none", "some@")"#, EMAIL], &[1, 2]),
    (&[r#"replace_all_patterns(log.attributes, "value", " \\(at\\) ", "@")"#, EMAIL], &[2, 3]),
    (
        &[
            r#"replace_all_patterns(log.attributes, "value", "-", "")"#,
            r#"replace_pattern(log.attributes["b"], "word=", "")"#,
        ],
        &[1, 2],
    ),
    // Answers that a rewrite takes back, leaves or makes.
    (&[BODY, r#"set(log.flags, 1) where IsMatch(log.body, "secret")"#], &[2, 0]),
    (&[BODY, r#"set(log.flags, 1) where IsMatch(log.body, "(?i)USER|panic")"#], &[2, 2]),
    (&[BODY, r#"set(log.flags, 1) where IsMatch(log.body, "\\*{3}")"#], &[2, 2]),
    (&[BODY, r#"set(log.flags, 1) where IsMatch(log.body, "^[a-z ]+$")"#], &[2, 2]),
    (&[BODY, r#"set(log.flags, 1) where IsString(log.body)"#], &[2, 4]),
    (
        &[
            r#"replace_pattern(log.body, "password=secret", "")"#,
            r#"set(log.flags, 1) where IsMatch(log.body, "userat")"#,
        ],
        &[2, 1],
    ),
    (
        &[
            r#"replace_pattern(log.attributes["a"], "none", "")"#,
            r#"set(log.flags, 1) where log.attributes["a"] == """#,
        ],
        &[1, 2],
    ),
    (
        &[
            r#"replace_pattern(log.attributes["a"], "none", "x")"#,
            r#"set(log.flags, 1) where log.attributes["a"] == "x""#,
        ],
        &[1, 1],
    ),
    (
        &[
            r#"replace_pattern(log.attributes["a"], "none", "x")"#,
            r#"set(log.flags, 1) where log.attributes["a"] == "none""#,
        ],
        &[1, 0],
    ),
    (
        &[
            r#"replace_pattern(log.attributes["a"], "none", "x")"#,
            r#"set(log.flags, 1) where log.attributes["a"] != nil"#,
        ],
        &[1, 5],
    ),
    (
        &[
            r#"replace_pattern(log.attributes["a"], "n(on)e", "$1")"#,
            r#"set(log.flags, 1) where log.attributes["a"] == "on""#,
        ],
        &[1, 1],
    ),
    (&[EMAIL, r#"set(log.flags, 1) where log.attributes["a"] == "<email>""#], &[2, 1]),
    (&[EMAIL, r#"set(log.flags, 1) where log.attributes["n"] == 64"#], &[2, 5]),
    // Lengths: what a rewrite makes longer or shorter, and what has none.
    (&[r#"set(log.flags, 1) where Len(log.body) > 12"#], &[2]),
    (&[BODY, r#"set(log.flags, 1) where IsString(log.body) and Len(log.body) > 17"#], &[2, 1]),
    (&[BODY, r#"set(log.flags, 1) where IsString(log.body) and 17 == Len(log.body)"#], &[2, 1]),
    (&[EMAIL, r#"set(log.flags, 1) where log.attributes["a"] != nil and Len(log.attributes["a"]) > 4"#], &[2, 3]),
    (&[EMAIL, r#"set(log.flags, 1) where IsString(log.attributes["a"]) and Len(log.attributes["a"]) > 4"#], &[2, 3]),
    (
        &[
            r#"replace_pattern(log.attributes["a"], "none", "longer")"#,
            r#"set(log.flags, 1) where IsString(log.attributes["a"]) and Len(log.attributes["a"]) == 6"#,
        ],
        &[1, 2],
    ),
    (&[r#"set(log.flags, 1) where IsString(log.attributes["n"]) and Len(log.attributes["n"]) >= 0"#], &[0]),
    (&[r#"set(log.flags, 1) where Len(log.attributes["n"]) >= 0 or log.flags == 0"#], &[0]),
    (&[r#"set(log.flags, 1) where Len(log.attributes["z"]) >= 0 or log.flags == 0"#], &[0]),
    (&[r#"set(log.severity_text, "x")"#, r#"set(log.flags, 1) where Len(log.severity_text) == 1"#], &[5, 5]),
    (&[r#"set(log.flags, 1) where Len(log.severity_text) == 0"#], &[5]),
];

fn message() -> Vec<u8> {
    let text = |text: &str| vec![Node::Bytes(1, text.into())];
    let pair = |key: &str, any: Vec<Node>| Node::Message(6, vec![Node::Bytes(1, key.into()), Node::Message(2, any)]);
    let record = |body: Option<&str>, a: &str, b: &str| {
        // The byte of `@` stands in a value that is no text.
        let mut fields = vec![pair("a", text(a)), pair("n", vec![Node::Varint(3, 64)]), pair("b", text(b))];
        fields.extend(body.map(|body| Node::Message(5, text(body))));
        Node::Message(2, fields)
    };
    let records = vec![
        record(Some("a plain body"), "none", "@"),
        record(Some("user password=secret"), "x@y", "no-thing (at) all"),
        record(Some("userpassword=secretat password=b"), "a password=c", "word="),
        record(None, "to a@b", "password=d word=1"),
        record(Some("other"), "", "on (at) off"),
    ];
    Node::encode(&[Node::Message(1, vec![Node::Message(2, records)])])
}

#[test]
fn what_one_statement_changes_the_next_one_sees() {
    let message = message();
    for (statements, expected) in TABLE {
        // Alone, and among so many that are asked about together.
        for others in [0, 9] {
            let more =
                (0..others).map(|number| format!(r#"set(log.flags, 2) where log.attributes["none"] == "{number}""#));
            let lines = statements.iter().map(|&line| line.to_owned()).chain(more);
            let lines: String = lines.map(|line| format!("  - '{line}'\n")).collect();
            let rules = format!("error_mode: ignore\nlog_statements:\n{lines}");
            let plan = rules::plan("transform", Signal::Logs, &rules);
            let run = |engine: &dyn ottl_engine::Engine| {
                let (clock, rng) = (FixedClock(Time::from_unix_nanos(0)), SequenceRng::default());
                engine.outcome(&message, &Env::new(&clock, &rng))
            };
            let interp = run(&*engines::interp(&plan));
            let changed: Vec<u64> = interp.report.sources.iter().map(|counters| counters.changed).collect();
            assert_eq!(changed[..expected.len()], **expected, "{rules}");
            for options in Options::every() {
                let fast = run(&Engine::with(&plan, options));
                assert_eq!(fast.report, interp.report, "{options:?} {rules}");
                assert_eq!(engines::difference(&plan, &message, &fast, &interp), None, "{options:?} {rules}");
            }
        }
    }
}
