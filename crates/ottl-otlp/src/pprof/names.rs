//! Attributes that stand for what pprof has a field for.
//!
//! Source: the semantic conventions' registry, namespace `pprof` and `process.executable`, version 1.40.0; how pprof's fields
//! become them is that of collector-contrib's `pkg/translator/pprof`, where the conventions leave it open.

/// The schema of these names.
pub(super) const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.40.0";

/// `Mapping.build_id`: a text.
pub(super) const BUILD_ID: &[u8] = b"process.executable.build_id.gnu";
/// `Mapping.has_functions`: true, or absent.
pub(super) const HAS_FUNCTIONS: &[u8] = b"pprof.mapping.has_functions";
/// `Mapping.has_filenames`: true, or absent.
pub(super) const HAS_FILENAMES: &[u8] = b"pprof.mapping.has_filenames";
/// `Mapping.has_line_numbers`: true, or absent.
pub(super) const HAS_LINE_NUMBERS: &[u8] = b"pprof.mapping.has_line_numbers";
/// `Mapping.has_inline_frames`: true, or absent.
pub(super) const HAS_INLINE_FRAMES: &[u8] = b"pprof.mapping.has_inline_frames";
/// `Location.is_folded`: true, or absent.
pub(super) const IS_FOLDED: &[u8] = b"pprof.location.is_folded";
/// `Profile.drop_frames`: a text.
pub(super) const DROP_FRAMES: &[u8] = b"pprof.profile.drop_frames";
/// `Profile.keep_frames`: a text.
pub(super) const KEEP_FRAMES: &[u8] = b"pprof.profile.keep_frames";
/// `Profile.doc_url`: a text.
pub(super) const DOC_URL: &[u8] = b"pprof.profile.doc_url";
/// `Profile.comment`: a list of texts. The translator writes one attribute for each, whose name ends with a dot and the
/// comment's number.
pub(super) const COMMENT: &[u8] = b"pprof.profile.comment";
/// `Profile.default_sample_type`: a text, of the scope.
pub(super) const DEFAULT_SAMPLE_TYPE: &[u8] = b"pprof.scope.default_sample_type";
/// The place of each profile of the scope among the sample types: a list of integers, of the scope.
pub(super) const SAMPLE_TYPE_ORDER: &[u8] = b"pprof.scope.sample_type_order";

/// Labels for a sample's link, which pprof has no field for. They stay attributes on the way back.
pub(super) const TRACE_ID: &[u8] = b"trace_id";
/// The other half of it.
pub(super) const SPAN_ID: &[u8] = b"span_id";
