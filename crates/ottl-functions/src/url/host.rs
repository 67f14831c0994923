//! The host of a URL: names, ports and IP literals in brackets.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::escape::{Mode, unescape};
use super::quote;

/// Whether the text is empty or a colon with any number of digits.
pub(super) fn is_optional_port(text: &[u8]) -> bool {
    match text {
        [] => true,
        [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

fn check_port(text: &[u8]) -> Result<(), String> {
    if is_optional_port(text) { Ok(()) } else { Err(format!("invalid port {} after host", quote(text))) }
}

/// The decoded host with its port.
pub(super) fn parse<'t>(scheme: &[u8], host: &'t [u8]) -> Result<Cow<'t, [u8]>, String> {
    match memchr::memrchr(b'[', host) {
        Some(0) => return parse_literal(host).map(Cow::Owned),
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    if let Some(first) = memchr::memchr(b':', host) {
        let last = memchr::memrchr(b':', host).unwrap_or(first);
        let strict = scheme == b"http" || scheme == b"https";
        check_port(&host[if strict { first } else { last }..])?;
    }
    unescape(host, Mode::Host)
}

fn parse_literal(host: &[u8]) -> Result<Vec<u8>, String> {
    let close = memchr::memrchr(b']', host).ok_or_else(|| "missing ']' in host".to_owned())?;
    let port = &host[close + 1..];
    check_port(port)?;
    let name = &host[1..close];
    let decoded = match memchr::memmem::find(name, b"%25") {
        Some(zone) => {
            let mut decoded = unescape(&name[..zone], Mode::Host)?.into_owned();
            decoded.extend_from_slice(&unescape(&name[zone..], Mode::Zone)?);
            Cow::Owned(decoded)
        }
        None => unescape(name, Mode::Host)?,
    };
    check_address(&decoded)?;
    Ok([b"[", &*decoded, b"]", port].concat())
}

fn check_address(text: &[u8]) -> Result<(), String> {
    let invalid = || format!("invalid host: ParseAddr({}): unable to parse IP", quote(text));
    let address = memchr::memchr(b'%', text).map_or(text, |percent| &text[..percent]);
    let zone = text.get(address.len() + 1..);
    let address = std::str::from_utf8(address).map_err(|_| invalid())?;
    if address.parse::<Ipv4Addr>().is_ok() && zone.is_none() {
        return Err("invalid IP-literal".to_owned());
    }
    address.parse::<Ipv6Addr>().map_err(|_| invalid())?;
    if zone.is_some_and(<[u8]>::is_empty) { Err(invalid()) } else { Ok(()) }
}
