//! What of resources, scopes, records and data messages are fields of their own (see [`super::own`]).

use ottl_otlp::schema::topology::groups::{SCHEMA_URL, SUBJECT};
use ottl_otlp::wire::fields::{span::EVENTS, sum};
use ottl_otlp::wire::{begin_len, end_len};
use ottl_schema::{ContextId, FieldValue};

use super::own::Own;
use crate::fast::exec::messages::copy_fields;
use crate::fast::exec::metric::{DATA_FIELDS, point_kind};
use crate::fast::exec::state::State;
use crate::fast::node::{FIELDS, last_field, put_payload};

/// Resource or scope, and the schema URL beside it.
pub(super) struct GroupFields<'s, 'a, 'e> {
    pub state: &'s State<'a, 'e>,
    pub level: ContextId,
}

impl GroupFields<'_, '_, '_> {
    fn schema_url(&self) -> Option<FieldValue<'_>> {
        self.state.groups[usize::from(self.level == ContextId::Scope)].schema_url
    }
}

impl Own for GroupFields<'_, '_, '_> {
    fn rewrites(&self, number: u32) -> bool {
        match number {
            SUBJECT => self.state.messages.changed(self.level),
            SCHEMA_URL => self.schema_url().is_some(),
            _ => false,
        }
    }

    fn emit(&self, number: u32, out: &mut Vec<u8>) {
        match number {
            SUBJECT => {
                let mark = begin_len(out, SUBJECT, self.state.messages.input_len(self.level));
                // The subject was scanned when it was written: its framing is sound.
                let _ = self.state.messages.emit(self.level, out);
                end_len(out, mark);
            }
            SCHEMA_URL => {
                let raw = self.state.groups[usize::from(self.level == ContextId::Scope)].raw;
                let field = match self.schema_url() {
                    Some(written) => Some(written),
                    None => last_field(raw, SCHEMA_URL).ok(),
                };
                if let Some(FieldValue::Present(payload)) = field {
                    put_payload(out, SCHEMA_URL, payload);
                }
            }
            _ => {}
        }
    }

    fn candidates(&self) -> u32 {
        1 << SUBJECT | 1 << SCHEMA_URL
    }
}

/// A record's fields beside its children.
pub(super) struct RecordFields<'s, 'a, 'e> {
    pub state: &'s State<'a, 'e>,
    pub level: ContextId,
}

impl Own for RecordFields<'_, '_, '_> {
    fn rewrites(&self, number: u32) -> bool {
        let data = self.level == ContextId::Metric && point_kind(number).is_some();
        !data && self.state.messages.changed_node(self.level).is_some_and(|node| node.rewrites(number))
    }

    fn emit(&self, number: u32, out: &mut Vec<u8>) {
        self.state.messages.emit_field(self.level, number, out);
    }

    fn written(&self) -> u32 {
        self.state.messages.changed_node(self.level).map_or(0, |node| node.written())
    }

    fn candidates(&self) -> u32 {
        let children = match self.level {
            ContextId::Span => 1 << EVENTS,
            ContextId::Metric => DATA_FIELDS,
            _ => 0,
        };
        ((1 << FIELDS) - 1) & !children
    }
}

/// `aggregation_temporality` and `is_monotonic` of a data message, which statements on points may write.
pub(super) struct DataFields<'s, 'a, 'e> {
    pub state: &'s State<'a, 'e>,
    pub number: u32,
    pub raw: &'a [u8],
}

impl Own for DataFields<'_, '_, '_> {
    fn rewrites(&self, number: u32) -> bool {
        matches!(number, sum::AGGREGATION_TEMPORALITY | sum::IS_MONOTONIC)
            && self.state.messages.changed_node(ContextId::Metric).is_some_and(|node| node.is_dirty(self.number))
    }

    fn emit(&self, number: u32, out: &mut Vec<u8>) {
        if !self.rewrites(number) {
            return copy_fields(self.raw, number, out);
        }
        let message = self.state.messages.message(ContextId::Metric, self.number);
        if let Ok(FieldValue::Present(payload)) = last_field(message, number) {
            put_payload(out, number, payload);
        }
    }

    fn candidates(&self) -> u32 {
        1 << sum::AGGREGATION_TEMPORALITY | 1 << sum::IS_MONOTONIC
    }
}
