//! Conditions that ask several questions about one attribute, which are one question of the screen.

use ottl_suite::engines;

use super::renames::{records, values_first};
use super::statements;

const PARTS: [&str; 14] = [
    r#"attributes["old"] != nil"#,
    r#"attributes["old"] == nil"#,
    r#"attributes["old"] == "v5""#,
    r#"attributes["old"] != "v5""#,
    r#"attributes["old"] == 5"#,
    r#"attributes["old"] >= 5"#,
    r#"attributes["old"] < 5.6"#,
    r#"attributes["old"] != true"#,
    r#"attributes["old"] > "a""#,
    r#"IsString(attributes["old"])"#,
    r#"IsMatch(attributes["old"], "^v")"#,
    r#"HasPrefix(attributes["old"], "v")"#,
    r#"Len(attributes["old"]) > 2"#,
    r#"attributes["new"] == "n""#,
];

#[test]
fn conditions_of_several_parts_hold_where_all_parts_do() {
    let message = records();
    let values_first = values_first(&message);
    let pairs = PARTS.iter().flat_map(|first| PARTS.iter().map(move |second| format!("{first} and {second}")));
    let triples = PARTS
        .iter()
        .zip(PARTS.iter().cycle().skip(5))
        .flat_map(|(first, second)| PARTS[..6].iter().map(move |third| format!("{first} and {second} and {third}")));
    let all: Vec<String> = pairs.chain(triples).collect();
    for conditions in all.chunks(24) {
        let texts: Vec<String> = (conditions.iter().enumerate())
            .map(|(i, condition)| format!(r#"set(attributes["out{i}"], true) where {condition}"#))
            .collect();
        let plan = statements(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        for message in [&message, &values_first] {
            engines::agreed(&plan, message, &format!("{conditions:#?}"));
        }
    }
}
