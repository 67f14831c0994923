//! The tables of the messages that only profiles use.
//!
//! Source: opentelemetry-proto 1.10, `profiles/v1development`.

use super::Kind::{Bytes, Fixed64, Id, Int32, Int64, Message, String, Uint32, Uint64};
use super::tables::{always, many, one};
use super::{FieldDef, MessageId};

pub(super) const PROFILES_DICTIONARY: &[FieldDef] = &[
    many(1, ["mappingTable", "mapping_table"], Message(MessageId::Mapping)),
    many(2, ["locationTable", "location_table"], Message(MessageId::Location)),
    many(3, ["functionTable", "function_table"], Message(MessageId::Function)),
    many(4, ["linkTable", "link_table"], Message(MessageId::Link)),
    many(5, ["stringTable", "string_table"], String),
    many(6, ["attributeTable", "attribute_table"], Message(MessageId::KeyValueAndUnit)),
    many(7, ["stackTable", "stack_table"], Message(MessageId::Stack)),
];

pub(super) const PROFILE: &[FieldDef] = &[
    always(1, ["sampleType", "sample_type"], MessageId::ValueType),
    many(2, ["samples", "samples"], Message(MessageId::Sample)),
    one(3, ["timeUnixNano", "time_unix_nano"], Fixed64),
    one(4, ["durationNano", "duration_nano"], Uint64),
    always(5, ["periodType", "period_type"], MessageId::ValueType),
    one(6, ["period", "period"], Int64),
    one(7, ["profileId", "profile_id"], Id(16)),
    one(8, ["droppedAttributesCount", "dropped_attributes_count"], Uint32),
    one(9, ["originalPayloadFormat", "original_payload_format"], String),
    one(10, ["originalPayload", "original_payload"], Bytes),
    many(11, ["attributeIndices", "attribute_indices"], Int32),
];

pub(super) const LINK: &[FieldDef] = &[one(1, ["traceId", "trace_id"], Id(16)), one(2, ["spanId", "span_id"], Id(8))];

pub(super) const VALUE_TYPE: &[FieldDef] =
    &[one(1, ["typeStrindex", "type_strindex"], Int32), one(2, ["unitStrindex", "unit_strindex"], Int32)];

pub(super) const SAMPLE: &[FieldDef] = &[
    one(1, ["stackIndex", "stack_index"], Int32),
    many(2, ["attributeIndices", "attribute_indices"], Int32),
    one(3, ["linkIndex", "link_index"], Int32),
    many(4, ["values", "values"], Int64),
    many(5, ["timestampsUnixNano", "timestamps_unix_nano"], Fixed64),
];

pub(super) const MAPPING: &[FieldDef] = &[
    one(1, ["memoryStart", "memory_start"], Uint64),
    one(2, ["memoryLimit", "memory_limit"], Uint64),
    one(3, ["fileOffset", "file_offset"], Uint64),
    one(4, ["filenameStrindex", "filename_strindex"], Int32),
    many(5, ["attributeIndices", "attribute_indices"], Int32),
];

pub(super) const STACK: &[FieldDef] = &[many(1, ["locationIndices", "location_indices"], Int32)];

pub(super) const LOCATION: &[FieldDef] = &[
    one(1, ["mappingIndex", "mapping_index"], Int32),
    one(2, ["address", "address"], Uint64),
    many(3, ["lines", "lines"], Message(MessageId::Line)),
    many(4, ["attributeIndices", "attribute_indices"], Int32),
];

pub(super) const LINE: &[FieldDef] = &[
    one(1, ["functionIndex", "function_index"], Int32),
    one(2, ["line", "line"], Int64),
    one(3, ["column", "column"], Int64),
];

pub(super) const FUNCTION: &[FieldDef] = &[
    one(1, ["nameStrindex", "name_strindex"], Int32),
    one(2, ["systemNameStrindex", "system_name_strindex"], Int32),
    one(3, ["filenameStrindex", "filename_strindex"], Int32),
    one(4, ["startLine", "start_line"], Int64),
];

pub(super) const KEY_VALUE_AND_UNIT: &[FieldDef] = &[
    one(1, ["keyStrindex", "key_strindex"], Int32),
    always(2, ["value", "value"], MessageId::AnyValue),
    one(3, ["unitStrindex", "unit_strindex"], Int32),
];
