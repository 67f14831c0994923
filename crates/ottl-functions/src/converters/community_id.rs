//! `CommunityID`: what identifies a network flow across tools.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{ErrorKind, EvalError, Value};
use sha1::{Digest, Sha1};

use super::is_in_cidr::address;
use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("CommunityID")
    .arg("source_i_p", ParamType::STRING, "the source's address, IPv4 or IPv6")
    .arg("source_port", ParamType::INT, "the source's port")
    .arg("destination_i_p", ParamType::STRING, "the destination's address")
    .arg("destination_port", ParamType::INT, "the destination's port")
    .optional("protocol", ParamType::STRING, "`ICMP`, `TCP` (the default), `UDP`, `RSVP`, `ICMP6` or `SCTP`")
    .optional("seed", ParamType::INT, "what sets apart networks with the same addresses, 0 (the default) to 65535")
    .returns(Type::String)
    .docs(
        "The Community ID of a network flow, version 1: the same for both directions.\n\nAnother protocol, a text that is no \
         address, and a port or seed that is out of range are errors. Types and codes of ICMP are not put in place of ports.",
    )
    .example(r#"CommunityID("10.0.0.1", 1234, "10.0.0.2", 80)"#, r#""1:LzRJKgjvUJlC/VQLtISlfACcEzA=""#)
    .value(eval);

/// One end of a flow; ordered as the specification orders ends.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct End {
    /// IPv4 comes first, also if it is written as IPv6.
    address: IpAddr,
    port: u16,
}

impl End {
    /// Of two arguments.
    fn new(args: &[Value<'_>], idx: usize) -> Result<End, EvalError> {
        let text = arguments::text(args, idx)?;
        let port = word(args, idx + 1)?;
        let address = address(text).ok_or_else(|| EvalError::new(ErrorKind::BadText("IP address")).of(idx))?;
        Ok(End { address: address.to_canonical(), port })
    }

    fn hash(&self, hash: &mut Sha1) {
        match self.address {
            IpAddr::V4(address) => hash.update(address.octets()),
            IpAddr::V6(address) => hash.update(address.octets()),
        }
    }
}

/// A number of 16 bits.
fn word(args: &[Value<'_>], idx: usize) -> Result<u16, EvalError> {
    let number = u16::try_from(arguments::int(args, idx)?);
    number.map_err(|_| EvalError::function("the number is none between 0 and 65535").of(idx))
}

/// The number that the Internet knows a protocol by.
fn protocol(args: &[Value<'_>], idx: usize) -> Result<u8, EvalError> {
    if arguments::any(args, idx).is_absent() {
        return Ok(6);
    }
    Ok(match arguments::text(args, idx)? {
        b"ICMP" => 1,
        b"TCP" => 6,
        b"UDP" => 17,
        b"RSVP" => 46,
        b"ICMP6" => 58,
        b"SCTP" => 132,
        _ => return Err(EvalError::function("the protocol is none of ICMP, TCP, UDP, RSVP, ICMP6 and SCTP").of(idx)),
    })
}

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let (source, destination) = (End::new(args, 0)?, End::new(args, 2)?);
    let protocol = protocol(args, 4)?;
    let seed = if arguments::any(args, 5).is_absent() { 0 } else { word(args, 5)? };
    let (first, second) = if source <= destination { (source, destination) } else { (destination, source) };
    let mut hash = Sha1::new();
    hash.update(seed.to_be_bytes());
    first.hash(&mut hash);
    second.hash(&mut hash);
    hash.update([protocol, 0]);
    hash.update(first.port.to_be_bytes());
    hash.update(second.port.to_be_bytes());
    let mut out = *b"1:28 digits of base64 follow!!";
    if STANDARD.encode_slice(hash.finalize(), &mut out[2..]).is_err() {
        return Err(EvalError::function("no room for base64"));
    }
    ctx.alloc(&out).map(Value::Str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Absent, Int, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        const A: Value<'_> = Str(b"10.0.0.1");
        const B: Value<'_> = Str(b"10.0.0.2");
        const TCP: &str = "\"1:LzRJKgjvUJlC/VQLtISlfACcEzA=\"";
        check(
            &DEF,
            &[
                (&[A, Int(1234), B, Int(80)], TCP),
                (&[B, Int(80), A, Int(1234), Str(b"TCP"), Int(0)], TCP),
                (&[Str(b"::ffff:10.0.0.1"), Int(1234), B, Int(80)], TCP),
                (&[A, Int(-1), B, Int(80)], "error"),
                (&[A, Int(1), B, Int(65_536)], "error"),
                (&[Str(b"010.0.0.1"), Int(1), B, Int(80)], "error"),
                (&[A, Int(1), Nil, Int(80)], "error"),
                (&[A, Int(1), B, Int(80), Str(b"tcp")], "error"),
                (&[A, Int(1), B, Int(80), Absent, Int(65_536)], "error"),
            ],
        );
    }
}
