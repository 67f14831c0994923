//! `ottl convert`: formats of OTLP, and pprof.

use std::path::Path;

use ottl::otlp::framing::{Compression, decompress};
use ottl::otlp::pprof::{from_profiles, is_pprof, to_profiles};

use crate::harness::{Dir, contents, ottl};

const LIMIT: usize = 1 << 20;

/// A file of Go.
fn heap() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples/pprof/heap.pb.gz");
    path.to_str().expect("a text").to_owned()
}

fn content(bytes: &[u8]) -> Vec<u8> {
    decompress(bytes, LIMIT).expect("it is gzip or plain").into_owned()
}

#[test]
fn pprof_becomes_otlp_in_every_format_and_comes_back() {
    let dir = Dir::new();
    let expected = to_profiles(&content(&contents(&heap())), LIMIT).expect("it is sound");
    let file = from_profiles(&expected, LIMIT).expect("it is sound").files.remove(0);
    for (name, options) in [
        ("a.json", &[][..]),
        ("a.pb", &[]),
        ("a.jsonl.gz", &[]),
        ("a.pb.zst", &[]),
        ("a.x", &["--to", "framed"]),
        ("b.x", &["--to", "delimited", "--compress", "gzip"]),
        ("c.x", &["--to", "zstd-frames"]),
        ("d.x", &["--from", "pprof"]),
        ("e.pb.gz", &["--to", "protobuf", "--compress", "gzip"]),
    ] {
        let (path, heap, back) = (dir.path(name), heap(), dir.path("back.pb.gz"));
        let args = ["convert", &heap, "-o", &path].into_iter().chain(options.iter().copied());
        let done = ottl(args, b"").ends(0);
        assert_eq!((done.text(), done.err.as_str()), ("", ""), "{name}");
        if name == "a.pb" {
            assert!(contents(&path) == expected);
        }
        // There and back, by name and by option.
        let mut args = vec!["convert", &path, "-o", &back];
        // A stream of frames does not say that its lengths are varints.
        if name == "b.x" {
            args.extend(["--from", "delimited"]);
        }
        let done = ottl(args.iter().copied(), b"").ends(0);
        assert_eq!((done.text(), done.err.as_str()), ("", ""), "{name}");
        let written = contents(&back);
        assert_eq!(Compression::detect(&written), Compression::Gzip, "{name}");
        assert!(content(&written) == file, "{name}");
    }
    let done = ottl(["convert", &heap(), "--to", "pprof", "--compress", "none"], b"").ends(0);
    assert!(done.out == file);
    let json = ottl(["convert", "-", "--to", "json"], &contents(&heap())).ends(0).json();
    assert_eq!(json["resourceProfiles"][0]["scopeProfiles"][0]["profiles"].as_array().map(Vec::len), Some(4));
    let done = ottl(["convert", "-", "--to", "pprof"], json.to_string().as_bytes()).ends(0);
    assert!(content(&done.out) == file);
}

#[test]
fn otlp_is_converted_as_a_run_does_it() {
    let dir = Dir::new();
    let logs = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a"}}]}]}]}"#;
    let spans = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"n"}]}]}]}"#;
    let input = format!("{logs}\n{spans}\n");
    let done = ottl(["convert"], input.as_bytes()).ends(0);
    assert_eq!((done.text(), done.err.as_str()), (input.as_str(), ""));
    let path = dir.path("a.framed");
    ottl(["convert", "-", "-o", &path, "--to", "framed"], logs.as_bytes()).ends(0);
    let done = ottl(["convert", &path, "--to", "json"], b"").ends(0);
    assert_eq!(done.json()["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]["body"]["stringValue"], "a");
    let done = ottl(["convert", "--to", "json", "--pretty"], logs.as_bytes()).ends(0);
    assert!(done.text().contains("\n  \"resourceLogs\""), "{}", done.text());
    let out = dir.path("out");
    ottl(["convert", &path, &heap(), "--to", "json", "--output-dir", &out], b"").ends(0);
    assert!(["a.jsonl", "heap.jsonl"].iter().all(|name| Path::new(&out).join(name).exists()));
}

#[test]
fn what_cannot_be_converted_is_said() {
    let dir = Dir::new();
    let two = r#"{"resourceProfiles":[{"scopeProfiles":[{"profiles":[{"period":"1"},{"period":"2"}]}]}],"dictionary":{"stringTable":[""]}}"#;
    ottl(["convert", "--to", "pprof"], two.as_bytes()).ends(2).names(&["2 pprof files come of it", "--output-dir DIR"]);
    let (path, out) = (dir.file("two.json", two), dir.path("out"));
    ottl(["convert", &path, "--to", "pprof", "--output-dir", &out], b"").ends(0);
    for name in ["two-1.pb.gz", "two-2.pb.gz"] {
        assert!(is_pprof(&content(&contents(&format!("{out}/{name}")))), "{name}");
    }
    let lossy = r#"{"resourceProfiles":[{"resource":{"attributes":[{"key":"a"}]},"scopeProfiles":[{"profiles":[{"samples":[{"timestampsUnixNano":["1","2"]}]}]}]}]}"#;
    let done = ottl(["convert", "--to", "pprof"], lossy.as_bytes()).ends(0);
    done.names(&["note: left out, because pprof has no field for it: attributes of resources (1), timestamps (2)"]);
    let done = ottl(["convert", "--to", "pprof", "--quiet"], lossy.as_bytes()).ends(0);
    assert_eq!(done.err, "");

    let heap_bytes = contents(&heap());
    let plain = content(&heap_bytes);
    let logs = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}"#;
    for (args, input, status, names) in [
        (&["--to", "pprof"][..], &logs[..], 1, &["message 1: this is logs, and only profiles become pprof"][..]),
        (&["--to", "json"], &heap_bytes[..heap_bytes.len() / 2], 1, &["standard input: "]),
        (&["--to", "json"], &plain[..plain.len() / 2], 1, &["standard input: this is no pprof file"]),
        (&["--from", "pprof", "--to", "json"], &logs[..], 1, &["this is no pprof file"]),
        (
            &["--from", "pprof", "--to", "json"],
            b"\x32\x00\x12\x02\x0a\x05",
            1,
            &["sample[0]: the message ends inside a field (byte 1)"],
        ),
        (
            &["--from", "pprof", "--to", "json"],
            b"\x32\x00\x12\x02\x08\x05",
            1,
            &["sample[0].location_id[0]: 5 is none of the 0 locations"],
        ),
        (&["--to", "pprof", "--compress", "zstd"], logs, 2, &["pprof is compressed with gzip or not at all"]),
        (&["--to", "json", "--max", "message_bytes=1000"], &heap_bytes, 1, &["more than 1000 bytes", "--max"]),
        (&["--to", "pprof"], b"", 2, &["there is no profile in it"]),
    ] {
        let args = ["convert"].into_iter().chain(args.iter().copied());
        ottl(args, input).ends(status).names(names);
    }
    let (path, heap) = (dir.path("x.pb"), heap());
    ottl(["convert", &heap, &heap, "-o", &path], b"")
        .ends(2)
        .names(&["several pprof files cannot be one protobuf message"]);
    ottl(["convert", "--output-dir", "x"], b"").ends(2).names(&["--to"]);
}

#[test]
fn text_is_named_with_what_is_read() {
    let dir = Dir::new();
    let text = dir.file("notes.txt", "2026-11-29 \u{fc}ber den Laden\n");
    let read = "this is text, and OTLP/JSON begins with `{`";
    ottl(["convert", &text], b"").ends(2).names(&[&format!("message 1 (at byte 0): {read}")]);
    ottl(["convert", &text, "--to", "pprof", "-o", &dir.path("a.pb.gz")], b"").ends(1).names(&[read]);
    ottl(["convert", &text, "--from", "pprof"], b"").ends(1).names(&["this is no pprof file, it is text"]);
}
