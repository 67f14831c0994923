//! What an expression becomes: queries, each of which gives nodes one by one or a value.
//!
//! A query is data; what it remembers while it runs is elsewhere (`state`), in one slot for itself and each query in it.

use ottl_regex::Regex;

use super::parse::Test;

/// The number of a query.
pub(super) type QueryId = u32;

/// A query that the reference leaves out, and then dies of.
pub(super) const MISSING: QueryId = QueryId::MAX;

/// What a node has to be for a step.
#[derive(Clone, Debug)]
pub(super) struct NodeTest {
    pub(super) test: Test,
    pub(super) prefix: Box<[u8]>,
    pub(super) local: Box<[u8]>,
}

/// Where a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    Ancestor {
        or_self: bool,
    },
    Attribute,
    Child,
    Descendant {
        or_self: bool,
    },
    /// Descendants of what are descendants already; COMPAT: with slips of its own.
    Nested {
        or_self: bool,
    },
    Following {
        siblings: bool,
    },
    Preceding {
        siblings: bool,
    },
    Parent,
    Itself,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// The functions that give a value.
#[derive(Clone, Debug)]
pub(super) enum Function {
    Boolean,
    Ceiling,
    Concat,
    Contains,
    Count,
    EndsWith,
    Floor,
    Last,
    LocalName,
    LowerCase,
    /// With the pattern, where it is a literal.
    Matches(Option<Regex>),
    Name,
    NamespaceUri,
    NormalizeSpace,
    Not,
    Number,
    Position,
    /// With the pattern, where it is a literal.
    Replace(Option<Regex>),
    Round,
    StartsWith,
    String,
    StringJoin,
    StringLength,
    Substring,
    SubstringAfter,
    SubstringBefore,
    Sum,
    Translate,
    Truth(bool),
}

#[derive(Clone, Debug)]
pub(super) enum Query {
    /// The current node.
    Context,
    /// The node that everything lies in.
    Absolute,
    Step {
        axis: Axis,
        test: u32,
        input: QueryId,
    },
    Filter {
        input: QueryId,
        predicate: QueryId,
    },
    /// A call of a function. `last` and `position` count the nodes that the test of the query `counted` takes.
    Call {
        function: Function,
        arguments: Box<[QueryId]>,
        counted: QueryId,
    },
    Reverse {
        input: QueryId,
    },
    Text(Box<[u8]>),
    Number(f64),
    Group {
        input: QueryId,
    },
    Compare {
        comparison: Comparison,
        left: QueryId,
        right: QueryId,
    },
    Compute {
        arithmetic: Arithmetic,
        left: QueryId,
        right: QueryId,
    },
    Join {
        is_or: bool,
        left: QueryId,
        right: QueryId,
    },
    Union {
        left: QueryId,
        right: QueryId,
    },
    /// How many nodes a query gives in all.
    Size {
        input: QueryId,
    },
    /// What `each` gives for every node of `input`.
    Merge {
        input: QueryId,
        each: QueryId,
    },
}

/// An expression, ready to run.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) queries: Vec<Query>,
    pub(super) tests: Vec<NodeTest>,
    /// For each query how many slots it takes with those in it; none if one of them is missing.
    pub(super) slots: Vec<Option<u32>>,
    pub(super) root: QueryId,
    /// Whether the expression is a truth value, and so has no nodes.
    pub(super) is_truth: bool,
}
