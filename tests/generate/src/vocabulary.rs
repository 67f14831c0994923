//! The words that programs and data share: attribute keys with what mostly lies behind them, and texts of every kind.
//!
//! A program only meets data when both use the same words, so all of them come from here.

use crate::Choices;

/// What kind of value an attribute key mostly holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Text,
    Int,
    Float,
    Bool,
    Bytes,
    Map,
    List,
    Json,
    Pairs,
    Xml,
    Url,
    Csv,
    LogLine,
    TimeText,
    DurationText,
    NumberText,
    Ip,
    Hex16,
    Hex32,
    Empty,
    Any,
}

/// Attribute keys.
pub(crate) const KEYS: &[(&str, Slot)] = &[
    ("s", Slot::Text),
    ("i", Slot::Int),
    ("f", Slot::Float),
    ("b", Slot::Bool),
    ("m", Slot::Map),
    ("l", Slot::List),
    ("y", Slot::Bytes),
    ("http.method", Slot::Text),
    ("json", Slot::Json),
    ("kv", Slot::Pairs),
    ("xml", Slot::Xml),
    ("url", Slot::Url),
    ("csv", Slot::Csv),
    ("line", Slot::LogLine),
    ("time", Slot::TimeText),
    ("dur", Slot::DurationText),
    ("num", Slot::NumberText),
    ("ip", Slot::Ip),
    ("tid", Slot::Hex32),
    ("sid", Slot::Hex16),
    ("nil", Slot::Empty),
    ("x", Slot::Any),
    ("m.s", Slot::Text),
    ("", Slot::Text),
    ("cl\u{e9}", Slot::Text),
    ("S", Slot::Text),
    ("long.attribute.key.of.more.than.sixteen.bytes", Slot::Text),
];

pub(crate) const TEXTS: &[&str] = &[
    "a",
    "",
    "b",
    "hello world",
    "GET",
    "Hello World hello",
    "a,b,c",
    "foo=bar",
    "/api/v1/users/123",
    "err: 42 failed",
    "caf\u{e9} \u{1f600}",
    "  padded ",
    "true",
    "card 4111-1111-1111-1111",
    "a.b.c",
    "$1",
    "line1\nline2",
    "snake_case_text",
    "camelCaseText",
    "user@example.com",
    "\u{130}stanbul \u{df}",
    "a very long text that goes on and on, because some buffers are a hundred and twenty-eight bytes long and this one is surely longer than that, is it not?",
];

pub(crate) const XML: &[&str] = &[
    "<a>1</a>",
    "<a b=\"1\" c=\"\"><b>2</b>x<b>3</b><!-- y --></a>",
    "<?xml version=\"1.0\"?><a><b c='&lt;'/><![CDATA[<z>]]></a>",
    "<p:a xmlns:p=\"u\" p:b=\"1\"><p:b/>\n t </p:a>",
    "<a> <b> 1 </b> </a>",
    "<a/><b>2</b>",
    "<!-- c --><a/>",
    "<a>",
    "x",
];

pub(crate) const XPATHS: &[&str] = &[
    "/",
    "/a",
    "/a/b",
    "//b[1]",
    "//@*",
    "/a/@b",
    "//text()",
    "/a/node()",
    "/a/b[. = 2]",
    "/a/b[position() = last()]",
    "/a/*[@c]",
    "//comment()",
    "/a/b[contains(., 'x') or 3 > count(*)]",
    "count(//b)",
    "//p:b",
    "//b[",
];

pub(crate) const JSON: &[&str] = &[
    r#"{"a":1}"#,
    r#"{"s":"x","m":{"i":2}}"#,
    r#"[1,2.5,"a",null,true]"#,
    r#"{}"#,
    r#"[]"#,
    r#"{"l":[{"a":1},[2]]}"#,
    r#"{"a":1e3,"b":-0.0}"#,
    r#"{"a":"\u00e9\n"}"#,
    r#"{"a":1,"a":2}"#,
    r#"{"a":12345678901234567890}"#,
    "1",
    "\"text\"",
    "null",
    "{\"a\":",
    "not json",
    " {\"a\" : [ ] } ",
];

pub(crate) const PAIRS: &[&str] =
    &["a=1", "a=1 b=2", "a=\"x y\" b=2", "a=1,b=2", "k:v k2:v2", "a", "a=b=c", "", " a=1  b=2 ", "a='x y'", "a=\"b"];

pub(crate) const URLS: &[&str] = &[
    "http://example.com/a/b.txt?x=1#frag",
    "https://user:pass@example.com:8080/p",
    "/only/path",
    "http://[::1]:80/",
    "?a=b",
    "http://example.com",
    "mailto:a@b.c",
    "http://ex ample.com",
    "http://example.com/%zz",
    "https://EXAMPLE.com/a%20b?q=%41",
];

pub(crate) const CSV: &[&str] = &[
    "a,b",
    "1,\"x, y\"",
    "1;2",
    "a,b,c",
    "\"a\"\"b\",c",
    "a\"b,c",
    "a,\"b",
    "a,b\nc,d",
    "a\r\n\r\n\"b\"\r",
    "",
    ",",
    "a,\"b\"c\nd,e",
    "caf\u{e9},\u{1f600}",
];

/// Lines of every format for which there is a parser, and nearly so.
pub(crate) const LOG_LINES: &[&str] = &[
    "CEF:0|V|P|1.0|100|a name|5|src=10.0.0.1 msg=two words",
    "<1> h CEF:1|a\\|b|c\\\\|d|e|f|g| k=\\=\\n k=2 ",
    "CEF:0|a|b|c|d|e",
    "h - u [10/Oct/2000:13:55:36 -0700] \"GET /a HTTP/1.0\" 200 2326",
    "h - - [t] \"\\x41\\\"\" 404 -",
    "h - - [t] \"x\" 200 5 \"http://r/\" \"a b\"",
    "h - - [t] \"x\" ok 5",
    "#Version: 1.0\n#Fields: a b a\n1 \"2 \"\"3\"\n4",
    "#Version: 1.0\r\n#Date: today\r\n#Fields",
    "LEEF:1.0|v|p|1|e|a=1\tb=2\ta=3",
    "LEEF:2.0|v|p|1|e|0x5e|a=1^b=2|c",
    "LEEF:2.0|v|p|1|e|ab|a=1",
];

/// Mappings of `ParseSeverity`, of which no two levels fit one value: the reference would take either.
pub(crate) const SEVERITIES: &[&str] = &[
    r#"{"low": [{"equals": ["a", "GET"]}, {"range": {"min": 0, "max": 9}}], "high": [{"range": "4xx"}]}"#,
    r#"{"all": [{"range": {"min": -100, "max": 1000}, "equals": ["", "b", "foo=bar", "true"]}]}"#,
    r#"{"none": []}"#,
    r#"{"wrong": [{"equals": "a"}]}"#,
    r#"{"wrong": [{"range": {"min": 1}}]}"#,
];

pub(crate) const TIME_TEXTS: &[&str] = &[
    "2024-02-29",
    "2024-02-29 12:34:56",
    "2023-01-02T03:04:05Z",
    "2023-01-02T03:04:05.123456789+02:00",
    "02/Jan/2023:03:04:05 +0100",
    "Jan 2 15:04:05 2023",
    "1699999999",
    "12:34",
    "never",
    "14 M\u{e4}rz 2023",
    "14 mai 2023",
    "3:04 PM",
];

pub(crate) const TIME_FORMATS: &[&str] = &[
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%d/%b/%Y:%H:%M:%S %z",
    "%b %d %H:%M:%S %Y",
    "%s",
    "%A %B %j",
    "%H:%M",
    "%%Y",
    "%L %y",
    "%I:%M %p",
    "%d %B %Y",
];

pub(crate) const DURATION_TEXTS: &[&str] =
    &["1h", "1h30m", "-5s", "100ms", "0", "1.5h", "3us", "1d", "", "2h45m30.5s", "9999999h"];

pub(crate) const NUMBER_TEXTS: &[&str] = &[
    "1",
    "-7",
    "3.14",
    "0x10",
    "1e3",
    " 5",
    "007",
    "9223372036854775807",
    "9223372036854775808",
    "NaN",
    "Inf",
    "1_000",
    "abc",
    "",
    "true",
    "+3",
];

pub(crate) const ADDRESSES: &[&str] =
    &["10.1.2.3", "192.168.0.1", "::1", "2001:db8::1", "256.1.1.1", "", "::ffff:10.0.0.1", "10.1.2"];

pub(crate) const NETWORKS: &[&str] =
    &["10.0.0.0/8", "192.168.0.0/16", "::/0", "2001:db8::/32", "10.1.2.3/32", "10.1.2.3/33"];

pub(crate) const HEX32: &[&str] =
    &["0102030405060708090a0b0c0d0e0f10", "00000000000000000000000000000000", "ABCDEF00000000000000000000000001", "01"];

pub(crate) const HEX16: &[&str] = &["0102030405060708", "0000000000000000", "ffffffffffffffff", "zz02030405060708"];

pub(crate) const PATTERNS: &[&str] = &[
    "a",
    "^h",
    "o",
    "[0-9]+",
    "\\d{4}",
    "(\\w+)=(\\w+)",
    ".*",
    "",
    "(?i)HELLO",
    "^(a|b)$",
    "l+",
    "(?P<first>\\w+) (?P<second>\\w+)",
    "\\s",
    "x*",
    "^$",
    "(?s)line1.line2",
    "[^a-z]",
    "\u{e9}",
    "(",
    "\\bworld\\b",
    "http\\..*",
    "^[imf]$",
    "s|m",
];

pub(crate) const ENCODINGS: &[&str] = &[
    "base64",
    "base64-raw-url",
    "utf-8",
    "UTF-16",
    "iso-8859-1",
    "Shift_JIS",
    "gb18030",
    "IBM037",
    "iso-2022-jp",
    "big5",
    "nope",
];

pub(crate) const USER_AGENTS: &[&str] = &[
    "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.71 Safari/537.36 Edg/120.0.2210.61",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1",
    "curl/8.5.0",
    "kube-probe/1.27",
    "Googlebot/2.1 (+http://www.google.com/bot.html)",
];

pub(crate) const GROK_PATTERNS: &[&str] = &[
    "%{WORD:first} %{WORD:second}",
    "%{WORD}",
    "%{NUMBER:n:int}",
    "%{NUMBER:n.m:float}|%{WORD:n.m}",
    "^%{DATA:a} ?%{GREEDYDATA:b:string}$",
    "%{IP:ip}",
    "%{NOTSPACE:b:bool}",
    "(?P<a___b>\\w)%{WORD}?",
    "%{PART}",
    "no names",
    "%{OTHER:o:long}",
    "%{WORD:x:nope}",
];

pub(crate) const GROK_DEFINITIONS: &[&str] = &[
    "PART=[a-c]%{OTHER:x:string}",
    "OTHER=[0-9]+",
    "WORD=[a-z]",
    "OTHER=%{WORD:x:int}?",
    "PART",
    "P:Q=a",
    "PART=%{PART}",
];

pub(crate) const NAMED_PATTERNS: &[&str] = &[
    "(?P<first>\\w+) (?P<second>\\w+)",
    "^(?P<a>.)",
    "(?P<n>\\d+)",
    "(?P<a>x)?(?P<b>.*)",
    "no names",
    "(?P<key>\\w+)=(?P<value>\\w*)",
    "(?P<a>h)|(?P<b>w)",
];

pub(crate) const GLOBS: &[&str] = &[
    "*",
    "a*",
    "hello*",
    "*world",
    "?",
    "GET",
    "",
    "[a-c]*",
    "{a,b}",
    "*,*",
    "/api/*/users/*",
    "[!a]*",
    "**",
    "h?llo*",
];

pub(crate) const TEMPLATES: &[&str] =
    &["x", "", "<$1>", "${first}-$2", "$$", "$0", "$1x", "${1}x", "***", "caf\u{e9}", "$", "a$"];

pub(crate) const FORMATS: &[&str] = &[
    "%v",
    "%s",
    "%d",
    "%5.2f",
    "%q",
    "%x",
    "%t",
    "%v-%v",
    "plain",
    "%05d",
    "%+d",
    "%e",
    "%%",
    "%c",
    "%T",
    "%-8s|",
    "%08.3f",
    "%#x",
    "%U",
    "%X",
    "%s%s",
    "%[2]v %[1]v",
    "%6v",
    "%o",
    "%b",
    "%g",
];

pub(crate) const DELIMITERS: &[&str] = &[",", " ", "", "=", "o", ".", ":", "ab"];

pub(crate) const CHARACTERS: &[&str] = &[" ", "a", "ab", "", "h d", "\u{e9}"];

/// The texts of a slot; empty where the slot is no text.
pub(crate) fn texts(slot: Slot) -> &'static [&'static str] {
    match slot {
        Slot::Text => TEXTS,
        Slot::Json => JSON,
        Slot::Pairs => PAIRS,
        Slot::Xml => XML,
        Slot::Url => URLS,
        Slot::Csv => CSV,
        Slot::LogLine => LOG_LINES,
        Slot::TimeText => TIME_TEXTS,
        Slot::DurationText => DURATION_TEXTS,
        Slot::NumberText => NUMBER_TEXTS,
        Slot::Ip => ADDRESSES,
        Slot::Hex16 => HEX16,
        Slot::Hex32 => HEX32,
        _ => &[],
    }
}

/// A key of a slot, or of any slot.
pub(crate) fn key(choices: &mut Choices<'_>, slot: Option<Slot>) -> &'static str {
    let fits: Vec<_> = KEYS.iter().filter(|(_, s)| slot.is_none_or(|slot| slot == *s)).collect();
    if fits.is_empty() || choices.one_in(12) {
        // Early keys are likelier, so that program and data meet.
        let reach = if choices.one_in(3) { KEYS.len() } else { 7 };
        return KEYS[choices.below(reach)].0;
    }
    let reach = if choices.one_in(4) { fits.len() } else { fits.len().min(2) };
    fits[choices.below(reach)].0
}

/// Names of spans, metrics, scopes, events.
pub(crate) const NAMES: &[&str] = &["n1", "n2", "http.server.duration", "", "GET /api/v1/users/123", "library"];

/// Times in nanoseconds since the epoch.
pub(crate) const TIMES: &[u64] = &[
    0,
    1,
    1_700_000_000_123_456_789,
    1_700_000_001_000_000_000,
    1_600_000_000_000_000_000,
    i64::MAX as u64,
    u64::MAX,
    i64::MAX as u64 + 1,
];

pub(crate) const INTS: &[i64] =
    &[0, 1, 2, 3, -1, 10, 42, 100, 500, 1 << 31, -(1 << 31), i64::MAX, i64::MIN, 1 << 53, 255];

pub(crate) const FLOATS: &[f64] = &[
    0.0,
    1.5,
    -2.25,
    1.0,
    100.0,
    -0.0,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    1e21,
    1e-7,
    0.1,
    1.7976931348623157e308,
    5e-324,
    9.223372036854776e18,
];
