//! `ottl playground`: what its server gives to whom.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use crate::harness::{Dir, command, log, ottl, sample};

/// A server that is ended at the end.
struct Served {
    child: Child,
    port: u16,
    /// The path of the page.
    path: String,
}

impl Served {
    fn start(arguments: &[&str]) -> Served {
        let mut child = command()
            .args(["playground", "--no-open"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut line = String::new();
        let read = BufReader::new(child.stdout.as_mut().expect("it is piped")).read_line(&mut line);
        assert!(read.is_ok_and(|len| len > 0), "it ended: {:?}", child.wait());
        let rest = line.trim_end().strip_prefix("http://127.0.0.1:").expect("an address");
        let (port, path) = rest.split_once('/').expect("a path");
        let path = path.strip_suffix("/#given").expect("the fragment that asks for what was given");
        Served { child, port: port.parse().expect("a port"), path: format!("/{path}") }
    }

    /// The head and the body of an answer.
    fn ask(&self, method: &str, target: &str, host: &str, more: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let request = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it answers");
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
        let body = answer.split_off(end + 4);
        (String::from_utf8(answer).expect("a head of text"), body)
    }

    /// The same under the server's own name, for a file of the page.
    fn get(&self, name: &str) -> (String, Vec<u8>) {
        self.ask("GET", &format!("{}/{name}", self.path), &format!("127.0.0.1:{}", self.port), "")
    }

    fn given(&self) -> serde_json::Value {
        let (head, body) = self.get("given.json");
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("Cache-Control: no-store"), "{head}");
        serde_json::from_slice(&body).expect("JSON")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A page of three files.
fn page() -> Dir {
    let dir = Dir::new();
    dir.file("index.html", "<!doctype html><title>page</title>");
    dir.file("offline.js", "// keeps the page");
    std::fs::create_dir_all(dir.path("assets")).expect("a folder");
    dir.file("assets/main-1a2b.js", "export {};");
    dir.file("assets/module-1a2b.wasm", b"\0asm");
    dir
}

#[test]
fn the_page_is_served_with_what_was_given() {
    let (page, dir) = (page(), Dir::new());
    let folder = page.path("");
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.bod, 1)']");
    let data = dir.file("logs.json", log("a"));
    let served = Served::start(&["--page", &folder, "--config", &rules, &data]);
    let (head, body) = served.get("");
    assert!(head.starts_with("HTTP/1.1 200") && body == b"<!doctype html><title>page</title>", "{head}");
    for part in [
        "Content-Type: text/html; charset=utf-8",
        "Content-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'",
        "frame-ancestors 'none'",
        "X-Content-Type-Options: nosniff",
        "Cache-Control: no-store",
    ] {
        assert!(head.contains(part), "{part} is not in: {head}");
    }
    for (name, kind) in [("main-1a2b.js", "text/javascript"), ("module-1a2b.wasm", "application/wasm")] {
        let (head, _) = served.get(&format!("assets/{name}"));
        assert!(head.contains(&format!("Content-Type: {kind}")) && head.contains("immutable"), "{head}");
    }
    // Wrong rules are what one opens the page for.
    let given = served.given();
    assert_eq!(given["rules"], "log_statements: ['set(log.bod, 1)']");
    assert_eq!(
        (&given["signal"], given["telemetry"].as_str().map(|text| text.lines().count())),
        (&"logs".into(), Some(1))
    );
    assert!(given["telemetry"].as_str().is_some_and(|text| text.contains(r#"{"stringValue":"a"}"#)), "{given}");
}

#[test]
fn nothing_else_is_served_and_to_nobody_else() {
    let page = page();
    let served = Served::start(&["--page", &page.path("")]);
    assert_eq!(served.given(), serde_json::json!({}));
    let own = format!("127.0.0.1:{}", served.port);
    let status = |method: &str, target: &str, host: &str| {
        let (head, body) = served.ask(method, target, host, "");
        assert!(!String::from_utf8_lossy(&body).contains("<title>") || head.starts_with("HTTP/1.1 200"), "{head}");
        head[9..12].to_owned()
    };
    let inside = |name: &str| format!("{}/{name}", served.path);
    assert_eq!(status("GET", &inside(""), &format!("localhost:{}", served.port)), "200");
    for host in ["evil.example", &format!("evil.example:{}", served.port), "127.0.0.1", "127.0.0.1:1", "localhost", ""]
    {
        assert_eq!(status("GET", &inside("given.json"), host), "421", "{host}");
    }
    for name in ["", "index.html", "given.json", &format!("{}0/given.json", &served.path[1..])] {
        assert_eq!(status("GET", &format!("/{name}"), &own), "404", "{name}");
    }
    for name in [
        "../index.html",
        "../../Cargo.toml",
        "%2e%2e/index.html",
        "assets/../index.html",
        "assets/..%2findex.html",
        "assets",
        "assets/",
        "/etc/passwd",
        "..\\index.html",
        // It would keep the page beyond the command.
        "offline.js",
    ] {
        assert_eq!(status("GET", &inside(name), &own), "404", "{name}");
    }
    assert_eq!(status("GET", &inside("?x=1"), &own), "200");
    assert_eq!(status("POST", &inside("given.json"), &own), "405");
    let (head, body) = served.ask("HEAD", &inside(""), &own, "");
    assert!(head.starts_with("HTTP/1.1 200") && body.is_empty(), "{head}");
    // Two servers have two addresses.
    let other = Served::start(&["--page", &page.path("")]);
    assert!(other.path != served.path && other.path.len() == 33 && other.port != served.port, "{}", other.path);
}

#[test]
fn data_of_any_form_is_given_as_json() {
    let page = page();
    let folder = page.path("");
    let served = Served::start(&["--page", &folder, "--limit", "2", &sample("fileexporter/logs.zstd")]);
    let given = served.given();
    let lines: Vec<serde_json::Value> = given["telemetry"]
        .as_str()
        .expect("a text")
        .lines()
        .map(|line| serde_json::from_str(line).expect("OTLP/JSON"))
        .collect();
    assert!(!lines.is_empty() && lines.len() <= 2 && lines[0]["resourceLogs"].is_array(), "{given}");
    let served = Served::start(&["--page", &folder, &sample("sdk/node-traces.pb")]);
    assert_eq!(served.given()["signal"], "traces");
}

#[test]
fn what_cannot_be_served_is_said() {
    let (page, dir) = (page(), Dir::new());
    let folder = page.path("");
    ottl(["playground", "--page", &dir.path("")], b"").ends(2).names(&["there is no index.html"]);
    ottl(["playground", "--page", &dir.path("missing")], b"").ends(1).names(&["missing: cannot read"]);
    ottl(["playground", "--page", &folder, "--config", "-", "-"], b"").ends(2).names(&["cannot both"]);
    ottl(["playground", "--page", &folder, "--config", &dir.path("missing")], b"").ends(1).names(&["cannot read"]);
    ottl(["playground", "--page", &folder, "-"], b"{\"resourceLogs\": 7}").ends(1).names(&["standard input"]);
    let served = Served::start(&["--page", &folder]);
    let taken = served.port.to_string();
    ottl(["playground", "--no-open", "--page", &folder, "--port", &taken], b"")
        .ends(1)
        .names(&[&taken, "cannot be had"]);
    if !cfg!(feature = "playground") {
        ottl(["playground"], b"").ends(2).names(&["--features playground", "--page wasm/playground/dist"]);
    }
}

/// The page that the build put inside.
#[cfg(feature = "playground")]
#[test]
fn the_embedded_page_is_compressed() {
    let served = Served::start(&[]);
    let own = format!("127.0.0.1:{}", served.port);
    let index = format!("{}/", served.path);
    let (head, body) = served.ask("GET", &index, &own, "Accept-Encoding: deflate, gzip;q=0.8\r\n");
    assert!(head.contains("Content-Encoding: gzip") && body.starts_with(&[0x1f, 0x8b]), "{head}");
    let (head, body) = served.get("");
    let text = String::from_utf8_lossy(&body);
    assert!(!head.contains("Content-Encoding") && text.to_lowercase().contains("<!doctype html>"), "{head}{text}");
}
