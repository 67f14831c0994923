//! `Sprintf` and URLs against answers of the reference's `fmt` and `net/url`.
//!
//! Each row of `vectors/sprintf.jsonl` names its arguments (see `argument`), each of `url.jsonl`
//! the parts of a URL or the error. Values that are not UTF-8 are base64 under a key ending in `_b64`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ottl_core::value::{Time, Zone};
use ottl_functions::sprintf::{Arg, MAX_TEXT, sprintf};
use ottl_functions::url::{Url, extension, host_and_port, parse_query};
use serde_json::Value;

fn base64(text: &str) -> Vec<u8> {
    STANDARD.decode(text).expect("base64")
}

fn bytes(row: &Value, key: &str) -> Option<Vec<u8>> {
    match &row[key] {
        Value::String(text) => Some(text.clone().into_bytes()),
        _ => row[format!("{key}_b64")].as_str().map(base64),
    }
}

fn show(text: &[u8]) -> String {
    text.escape_ascii().to_string()
}

/// The argument that a row calls by this name.
fn argument(name: &str) -> Arg<'static> {
    match name {
        "nil" => Arg::Nil,
        "true" => Arg::Bool(true),
        "false" => Arg::Bool(false),
        "min" => Arg::Int(i64::MIN),
        "nan" => Arg::Float(f64::NAN),
        "inf" => Arg::Float(f64::INFINITY),
        "-inf" => Arg::Float(f64::NEG_INFINITY),
        "bad" => Arg::Str(b"a\xffb"),
        "bytes" => Arg::Bytes(b"hi\0"),
        "nobytes" => Arg::Bytes(b""),
        "dur" => Arg::Duration(90_000_000_000),
        "time" => Arg::Time(Time { secs: 1_704_164_645, nanos: 600, zone: Zone::Utc }),
        "list" => Arg::List(&[Arg::Int(1), Arg::Str(b"a"), Arg::Nil, Arg::Float(2.5), Arg::Bool(true)]),
        "nolist" => Arg::List(&[]),
        "map" => Arg::Map(&[(b"a", Arg::Int(1)), (b"b", Arg::Str(b"x"))]),
        "deep" => Arg::List(&[Arg::List(&[Arg::Str(b"x")]), Arg::Bytes(b"y"), Arg::Duration(1_000_000_000)]),
        "" => Arg::Str(b""),
        "abc" => Arg::Str(b"abc"),
        "tick`" => Arg::Str(b"tick`"),
        "日本" => Arg::Str("日本".as_bytes()),
        "hé\n\"" => Arg::Str("hé\n\"".as_bytes()),
        _ => match name.parse::<i64>() {
            Ok(int) => Arg::Int(int),
            Err(_) => Arg::Float(name.parse().expect("a number")),
        },
    }
}

fn check(table: &str, row_differs: impl Fn(&Value) -> Option<String>) {
    let mut wrong = Vec::new();
    for line in table.lines() {
        let row: Value = serde_json::from_str(line).expect("a row of JSON");
        wrong.extend(row_differs(&row).map(|what| format!("{what}\n  {line}")));
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

#[test]
fn sprintf_agrees_with_the_reference() {
    check(include_str!("vectors/sprintf.jsonl"), |row| {
        let format = bytes(row, "format")?;
        let names = row["args"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let args: Vec<Arg<'_>> = names.map(argument).collect();
        let mut out = Vec::new();
        assert_eq!(sprintf(&mut out, &format, &args, MAX_TEXT), Ok(()));
        let wanted = bytes(row, "out")?;
        (out != wanted).then(|| format!("{}; wanted {}", show(&out), show(&wanted)))
    });
}

fn parts(url: &Url<'_>) -> Vec<(&'static str, Vec<u8>)> {
    let mut original = Vec::new();
    url.push_original(&mut original);
    let (domain, port) = host_and_port(&url.host);
    let mut parts = vec![
        ("url.original", original),
        ("url.domain", domain.to_vec()),
        ("url.scheme", url.scheme.to_vec()),
        ("url.path", url.path.to_vec()),
    ];
    let mut put = |key, value: Option<Vec<u8>>| parts.extend(value.map(|value| (key, value)));
    let filled = |text: &[u8]| Some(text.to_vec()).filter(|text| !text.is_empty());
    put("url.port", filled(port));
    put("url.fragment", filled(&url.fragment));
    put("url.query", filled(url.query));
    put("url.extension", extension(&url.path).map(<[u8]>::to_vec));
    put("url.user_info", url.user_info());
    put("url.username", url.user.as_ref().and_then(|user| filled(&user.name)));
    put("url.password", url.user.as_ref().and_then(|user| user.password.as_deref().map(<[u8]>::to_vec)));
    parts
}

#[test]
fn urls_agree_with_the_reference() {
    check(include_str!("vectors/url.jsonl"), |row| {
        let text = bytes(row, "url").expect("url");
        let failed = |error: String| {
            let wanted = bytes(row, "error").map(|error| String::from_utf8_lossy(&error).into_owned());
            // The address parser's reasons are not reproduced.
            let same = wanted.as_ref().is_some_and(|wanted| match wanted.split_once("invalid host: ") {
                Some((before, _)) => error.starts_with(before),
                None => *wanted == error,
            });
            (!same).then(|| format!("{error}; wanted {wanted:?}"))
        };
        if let Some(query) = text.strip_prefix(b"?") {
            let pairs = match parse_query(query) {
                Ok(pairs) => pairs,
                Err(error) => return failed(error),
            };
            let wanted = row["parts"]["query"].as_object().cloned().unwrap_or_default();
            let count: usize = wanted.values().filter_map(Value::as_array).map(Vec::len).sum();
            let found = wanted.iter().all(|(name, values)| {
                let name = base64(name);
                let values = values.as_array().into_iter().flatten().filter_map(Value::as_str).map(base64);
                values.eq(pairs.iter().filter(|pair| pair.0 == name).map(|pair| pair.1.to_vec()))
            });
            return (!found || count != pairs.len() || row["error"].is_string()).then(|| format!("{pairs:?}"));
        }
        let url = match Url::parse(&text) {
            Ok(url) => url,
            Err(error) => return failed(error),
        };
        let Some(wanted) = row["parts"].as_object() else { return Some(format!("accepted as {url:?}")) };
        let found = parts(&url);
        let same = found.len() == wanted.len()
            && found.iter().all(|(key, value)| match &row["parts"][key] {
                Value::Number(port) => {
                    std::str::from_utf8(value).is_ok_and(|text| text.parse::<i64>().ok() == port.as_i64())
                }
                _ => bytes(&row["parts"], key).as_ref() == Some(value),
            });
        let shown: Vec<String> = found.iter().map(|(key, value)| format!("{key}={}", show(value))).collect();
        (!same).then(|| shown.join(" "))
    });
}
