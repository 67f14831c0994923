//! Records as the data has none, beside the engine.

use super::tenant;
use crate::data::{Shape, Special, special_logs};
use crate::rows::find;
use ottl::{Output, RuleSet, Status};

fn check(message: &[u8]) {
    let row = find("tenant").expect("a row");
    let rules = RuleSet::compile(&row.rules).expect("the rules compile");
    let Output::Changed(ours) = rules.transform(row.signal, message).expect("the message is sound").output else {
        panic!("all records change")
    };
    let mut out = Vec::new();
    assert_eq!(tenant(message, &mut out), Some(Status::Changed));
    assert!(out == ours);
}

const BODIES: [&str; 20] = [
    "",
    "short",
    "password=",
    "password= token= password=a",
    "a password=token=b token=password=c d",
    "token=tokentoken=x token=a/token=b tokentoken=c",
    "passwordpassword=1 Password=2 token=-._Z9!",
    "token=password= token=password",
    "card 1234-5678-9012-3456, 1234-5678-9012-34567 and 01234-5678-9012-3456-7890-1234-5678-9012",
    "1234-5678-9012-345 12345678-9012-3456-1234-1234",
    "password=1234-5678-9012-3456 1234-5678-9012-3456-token=1234-5678-9012-3456",
    "token=a1234-5678-9012-3456",
    "550e8400-e29b-41d4-a716-446655440000 and 1111-2222-3333-4444",
    "PANIC",
    "no panic at all in a text of some length",
    "in the end it is FaTaL",
    "password=panic token=fatal are no alarms of this text",
    "paniC: password=1 token=2",
    "p...c f...l fata panics",
    "é panic é password=é€ é",
];

const TEXTS: [&str; 15] = [
    "a@b.c",
    "a@b",
    "/healthz",
    "/ready?x",
    "/live",
    "/health\n",
    "/live?a\nb?c@d.ef",
    "/x@y.zz?q",
    "a.b@c.d and A_e@f.g1 and h@i.jk",
    "@@@",
    "",
    "anonymous",
    "text of more than thirty-two bytes, and then an address@example.com",
    "x@y.zz x@y.zz x@y.zz x@y.zz x@y.zz x@y.zz x@y.zz x@y.zz x@y.zz x@y.zz x@y.zz x@y.zz",
    "?",
];

const KEYS: [&str; 12] = [
    "http.method",
    "http.target",
    "url.path",
    "http.request.method",
    "session.id",
    "user.email",
    "http.request.header.cookie",
    "http.request.header.authorization",
    "internal.",
    "internal",
    "internal.shard",
    "note",
];

fn text(number: usize) -> String {
    match number % 19 {
        15 => format!("{}é", "x".repeat(255)),
        16 => format!("{} y@z.zz", "x".repeat(253)),
        17 => "y".repeat(100 + number % 60),
        18 => format!("{}@example.com", "x".repeat(20 + number % 60)),
        n => TEXTS[n].to_owned(),
    }
}

#[test]
fn unusual_records_are_written_as_the_engine_writes_them() {
    let special = |i: usize, attributes| Special {
        body: Some(match i % 23 {
            20 => format!("{} password=a panic", "x".repeat(8175 + i % 40)),
            21 => "x".repeat(8185 + i % 16),
            22 => format!("token={} 1111-2222-3333-4444", "x".repeat(i % 200)),
            n => BODIES[n].to_owned(),
        }),
        severity: Some([(9, "INFO"), (9, "err"), (13, "warning"), (17, "err"), (17, "info"), (18, "x")][i % 6]),
        attributes,
    };
    // Among the usual attributes, up to more than may stay.
    check(&special_logs(2000, |i| {
        special(
            i,
            (0..i % 29).map(|n| (format!("{}{n}", ["note", "internal."][(i / 29 + n) % 5 / 4]), text(i + n))).collect(),
        )
    }));
    // Without the usual ones.
    let shape = Shape { records: 5000, attributes: Some(1), body: None };
    check(&special_logs(shape, |i| {
        let mut keys = KEYS.to_vec();
        let of_method = [0, 3][i % 2];
        let of_path = [1, 2][i / 2 % 2];
        keys.retain(|key| ![KEYS[3 - of_method], KEYS[3 - of_path]].contains(key));
        keys.rotate_left(i % 10);
        keys.truncate(1 + i / 7 % 10);
        special(i, keys.into_iter().enumerate().map(|(n, key)| (key.to_owned(), text(i * 7 + n))).collect())
    }));
}
