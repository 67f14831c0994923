//! Reading client information: `otelcol.` paths.

use ottl_core::ops::Key;
use ottl_core::value::Entry;
use ottl_core::{EvalError, List, ListKind, Map, Value};
use ottl_schema::OtelCol;

use super::state::State;

impl<'a> State<'a, '_> {
    /// What client information a path of the plan reads.
    pub(super) fn read_client(&mut self, what: OtelCol, n: u32) -> Result<Value<'a>, EvalError> {
        let arena = self.arena;
        let text = |s: &str| -> Result<Value<'a>, EvalError> { Ok(Value::Str(arena.copy(s.as_bytes())?)) };
        let client = self.env.client;
        let keys = &self.plan.paths[n as usize].keys;
        let metadata = match what {
            OtelCol::ClientAddr => return client.and_then(|c| c.addr.as_deref()).map_or(Ok(Value::Nil), text),
            OtelCol::ClientAuth => {
                let pairs = client.map_or(&[][..], |c| &c.auth);
                let mut entries = arena.vec_for(pairs.len())?;
                for (key, value) in pairs {
                    entries.push(Entry { key: &*arena.copy(key.as_bytes())?, value: text(value)? })?;
                }
                return self.index(Value::Map(Map::new(entries.into_slice())?), keys);
            }
            OtelCol::ClientMetadata => client.map_or(&[][..], |c| &c.metadata),
            OtelCol::GrpcMetadata => client.map_or(&[][..], |c| &c.grpc),
        };
        let list = |values: &[String]| {
            let mut texts = arena.vec_for(values.len())?;
            for value in values {
                texts.push(text(value)?)?;
            }
            List::new(ListKind::Slice, texts.into_slice()).map(Value::List)
        };
        let Some((first, rest)) = keys.split_first() else {
            let mut entries = arena.vec_for(metadata.len())?;
            for (key, values) in metadata {
                entries.push(Entry { key: &*arena.copy(key.as_bytes())?, value: list(values)? })?;
            }
            return Map::new(entries.into_slice()).map(Value::Map);
        };
        let key = match self.key(first)? {
            Key::Str(key) => key,
            other => return Err(other.misfit()),
        };
        match metadata.iter().find(|(k, _)| k.as_bytes().eq_ignore_ascii_case(key)) {
            Some((_, values)) if !values.is_empty() => self.index(list(values)?, rest),
            _ => Ok(Value::Nil),
        }
    }
}
