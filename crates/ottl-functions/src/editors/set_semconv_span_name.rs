//! `set_semconv_span_name`: the name that OpenTelemetry's semantic conventions give a span.
//!
//! Source of the attribute names and of what a name is made of: the pages on HTTP, RPC, database and messaging spans of the
//! semantic conventions, and their lists of names that were in use before.

use ottl_core::function::{Availability, CallContext, Const, FunctionDef, Kernel, Param, ParamType};
use ottl_core::ops::pdata_text;
use ottl_core::{Arena, EvalError, Value};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("set_semconv_span_name")
    .arg("semconv_version", ParamType::ConstString, "version of the conventions, from `1.37.0` to `1.43.0`")
    .optional("original_span_name_attribute", ParamType::ConstString, "attribute that keeps the name that was replaced")
    .param(Param::implicit("span.kind"))
    .param(Param::implicit_target("span.name"))
    .param(Param::implicit_target("span.attributes"))
    .availability(Availability { statements: &["span"], conditions: &["none"] })
    .docs(
        "Names a span by its attributes, as the semantic conventions say.\n\nServers: HTTP method and route, else the \
         remote procedure, else the messaging operation and destination. Clients: HTTP method and URL template, the remote \
         procedure, the database query, or messaging. Producers and consumers: messaging. Attribute names of earlier \
         conventions count where today's are missing. A span that none of them describes keeps its name. All versions \
         give the same names.",
    )
    .example_on(crate::example::SPAN,
        r#"set_semconv_span_name("1.37.0", "original_name")"#,
        r#"{"name":"GET /users/{id}","kind":2,"attributes":[{"key":"http.request.method","value":{"stringValue":"GET"}},{"key":"http.route","value":{"stringValue":"/users/{id}"}},{"key":"original_name","value":{"stringValue":"GET /users/7"}}],"status":{}}"#,
    )
    .compile(compile);

const SERVER: i64 = 2;
const CLIENT: i64 = 3;
const PRODUCER: i64 = 4;
const CONSUMER: i64 = 5;

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    match Version::parse(args[0].as_str().unwrap_or_default()) {
        None => return Err("the version is no semantic version".to_owned()),
        Some(version) if !version.is_supported() => {
            return Err("the version of the conventions must be between 1.37.0 and 1.43.0".to_owned());
        }
        Some(_) => {}
    }
    if args[1].as_str() == Some(b"") {
        return Err("the attribute for the original name must not be empty".to_owned());
    }
    Ok(Kernel::edit_by_key(args[1].as_str().map(<[u8]>::to_vec), eval))
}

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<(), EvalError> {
    let kind = args[2].as_int().unwrap_or_default();
    let (Value::Str(name), Value::Path(name_path)) = (cx.read(args[3])?, args[3]) else {
        return Err(EvalError::function("the span has no name"));
    };
    let arena = cx.arena();
    let new = Attributes { look: &mut |key| cx.read_key(args[4], key), arena }.span_name(kind)?;
    if new.is_empty() || new == name {
        return Ok(());
    }
    cx.write(Value::Path(name_path), Value::Str(new))?;
    match args[1].as_str() {
        Some(key) => cx.write_key(args[4], key, Value::Str(name)),
        None => Ok(()),
    }
}

/// A semantic version, with the freedoms of the reference's library: a `v` in front, parts left out, leading zeros.
#[derive(Debug, PartialEq)]
struct Version {
    parts: [u64; 3],
    has_prerelease: bool,
}

impl Version {
    /// The longest text that may be one.
    const LONGEST: usize = 256;

    fn parse(text: &[u8]) -> Option<Version> {
        if text.len() > Version::LONGEST {
            return None;
        }
        let text = std::str::from_utf8(text).ok()?;
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, metadata) = text.split_once('+').map_or((text, None), |(text, more)| (text, Some(more)));
        let (core, prerelease) = text.split_once('-').map_or((text, None), |(core, more)| (core, Some(more)));
        let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let digits = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
        let leading_zero = |word: &str| digits(word) && word.len() > 1 && word.starts_with('0');
        let words = |words: &str, fits: &dyn Fn(&str) -> bool| words.split('.').all(|w| word(w) && fits(w));
        if metadata.is_some_and(|m| !words(m, &|_| true))
            || prerelease.is_some_and(|p| !words(p, &|w| !leading_zero(w)))
        {
            return None;
        }
        let mut parts = [0; 3];
        let mut given = core.split('.');
        for (idx, part) in parts.iter_mut().enumerate() {
            match given.next() {
                Some(text) if digits(text) => *part = text.parse().ok()?,
                None if idx > 0 => {}
                _ => return None,
            }
        }
        given.next().is_none().then_some(Version { parts, has_prerelease: prerelease.is_some() })
    }

    /// Whether it is one of those that the function knows: what is before a version is none of it.
    fn is_supported(&self) -> bool {
        const FIRST: [u64; 3] = [1, 37, 0];
        const LAST: [u64; 3] = [1, 43, 0];
        (FIRST..=LAST).contains(&self.parts) && !(self.parts == FIRST && self.has_prerelease)
    }
}

/// The value of a key, if it is there.
type Look<'l, 'a> = dyn FnMut(&[u8]) -> Result<Option<Value<'a>>, EvalError> + 'l;

/// The attributes of a span, as the conventions look at them. A text that is empty counts as none at the end only.
struct Attributes<'l, 'a> {
    look: &'l mut Look<'l, 'a>,
    arena: &'a Arena,
}

impl<'a> Attributes<'_, 'a> {
    /// The name by the first convention that gives one; empty if none does.
    fn span_name(&mut self, kind: i64) -> Result<&'a [u8], EvalError> {
        type Convention<'l, 'a> = fn(&mut Attributes<'l, 'a>) -> Result<&'a [u8], EvalError>;
        let conventions: &[Convention<'_, 'a>] = match kind {
            SERVER => &[|a| a.http(b"http.route"), Attributes::rpc, Attributes::messaging],
            CLIENT => &[|a| a.http(b"url.template"), Attributes::rpc, Attributes::database, Attributes::messaging],
            PRODUCER | CONSUMER => &[Attributes::messaging],
            _ => &[],
        };
        for convention in conventions {
            let name = convention(self)?;
            if !name.is_empty() {
                return Ok(name);
            }
        }
        Ok(&[])
    }

    fn http(&mut self, target: &[u8]) -> Result<&'a [u8], EvalError> {
        let Some(method) = self.text(&[b"http.request.method", b"http.method"])? else { return Ok(&[]) };
        match self.text(&[target])? {
            Some(target) => self.joined(&[method, b" ", target]),
            None => Ok(method),
        }
    }

    fn rpc(&mut self) -> Result<&'a [u8], EvalError> {
        let Some(system) = self.text(&[b"rpc.system.name", b"rpc.system"])? else { return Ok(&[]) };
        let method = self.text(&[b"rpc.method", b"rpc.grpc.method"])?;
        match (self.text(&[b"rpc.service", b"rpc.grpc.service"])?, method) {
            (Some(service), Some(method)) => self.joined(&[service, b"/", method]),
            (None, Some(method)) => Ok(method),
            (Some(service), None) => self.joined(&[service, b"/*"]),
            (None, None) => Ok(system),
        }
    }

    fn database(&mut self) -> Result<&'a [u8], EvalError> {
        let Some(system) = self.text(&[b"db.system.name", b"db.system"])? else { return Ok(&[]) };
        if let Some(summary) = self.text(&[b"db.query.summary"])? {
            return Ok(summary);
        }
        let operation = self.text(&[b"db.operation.name", b"db.operation"])?.unwrap_or_default();
        let target = self.database_target()?;
        match (operation.is_empty(), target.is_empty()) {
            (false, false) => self.joined(&[operation, b" ", target]),
            (false, true) => Ok(operation),
            (true, false) => Ok(target),
            (true, true) => Ok(system),
        }
    }

    /// What a query is about; empty if nothing says it.
    fn database_target(&mut self) -> Result<&'a [u8], EvalError> {
        let namespace = self.text(&[b"db.namespace", b"db.name"])?.unwrap_or_default();
        match self.text(&[b"db.collection.name", b"db.stored_procedure.name"])? {
            Some(of) if namespace.is_empty() => Ok(of),
            Some(of) => self.joined(&[namespace, b".", of]),
            None if namespace.is_empty() => self.server(),
            None => Ok(namespace),
        }
    }

    fn messaging(&mut self) -> Result<&'a [u8], EvalError> {
        let Some(system) = self.text(&[b"messaging.system"])? else { return Ok(&[]) };
        let operation = self.text(&[b"messaging.operation.name", b"messaging.operation"])?;
        let destination = self.destination()?;
        match operation {
            Some(operation) if !destination.is_empty() => self.joined(&[operation, b" ", destination]),
            _ if !destination.is_empty() => Ok(destination),
            Some(operation) => Ok(operation),
            None => Ok(system),
        }
    }

    /// Where a message goes to; empty if nothing says it.
    fn destination(&mut self) -> Result<&'a [u8], EvalError> {
        for (key, name) in [
            (&b"messaging.destination.temporary"[..], &b"(temporary)"[..]),
            (b"messaging.destination.anonymous", b"(anonymous)"),
        ] {
            if let Some(Value::Bool(true)) = (self.look)(key)? {
                return Ok(name);
            }
        }
        let names: [&[u8]; 3] =
            [b"messaging.destination.template", b"messaging.destination.name", b"messaging.destination"];
        match self.text(&names)? {
            Some(name) => Ok(name),
            None => self.server(),
        }
    }

    fn server(&mut self) -> Result<&'a [u8], EvalError> {
        let Some(address) = self.text(&[b"server.address"])? else { return Ok(&[]) };
        match self.text(&[b"server.port"])? {
            Some(port) => self.joined(&[address, b":", port]),
            None => Ok(address),
        }
    }

    /// The text form of the first of these attributes that is there.
    fn text(&mut self, keys: &[&[u8]]) -> Result<Option<&'a [u8]>, EvalError> {
        for key in keys {
            if let Some(value) = (self.look)(key)? {
                return pdata_text(&value, self.arena).map(Some);
            }
        }
        Ok(None)
    }

    fn joined(&mut self, parts: &[&[u8]]) -> Result<&'a [u8], EvalError> {
        Ok(self.arena.copy(&parts.concat())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottl_core::edit::MapEdit;

    #[test]
    fn versions() {
        for (text, supported) in [
            ("1.37.0", Some(true)),
            ("v1.40", Some(true)),
            ("1.043.0", Some(true)),
            ("1.43.0-rc.1+b", Some(true)),
            ("1.37.1-0", Some(true)),
            ("1.37.0-rc1", Some(false)),
            ("1.43.1", Some(false)),
            ("1", Some(false)),
            ("2.0.0", Some(false)),
            ("", None),
            ("v", None),
            ("1.", None),
            ("1.37.0.0", None),
            ("1.40.0-", None),
            ("1.40.0-01", None),
            ("1.40.0+", None),
            ("1.40.0+a..b", None),
            ("1.40.0-a_b", None),
            (" 1.40.0", None),
            ("V1.40.0", None),
            ("1.40.99999999999999999999", None),
        ] {
            let version = Version::parse(text.as_bytes());
            assert_eq!(version.map(|version| version.is_supported()), supported, "{text}");
        }
        assert_eq!(Version::parse(format!("1.40.0-{}", "a".repeat(250)).as_bytes()), None);
    }

    #[test]
    fn names_by_kind() {
        let arena = Arena::new();
        for (kind, attributes, want) in [
            (SERVER, "http.method=GET;http.route=/a", "GET /a"),
            (SERVER, "http.method=GET;url.template=/a", "GET"),
            (CLIENT, "http.request.method=PUT;http.method=GET;url.template=/a", "PUT /a"),
            (CLIENT, "http.method=;rpc.system=grpc", "grpc"),
            (SERVER, "rpc.system=grpc;rpc.method=m;rpc.service=s", "s/m"),
            (SERVER, "rpc.system=grpc;rpc.grpc.service=s", "s/*"),
            (SERVER, "db.system=sql", ""),
            (CLIENT, "db.system=sql;db.operation=SELECT;db.name=n;db.collection.name=c", "SELECT n.c"),
            (CLIENT, "db.system=sql;server.address=h;server.port=1", "h:1"),
            (CLIENT, "db.system=sql;db.query.summary=;messaging.system=k", "k"),
            (PRODUCER, "messaging.system=k;messaging.operation=send;messaging.destination=d", "send d"),
            (CONSUMER, "messaging.system=k;server.address=h", "h"),
            (CONSUMER, "messaging.destination=d", ""),
            (1, "http.method=GET", ""),
        ] {
            let mut map = MapEdit::new();
            for (key, value) in attributes.split(';').filter_map(|pair| pair.split_once('=')) {
                map.push(key.as_bytes(), Value::Str(value.as_bytes()));
            }
            let name = Attributes { look: &mut |key| map.value_of(key), arena: &arena }.span_name(kind);
            assert_eq!(name, Ok(want.as_bytes()), "{attributes}");
        }
        let mut map = MapEdit::new();
        map.push(b"messaging.system", Value::Int(7));
        map.push(b"messaging.destination.temporary", Value::Str(b"true"));
        assert_eq!(Attributes { look: &mut |key| map.value_of(key), arena: &arena }.span_name(CONSUMER), Ok(&b"7"[..]));
        map.push(b"messaging.destination.anonymous", Value::Bool(true));
        assert_eq!(
            Attributes { look: &mut |key| map.value_of(key), arena: &arena }.span_name(CONSUMER),
            Ok(&b"(anonymous)"[..])
        );
    }
}
