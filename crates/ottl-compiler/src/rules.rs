//! The rules as they come out of a configuration: texts with the few settings that matter to the compiler.

use ottl_plan::ErrorMode;
use ottl_schema::ContextId;

/// A statement or condition, and the number that its diagnostics carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceText<'s> {
    /// The text, as the configuration gives it to OTTL.
    pub text: &'s str,
    /// A number of the caller's choice; diagnostics name it, with ranges in `text`.
    pub id: u32,
}

/// A group of statements of the transform processor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupSpec<'s> {
    /// The number that diagnostics about the group as a whole carry.
    pub id: u32,
    /// The context, or none if it shall be inferred.
    pub context: Option<ContextId>,
    /// When not empty, one of these must hold for the statements to run.
    pub conditions: Vec<SourceText<'s>>,
    /// The statements.
    pub statements: Vec<SourceText<'s>>,
    /// The group's own error mode.
    pub error_mode: Option<ErrorMode>,
    /// Whether the group shares its cache with the groups of the same context that say so too.
    pub shared_cache: bool,
    /// Whether what its records write into what they share never reaches the others.
    pub isolate: bool,
}

/// What holds for all groups of a transform processor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransformOptions {
    /// The error mode of groups that have none of their own.
    pub error_mode: ErrorMode,
    /// Logs only: every record gets its own resource and scope first. Whether the gate allows it is the
    /// configuration's business.
    pub flatten_data: bool,
    /// Whether all groups are isolated, also those that do not say so.
    pub isolate: bool,
}

/// One entry of the filter processor's `*_conditions`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterSpec<'s> {
    /// The number that diagnostics about the entry as a whole carry.
    pub id: u32,
    /// The context, or none if each condition's shall be inferred.
    pub context: Option<ContextId>,
    /// The conditions; a record that meets one is dropped.
    pub conditions: Vec<SourceText<'s>>,
    /// The entry's own error mode.
    pub error_mode: Option<ErrorMode>,
}

/// One list of the filter processor's older form, for instance `logs.log_record`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionList<'s> {
    /// The number that diagnostics about the list as a whole carry.
    pub id: u32,
    /// The context that the list's name stands for.
    pub context: ContextId,
    /// The conditions; a record that meets one is dropped.
    pub conditions: Vec<SourceText<'s>>,
}

/// The rules of a filter processor for one signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterRules<'s> {
    /// `trace_conditions`, `metric_conditions`, `log_conditions`: entries applied in turn.
    Newer(Vec<FilterSpec<'s>>),
    /// `traces`, `metrics`, `logs`: a list for each context, applied together. Paths may go without their context.
    Older(Vec<ConditionList<'s>>),
}
