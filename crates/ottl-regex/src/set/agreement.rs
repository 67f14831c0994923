//! A set says of each pattern what the pattern says by itself: generated patterns on generated texts.

use super::{PatternSet, TextPattern};
use crate::Regex;
use crate::regex::agreement::{Numbers, pattern, text};

/// What rules look for, and what texts are made of.
const WORDS: &[&str] = &[
    "",
    "a",
    "@",
    "é",
    "OK",
    "ab",
    "GET",
    "GET ",
    "/users/",
    "/users/42",
    "error",
    "Error",
    "ERROR",
    "errors",
    "rror",
    "warn",
    "timeout",
    "connection refused",
    "connection",
    "aaaa",
    "aaaaaaaa",
    "aaab",
    "=>",
    "404",
    "k8s",
    "\u{fffd}",
    "\u{212a}8s",
];

const SHAPES: &[&str] = &[
    "W",
    "^W",
    "W$",
    "^W$",
    "W|W",
    "^(W|W)",
    "(?i)W",
    "(?i)^W",
    "(?i:W)W",
    r"W\d+",
    r"\d*W",
    ".*W.*",
    "W.*W",
    "^W.*W$",
    "(W)+",
    "W?W",
    r"\bW\b",
    "(?m)^W",
    "[ab]W",
    "(W|W|.)W",
    "^.*W",
    "W{2}",
    "(?i:W|W)",
    "(?i)[W]",
    "[a-z]{2}W[a-z]W",
    r"\d[ab]?-\d",
    r"\d@\d{2}@",
    "[^b]@",
];

fn word(numbers: &mut Numbers) -> &'static str {
    numbers.pick(WORDS)
}

fn one(numbers: &mut Numbers) -> TextPattern {
    let literal = |numbers: &mut Numbers| word(numbers).as_bytes().into();
    match numbers.below(12) {
        0 => TextPattern::Equals(literal(numbers)),
        1 => TextPattern::Prefix(literal(numbers)),
        2 => TextPattern::Suffix(literal(numbers)),
        3 => TextPattern::Contains(literal(numbers)),
        4 => TextPattern::Contains(text(numbers).into()),
        5 | 6 => match Regex::new(pattern(numbers, 2)) {
            Ok(regex) => TextPattern::Matches(regex),
            Err(_) => TextPattern::Contains(literal(numbers)),
        },
        _ => {
            let shape = numbers.pick(SHAPES);
            let parts = shape.split('W').collect::<Vec<_>>();
            let mut made = parts[0].to_owned();
            for part in &parts[1..] {
                made.push_str(word(numbers));
                made.push_str(part);
            }
            match Regex::new(made) {
                Ok(regex) => TextPattern::Matches(regex),
                Err(_) => TextPattern::Suffix(literal(numbers)),
            }
        }
    }
}

fn some_text(numbers: &mut Numbers) -> Vec<u8> {
    if numbers.below(3) == 0 {
        return text(numbers);
    }
    let mut made = Vec::new();
    for _ in 0..numbers.below(5) {
        made.extend_from_slice(word(numbers).as_bytes());
        if numbers.below(3) == 0 {
            made.extend_from_slice(&text(numbers));
        }
    }
    made
}

fn check(set: &PatternSet, texts: &[Vec<u8>]) {
    for text in texts {
        let mut found = vec![0; set.words()];
        let looks = set.matches(text, &mut found);
        assert!(looks <= 1 + set.patterns().len());
        for (number, pattern) in set.patterns().iter().enumerate() {
            let answer = found[number / 64] >> (number % 64) & 1 == 1;
            assert_eq!(answer, pattern.is_match(text), "{pattern:?} on \"{}\"", text.escape_ascii());
        }
    }
    let all = texts.join(&b"\n\x0a\x12"[..]);
    let first = set.first_in(&all);
    let mut end = 0;
    for text in texts {
        end += text.len();
        if first.is_none_or(|first| end <= first && first > 0) {
            for pattern in set.patterns() {
                assert!(!pattern.is_match(text), "{pattern:?} on \"{}\", first in {first:?}", text.escape_ascii());
            }
        }
        end += 3;
    }
}

#[test]
fn sets_agree_with_their_patterns() {
    let mut numbers = Numbers(std::env::var("OTTL_REGEX_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1));
    let rounds = std::env::var("OTTL_REGEX_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(300);
    let mut shown_absent = 0;
    for _ in 0..rounds {
        let count = if numbers.below(10) == 0 { 150 } else { 1 + numbers.below(8) };
        let set = PatternSet::new((0..count).map(|_| one(&mut numbers)).collect::<Vec<_>>());
        let texts: Vec<_> = (0..12).map(|_| some_text(&mut numbers)).collect();
        check(&set, &texts);
        shown_absent += usize::from(set.first_in(b"nothing of all this").is_none());
        check(&set.clone(), &texts[..1]);
    }
    assert!(shown_absent * 8 > rounds, "only {shown_absent} of {rounds} sets can show that nothing matches");
}

#[test]
fn hostile_texts_end_in_questions() {
    // Each place of the text has the words of all literals.
    let patterns: Vec<TextPattern> = (0..200)
        .map(|count| TextPattern::Contains(format!("{}b", "a".repeat(20 + count)).into_bytes().into()))
        .collect();
    let set = PatternSet::new(patterns);
    check(&set, &[vec![b'a'; 10_000], [vec![b'a'; 10_000], b"b".to_vec()].concat()]);
    let mut found = vec![0; set.words()];
    assert_eq!(set.matches(&[vec![b'a'; 10_000], b"b".to_vec()].concat(), &mut found), 201);
    // What all literals contain is not there.
    assert_eq!(set.matches(&[b'a'; 10_000], &mut found), 1);
    assert_eq!(set.matches(b"nothing of that", &mut found), 1);
}

#[test]
fn what_all_literals_contain_is_looked_for_first() {
    let literal = |n| TextPattern::Contains(format!("x-ERR-{n}{n}-").into_bytes().into());
    let set = PatternSet::new((0..9).map(literal).collect::<Vec<_>>());
    let texts: [&[u8]; 5] = [b"", b"ERR-11", b"x-ERR-11-", b"x-err-11-", b"x-ERR-9x-ERR-22-"];
    check(&set, &texts.map(<[u8]>::to_vec));
    assert_eq!(texts.map(|text| set.first_in(text).is_some()), [false, false, true, false, true]);
}

#[test]
fn patterns_without_literals_are_asked_where_their_bytes_stand() {
    let patterns = ["[0-9]{2}-[0-9]{2}-[0-9]{4}", "[a-z]+@[a-z]+", "(?i)panic|fatal"];
    let set = PatternSet::new(patterns.map(|p| TextPattern::Matches(Regex::new(p).expect(p))));
    for (text, looks, expected) in [
        ("a-b 12-345-6 fata", 1, 0),
        ("12-34-5678", 2, 0b001),
        ("12-34-567 me@home", 3, 0b010),
        ("at @ 99-11-2222 it panics", 3, 0b101),
        ("", 1, 0),
    ] {
        let mut found = [0];
        assert_eq!((set.matches(text.as_bytes(), &mut found), found[0]), (looks, expected), "{text}");
    }
}

#[test]
fn only_candidates_are_asked() {
    let regexes = (0..500).map(|n| TextPattern::Matches(Regex::new(format!(r"session{n:03}-\d+")).expect("valid")));
    let set = PatternSet::new(regexes.collect::<Vec<_>>());
    let mut found = vec![0; set.words()];
    assert_eq!(set.matches(b"GET /session/401 took 12 ms", &mut found), 1);
    assert_eq!(set.matches(b"GET /session401-12", &mut found), 2);
    assert_eq!(found.iter().map(|word| word.count_ones()).sum::<u32>(), 1);
    assert_eq!(found[401 / 64], 1 << (401 % 64));
    assert!(set.memory() < 200 * 500 + (16 << 10), "{}", set.memory());
    assert_eq!(set.first_in(b"GET /session/401 took 12 ms"), None);
    assert_eq!(set.first_in(b"GET /session401-x"), Some(5));
    assert_eq!(PatternSet::new(Vec::new()).first_in(b"abc"), None);
}
