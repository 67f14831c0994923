//! What is asked of an attribute that gets the value of another one: statements in any order, before and behind the copy, and
//! records with either of the two, both, and values that cannot be copied.

use ottl_suite::engines;

use super::renames::{records, values_first};
use super::statements;

/// Statements that copy, ask, write and take out three attributes. The first ones are copies.
const STATEMENTS: [&str; 25] = [
    r#"set(attributes["new"], attributes["old"]) where attributes["old"] != nil"#,
    r#"set(attributes["new"], attributes["old"]) where attributes["old"] != nil"#,
    r#"set(attributes["third"], attributes["new"]) where attributes["new"] != nil"#,
    r#"set(attributes["old"], attributes["new"]) where attributes["new"] != nil"#,
    r#"set(attributes["new"], attributes["x"]) where attributes["x"] != nil"#,
    r#"set(attributes["a"], true) where attributes["new"] == "v5""#,
    r#"set(attributes["b"], true) where attributes["new"] != "v5""#,
    r#"set(attributes["c"], true) where attributes["new"] >= 5"#,
    r#"set(attributes["d"], true) where attributes["new"] != nil"#,
    r#"set(attributes["e"], true) where attributes["new"] == nil"#,
    r#"set(attributes["f"], true) where IsMatch(attributes["new"], "^v")"#,
    r#"set(attributes["g"], true) where HasPrefix(attributes["new"], "v")"#,
    r#"set(attributes["h"], true) where IsString(attributes["new"])"#,
    r#"set(attributes["i"], true) where attributes["third"] == "v5" or attributes["new"] == "n""#,
    r#"set(attributes["j"], true) where attributes["new"] == "v5" and attributes["x"] != nil"#,
    r#"set(attributes["k"], true) where attributes["third"] == "v5""#,
    r#"set(attributes["l"], true) where attributes["old"] == "v5""#,
    r#"set(attributes["old"], "v5") where attributes["x"] == "v@w""#,
    r#"set(attributes["new"], "n") where attributes["y"] == "v""#,
    r#"delete_key(attributes, "old")"#,
    r#"delete_key(attributes, "new")"#,
    r#"replace_pattern(attributes["new"], "v", "w")"#,
    r#"replace_pattern(attributes["old"], "^.*@", "v")"#,
    r#"replace_all_patterns(attributes, "value", "[a-z]+@[a-z]+", "v5")"#,
    r#"delete_matching_keys(attributes, "^ol")"#,
];

/// The same message with values of two bytes that are cut off.
fn damaged(message: &[u8]) -> Vec<u8> {
    let mut out = message.to_vec();
    for at in 0..out.len() {
        if let Some([0x12, 4, 0x0a, len @ 2, b'v', b'5']) = out.get_mut(at..at + 6) {
            *len = 9;
        }
    }
    out
}

#[test]
fn copies_are_asked_about_as_if_they_were_made() {
    let message = records();
    let messages = [values_first(&message), damaged(&message), message];
    let (mut state, mut copies) = (30u64, 0);
    // As Knuth's MMIX draws numbers.
    let mut pick = |from: usize, to: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        STATEMENTS[from + (state >> 33) as usize % (to - from)]
    };
    for round in 0..250 {
        let mut all: Vec<&str> = (0..round % 4).map(|_| pick(5, STATEMENTS.len())).collect();
        all.extend((0..1 + round % 3).map(|_| pick(0, 5)));
        all.extend((0..9).map(|_| pick(2, STATEMENTS.len())));
        let plan = statements(&all);
        copies +=
            usize::from(ottl_engine::Engine::explain(&ottl_engine::fast::Engine::new(&plan)).contains(" makes it"));
        for message in &messages {
            engines::agreed(&plan, message, &format!("{all:#?}"));
        }
    }
    let many = |i: usize| format!(r#"set(attributes["new{i}"], attributes["old"]) where attributes["old"] != nil"#);
    let asked = |i: usize| format!(r#"set(attributes["out{i}"], true) where attributes["new{i}"] == "v5""#);
    let all: Vec<String> = (0..40).map(many).chain((0..40).map(asked)).collect();
    engines::agreed(&statements(&all.iter().map(String::as_str).collect::<Vec<_>>()), &messages[0], "many copies");
    assert!(copies > 60, "{copies} of the sets ask about copies in their place");
}
