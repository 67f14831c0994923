//! Every matcher gives the answers of the automata: generated patterns on generated texts.

use std::sync::{Arc, OnceLock};

use super::{Captures, Core, ErrorKind, Groups, Regex};
use crate::template::Template;

/// A small generator of numbers (xorshift64*, Vigna 2016).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound as u64) as usize
    }

    pub(crate) fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }
}

const ATOMS: &[&str] = &[
    "a",
    "b",
    "ab",
    "é",
    "é",
    "k",
    "@",
    "[ab]",
    "[^a]",
    "[^ab]",
    "[^é]",
    ".",
    "(?s:.)",
    r"\w",
    r"\W",
    r"\d",
    r"\S",
    "[aé]",
    "(?i:k)",
    "(?i:s)",
    "(?i:[a-k])",
    "\u{fffd}",
    " ",
    r"\n",
    "[[:alpha:]]",
    r"\pL",
    r"\x{10000}",
];
const REPEATS: &[&str] = &[
    "", "", "", "", "?", "*", "+", "+", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?", "{2,}", "{3}", "{2,}?", "{4,6}",
    "{5}",
];
const LOOKS: &[&str] = &["^", "$", r"\b", r"\B", "(?m:^)", "(?m:$)", r"\A", r"\z"];

pub(crate) fn pattern(numbers: &mut Numbers, depth: usize) -> String {
    let mut out = String::new();
    for _ in 0..1 + numbers.below(4) {
        if numbers.below(9) == 0 {
            out.push_str(numbers.pick(LOOKS));
            continue;
        }
        if depth > 0 && numbers.below(5) == 0 {
            out.push_str(numbers.pick(&["(", "(?:", "(?P<n>"]));
            for branch in 0..1 + numbers.below(3) {
                if branch > 0 {
                    out.push('|');
                }
                out.push_str(&pattern(numbers, depth - 1));
            }
            out.push(')');
        } else {
            out.push_str(numbers.pick(ATOMS));
        }
        out.push_str(numbers.pick(REPEATS));
    }
    out
}

pub(crate) fn text(numbers: &mut Numbers) -> Vec<u8> {
    const PIECES: &[&[u8]] = &[
        b"a",
        b"a",
        b"b",
        b"b",
        b"ab",
        b"c",
        b"@",
        b"k",
        b"K",
        b"S",
        b"1",
        b" ",
        b"\n",
        b"_",
        "é".as_bytes(),
        "ſ".as_bytes(),
        "\u{212a}".as_bytes(),
        "\u{fffd}".as_bytes(),
        "\u{10000}".as_bytes(),
        b"\xff",
        b"\x80",
        b"\xc3",
        b"\xe2\x84",
        b"\xed\xa0\x80",
    ];
    let kinds = if numbers.below(2) == 0 { PIECES.len() } else { 12 };
    let len = match numbers.below(10) {
        0 => 0,
        1 => 80 + numbers.below(80),
        _ => numbers.below(14),
    };
    (0..len).flat_map(|_| PIECES[numbers.below(kinds)]).copied().collect()
}

/// The regex as it is, one that has nothing but its automata, and one that has nothing but its program.
fn all_kinds(pattern: &str) -> Option<[Regex; 3]> {
    let core = |bare: bool, patience: Option<u64>| {
        let mut core = Core::new(pattern.as_bytes(), Groups::All, false).ok()?;
        if bare {
            (core.literal, core.words, core.sequence, core.required) = (None, None, OnceLock::from(None), None);
        }
        core.patience = patience.unwrap_or(core.patience);
        Some(Regex::from_core(Arc::new(core)))
    };
    Some([core(false, None)?, core(true, Some(0))?, core(true, Some(u64::MAX))?])
}

fn groups(regex: &Regex, text: &[u8]) -> Vec<Option<(usize, usize)>> {
    let mut captures = Captures::new();
    let matched = regex.captures(text, &mut captures);
    assert_eq!(matched, captures.is_match());
    (0..captures.len()).map(|group| captures.group(group).map(|range| (range.start, range.end))).collect()
}

fn compare(pattern: &str, texts: &[Vec<u8>]) {
    let Some([regex, automata, program]) = all_kinds(pattern) else { return };
    compare_two(pattern, texts, &regex, &automata);
    compare_two(pattern, texts, &program, &automata);
    assert!(program.core.engine.get().is_none() && program.core.program.get().is_some());
}

fn compare_two(pattern: &str, texts: &[Vec<u8>], regex: &Regex, bare: &Regex) {
    let templates = ["<>", "<$0>", "$1-$n", ""].map(|template| Template::new(template).bind(regex));
    for text in texts {
        let what = || format!("{pattern:?} on {:?}", text.escape_ascii().to_string());
        assert_eq!(regex.is_match(text), bare.is_match(text), "is_match {}", what());
        assert_eq!(regex.find(text), bare.find(text), "find {}", what());
        assert_eq!(groups(regex, text), groups(bare, text), "captures {}", what());
        let all = |regex: &Regex| regex.find_iter(text).collect::<Vec<_>>();
        assert_eq!(all(regex), all(bare), "find_iter {}", what());
        for template in &templates {
            let replaced = |regex: &Regex| {
                let mut out = Vec::new();
                regex.replace_all(text, template, &mut out).then_some(out)
            };
            let expected = replaced(bare);
            assert_eq!(replaced(regex), expected, "replace_all {template:?} {}", what());
            let Ok(made) = regex.replace_all_into(text, template, |len| Ok(Vec::with_capacity(len)));
            assert_eq!(made, expected, "replace_all_into {}", what());
        }
    }
}

#[test]
fn matchers_agree() {
    let mut numbers = Numbers(std::env::var("OTTL_REGEX_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1));
    let rounds = std::env::var("OTTL_REGEX_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(600);
    let mut sequences = 0;
    for _ in 0..rounds {
        let pattern = pattern(&mut numbers, 2);
        let texts: Vec<_> = (0..12).map(|_| text(&mut numbers)).collect();
        compare(&pattern, &texts);
        sequences += usize::from(all_kinds(&pattern).is_some_and(|[regex, ..]| regex.core.sequence().is_some()));
    }
    assert!(sequences * 3 > rounds, "only {sequences} of {rounds} patterns were sequences");
}

#[test]
fn patterns_of_rules_agree() {
    let patterns = [
        "password=[^ ]+",
        r"[a-z0-9._]+@[a-z0-9.]+\.[a-z]+",
        "/[0-9]+",
        "^/(health|ready|live)z?$",
        r"^\{",
        r"^system\.",
        r"(\d{1,3}\.){3}\d{1,3}",
        r"(?i)bearer [a-z0-9]+",
        r"(user)=(\w+)",
        "error|warn|fatal",
        r"\b[0-9]{4}\b",
        "[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{4}",
        r"([0-9]{3})-([0-9]{2})-[0-9]{4}",
        "[a-z][=:][a-z0-9]+",
        "[ab]c{2}ab?",
        r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}",
        r"([0-9]{2,3}?)-[0-9]+",
        "[a-c]{2,}=",
        "a.*b.*c",
        r"(?P<verb>[A-Z]+) (?P<path>[^ ?]*)(\?\S*)?",
        r"^(\S+) (\S+) - \[(.*?)\] (.*)$",
        r"x*",
        "^",
        "$",
        "^(foo)?$",
    ];
    let texts = [
        "",
        "login for user=a1 password=b2é from c took 3ms",
        "GET /api/orders/12345/items/17",
        "/healthz",
        "/readyz ",
        "mail a.b@x.example.com, c@d, @, e@f.g@h.ij",
        "10.0.0.1:80 256.1.1.1.1",
        "BEARER abcſ bearer x",
        "system.cpu.time",
        "{\"a\":1}",
        "fatal error: warn",
        "in 2024 or 20245",
        "cards 12345678-1234-5678-9012-3456-7890, 1234-5678-9012-345 and 1111-2222-3333-4444",
        "-1-22-333-4444-555-66-7777-88-9999",
        "1-23-4567 123-45-67890",
        "=a: a=:b b:=c c:d abcabc=a=bc=",
        "1234.5.6.7.8.9 1.2.3 255.255.255.2555 a10.20.30.40",
        "accab bccab accc",
        "abcabcab",
        "axbxxcbac",
        "GET /a?b=c HTTP/1.1",
        "h u - [t] rest of\nit",
        "h u - [t] rest",
        "foo",
    ];
    let mut texts: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    texts.push(b"password=\xff\xfe x password=\xff".to_vec());
    patterns.iter().for_each(|pattern| compare(pattern, &texts));
}

#[test]
fn searches_that_would_take_too_long_go_to_the_automata() {
    let long = |unit: &str| unit.repeat(20_000).into_bytes();
    for (pattern, text) in [
        ("a[^b]*b", long("a")),
        (r"(?:a|aa)[ac]*[ab]*\d", long("a")),
        ("^.*a.*a.*b", long("a")),
        (r"\w+\d@", long("a1")),
        ("x[^y]*y|a", long("xa")),
        ("([ab]*)b([ab]*)b@", long("ab")),
    ] {
        // The program takes quadratic time here, as the reference does.
        compare(pattern, &[text[..text.len().min(300)].to_vec()]);
        let [regex, automata, _] = all_kinds(pattern).expect(pattern);
        compare_two(pattern, &[text], &regex, &automata);
    }
}

#[test]
fn expensive_patterns_start_with_the_program_and_get_automata_when_these_pay() {
    let long = "\u{e9}".repeat(30);
    let texts: Vec<Vec<u8>> =
        ["", "abc", "\u{e9}t\u{e9}x", "a\u{fffd}b", &long].map(|text| text.as_bytes().to_vec()).into();
    for pattern in [r"\p{L}{20}y", r"(\pL{2,5})?x|(\PL)", r"(?i)[\pL\p{N}]{1,9}x"] {
        let Some([regex, automata, program]) = all_kinds(pattern) else { panic!("{pattern}") };
        compare_two(pattern, &texts, &regex, &program);
        assert!(regex.core.engine.get().is_none() && regex.core.program.get().is_some(), "{pattern}");
        compare_two(pattern, &texts, &automata, &program);
        assert!(automata.core.engine.get().is_some_and(Option::is_some), "{pattern}");
    }
    let regex = Regex::new(r"\pL+x").expect("valid");
    let text = "\u{e9}".repeat(1000);
    while regex.core.engine.get().is_none() {
        assert!(!regex.is_match(format!("{text}.x").as_bytes()));
    }
    assert!(regex.core.steps.load(std::sync::atomic::Ordering::Relaxed) >= regex.core.patience);
}

#[test]
fn giants_never_get_automata() {
    for pattern in [r"\pL{1000}y", r"(?:\pL{30}){30}", &format!("{}x{}", "(?:a".repeat(80), "b)?".repeat(80))] {
        let regex = Regex::new(pattern).expect(pattern);
        assert!(regex.core.cost.is_none(), "{pattern}");
        assert_eq!(regex.is_match("\u{e9}".repeat(100).as_bytes()), pattern.ends_with('?'), "{pattern}");
    }
    let of_data = |pattern: &str| Regex::of_data(pattern).map(|_| ()).map_err(|error| error.kind());
    assert_eq!(of_data(&r"\pL".repeat(1000)), Err(ErrorKind::TooLarge));
    assert_eq!(of_data(&"a{900}".repeat(1000)), Err(ErrorKind::TooLarge));
    assert_eq!(of_data(&"(a)".repeat(1000)), Err(ErrorKind::TooLarge));
    assert_eq!(of_data(&"(a)".repeat(300)), Ok(()));
}

#[test]
fn shapes_of_sequences() {
    let is_sequence = |pattern: &str| {
        let regex = Regex::new(pattern).expect(pattern);
        regex.is_match(b"a text with some/12345 words=1 a@b.c");
        let sequence = regex.core.sequence().is_some();
        assert!(!sequence || regex.core.engine.get().is_none(), "{pattern}");
        sequence
    };
    for pattern in [
        "/[0-9]+",
        "password=[^ ]+",
        r"[a-z0-9._]+@[a-z0-9.]+\.[a-z]+",
        "^/(health|ready|live)z?$",
        "(?i)bearer .+",
        r"\bid\b",
        r"(\d{1,3}\.){3}\d{1,3}",
        r"\s+",
        "(user|login)=(.*?);",
        "(?m)^level: [A-Z]+$",
        "^(a|b)?",
        "[éa]+?x[éa]{2}y=",
    ] {
        assert!(is_sequence(pattern), "{pattern}");
    }
    for pattern in ["(ab)+", "x*y*", r"\pL+", r"a\B", "warn|fatal", "[^é]+", "(a?){2}b", "\u{fffd}x+", ".+.x"] {
        assert!(!is_sequence(pattern), "{pattern}");
    }
}
