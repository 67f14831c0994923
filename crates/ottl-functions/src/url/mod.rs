//! URLs as Go's `net/url` takes them apart, and the parts that the `URL` converter shows.
//!
//! The rules are lenient where WHATWG's are not (relative and opaque URLs, any port number) and
//! strict elsewhere (bad escapes, control characters). Text is bytes: decoded parts need not be
//! UTF-8.

mod escape;
mod host;

use std::borrow::Cow;

use self::escape::{Mode, escape, unescape, valid_encoded};

/// A URL taken apart. Parts that are written as they are lie in its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Url<'t> {
    /// Scheme in lower case; empty if there is none.
    pub scheme: Cow<'t, [u8]>,
    /// What follows the scheme when it does not begin with a slash (`mailto:x`).
    pub opaque: &'t [u8],
    /// Decoded user name and password.
    pub user: Option<User<'t>>,
    /// Host as written with its port, decoded.
    pub host: Cow<'t, [u8]>,
    /// Decoded path.
    pub path: Cow<'t, [u8]>,
    raw_path: &'t [u8],
    omit_host: bool,
    force_query: bool,
    /// Query as written, without the question mark.
    pub query: &'t [u8],
    /// Decoded fragment, without the number sign.
    pub fragment: Cow<'t, [u8]>,
    raw_fragment: &'t [u8],
}

/// User information of a URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct User<'t> {
    /// Decoded name.
    pub name: Cow<'t, [u8]>,
    /// Decoded password; may be set and empty.
    pub password: Option<Cow<'t, [u8]>>,
}

fn cut(text: &[u8], byte: u8) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(byte, text) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

/// Text in Go's quotes, for messages.
fn quote(text: &[u8]) -> String {
    crate::sprintf::quoted(text)
}

impl<'t> Url<'t> {
    /// Takes a URL apart.
    ///
    /// # Errors
    /// The reference's message.
    pub fn parse(text: &'t [u8]) -> Result<Self, String> {
        let (body, fragment) = cut(text, b'#');
        let mut url = Url::parse_body(body).map_err(|error| format!("parse {}: {error}", quote(body)))?;
        if let Some(raw) = fragment.filter(|raw| !raw.is_empty()) {
            url.fragment = unescape(raw, Mode::Fragment).map_err(|error| format!("parse {}: {error}", quote(text)))?;
            if *escape(&url.fragment, Mode::Fragment) != *raw {
                url.raw_fragment = raw;
            }
        }
        Ok(url)
    }

    fn parse_body(text: &'t [u8]) -> Result<Self, String> {
        if text.iter().any(|&byte| byte < b' ' || byte == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let mut url = Url::default();
        if text == b"*" {
            url.path = Cow::Borrowed(text);
            return Ok(url);
        }
        let (scheme, mut rest) = split_scheme(text)?;
        url.scheme = match scheme.iter().any(u8::is_ascii_uppercase) {
            true => Cow::Owned(scheme.to_ascii_lowercase()),
            false => Cow::Borrowed(scheme),
        };
        match cut(rest, b'?') {
            (before, Some(b"")) => {
                url.force_query = true;
                rest = before;
            }
            (before, query) => {
                rest = before;
                url.query = query.unwrap_or_default();
            }
        }
        if !rest.starts_with(b"/") {
            if !url.scheme.is_empty() {
                url.opaque = rest;
                return Ok(url);
            }
            if cut(rest, b'/').0.contains(&b':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        if rest.starts_with(b"//") && (!url.scheme.is_empty() || !rest.starts_with(b"///")) {
            let authority = &rest[2..];
            let end = memchr::memchr(b'/', authority).unwrap_or(authority.len());
            rest = &authority[end..];
            url.parse_authority(&authority[..end])?;
        } else if !url.scheme.is_empty() && rest.starts_with(b"/") {
            url.omit_host = true;
        }
        url.path = unescape(rest, Mode::Path)?;
        if *escape(&url.path, Mode::Path) != *rest {
            url.raw_path = rest;
        }
        Ok(url)
    }

    fn parse_authority(&mut self, authority: &'t [u8]) -> Result<(), String> {
        let Some(at) = memchr::memrchr(b'@', authority) else {
            self.host = host::parse(&self.scheme, authority)?;
            return Ok(());
        };
        self.host = host::parse(&self.scheme, &authority[at + 1..])?;
        let info = &authority[..at];
        let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte);
        if !info.iter().all(allowed) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        let (name, password) = cut(info, b':');
        self.user = Some(User {
            name: unescape(name, Mode::UserPassword)?,
            password: password.map(|text| unescape(text, Mode::UserPassword)).transpose()?,
        });
        Ok(())
    }

    /// User name and password, escaped as in a URL.
    pub fn user_info(&self) -> Option<Vec<u8>> {
        let user = self.user.as_ref()?;
        let mut out = escape(&user.name, Mode::UserPassword).into_owned();
        if let Some(password) = &user.password {
            out.push(b':');
            out.extend_from_slice(&escape(password, Mode::UserPassword));
        }
        Some(out)
    }

    /// Appends the URL put together again; escapes may be normalised.
    pub fn push_original(&self, out: &mut Vec<u8>) {
        let start = out.len();
        if !self.scheme.is_empty() {
            out.extend_from_slice(&self.scheme);
            out.push(b':');
        }
        if self.opaque.is_empty() {
            self.push_authority(out);
            let path = encoded(&self.path, self.raw_path, Mode::Path);
            if !path.is_empty() && path[0] != b'/' && !self.host.is_empty() {
                out.push(b'/');
            }
            // A colon in the first segment would read as a scheme.
            if out.len() == start && cut(&path, b'/').0.contains(&b':') {
                out.extend_from_slice(b"./");
            }
            out.extend_from_slice(&path);
        } else {
            out.extend_from_slice(self.opaque);
        }
        if self.force_query || !self.query.is_empty() {
            out.push(b'?');
            out.extend_from_slice(self.query);
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            out.extend_from_slice(&encoded(&self.fragment, self.raw_fragment, Mode::Fragment));
        }
    }

    fn push_authority(&self, out: &mut Vec<u8>) {
        let hostless = self.host.is_empty() && self.user.is_none();
        if hostless && (self.scheme.is_empty() || self.omit_host) {
            return;
        }
        if !hostless || !self.path.is_empty() {
            out.extend_from_slice(b"//");
        }
        if let Some(info) = self.user_info() {
            out.extend_from_slice(&info);
            out.push(b'@');
        }
        out.extend_from_slice(&escape(&self.host, Mode::Host));
    }
}

/// The part as written if that is a valid spelling of it, else escaped anew.
fn encoded<'p>(part: &'p [u8], raw: &'p [u8], mode: Mode) -> Cow<'p, [u8]> {
    if !raw.is_empty() && valid_encoded(raw, mode) && unescape(raw, mode).is_ok_and(|text| *text == *part) {
        return Cow::Borrowed(raw);
    }
    if mode == Mode::Path && part == b"*" {
        return Cow::Borrowed(part);
    }
    escape(part, mode)
}

/// The host of a URL without port and brackets, and the digits of the port, none if there is none.
pub fn host_and_port(host: &[u8]) -> (&[u8], &[u8]) {
    let (mut host, mut port): (&[u8], &[u8]) = (host, b"");
    if let Some(colon) = memchr::memrchr(b':', host)
        && host::is_optional_port(&host[colon..])
    {
        (host, port) = (&host[..colon], &host[colon + 1..]);
    }
    if let [b'[', inner @ .., b']'] = host {
        host = inner;
    }
    (host, port)
}

/// What follows the last dot of a path, if anything does.
pub fn extension(path: &[u8]) -> Option<&[u8]> {
    let dot = memchr::memrchr(b'.', path)?;
    Some(&path[dot + 1..]).filter(|extension| !extension.is_empty())
}

/// The scheme and what follows its colon; an empty scheme if there is none.
fn split_scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&text[..at], &text[at + 1..])),
            _ => break,
        }
    }
    Ok((b"", text))
}

/// A query's decoded names and values, in order of appearance.
pub type Parameters<'t> = Vec<(Cow<'t, [u8]>, Cow<'t, [u8]>)>;

/// Parses a query without its question mark.
///
/// # Errors
/// A semicolon or a bad escape, in the reference's words; more than 10000 parameters.
pub fn parse_query(query: &[u8]) -> Result<Parameters<'_>, String> {
    /// The reference's default limit.
    const MAX_PARAMETERS: usize = 10_000;
    if query.iter().filter(|&&byte| byte == b'&').count() >= MAX_PARAMETERS {
        return Err("number of URL query parameters exceeded limit".to_owned());
    }
    let (mut parameters, mut failure) = (Vec::new(), None);
    for part in query.split(|&byte| byte == b'&').filter(|part| !part.is_empty()) {
        if part.contains(&b';') {
            // The last semicolon outweighs earlier errors, as in the reference.
            failure = Some("invalid semicolon separator in query".to_owned());
            continue;
        }
        let (key, value) = cut(part, b'=');
        let decoded =
            unescape(key, Mode::Query).and_then(|key| Ok((key, unescape(value.unwrap_or_default(), Mode::Query)?)));
        match decoded {
            Ok(pair) => parameters.push(pair),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.map_or(Ok(parameters), Err)
}
