//! Maps as editors change them: order, changes, damage.

use super::known::NO_KEYS;
use super::*;
use crate::value::encode_key_value;
use ottl_otlp::wire::put_len_field;

fn message(pairs: &[(&str, i64)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (key, value) in pairs {
        let mut pair = Vec::new();
        encode_key_value(&mut pair, key.as_bytes(), &Value::Int(*value));
        put_len_field(&mut out, 6, &pair);
    }
    out
}

fn load(bytes: &[u8]) -> MapEdit<'_> {
    let mut map = MapEdit::new();
    map.start(bytes, &NO_KEYS);
    let mut reader = Reader::new(bytes);
    while let Some(field) = reader.next_field().expect("well formed") {
        map.load_field(field.start as u32);
    }
    map
}

fn text(map: &MapEdit<'_>) -> String {
    let pair =
        |e: MapEntry<'_>| format!("{}={:?} ", String::from_utf8_lossy(e.key), e.value().expect("sound").as_int());
    map.iter().map(pair).collect()
}

#[test]
fn edits_keep_the_order_that_the_reference_keeps() {
    let long = "k".repeat(200);
    let bytes = message(&[("a", 1), (&long, 2), ("b", 3), ("a", 4)]);
    let mut map = load(&bytes);
    assert_eq!(map.position(long.as_bytes()), Some(1));
    assert!(!map.changed());
    map.put(b"a", Value::Int(9));
    map.put(b"c", Value::Int(5));
    map.swap_remove(1);
    assert_eq!(text(&map), "a=Some(9) c=Some(5) b=Some(3) a=Some(4) ");
    map.retain_keys(|key| key != b"a");
    assert_eq!(text(&map), "c=Some(5) b=Some(3) ");
    assert!(map.changed());
}

#[test]
fn key_bits_are_those_of_all_keys() {
    let long = "k".repeat(200);
    let keys = ["a", "", "http.method", &long];
    let bytes = message(&keys.map(|key| (key, 1)));
    let mut map = load(&bytes);
    map.push(b"new", Value::Int(2));
    map.push(&long.as_bytes()[1..], Value::Int(3));
    let want = map.iter().fold(0, |bits, entry| bits | Map::key_bit(entry.key));
    assert_eq!(map.key_bits(), want);
    assert!(keys.iter().all(|key| want & Map::key_bit(key.as_bytes()) != 0));
}

#[test]
fn damage_is_found_before_an_editor_sees_the_map() {
    let bytes = [0x32, 2, 0x0a, 9];
    let mut map = MapEdit::new();
    map.start(&bytes, &NO_KEYS);
    map.load_field(0);
    assert!(map.verify().is_err());
    assert!(map.find(b"a").is_err());
}

#[test]
fn a_padded_length_is_no_shorter_for_what_follows() {
    // A text of five bytes, and an unknown field: as many bytes in all as the first byte of the length alone would say.
    let any = [&[0x0a, 0x85, 0x00][..], b"abcde", &[0x7a, 123], &[0; 123]].concat();
    let mut pair = Vec::new();
    put_len_field(&mut pair, 1, b"k");
    put_len_field(&mut pair, 2, &any);
    let mut bytes = Vec::new();
    put_len_field(&mut bytes, 6, &pair);
    assert_eq!(load(&bytes).text_at(0).expect("sound"), Some(&b"abcde"[..]));
}

/// Messages of random pairs, in either order, with long keys and values, damaged ones among them: what is taken up and found
/// without a look at all of a pair is what walking says.
#[test]
fn pairs_are_taken_up_and_found_as_walking_says() {
    const TAG: u8 = 0x32;
    let long = "k".repeat(40);
    let names =
        ["c", "a", "b", "by", "http.target", "http.method", "http.status_code", "http.status_codf", long.as_str()];
    let mut keys = KnownKeys::default();
    let known: Vec<_> = names.iter().step_by(2).map(|name| keys.add(name.as_bytes()).expect("room")).collect();
    let mut seed = 11u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for _ in 0..4000 {
        let mut bytes = vec![0x08, 1];
        for _ in 0..random(8) {
            let name = names[random(names.len())];
            let len = [0, 3, 100, 118, 127, 128, 300][random(7)];
            let mut pair = Vec::new();
            encode_key_value(&mut pair, name.as_bytes(), &Value::Str(&vec![b'v'; len]));
            if random(3) == 0 {
                pair.rotate_left(2 + name.len());
            }
            put_len_field(&mut bytes, 6, &pair);
        }
        let end = bytes.len();
        bytes.extend([0x40, 1]);
        let whole = bytes.len();
        bytes.truncate(if random(4) == 0 { random(whole + 1).max(2) } else { whole });
        let mut walked = Vec::new();
        let mut reader = Reader::new(&bytes);
        let damaged = loop {
            match reader.next_field() {
                Ok(Some(field)) if field.number == 6 => {
                    walked.push(key_value(field.bytes().expect("a length")).expect("whole"));
                }
                Ok(Some(_)) => {}
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        let mut pairs = [Pair::NONE; 64];
        let scanned = keys.scan_pairs::<false>(&bytes, 2, TAG, &mut pairs);
        if let Some(found) = scanned {
            assert_eq!((found.count, found.end as usize), (walked.len(), end.min(bytes.len())));
            for (idx, (pair, walked)) in pairs.iter().zip(&walked).enumerate() {
                let part = |range: Range<usize>| &bytes[range];
                assert_eq!((part(pair.key()), part(pair.value())), (walked.key, walked.value));
                let number = names.iter().step_by(2).position(|name| name.as_bytes() == walked.key);
                let is_candidate = found.candidates >> (found.count - 1 - idx) & 1 != 0;
                assert!(is_candidate || number.is_none());
                let named = keys.number_of(&bytes, *pair);
                assert_eq!(known.iter().position(|known| *known == named), number);
            }
        }
        assert!(scanned.is_some() || damaged, "{}", bytes.escape_ascii());
        for name in names {
            let key = NamedKey { key: name.as_bytes(), known: u8::MAX };
            let search = key.search_pairs(&bytes, 2, TAG);
            let value = bytes.get(search.value.0 as usize..search.value.1 as usize).unwrap_or_default();
            let found = walked.iter().find(|pair| pair.key == key.key);
            assert_eq!((search.value.0 != 0).then_some(value), found.map(|pair| pair.value));
        }
    }
}

/// Random edits of maps of many pairs: each key is where a walk finds it.
#[test]
fn keys_among_many_written_ones_are_found() {
    let names: Vec<Vec<u8>> =
        (0..60).map(|i: usize| [&b"long.enough.name."[..i % 17], i.to_string().as_bytes()].concat()).collect();
    let mut seed = 11u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for round in 0..300 {
        let mut bytes = Vec::new();
        for _ in 0..random(30) {
            let mut pair = Vec::new();
            encode_key_value(&mut pair, &names[random(60)], &Value::Int(1));
            put_len_field(&mut bytes, 6, &pair);
        }
        let known = KnownKeys::default();
        let mut map = MapEdit::new();
        map.start(&bytes, &known);
        assert_eq!(map.load_fields(0, 0x32), bytes.len());
        for _ in 0..80 {
            let key = &names[random(60)];
            match random(24) {
                0 => map.swap_remove(random(60)),
                1 => map.retain_keys(|k| k != key),
                2 => map.truncate(random(60)),
                3 => map.push(key, Value::Nil),
                4 => map.set_at(random(60), Value::Bool(true)),
                5 if round % 3 == 0 => {
                    let entries: Vec<_> = map.iter().skip(1).collect();
                    map.replace(entries);
                }
                6 if round % 7 == 0 => map.clear(),
                _ => map.put(key, Value::Int(2)),
            }
            for key in &names {
                assert_eq!(map.position(key), map.iter().position(|pair| pair.key == key));
            }
        }
    }
}

#[test]
fn a_map_value_is_written_with_what_nobody_touched_as_it_was() {
    let text = "t".repeat(200);
    let mut list = Vec::new();
    for (key, value) in [("a", Value::Int(1)), ("b", Value::Str(text.as_bytes())), ("c", Value::Bool(true))] {
        let mut pair = Vec::new();
        encode_key_value(&mut pair, key.as_bytes(), &value);
        put_len_field(&mut list, 1, &pair);
    }
    // A field that no map has, and a pair whose value is there twice.
    put_len_field(&mut list, 9, b"x");
    put_len_field(&mut list, 1, &[0x12, 2, 0x18, 1, 0x0a, 1, b'd', 0x12, 2, 0x18, 2]);
    let mut map = MapEdit::new();
    map.load_list(&list).expect("well formed");
    let read = |map: &MapEdit<'_>| {
        let mut any = Vec::new();
        map.encode(&mut any);
        let Ok(Value::Map(Map::Wire(list, depth))) = decode_any(&any) else { panic!("a map") };
        let mut again = MapEdit::new();
        again.load_list(list).expect("well formed");
        let pairs = again.iter().map(|e| format!("{} {:?}", String::from_utf8_lossy(e.key), e.value().expect("sound")));
        (pairs.collect::<Vec<_>>(), depth)
    };
    let before = read(&map);
    assert_eq!((before.0.len(), before.1, map.written_extent()), (4, 1, (0, 0)));
    assert_eq!(before.0[3], "d Int(2)");
    let kept: Vec<_> = map.iter().take(2).collect();
    map.replace([MapEntry::new(b"moved", kept[0].value), kept[1]]);
    map.push(b"new", Value::Map(Map::EMPTY));
    let after = read(&map);
    assert_eq!(after.0[..2], ["moved Int(1)".to_owned(), before.0[1].clone()]);
    assert_eq!((after.0.len(), after.1), (3, 2));
    let (size, depth) = map.written_extent();
    assert!(size >= "movedbnew".len() + 200 && depth == 1, "{size} {depth}");
    map.clear();
    assert!(read(&map).0.is_empty());
}
