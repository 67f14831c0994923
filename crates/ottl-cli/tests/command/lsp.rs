//! `ottl lsp`, driven as an editor does.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::harness::{command, ottl};

/// An editor.
struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    last: i64,
    /// Notifications that came while an answer was waited for.
    told: Vec<Value>,
}

impl Editor {
    /// Starts the server; `encodings` are the units of columns that the editor knows.
    fn start(arguments: &[&str], encodings: &[&str]) -> (Editor, Value) {
        let mut child = command()
            .arg("lsp")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let mut editor = Editor { child, input, output, last: 0, told: Vec::new() };
        let capabilities = json!({
            "general": { "positionEncodings": encodings },
            "textDocument": {
                "completion": { "completionItem": { "snippetSupport": true } },
                "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
            },
        });
        let answer =
            editor.ask("initialize", json!({ "processId": null, "rootUri": null, "capabilities": capabilities }));
        editor.tell("initialized", json!({}));
        (editor, answer["capabilities"].clone())
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let input = self.input.as_mut().expect("the input is open");
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("the server reads");
        input.flush().expect("the server reads");
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).expect("the server answers") > 0, "the server is gone");
            match line.trim().split_once(": ") {
                Some(("Content-Length", count)) => length = count.parse().expect("a length"),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).expect("a message");
        serde_json::from_slice(&body).expect("JSON")
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The whole answer to a request.
    fn answer(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let id = self.last;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == json!(id) {
                return message;
            }
            self.told.push(message);
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let answer = self.answer(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn open(&mut self, uri: &str, language: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn change(&mut self, uri: &str, version: i32, changes: Value) {
        let document = json!({ "uri": uri, "version": version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// Asks about a place.
    fn at(&mut self, method: &str, uri: &str, line: u32, character: u32) -> Value {
        let position = json!({ "line": line, "character": character });
        self.ask(method, json!({ "textDocument": { "uri": uri }, "position": position }))
    }

    /// The next diagnostics: each as its code, first line and column.
    fn faults(&mut self, uri: &str) -> Vec<(String, u64, u64)> {
        loop {
            let message = if self.told.is_empty() { self.receive() } else { self.told.remove(0) };
            if message["method"] != "textDocument/publishDiagnostics" || message["params"]["uri"] != uri {
                continue;
            }
            let found = message["params"]["diagnostics"].as_array().expect("a list").clone();
            let one = |found: &Value| {
                let code = found["code"].as_str().expect("a code").to_owned();
                let number = |key: &str| found["range"]["start"][key].as_u64().expect("a number");
                (code, number("line"), number("character"))
            };
            return found.iter().map(one).collect();
        }
    }

    /// Ends the server as the protocol says; its exit status.
    fn end(mut self) -> i32 {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        self.input.take();
        self.child.wait().expect("the server ends").code().expect("a status")
    }
}

fn fault(code: &str, line: u64, column: u64) -> (String, u64, u64) {
    (code.to_owned(), line, column)
}

const URI: &str = "file:///rules.yaml";

#[test]
fn faults_follow_the_text() {
    let (mut editor, capabilities) = Editor::start(&[], &["utf-16"]);
    assert_eq!(capabilities["positionEncoding"], "utf-16");
    editor.open(URI, "yaml", "log_statements:\n  - set(log.bodi, \"\u{1f600}\") where log.bodi == 1\n");
    assert_eq!(editor.faults(URI), [fault("E0203", 1, 8), fault("E0203", 1, 30)]);
    let one = json!({ "range": { "start": { "line": 1, "character": 15 }, "end": { "line": 1, "character": 16 } }, "text": "y" });
    let other = json!({ "range": { "start": { "line": 1, "character": 37 }, "end": { "line": 1, "character": 38 } }, "text": "y" });
    editor.change(URI, 2, json!([one, other]));
    assert_eq!(editor.faults(URI), []);
    editor.change(URI, 3, json!([{ "text": "log_statements:\n  - frob(1)\n" }]));
    assert_eq!(editor.faults(URI), [fault("E0201", 1, 4)]);
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": URI } }));
    assert_eq!(editor.faults(URI), []);
    assert_eq!(editor.end(), 0);
}

#[test]
fn columns_are_bytes_where_the_editor_knows_them() {
    let (mut editor, capabilities) = Editor::start(&[], &["utf-16", "utf-8"]);
    assert_eq!(capabilities["positionEncoding"], "utf-8");
    editor.open(URI, "yaml", "log_statements:\n  - set(log.body, \"\u{1f600}\") where log.bodi == 1\n");
    assert_eq!(editor.faults(URI), [fault("E0203", 1, 32)]);
    assert_eq!(editor.end(), 0);
}

#[test]
fn files_of_others_are_left_in_peace() {
    let (mut editor, _) = Editor::start(&[], &[]);
    let other = "file:///ci.yaml";
    editor.open(other, "yaml", "on: [push]\njobs:\n  a: {steps: [{run: 'b'}]}\n");
    assert_eq!(editor.at("textDocument/completion", other, 1, 0), Value::Null);
    assert_eq!(editor.at("textDocument/hover", other, 1, 1), Value::Null);
    let about = json!({ "textDocument": { "uri": other }, "options": { "tabSize": 2, "insertSpaces": true } });
    assert_eq!(editor.ask("textDocument/formatting", about), Value::Null);
    // One that has become none of ours has no faults any more.
    editor.open(URI, "yaml", "log_statements:\n  - frob(1)\n");
    assert_eq!(editor.faults(URI).len(), 1);
    editor.change(URI, 2, json!([{ "text": "a: 1\n" }]));
    assert_eq!(editor.faults(URI), []);
    assert!(editor.told.iter().all(|message| message["params"]["uri"] != other), "{:?}", editor.told);
    assert_eq!(editor.end(), 0);
}

#[test]
fn words_are_proposed_and_explained() {
    let (mut editor, _) = Editor::start(&["--samples", "tests/../../../examples/logs.json"], &[]);
    editor.open(URI, "yaml", "log_statements:\n  - 'set(log.attributes[\"a\"], Con\n");
    let found = editor.at("textDocument/completion", URI, 1, 33);
    let first = &found["items"][0];
    assert_eq!(first["label"], "Concat", "{found}");
    assert_eq!(first["textEdit"]["newText"], "Concat(${1:vals}, ${2:delimiter})");
    assert_eq!(first["textEdit"]["range"]["start"], json!({ "line": 1, "character": 30 }));
    let resolved = editor.ask("completionItem/resolve", first.clone());
    let docs = resolved["documentation"]["value"].as_str().expect("documentation");
    assert!(docs.contains("Concat(vals, delimiter)"), "{docs}");
    // Keys out of the recorded telemetry.
    editor.change(URI, 2, json!([{ "text": "log_statements:\n  - set(log.attributes[\"" }]));
    let found = editor.at("textDocument/completion", URI, 1, 25);
    let labels: Vec<&str> =
        found["items"].as_array().expect("items").iter().filter_map(|item| item["label"].as_str()).collect();
    assert!(labels.contains(&"api_token"), "{labels:?}");
    editor.change(URI, 3, json!([{ "text": "log_statements:\n  - limit(log.attributes, " }]));
    let help = editor.at("textDocument/signatureHelp", URI, 1, 26);
    assert_eq!(help["activeParameter"], 1);
    assert!(help["signatures"][0]["label"].as_str().is_some_and(|label| label.starts_with("limit(")), "{help}");
    editor.change(URI, 4, json!([{ "text": "l" }]));
    let found = editor.at("textDocument/completion", URI, 0, 1);
    assert_eq!(found["items"][0]["label"], "log_conditions", "{found}");
    editor.change(URI, 5, json!([{ "text": "log_statements:\n  - frob(log.body)" }]));
    let hover = editor.at("textDocument/hover", URI, 1, 5);
    let text = hover["contents"]["value"].as_str().expect("a text");
    assert!(text.contains("there is no function `frob`") && text.contains("# E0201"), "{text}");
    assert_eq!(editor.end(), 0);
}

#[test]
fn fixes_are_offered_one_by_one_and_all_at_once() {
    let (mut editor, _) = Editor::start(&[], &[]);
    editor.open(URI, "yaml", "log_statements:\n  - set(log.bodi, 1)\n  - set(log.attributes[\"a\"], log.boddy)\n");
    let range = json!({ "start": { "line": 1, "character": 10 }, "end": { "line": 1, "character": 10 } });
    let about = |only: &Value| json!({ "textDocument": { "uri": URI }, "range": range, "context": { "diagnostics": [], "only": only } });
    let found = editor.ask("textDocument/codeAction", about(&json!(["quickfix"])));
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!((&found[0]["kind"], &found[0]["isPreferred"]), (&json!("quickfix"), &json!(true)));
    assert_eq!(found[0]["edit"]["changes"][URI][0]["newText"], "body");
    assert_eq!(found[0]["diagnostics"][0]["code"], "E0203");
    let all = editor.ask("textDocument/codeAction", about(&json!(["source.fixAll"])));
    assert_eq!(all[0]["edit"]["changes"][URI].as_array().map(Vec::len), Some(2), "{all}");
    assert_eq!(editor.end(), 0);
}

#[test]
fn whole_documents_have_forms_symbols_colours_and_remarks() {
    let (mut editor, capabilities) = Editor::start(&["--target", "0.161"], &[]);
    let text = "log_statements:\n  - set(log.body,1)\n  - |\n    set(log.body,\n      2)\n";
    editor.open(URI, "yaml", text);
    let document = json!({ "uri": URI });
    let options = json!({ "tabSize": 2, "insertSpaces": true });
    let edits = editor.ask("textDocument/formatting", json!({ "textDocument": document, "options": options }));
    assert_eq!(edits[0]["newText"], "  - set(log.body, 1)\n", "{edits}");
    let symbols = editor.ask("textDocument/documentSymbol", json!({ "textDocument": document }));
    assert_eq!(symbols[0]["name"], "transform");
    assert_eq!(symbols[0]["children"][0]["children"][0]["name"], "set(log.body,1)", "{symbols}");
    let tokens = editor.ask("textDocument/semanticTokens/full", json!({ "textDocument": document }));
    let legend = capabilities["semanticTokensProvider"]["legend"]["tokenTypes"].as_array().expect("a legend");
    let data: Vec<u64> = tokens["data"].as_array().expect("data").iter().filter_map(Value::as_u64).collect();
    let place = legend.iter().position(|name| name == "function").expect("a name") as u64;
    assert_eq!(data[..5], [1, 4, 3, place, 0]);
    assert_eq!(data.len() % 5, 0);
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9, "character": 0 } });
    let hints = editor.ask("textDocument/inlayHint", json!({ "textDocument": document, "range": range }));
    assert_eq!(hints[0]["label"], "log, for each log record", "{hints}");
    assert_eq!(editor.end(), 0);
}

#[test]
fn rules_alone_are_files_of_their_own() {
    let (mut editor, _) = Editor::start(&[], &[]);
    let uri = "file:///a.ottl";
    editor.open(uri, "plaintext", "# why\nset(span.name, 1)\nset(span.nam, 1)\n");
    assert_eq!(editor.faults(uri).last(), Some(&fault("E0203", 2, 4)));
    assert_eq!(editor.end(), 0);
}

#[test]
fn what_is_wrong_or_unknown_ends_nothing() {
    let (mut editor, _) = Editor::start(&[], &[]);
    let answer = editor.answer("textDocument/rename", json!({}));
    assert_eq!(answer["error"]["code"], -32601);
    let answer = editor.answer("textDocument/hover", json!({ "textDocument": 1 }));
    assert_eq!(answer["error"]["code"], -32602);
    editor.tell("textDocument/didOpen", json!([]));
    editor.tell("$/setTrace", json!({ "value": "off" }));
    assert_eq!(editor.at("textDocument/hover", "file:///not-open", 3, 4), Value::Null);
    editor.change("file:///not-open", 2, json!([{ "text": "" }]));
    editor.open(URI, "yaml", "log_statements: [");
    assert_eq!(editor.faults(URI), [fault("E0601", 0, 16)]);
    assert_eq!(editor.at("textDocument/completion", URI, 99, 99), json!({ "isIncomplete": false, "items": [] }));
    assert_eq!(editor.end(), 0);
    // An editor that goes without a word was killed.
    let (mut editor, _) = Editor::start(&[], &[]);
    editor.input.take();
    assert_eq!(editor.child.wait().expect("the server ends").code(), Some(1));
}

#[test]
fn what_is_no_message_is_told() {
    for (input, why) in [
        (&b"garbage\r\n\r\n"[..], "a frame begins with lines such as `Content-Length: 42`"),
        (b"Content-Length: 99999999999999\r\n\r\n", "a `Content-Length` is a number up to"),
    ] {
        ottl(["lsp"], input).ends(1).names(&["standard input: the editor does not speak the protocol: ", why]);
    }
    // A message that cannot be read is none; the next one is answered.
    let (mut editor, _) = Editor::start(&[], &[]);
    editor
        .input
        .as_mut()
        .expect("the input is open")
        .write_all(b"Content-Length: 5\r\n\r\n{\"a\":")
        .expect("the server reads");
    let note = editor.receive();
    assert_eq!(note["method"], "window/logMessage");
    assert!(note["params"]["message"].as_str().is_some_and(|text| text.contains("5 bytes cannot be read")), "{note}");
    assert_eq!(editor.end(), 0);
}
