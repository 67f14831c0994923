//! Time and duration text against answers of the reference.
//!
//! Rows of `vectors/time.jsonl`: a format with a text to read (the clock stands at 2024-03-05T12:00Z
//! and the host's zone is UTC), a format with a time to print, or a duration.

use ottl_core::value::{Time, Zone};
use ottl_functions::time::{
    Format, default_zone, named_zone, parse_duration, push_default, push_duration, push_rfc3339_nano,
};
use serde_json::Value;

fn printed(push: impl Fn(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    push(&mut out);
    String::from_utf8(out).expect("UTF-8")
}

fn differs(what: &str, found: &str, wanted: &Value) -> Option<String> {
    (Some(found) != wanted.as_str()).then(|| format!("{what}: {found:?}; wanted {wanted}"))
}

fn reads(row: &Value) -> Option<String> {
    let text = |key: &str| row[key].as_str().unwrap_or_default();
    let now = Time { secs: 1_709_640_000, nanos: 0, zone: Zone::Utc };
    let zone = match default_zone(Some(text("zone")), text("format"), Zone::Utc) {
        Ok(zone) => zone,
        Err(error) => return differs("zone", &error, &row["zone_error"]),
    };
    let format = match Format::new(text("format")) {
        Ok(format) => format,
        Err(error) => return differs("format", &error, &row["format_error"]),
    };
    // The second reading uses the layout that the first one found.
    for _ in 0..2 {
        let found = match format.parse(text("text").as_bytes(), zone, || now, None) {
            Ok(time) => format!("{} {} {}", time.secs, time.nanos, time.zone.offset(time.secs)),
            Err(error) => error,
        };
        let wanted = match &row["error"] {
            Value::String(error) => error.clone(),
            _ => format!("{} {} {}", row["secs"], row["nanos"], row["offset"]),
        };
        if found != wanted {
            return Some(format!("{found:?}; wanted {wanted:?}"));
        }
    }
    None
}

fn prints(row: &Value) -> Option<String> {
    let zone = named_zone(row["print_zone"].as_str()?).expect("known");
    let time = Time { secs: row["secs"].as_i64()?, nanos: row["nanos"].as_i64()? as u32, zone };
    let format = Format::new(row["format"].as_str()?).expect("valid");
    differs("printed", &printed(|out| format.print(&time, out)), &row["printed"])
        .or_else(|| differs("rfc3339", &printed(|out| push_rfc3339_nano(out, &time)), &row["rfc3339"]))
        .or_else(|| differs("default", &printed(|out| push_default(out, &time)), &row["default"]))
}

fn durations(row: &Value, text: &str) -> Option<String> {
    match parse_duration(text.as_bytes()) {
        Err(error) => differs("duration", &error, &row["error"]),
        Ok(nanos) => differs("nanos", &nanos.to_string(), &row["nanos"])
            .or_else(|| differs("printed", &printed(|out| push_duration(out, nanos)), &row["printed"])),
    }
}

#[test]
fn agrees_with_the_reference() {
    let mut wrong = Vec::new();
    for line in include_str!("vectors/time.jsonl").lines() {
        let row: Value = serde_json::from_str(line).expect("a row of JSON");
        let found = match row["duration"].as_str() {
            Some(text) => durations(&row, text),
            None if row["print_zone"].is_string() => prints(&row),
            None => reads(&row),
        };
        wrong.extend(found.map(|what| format!("{what}\n  {line}")));
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

#[test]
fn searches_for_a_layout_end() {
    let format = Format::new("%z %z %z %z %z %z %z %z %z %z").expect("valid");
    assert!(format.parse(b"+01 +01 +01 +01 +01 +01 +01 +01 +01 x", Zone::Utc, Time::default, None).is_err());
    let format = Format::new("%Y %m %d").expect("valid");
    assert!(format.parse(b"2023 13 01", Zone::Utc, Time::default, None).is_err());
}
