//! Regular expressions and globs against answers of the reference's `regexp` package and of gobwas/glob.
//!
//! A row of `vectors/regex.jsonl` holds a pattern, a text, all matches with their groups, and the text after replacement by
//! a template, one of `glob.jsonl` a pattern with a text; texts that are not UTF-8 are base64 under a key ending in `_b64`.
//! Set `OTTL_REGEX_VECTORS` to a file of the form of the first to check more.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ottl_regex::{Captures, Glob, Pattern, Regex, Template};
use serde_json::Value;

fn bytes(row: &Value, key: &str) -> Option<Vec<u8>> {
    match &row[key] {
        Value::String(text) => Some(text.clone().into_bytes()),
        _ => row[format!("{key}_b64")].as_str().map(|text| STANDARD.decode(text).expect("base64")),
    }
}

fn groups(captures: &Captures) -> Vec<i64> {
    (0..captures.len())
        .flat_map(|group| match captures.group(group) {
            Some(range) => [range.start as i64, range.end as i64],
            None => [-1, -1],
        })
        .collect()
}

/// What is wrong with the row, if anything.
fn check_regex(row: &Value) -> Option<String> {
    let pattern = bytes(row, "pattern").expect("pattern");
    let regex = Regex::new(&pattern);
    if let Some(error) = bytes(row, "error") {
        return match regex {
            Ok(_) => Some(format!("accepted; the reference says {}", String::from_utf8_lossy(&error))),
            Err(found) if found.to_string() == String::from_utf8_lossy(&error) => None,
            Err(found) => Some(format!("error is {found}; wanted {}", String::from_utf8_lossy(&error))),
        };
    }
    let regex = match regex {
        Ok(regex) => regex,
        Err(error) => return Some(format!("refused: {error}")),
    };
    let checked = Pattern::check(&pattern).expect("checked as it was compiled");
    let text = bytes(row, "text").expect("text");
    let names: Vec<String> = checked.group_names.iter().map(|n| n.clone().unwrap_or_default()).collect();
    let wanted: Vec<String> =
        row["names"].as_array().into_iter().flatten().map(|n| n.as_str().unwrap_or_default().to_owned()).collect();
    if names != wanted || regex.group_names() != checked.group_names {
        return Some(format!("names are {names:?}; wanted {wanted:?}"));
    }
    let wanted: Vec<Vec<i64>> = row["matches"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|m| m.as_array().into_iter().flatten().filter_map(Value::as_i64).collect())
        .collect();
    let first: Option<Vec<i64>> = row["first"].as_array().map(|m| m.iter().filter_map(Value::as_i64).collect());
    if regex.is_match(&text) == first.is_none() {
        return Some(format!("is_match; wanted {wanted:?}"));
    }
    let spans: Vec<Vec<i64>> = regex.find_iter(&text).map(|m| vec![m.start as i64, m.end as i64]).collect();
    let wanted_spans: Vec<Vec<i64>> = wanted.iter().map(|m| m[..2].to_vec()).collect();
    if spans != wanted_spans {
        return Some(format!("find_iter is {spans:?}; wanted {wanted_spans:?}"));
    }
    let found = regex.find(&text).map(|m| vec![m.start as i64, m.end as i64]);
    if found != first.as_ref().map(|m| m[..2].to_vec()) {
        return Some(format!("find is {found:?}; wanted {first:?}"));
    }
    let mut captures = Captures::new();
    let matched = regex.captures(&text, &mut captures);
    if matched.then(|| groups(&captures)) != first {
        return Some(format!("captures are {:?}; wanted {first:?}", groups(&captures)));
    }
    let template = Template::new(bytes(row, "template").expect("template"));
    let wanted = bytes(row, "replaced").expect("replaced");
    for template in [&template, &template.bind(&regex)] {
        let mut out = Vec::new();
        if !regex.replace_all(&text, template, &mut out) {
            out.extend_from_slice(&text);
        }
        if out != wanted {
            let (out, wanted) = (String::from_utf8_lossy(&out), String::from_utf8_lossy(&wanted));
            return Some(format!("replaced by {template:?}: {out:?}; wanted {wanted:?}"));
        }
    }
    None
}

fn check_glob(row: &Value) -> Option<String> {
    let pattern = bytes(row, "pattern").expect("pattern");
    let glob = match Glob::new(&pattern) {
        Ok(glob) => glob,
        Err(error) => {
            // Of several faults the reference may report the unreadable character first.
            let unreadable = row["error"] == "could not read rune";
            return (!unreadable && Some(&*error) != row["error"].as_str()).then(|| format!("refused: {error}"));
        }
    };
    let Some(wanted) = row["match"].as_bool() else { return Some("accepted".to_owned()) };
    let text = bytes(row, "text").expect("text");
    (glob.is_match(&text) != wanted).then(|| format!("wanted {wanted}"))
}

fn check(table: &str, row_differs: impl Fn(&Value) -> Option<String>) {
    let mut wrong = Vec::new();
    for line in table.lines() {
        let row: Value = serde_json::from_str(line).expect("a row of JSON");
        wrong.extend(row_differs(&row).map(|what| format!("{}\n  {what}\n  {line}", row["pattern"])));
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong[..wrong.len().min(25)].join("\n"));
}

#[test]
fn regexes_agree_with_the_reference() {
    let mut table = include_str!("vectors/regex.jsonl").to_owned();
    if let Ok(path) = std::env::var("OTTL_REGEX_VECTORS") {
        table.push_str(&std::fs::read_to_string(path).expect("readable vectors"));
    }
    check(&table, check_regex);
}

#[test]
fn globs_agree_with_the_reference() {
    check(include_str!("vectors/glob.jsonl"), check_glob);
}
