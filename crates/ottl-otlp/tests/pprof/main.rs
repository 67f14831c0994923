//! pprof to OTLP profiles and back: what is kept, what is refused, and files that Go wrote.

mod proto;

use std::path::Path;

use ottl_otlp::framing::decompress;
use ottl_otlp::pprof::{Converted, begins_like_pprof, from_profiles, is_pprof, to_profiles};
use ottl_otlp::schema::{Recognised, recognise, validate};
use ottl_otlp::{Signal, json};
use proptest::prelude::*;
use prost::Message as _;
use proto::{Function, Label, Line, Location, Mapping, Profile, Sample, ValueType};

const LIMIT: usize = 16 << 20;

/// A profile of two sample types that has something in every field.
fn full() -> Profile {
    let texts = [
        "",
        "cpu",
        "nanoseconds",
        "samples",
        "count",
        "main",
        "main.go",
        "_main",
        "work",
        "/bin/app",
        "b1d",
        "thread",
        "a",
        "bytes",
        "size",
        "drop.*",
        "keep.*",
        "first",
        "second",
        "http://doc",
        "[vdso]",
    ];
    let label = |key, str, num, num_unit| Label { key, str, num, num_unit };
    let line = |function_id, line, column| Line { function_id, line, column };
    Profile {
        sample_type: vec![ValueType { ty: 3, unit: 4 }, ValueType { ty: 1, unit: 2 }],
        sample: vec![
            Sample {
                location_id: vec![2, 1],
                value: vec![1, 10],
                label: vec![label(11, 12, 0, 0), label(14, 0, 64, 13)],
            },
            Sample { location_id: vec![1], value: vec![0, -3], label: vec![label(14, 0, 0, 0)] },
            Sample { location_id: vec![2, 1], value: vec![i64::MAX, i64::MIN], label: vec![label(11, 12, 0, 0)] },
            Sample { location_id: vec![], value: vec![5, 6], label: vec![label(12, 12, 0, 0), label(12, 17, 0, 0)] },
        ],
        mapping: vec![
            Mapping {
                id: 1,
                memory_start: 0x400000,
                memory_limit: 0x500000,
                file_offset: 7,
                filename: 9,
                build_id: 10,
                has_functions: true,
                has_filenames: true,
                has_line_numbers: true,
                has_inline_frames: true,
            },
            Mapping { id: 2, filename: 20, memory_limit: u64::MAX, ..Mapping::default() },
        ],
        location: vec![
            Location { id: 1, mapping_id: 1, address: 0x400123, line: vec![line(1, 12, 3)], is_folded: false },
            Location { id: 2, mapping_id: 1, address: 9, line: vec![line(2, 1, 0), line(1, 14, 0)], is_folded: true },
            Location { id: 3, ..Location::default() },
        ],
        function: vec![
            Function { id: 1, name: 5, system_name: 7, filename: 6, start_line: 10 },
            Function { id: 2, name: 8, system_name: 8, filename: 6, start_line: 0 },
        ],
        string_table: texts.map(str::to_owned).to_vec(),
        drop_frames: 15,
        keep_frames: 16,
        time_nanos: 1_700_000_000_000_000_001,
        duration_nanos: 10_000_000,
        period_type: Some(ValueType { ty: 1, unit: 2 }),
        period: 10_000,
        comment: vec![17, 0, 18],
        default_sample_type: 1,
        doc_url: 19,
    }
}

/// There and back.
fn back(profile: &Profile) -> Profile {
    let message = to_profiles(&profile.encode_to_vec(), LIMIT).expect("it is sound");
    validate(Signal::Profiles, &message).expect("it is a message of OTLP");
    let Converted { files, left_out } = from_profiles(&message, LIMIT).expect("it is sound");
    assert!(left_out.is_empty(), "{left_out:?}");
    let [file] = &files[..] else { panic!("{} files", files.len()) };
    Profile::decode(file.as_slice()).expect("it is a profile")
}

#[test]
fn everything_comes_back() {
    let full = full();
    let mut changed = vec![
        full.clone(),
        Profile { string_table: vec![String::new()], ..Profile::default() },
        Profile { sample: vec![], ..full.clone() },
        Profile { period_type: None, default_sample_type: 0, comment: vec![], ..full.clone() },
        Profile { time_nanos: -1, duration_nanos: i64::MIN, period: -5, ..full.clone() },
        // One comment that is empty.
        Profile { comment: vec![0], ..full.clone() },
    ];
    // Without sample types.
    let mut untyped = full.clone();
    untyped.sample_type.clear();
    untyped.sample.iter_mut().for_each(|sample| sample.value.clear());
    changed.push(untyped);
    // A label whose text is there and empty is no number.
    let mut empty = full.clone();
    empty.string_table.push(String::new());
    let last = empty.string_table.len() as i64 - 1;
    empty.sample[0].label[0].str = last;
    changed.push(empty);
    // Two sample types of one name.
    let mut twins = full.clone();
    twins.sample_type = vec![ValueType { ty: 1, unit: 2 }, ValueType { ty: 1, unit: 4 }];
    changed.push(twins);
    let twins = Profile { sample_type: vec![ValueType { ty: 1, unit: 2 }; 2], ..full };
    changed.push(twins);
    for profile in changed {
        assert_eq!(back(&profile).settled(), profile.settled());
    }
}

#[test]
fn ids_are_places_afterwards() {
    let mut odd = full();
    let expected = odd.settled();
    odd.mapping[0].id = 900;
    odd.function[1].id = u64::MAX;
    odd.location.iter_mut().for_each(|location| location.id += 70);
    for location in &mut odd.location {
        location.mapping_id = if location.mapping_id == 1 { 900 } else { location.mapping_id };
        for line in &mut location.line {
            line.function_id = if line.function_id == 2 { u64::MAX } else { line.function_id };
        }
    }
    odd.sample.iter_mut().flat_map(|sample| &mut sample.location_id).for_each(|id| *id += 70);
    assert_eq!(back(&odd).settled(), expected);
}

#[test]
fn a_message_is_as_the_conventions_say() {
    let mut small = full();
    small.sample.truncate(1);
    small.mapping.truncate(1);
    small.location.truncate(2);
    let message = to_profiles(&small.encode_to_vec(), LIMIT).expect("it is sound");
    let mut text = Vec::new();
    json::from_protobuf(Signal::Profiles, &message, &mut text, json::Style::default()).expect("it is a message");
    let found: serde_json::Value = serde_json::from_slice(&text).expect("it is JSON");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pprof/message.json");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let text = serde_json::to_string_pretty(&found).expect("it is JSON") + "\n";
        std::fs::write(&path, text).expect("the file can be written");
    }
    let expected = std::fs::read(&path).expect("the file is there");
    let expected: serde_json::Value = serde_json::from_slice(&expected).expect("it is JSON");
    assert_eq!(found, expected);
}

/// Files that Go wrote, see `tests/pprof` of the project.
fn samples() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples/pprof");
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "gz"))
        .map(|path| (path.display().to_string(), std::fs::read(&path).expect("a file")))
        .collect();
    found.sort();
    found
}

#[test]
fn files_of_go_come_back() {
    let samples = samples();
    assert!(samples.len() >= 5, "{}", samples.len());
    for (name, bytes) in samples {
        let content = decompress(&bytes, LIMIT).expect("it is gzip");
        assert!(is_pprof(&content) && begins_like_pprof(&content), "{name}");
        let profile = Profile::decode(&*content).expect("it is a profile");
        assert!(!profile.sample.is_empty(), "{name}");
        assert_eq!(back(&profile).settled(), profile.settled(), "{name}");
    }
}

#[test]
fn pprof_and_otlp_are_told_apart() {
    let file = full().encode_to_vec();
    let message = to_profiles(&file, LIMIT).expect("it is sound");
    assert!(is_pprof(&file) && begins_like_pprof(&file[..20]));
    assert!(!is_pprof(&message) && !begins_like_pprof(&message));
    assert_eq!(recognise(&message, &Signal::ALL), Recognised::As(Signal::Profiles));
    for other in [&b""[..], b"{}", b"\x0a\x00", b"\x0a\x02\x12\x00", b"\x32\x01a", b"\xff\xff"] {
        assert!(!is_pprof(other), "{other:?}");
    }
    // A message of logs, its resource first or last.
    for other in [&b"\x0a\x06\x12\x04\x12\x02\x10\x0d"[..], b"\x0a\x04\x0a\x02\x0a\x00", b"\x0a\x02\x1a\x00"] {
        assert!(!begins_like_pprof(other), "{other:?}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let wrong = |change: fn(&mut Profile)| {
        let mut profile = full();
        change(&mut profile);
        profile.encode_to_vec()
    };
    let rows: Vec<(Vec<u8>, &str)> = vec![
        (wrong(|p| p.string_table.clear()), "string_table[0]: the first text of the string table has to be empty"),
        (
            wrong(|p| p.string_table[0] = "x".into()),
            "string_table[0]: the first text of the string table has to be empty",
        ),
        (wrong(|p| p.sample[1].location_id[0] = 9), "sample[1].location_id[0]: 9 is none of the 3 locations"),
        (wrong(|p| p.sample[0].location_id[1] = 0), "sample[0].location_id[1]: 0 is none of the 3 locations"),
        (
            wrong(|p| p.sample[2].value.truncate(1)),
            "sample[2].value: the number of values is 1, that of sample types 2",
        ),
        (wrong(|p| p.sample[0].label[1].num_unit = -1), "sample[0].label[1].num_unit: -1 is none of the 21 texts"),
        (wrong(|p| p.sample[0].label[0].key = 21), "sample[0].label[0].key: 21 is none of the 21 texts"),
        (wrong(|p| p.mapping[1].id = 1), "mapping[1].id: the id 1 is given twice"),
        (wrong(|p| p.function[0].id = 0), "function[0].id: there is no id, or it is 0"),
        (wrong(|p| p.location[1].mapping_id = 3), "location[1].mapping_id: 3 is none of the 2 mappings"),
        (
            wrong(|p| p.location[1].line[1].function_id = 7),
            "location[1].line[1].function_id: 7 is none of the 2 functions",
        ),
        (wrong(|p| p.mapping[0].build_id = 40), "mapping[0].build_id: 40 is none of the 21 texts"),
        (wrong(|p| p.function[1].filename = 40), "function[1].filename: 40 is none of the 21 texts"),
        (wrong(|p| p.comment[2] = i64::MAX), "comment[2]: 9223372036854775807 is none of the 21 texts"),
        (wrong(|p| p.doc_url = -7), "doc_url: -7 is none of the 21 texts"),
        (wrong(|p| p.sample_type[1].unit = 33), "sample_type[1].unit: 33 is none of the 21 texts"),
        (wrong(|p| p.default_sample_type = 21), "default_sample_type: 21 is none of the 21 texts"),
        (b"\x0a".to_vec(), "the message ends inside a field (byte 1)"),
        (b"\x32\x00\x12\x02\x0a\x05".to_vec(), "sample[0]: the message ends inside a field (byte 1)"),
        (b"\x32\x00\x48\xff".to_vec(), "the message ends inside a field (byte 3)"),
        (b"\x32\x00\x0a\x02\x0a\x00".to_vec(), "sample_type[0]: a known field has the wrong wire type (byte 0)"),
        (b"\x08\x01".to_vec(), "a known field has the wrong wire type (byte 0)"),
    ];
    for (bytes, expected) in rows {
        assert_eq!(to_profiles(&bytes, LIMIT).expect_err(expected).to_string(), expected);
    }
    let whole = full().encode_to_vec();
    for end in 0..whole.len() {
        let _ = to_profiles(&whole[..end], LIMIT);
    }
}

/// A message of OTLP out of JSON.
fn message(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    json::to_protobuf(Signal::Profiles, text.as_bytes(), &mut out).expect("it is OTLP/JSON");
    out
}

const DICTIONARY: &str = r#""dictionary": {
    "stringTable": ["", "cpu", "ns", "f", "k", "allocs"],
    "mappingTable": [{}, {"memoryStart": "1"}, {"memoryStart": "2"}],
    "functionTable": [{}, {"nameStrindex": 3}, {"nameStrindex": 4}],
    "locationTable": [{}, {"address": "1", "mappingIndex": 2, "lines": [{"functionIndex": 1, "line": "7"}]}, {"address": "2"}, {"lines": [{"line": "4"}]}],
    "stackTable": [{}, {"locationIndices": [1, 2]}, {"locationIndices": [2]}, {"locationIndices": [3]}, {"locationIndices": [0]}, {"locationIndices": [8]}],
    "linkTable": [{}, {"traceId": "0102030405060708090a0b0c0d0e0f10", "spanId": "0102030405060708"}],
    "attributeTable": [{}, {"keyStrindex": 4, "value": {"stringValue": "v"}}, {"keyStrindex": 4, "value": {"doubleValue": 1.5}},
      {"keyStrindex": 4, "value": {"boolValue": true}, "unitStrindex": 2}, {"keyStrindex": 4, "value": {"arrayValue": {}}},
      {"keyStrindex": 4, "value": {"stringValueStrindex": 5}}, {"keyStrindex": 99}]}"#;

fn profiles(profiles: &str) -> Vec<u8> {
    message(&format!(r#"{{"resourceProfiles": [{{"scopeProfiles": [{{"profiles": [{profiles}]}}]}}], {DICTIONARY}}}"#))
}

/// Each file as text: its sample types, and its samples with stack, values and labels.
fn shown(message: &[u8]) -> String {
    let converted = match from_profiles(message, LIMIT) {
        Ok(converted) => converted,
        Err(error) => return error.to_string(),
    };
    let mut out: Vec<String> = Vec::new();
    for file in &converted.files {
        let profile = Profile::decode(file.as_slice()).expect("it is a profile");
        let text = |index: i64| profile.string_table[index as usize].as_str();
        let types: Vec<_> = profile.sample_type.iter().map(|ty| format!("{}/{}", text(ty.ty), text(ty.unit))).collect();
        let mut line = types.join(" ");
        for sample in &profile.sample {
            line += &format!("; {:?}={:?}", sample.location_id, sample.value);
            for label in &sample.label {
                match label.str {
                    0 => line += &format!(" {}={}{}", text(label.key), label.num, text(label.num_unit)),
                    str => line += &format!(" {}={:?}", text(label.key), text(str)),
                }
            }
        }
        let ids = |ids: Vec<u64>| ids.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
        line += &format!(
            " | m{} l{} f{}",
            ids(profile.mapping.iter().map(|entry| entry.id).collect()),
            ids(profile.location.iter().map(|entry| entry.id).collect()),
            ids(profile.function.iter().map(|entry| entry.id).collect())
        );
        out.push(line);
    }
    for (what, count) in converted.left_out.iter() {
        out.push(format!("-{count} {what}"));
    }
    out.join("\n")
}

#[test]
fn profiles_of_other_origin_become_pprof() {
    let cpu = r#""sampleType": {"typeStrindex": 1, "unitStrindex": 2}"#;
    let allocs = r#""sampleType": {"typeStrindex": 5}"#;
    let one = |sample: &str| format!(r#"{{{cpu}, "samples": [{sample}]}}"#);
    let all = "| m1,2 l1,2,3 f1,2";
    let rows = [
        // The shapes of values.
        (one(r#"{"stackIndex": 1, "values": ["5"]}"#), format!("cpu/ns; [1, 2]=[5] {all}\n-1 lines without a function")),
        (one(r#"{"timestampsUnixNano": ["1", "2", "3"]}"#), format!("cpu/ns; []=[3] {all}\n-3 timestamps\n-1 lines without a function")),
        (
            one(r#"{"values": ["2", "-5"], "timestampsUnixNano": ["1", "2"]}"#),
            format!("cpu/ns; []=[-3] {all}\n-2 timestamps\n-1 lines without a function"),
        ),
        (one("{}"), format!("cpu/ns; []=[0] {all}\n-1 lines without a function")),
        (
            one(r#"{"values": ["9223372036854775807", "1"]}"#),
            "resourceProfiles[0].scopeProfiles[0].profiles[0].samples[0].values: the sum of the values has more than 64 bits".into(),
        ),
        // Labels.
        (
            one(r#"{"values": ["1"], "attributeIndices": [1, 2, 3, 4, 5], "linkIndex": 1}"#),
            format!(
                "cpu/ns; []=[1] k=\"v\" k=\"1.5\" k=\"true\" k=\"allocs\" trace_id=\"0102030405060708090a0b0c0d0e0f10\" \
                 span_id=\"0102030405060708\" {all}\n-1 units of texts\n-1 attributes of samples that are no text and no number\n\
                 -1 lines without a function"
            ),
        ),
        // What lines up is one file, what does not is another, and those have what they refer to.
        (
            format!(r#"{{{cpu}, "samples": [{{"stackIndex": 2, "values": ["1"]}}]}}, {{{allocs}, "samples": [{{"stackIndex": 2, "values": ["2"]}}]}}"#),
            format!("cpu/ns allocs/; [2]=[1, 2] {all}\n-1 lines without a function"),
        ),
        (
            format!(r#"{{{cpu}, "samples": [{{"stackIndex": 1, "values": ["1"]}}]}}, {{{allocs}, "samples": [{{"stackIndex": 2, "values": ["2"]}}]}}"#),
            "cpu/ns; [1, 2]=[1] | m2 l1,2 f1\nallocs/; [2]=[2] | m l2 f".into(),
        ),
        (
            format!(r#"{{{cpu}, "samples": [{{"values": ["1"]}}]}}, {{{cpu}, "samples": [{{"values": ["2"]}}]}}"#),
            "cpu/ns; []=[1] | m l f\ncpu/ns; []=[2] | m l f".into(),
        ),
        (
            format!(r#"{{{cpu}, "period": "1"}}, {{{allocs}, "period": "2"}}"#),
            "cpu/ns | m l f\nallocs/ | m l f".into(),
        ),
        // References that lead nowhere.
        (one(r#"{"stackIndex": 6}"#), "resourceProfiles[0].scopeProfiles[0].profiles[0].samples[0].stackIndex: 6 is none of the 6 stacks".into()),
        (one(r#"{"stackIndex": -1}"#), "resourceProfiles[0].scopeProfiles[0].profiles[0].samples[0].stackIndex: -1 is none of the 6 stacks".into()),
        (one(r#"{"stackIndex": 4}"#), "resourceProfiles[0].scopeProfiles[0].profiles[0].samples[0].stackIndex: 0 is none of the 4 locations".into()),
        (one(r#"{"stackIndex": 5}"#), "resourceProfiles[0].scopeProfiles[0].profiles[0].samples[0].stackIndex: 8 is none of the 4 locations".into()),
        (one(r#"{"linkIndex": 2}"#), "resourceProfiles[0].scopeProfiles[0].profiles[0].samples[0].linkIndex: 2 is none of the 2 links".into()),
        (one(r#"{"attributeIndices": [1, 7]}"#), "resourceProfiles[0].scopeProfiles[0].profiles[0].samples[0].attributeIndices[1]: 7 is none of the 7 attributes".into()),
        (one(r#"{"attributeIndices": [6]}"#), "dictionary.attributeTable[6].keyStrindex: 99 is none of the 6 texts".into()),
        (r#"{"sampleType": {"unitStrindex": 6}}"#.into(), "resourceProfiles[0].scopeProfiles[0].profiles[0].sampleType.unitStrindex: 6 is none of the 6 texts".into()),
        // Nothing, and what there is no field for.
        (String::new(), String::new()),
        (
            r#"{"profileId": "000102030405060708090a0b0c0d0e0f", "droppedAttributesCount": 2, "originalPayload": "AA==", "attributeIndices": [1]}"#.into(),
            format!("/ {all}\n-1 ids of profiles\n-1 original payloads\n-1 counts of dropped attributes\n-1 lines without a function\n-1 attributes of profiles"),
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(shown(&profiles(&text)), expected, "{text}");
    }
    let scopes = format!(
        r#"{{"resourceProfiles": [{{"resource": {{"attributes": [{{"key": "a"}}]}}, "scopeProfiles": [{{"scope": {{"name": "n", "attributes": [
            {{"key": "pprof.scope.sample_type_order", "value": {{"arrayValue": {{"values": [{{"intValue": "1"}}, {{"intValue": "0"}}]}}}}}},
            {{"key": "pprof.scope.default_sample_type", "value": {{"stringValueStrindex": 1}}}}, {{"key": "x"}}]}},
            "profiles": [{{{cpu}}}, {{{allocs}}}]}}]}}], {DICTIONARY}}}"#
    );
    let expected = "allocs/ cpu/ns | m1,2 l1,2,3 f1,2\n-1 attributes of resources\n-1 names and versions of scopes\n\
                    -1 attributes of scopes\n-1 lines without a function";
    assert_eq!(shown(&message(&scopes)), expected);
}

#[test]
fn comments_of_the_translator_are_read() {
    let text = r#"{"resourceProfiles": [{"scopeProfiles": [{"profiles": [{"attributeIndices": [1, 2, 3]}]}]}], "dictionary": {
        "stringTable": ["", "pprof.profile.comment.1", "pprof.profile.comment.0", "pprof.profile.comment"],
        "attributeTable": [{}, {"keyStrindex": 1, "value": {"stringValue": "b"}}, {"keyStrindex": 2, "value": {"stringValue": "a"}},
            {"keyStrindex": 3, "value": {"stringValue": "alone"}}]}}"#;
    let converted = from_profiles(&message(text), LIMIT).expect("it is sound");
    let profile = Profile::decode(converted.files[0].as_slice()).expect("it is a profile");
    let comments: Vec<_> = profile.comment.iter().map(|index| profile.string_table[*index as usize].as_str()).collect();
    assert_eq!(comments, ["alone", "a", "b"]);
    assert!(converted.left_out.is_empty());
}

#[test]
fn what_small_inputs_share_stays_within_the_limit() {
    // Many samples of one long stack.
    let indices = vec!["1"; 5_000].join(",");
    let samples = vec![r#"{"stackIndex": 1, "values": ["1"]}"#; 5_000].join(",");
    let shared = format!(
        r#"{{"resourceProfiles": [{{"scopeProfiles": [{{"profiles": [{{"samples": [{samples}]}}]}}]}}],
            "dictionary": {{"locationTable": [{{}}, {{}}], "stackTable": [{{}}, {{"locationIndices": [{indices}]}}]}}}}"#
    );
    let error = from_profiles(&message(&shared), 1 << 20).expect_err("it is too large");
    assert!(error.to_string().ends_with("what is written would be longer than 1048576 bytes"), "{error}");

    // One sample with many labels and many types of values.
    let mut wide = full();
    wide.sample.truncate(1);
    wide.sample_type = vec![ValueType { ty: 1, unit: 2 }; 5_000];
    wide.sample[0].value = vec![1; 5_000];
    wide.sample[0].label = vec![Label { key: 11, str: 12, num: 0, num_unit: 0 }; 5_000];
    let error = to_profiles(&wide.encode_to_vec(), 1 << 20).expect_err("it is too large");
    assert!(error.to_string().contains("longer than 1048576 bytes"), "{error}");
}

fn profile() -> impl Strategy<Value = Profile> {
    let text = 0..8_i64;
    let label = (text.clone(), text.clone(), -3..4_i64, text.clone()).prop_map(|(key, str, num, num_unit)| match str {
        0 => Label { key, str, num, num_unit },
        _ => Label { key, str, num: 0, num_unit: 0 },
    });
    let sample = move |types: usize| {
        let values = prop::collection::vec(any::<i64>(), types);
        (prop::collection::vec(1..4_u64, 0..4), values, prop::collection::vec(label.clone(), 0..3))
            .prop_map(|(location_id, value, label)| Sample { location_id, value, label })
    };
    let types = prop::sample::subsequence(vec![0, 1, 2, 3, 4], 0..4);
    let tables = (
        prop::collection::vec((text.clone(), text.clone(), any::<u64>(), any::<bool>()), 2),
        prop::collection::vec((0..3_u64, any::<u64>(), prop::collection::vec((1..3_u64, any::<i64>()), 0..3)), 3),
        prop::collection::vec((text.clone(), text.clone(), any::<i64>()), 2),
    );
    let scalars =
        (text.clone(), text.clone(), any::<i64>(), any::<i64>(), prop::collection::vec(text.clone(), 0..3), text);
    (types, tables, scalars).prop_flat_map(move |(types, (mappings, locations, functions), scalars)| {
        let (drop_frames, doc_url, time_nanos, period, comment, default_sample_type) = scalars;
        let mut string_table: Vec<String> = (0..8).map(|n| format!("t{}", n % 7)).collect();
        string_table[0].clear();
        let whole = Profile {
            sample_type: types.iter().map(|ty| ValueType { ty: *ty, unit: 1 }).collect(),
            mapping: mappings
                .into_iter()
                .zip(1..)
                .map(|((filename, build_id, memory_start, has_functions), id)| Mapping {
                    id,
                    filename,
                    build_id,
                    memory_start,
                    has_functions,
                    ..Mapping::default()
                })
                .collect(),
            location: locations
                .into_iter()
                .zip(1..)
                .map(|((mapping_id, address, lines), id)| {
                    let line = |(function_id, line)| Line { function_id, line, column: 0 };
                    let line = lines.into_iter().map(line).collect();
                    Location { id, mapping_id, address, line, is_folded: address % 2 == 0 }
                })
                .collect(),
            function: functions
                .into_iter()
                .zip(1..)
                .map(|((name, filename, start_line), id)| Function {
                    id,
                    name,
                    system_name: name,
                    filename,
                    start_line,
                })
                .collect(),
            string_table,
            drop_frames,
            doc_url,
            time_nanos,
            period,
            comment,
            default_sample_type,
            ..Profile::default()
        };
        prop::collection::vec(sample(types.len()), 0..5).prop_map(move |sample| Profile { sample, ..whole.clone() })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn random_profiles_come_back(profile in profile()) {
        prop_assert_eq!(back(&profile).settled(), profile.settled());
    }
}
