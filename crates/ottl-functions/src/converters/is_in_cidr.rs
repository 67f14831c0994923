//! `IsInCIDR`: whether an address is in a network.

use std::net::{IpAddr, Ipv6Addr};

use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, Param, ParamType, Type};
use ottl_core::ops::Coercion;
use ottl_core::{ErrorKind, EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("IsInCIDR")
    .arg("target", ParamType::STRING, "the address, IPv4 or IPv6")
    .param(
        Param::new(
            "networks",
            ParamType::ListOf(Some(Coercion::String)),
            "networks as `address/bits`; those behind the first that contains the address are not computed",
        )
        .lazy(),
    )
    .returns(Type::Bool)
    .docs(
        "Whether an IP address is in one of several networks.\n\nA text that is no address gives false. When all \
         networks are literals they are checked when the rules are compiled; otherwise a text that is no network \
         is an error as soon as it is reached.",
    )
    .example(r#"IsInCIDR("10.1.2.3", ["10.0.0.0/8"])"#, "true")
    .compile(compile);

/// A network: its first address and its mask. An IPv4 network in IPv6 form counts as IPv4.
#[derive(Clone, Copy)]
enum Network {
    V4(u32, u32),
    V6(u128, u128),
}

impl Network {
    /// Reads `address/bits`.
    fn parse(text: &[u8]) -> Option<Network> {
        let slash = text.iter().position(|&byte| byte == b'/')?;
        let (address, bits) = (address(&text[..slash])?, &text[slash + 1..]);
        if bits.is_empty() {
            return None;
        }
        // COMPAT: leading zeros are fine here, other than in an address.
        let bits =
            bits.iter().try_fold(0u32, |bits, digit| Some((bits * 10 + char::from(*digit).to_digit(10)?).min(1000)))?;
        match address {
            IpAddr::V4(v4) => {
                let mask = u32::MAX.checked_shl(32u32.checked_sub(bits)?).unwrap_or(0);
                Some(Network::V4(v4.to_bits() & mask, mask))
            }
            IpAddr::V6(v6) => {
                let mask = u128::MAX.checked_shl(128u32.checked_sub(bits)?).unwrap_or(0);
                let first = Ipv6Addr::from_bits(v6.to_bits() & mask);
                Some(match first.to_ipv4_mapped() {
                    Some(v4) => Network::V4(v4.to_bits(), mask as u32),
                    None => Network::V6(first.to_bits(), mask),
                })
            }
        }
    }

    fn contains(&self, address: IpAddr) -> bool {
        match (self, address.to_canonical()) {
            (Network::V4(first, mask), IpAddr::V4(v4)) => v4.to_bits() & mask == *first,
            (Network::V6(first, mask), IpAddr::V6(v6)) => v6.to_bits() & mask == *first,
            _ => false,
        }
    }
}

/// An address without zone; std takes the same texts as the reference.
pub(super) fn address(text: &[u8]) -> Option<IpAddr> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Reads the networks when all are literals.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let Some(Const::Value(Value::List(list))) = args.get(1) else {
        return Ok(Kernel::value(computed));
    };
    let network = |value: Value<'_>| {
        let text = value.as_str().unwrap_or_default();
        Network::parse(text).ok_or_else(|| format!("invalid CIDR address: {}", String::from_utf8_lossy(text)))
    };
    let networks = list.iter().map(network).collect::<Result<Vec<_>, _>>()?;
    Ok(Kernel::of_first(move |_, args| {
        let address = address(arguments::text(args, 0)?);
        Ok(Value::Bool(address.is_some_and(|address| networks.iter().any(|network| network.contains(address)))))
    }))
}

/// Networks that are known at run time only.
fn computed<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let Some(address) = address(arguments::text(args, 0)?) else {
        return Ok(Value::Bool(false));
    };
    for network in arguments::list(args, 1)?.iter() {
        let text = string(ctx.force(network).map_err(|e| e.of(1))?)?;
        let network = Network::parse(text)
            .ok_or_else(|| EvalError::new(ErrorKind::BadText("network such as `10.0.0.0/8`")).of(1))?;
        if network.contains(address) {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn string(network: Value<'_>) -> Result<&[u8], EvalError> {
    let wrong = || EvalError::new(ErrorKind::Type { expected: "string", got: network.type_name() }).of(1);
    network.as_str().ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Int, Nil, Str};

    use crate::test_call::{any, check, forced, refuses};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"1.2.3.4"), any(&[Str(b"9.0.0.0/8"), Str(b"1.2.3.9/024")])], "true"),
                (&[Str(b"1.2.3.4"), any(&[Str(b"0.0.0.0/0")])], "true"),
                (&[Str(b"1.2.3.4"), any(&[Str(b"::/0")])], "false"),
                (&[Str(b"::ffff:1.2.3.4"), any(&[Str(b"1.2.3.0/24")])], "true"),
                (&[Str(b"1.2.3.4"), any(&[Str(b"::ffff:1.2.3.0/120")])], "true"),
                (&[Str(b"1.2.3.4"), any(&[Str(b"::ffff:1.2.3.0/90")])], "false"),
                (&[Str(b"2001:db8::1"), any(&[Str(b"2001:db8::/32")])], "true"),
                (&[Str(b"x"), any(&[Str(b"1.0.0.0/8")])], "false"),
                (&[Str(b"01.2.3.4"), any(&[Str(b"0.0.0.0/0")])], "false"),
                (&[Str(b"fe80::1%eth0"), any(&[Str(b"::/0")])], "false"),
                (&[Str(b"1.2.3.4"), any(&[])], "false"),
                (&[Str(b"1.2.3.4"), any(&[Str(b"1.2.3.4")])], "error"),
                (&[Str(b"1.2.3.4"), any(&[Str(b"1.2.3.4/33")])], "error"),
                (&[Str(b"1.2.3.4"), any(&[Str(b"1.2.3.4/+8")])], "error"),
                (&[Str(b"1.2.3.4"), any(&[Int(1)])], "error"),
                (&[Nil, any(&[])], "error"),
            ],
        );
    }

    #[test]
    fn later_networks_are_not_computed() {
        assert_eq!(forced(&DEF, &[Str(b"1.2.3.4"), any(&[Str(b"1.0.0.0/8"), Str(b"x")])]), 1);
        assert_eq!(forced(&DEF, &[Str(b"x"), any(&[Str(b"1.0.0.0/8")])]), 0);
    }

    #[test]
    fn literals_that_do_not_compile() {
        refuses(&DEF, &[&[Str(b"x"), any(&[Str(b"1.0.0.0/8"), Str(b"x")])], &[Str(b"x"), any(&[Str(b"1.0.0.0/")])]]);
    }
}
