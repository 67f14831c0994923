//! Members of the W3C trace state, as `span.trace_state["key"]` reads and writes them.
//!
//! Source: W3C Trace Context, section 3.3 (list, keys, values, at most 32 members); the reference's parser refuses the
//! whole list when one member is malformed or a key repeats, and so does this one.

/// The value of a member: `None` when the list does not parse, empty when it has no such member.
pub fn trace_state_member<'s>(state: &'s [u8], key: &[u8]) -> Option<&'s [u8]> {
    let members = parse(state)?;
    Some(members.iter().find(|(k, _)| *k == key).map_or(&b""[..], |(_, v)| v))
}

/// The list with the member written in front; `None` when the list does not parse or the member is not valid, which
/// leaves the field as it is.
pub fn with_trace_state_member(state: &[u8], key: &[u8], value: &[u8]) -> Option<Vec<u8>> {
    let members = parse(state)?;
    if !valid_key(key) || !valid_value(value) {
        return None;
    }
    let mut out = [key, b"=", value].concat();
    let others: Vec<_> = members.iter().filter(|(k, _)| *k != key).collect();
    // A full list loses its last member to the new one.
    for (k, v) in others.iter().take(MAX_MEMBERS - 1) {
        out.push(b',');
        out.extend_from_slice(k);
        out.push(b'=');
        out.extend_from_slice(v);
    }
    Some(out)
}

const MAX_MEMBERS: usize = 32;

fn parse(state: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut members: Vec<(&[u8], &[u8])> = Vec::new();
    if state.is_empty() {
        return Some(members);
    }
    for member in state.split(|b| *b == b',') {
        // Empty members are allowed and dropped.
        let trimmed = trim(member);
        if trimmed.is_empty() {
            continue;
        }
        let at = trimmed.iter().position(|b| *b == b'=')?;
        let (key, value) = (&trimmed[..at], &trimmed[at + 1..]);
        if !valid_key(key) || !valid_value(value) || members.iter().any(|(k, _)| *k == key) {
            return None;
        }
        members.push((key, value));
        if members.len() > MAX_MEMBERS {
            return None;
        }
    }
    Some(members)
}

fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

fn valid_key(key: &[u8]) -> bool {
    let simple = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-' | b'*' | b'/');
    match key.iter().position(|b| *b == b'@') {
        None => key.len() <= 256 && key.first().is_some_and(u8::is_ascii_lowercase) && key.iter().all(simple),
        Some(at) => {
            let (tenant, system) = (&key[..at], &key[at + 1..]);
            (1..=241).contains(&tenant.len())
                && tenant.first().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                && tenant.iter().all(simple)
                && (1..=14).contains(&system.len())
                && system.first().is_some_and(u8::is_ascii_lowercase)
                && system.iter().all(simple)
        }
    }
}

fn valid_value(value: &[u8]) -> bool {
    let printable = |b: &u8| (0x20..=0x7e).contains(b) && !matches!(b, b',' | b'=');
    (1..=256).contains(&value.len()) && value.iter().all(printable) && value.last() != Some(&b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_and_moved_to_the_front() {
        assert_eq!(trace_state_member(b"a=1, b=2", b"b"), Some(&b"2"[..]));
        assert_eq!(trace_state_member(b"a=1", b"z"), Some(&b""[..]));
        assert_eq!(trace_state_member(b"a=1,A=2", b"a"), None);
        assert_eq!(with_trace_state_member(b"a=1,b=2", b"b", b"3").as_deref(), Some(&b"b=3,a=1"[..]));
        assert_eq!(with_trace_state_member(b"a=1", b"Bad", b"3"), None);
    }
}
