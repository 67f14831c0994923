//! [`Site`]: what a request is answered with.

use std::borrow::Cow;
use std::io::Read as _;

use flate2::read::GzDecoder;

use super::given::Given;
use super::page::{INDEX, Page};

/// What is served.
pub struct Site {
    page: Page,
    /// As the page asks for it.
    given: String,
    port: u16,
    secret: String,
}

/// A request, as far as it matters.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'r> {
    pub method: &'r str,
    /// The target: a path, with what may stand behind it.
    pub target: &'r str,
    pub host: Option<&'r str>,
    pub accepts_gzip: bool,
}

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer<'s> {
    pub status: u16,
    pub headers: Vec<(&'static str, &'static str)>,
    pub body: Cow<'s, [u8]>,
}

/// The file in which the page finds rules and data.
const GIVEN: &str = "given.json";

/// The worker that keeps the page for visits without a network: it would outlive the command, and keep what was given once.
const KEEPER: &str = "offline.js";

/// What the page may do: load itself, compile its module, put styles into itself, and ask this server.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

impl Site {
    pub fn new(page: Page, given: Given, port: u16, secret: String) -> Site {
        Site { page, given: given.to_json(), port, secret }
    }

    /// The address at which the page opens with what was given.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/{}/#given", self.port, self.secret)
    }

    /// The answer to a request.
    pub fn answer(&self, asked: Asked<'_>) -> Answer<'_> {
        // A page from elsewhere may have a name that leads here; its browser says that name.
        if !asked.host.is_some_and(|host| self.is_own(host)) {
            return Answer::plain(421, "this is not served under that name\n");
        }
        if asked.method != "GET" && asked.method != "HEAD" {
            return Answer { headers: vec![("Allow", "GET, HEAD")], ..Answer::plain(405, "only GET and HEAD\n") };
        }
        let path = asked.target.split(['?', '#']).next().unwrap_or_default();
        let inside = path.strip_prefix('/').and_then(|path| path.strip_prefix(&*self.secret));
        let Some(name) = inside.and_then(|path| path.strip_prefix('/')) else { return Answer::missing() };
        if name == GIVEN {
            let headers = vec![("Content-Type", "application/json"), ("Cache-Control", "no-store")];
            return Answer { status: 200, headers, body: self.given.as_bytes().into() }.guarded();
        }
        let name = if name.is_empty() { INDEX } else { name };
        let Some(file) = self.page.file(name).filter(|_| name != KEEPER) else { return Answer::missing() };
        let mut headers = vec![("Content-Type", content_type(name))];
        // Other files have a hash of their content in their name.
        let keeps = if name == INDEX { "no-store" } else { "private, max-age=31536000, immutable" };
        headers.extend([("Cache-Control", keeps), ("Vary", "Accept-Encoding")]);
        let body = match (file.is_gzip, asked.accepts_gzip) {
            (true, true) => {
                headers.push(("Content-Encoding", "gzip"));
                file.bytes.as_ref().into()
            }
            (true, false) => {
                let mut plain = Vec::new();
                if GzDecoder::new(file.bytes.as_ref()).read_to_end(&mut plain).is_err() {
                    return Answer::plain(500, "a file of the page is damaged\n");
                }
                plain.into()
            }
            (false, _) => file.bytes.as_ref().into(),
        };
        Answer { status: 200, headers, body }.guarded()
    }

    fn is_own(&self, host: &str) -> bool {
        let Some((name, port)) = host.rsplit_once(':') else { return false };
        matches!(name, "127.0.0.1" | "localhost") && port.parse() == Ok(self.port)
    }
}

impl<'s> Answer<'s> {
    fn plain(status: u16, text: &'static str) -> Answer<'s> {
        Answer { status, headers: vec![("Content-Type", "text/plain; charset=utf-8")], body: text.as_bytes().into() }
    }

    fn missing() -> Answer<'s> {
        Answer::plain(404, "there is nothing here\n")
    }

    /// The answer with what browsers are to keep to.
    fn guarded(mut self) -> Answer<'s> {
        self.headers.extend([
            ("Content-Security-Policy", POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ]);
        self
    }
}

/// The type of a file by its name.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
