//! OTLP protobuf bytes: reading, writing, a message schema, JSON transcoding, and framing.
//!
//! This crate knows the wire format of the OpenTelemetry Protocol and nothing of OTTL. It works on byte
//! slices and owned buffers, does no I/O and never panics on any input, so everything here may be fed
//! hostile bytes.
//!
//! - [`wire`]: protobuf primitives over `&[u8]`, field numbers of every OTLP message.
//! - [`any`]: values of attributes and bodies, read where they lie.
//! - [`edit`]: rewriting a message from pieces of it.
//! - [`schema`]: every message as a table, [`schema::validate`], and [`schema::recognise`].
//! - [`json`]: OTLP/JSON to protobuf and back.
//! - [`differences()`]: what two versions of a message say differently.
//! - [`framing`]: messages out of files and streams, compressed or not.

pub mod any;
mod differences;
pub mod edit;
pub mod framing;
pub mod json;
pub mod pprof;
pub mod schema;
pub mod wire;

pub use differences::{Difference, differences, differences_of_types};
pub use schema::Signal;
