//! `otelcol.` paths: client information from the call's environment.

use ottl_core::ops::Key;
use ottl_core::value::Entry;
use ottl_core::{ErrorKind, EvalError, List, ListKind, Map, Value};
use ottl_plan::KeyExpr;
use ottl_schema::OtelCol;

use super::eval::Interp;
use crate::ClientInfo;

static NOBODY: ClientInfo = ClientInfo { addr: None, metadata: Vec::new(), auth: Vec::new(), grpc: Vec::new() };

/// Reads client information. Without an environment that knows the client everything is nil or empty.
pub(super) fn read<'a>(interp: &mut Interp<'a>, what: OtelCol, keys: &'a [KeyExpr]) -> Result<Value<'a>, EvalError> {
    let client = interp.env.client.unwrap_or(&NOBODY);
    match what {
        OtelCol::ClientAddr => Ok(client.addr.as_ref().map_or(Value::Nil, |addr| Value::Str(addr.as_bytes()))),
        OtelCol::ClientMetadata => metadata(interp, &client.metadata, keys),
        OtelCol::GrpcMetadata if client.grpc.is_empty() && !keys.is_empty() => Ok(Value::Nil),
        OtelCol::GrpcMetadata => metadata(interp, &client.grpc, keys),
        OtelCol::ClientAuth => auth(interp, &client.auth, keys),
    }
}

fn metadata<'a>(
    interp: &mut Interp<'a>,
    pairs: &'a [(String, Vec<String>)],
    keys: &'a [KeyExpr],
) -> Result<Value<'a>, EvalError> {
    let arena = interp.arena;
    let list = |texts: &'a [String]| {
        let values = arena.fill(texts.len(), |i| Value::Str(texts[i].as_bytes()))?;
        List::new(ListKind::Slice, values).map(Value::List)
    };
    let Some((first, rest)) = keys.split_first() else {
        let mut entries = arena.vec_for(pairs.len())?;
        for (key, texts) in pairs {
            entries.push(Entry { key: key.as_bytes(), value: list(texts)? })?;
        }
        return Map::new(entries.into_slice()).map(Value::Map);
    };
    let name = text_key(interp, first)?;
    let Some((_, texts)) =
        pairs.iter().find(|(key, texts)| key.as_bytes().eq_ignore_ascii_case(name) && !texts.is_empty())
    else {
        return Ok(Value::Nil);
    };
    match rest {
        [] => list(texts),
        [key] => match interp.key(key)? {
            Key::Int(idx) => usize::try_from(idx)
                .ok()
                .and_then(|i| texts.get(i))
                .map(|text| Value::Str(text.as_bytes()))
                .ok_or_else(|| ErrorKind::out_of_bounds(idx, texts.len()).into()),
            other => Err(other.misfit()),
        },
        _ => Err(ErrorKind::NotIndexable(ottl_core::TypeName::String).into()),
    }
}

fn auth<'a>(
    interp: &mut Interp<'a>,
    pairs: &'a [(String, String)],
    keys: &'a [KeyExpr],
) -> Result<Value<'a>, EvalError> {
    let Some((first, rest)) = keys.split_first() else {
        let entries = interp
            .arena
            .fill(pairs.len(), |i| Entry { key: pairs[i].0.as_bytes(), value: Value::Str(pairs[i].1.as_bytes()) })?;
        return Ok(Value::Map(Map::new(entries)?));
    };
    let name = text_key(interp, first)?;
    if pairs.is_empty() {
        return Ok(Value::Nil);
    }
    let value = pairs
        .iter()
        .find(|(key, _)| key.as_bytes() == name)
        .map_or(Value::Nil, |(_, text)| Value::Str(text.as_bytes()));
    if rest.is_empty() { Ok(value) } else { Err(ErrorKind::NotIndexable(value.type_name()).into()) }
}

fn text_key<'a>(interp: &mut Interp<'a>, key: &'a KeyExpr) -> Result<&'a [u8], EvalError> {
    match interp.key(key)? {
        Key::Str(name) => Ok(name),
        other => Err(other.misfit()),
    }
}
