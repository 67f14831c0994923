//! Plans, groups of statements, and the programs of the two processors.

use std::sync::Arc;

use ottl_core::Site;
use ottl_core::ops::Coercion;
use ottl_schema::{ContextId, Signal};

use crate::{CallSite, Expr, ExprId, LambdaDef, Literal, NamedFunction, PathUse};

/// What happens to an error of a statement or condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ErrorMode {
    /// Report it and go on; a condition that failed does not match.
    #[default]
    Ignore,
    /// Go on without reporting it.
    Silent,
    /// Give the whole message up.
    Propagate,
}

/// Where an error site lies in the source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteInfo {
    /// Start and end in bytes of the statement's text.
    pub span: (u32, u32),
    /// The statement or condition it belongs to: its number in [`Plan::sources`].
    pub source: u32,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The editor call: its number in [`Plan::calls`].
    pub editor: u32,
    /// The condition after `where`.
    pub condition: Option<ExprId>,
    /// Its text: its number in [`Plan::sources`].
    pub source: u32,
}

/// One condition of a group or filter, with its text's number in [`Plan::sources`].
pub type GroupSource = (ExprId, u32);

/// Which cache a group's records use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CacheKey {
    /// An empty one for every record.
    PerRecord,
    /// One for the message, shared by all groups of this context that ask for it.
    Shared(ContextId),
}

/// A group of statements of the transform processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The kind of record that the statements see.
    pub context: ContextId,
    /// When not empty, at least one of these must hold for the statements to run.
    pub conditions: Vec<GroupSource>,
    /// The statements, in order.
    pub statements: Vec<Statement>,
    /// What happens to their errors.
    pub error_mode: ErrorMode,
    /// Which cache they use.
    pub cache: CacheKey,
    /// Whether every record is alone with copies of what it would share with others. Only groups that write to levels above
    /// their own are isolated.
    pub isolate: bool,
}

/// The transform processor for one signal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransformProgram {
    /// Groups, each run over the whole message, in order.
    pub groups: Vec<Group>,
    /// Logs only: every record gets its own resource and scope before, and equal ones are joined after.
    pub flatten_data: bool,
}

/// The conditions of the filter processor that are applied together: one entry of `*_conditions`, or all of the older
/// lists of a signal. What matches is dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterStage {
    /// Conditions by context, in the order resource, scope, record, part of a record. A context without conditions counts:
    /// parents that have no children there are dropped.
    pub conditions: Vec<(ContextId, Vec<GroupSource>)>,
    /// What happens to their errors.
    pub error_mode: ErrorMode,
    /// Whether errors under propagate are hidden when nothing is left of the message: so it is in the newer form.
    pub hides_errors: bool,
}

/// The filter processor for one signal: stages applied in turn to what the one before left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterProgram {
    /// The stages.
    pub stages: Vec<FilterStage>,
}

/// What a processor does with the messages of one signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// The transform processor.
    Transform(TransformProgram),
    /// The filter processor.
    Filter(FilterProgram),
}

/// The compiled rules of one processor for one signal. What a rewrite of expressions leaves as it is, is shared.
#[derive(Debug)]
pub struct Plan {
    /// The signal.
    pub signal: Signal,
    /// What to do.
    pub program: Program,
    /// Expressions.
    pub exprs: Vec<Expr>,
    /// Constants.
    pub literals: Vec<Literal>,
    /// Paths with keys.
    pub paths: Arc<[PathUse]>,
    /// Calls.
    pub calls: Arc<[CallSite]>,
    /// Expressions that functions evaluate on demand, with the conversion of the parameter.
    pub thunks: Arc<[(ExprId, Option<Coercion>)]>,
    /// Lambdas.
    pub lambdas: Arc<[LambdaDef]>,
    /// Functions named as arguments.
    pub functions: Arc<[NamedFunction]>,
    /// How many locals an evaluation needs.
    pub locals: u32,
    /// Error sites.
    pub sites: Arc<[SiteInfo]>,
    /// Where expressions stand in their texts, by number: start and end in bytes.
    pub spans: Arc<[(u32, u32)]>,
    /// Texts of statements and conditions, as the user wrote them.
    pub sources: Arc<[String]>,
}

impl Plan {
    /// The same rules with other expressions and constants: for engines, which rewrite them. All other tables are shared.
    ///
    /// The numbers of statements, conditions and calls' arguments have to name expressions that mean the same.
    #[must_use]
    pub fn with(&self, exprs: Vec<Expr>, literals: Vec<Literal>) -> Plan {
        Plan {
            signal: self.signal,
            program: self.program.clone(),
            exprs,
            literals,
            paths: self.paths.clone(),
            calls: self.calls.clone(),
            thunks: self.thunks.clone(),
            lambdas: self.lambdas.clone(),
            functions: self.functions.clone(),
            locals: self.locals,
            sites: self.sites.clone(),
            spans: self.spans.clone(),
            sources: self.sources.clone(),
        }
    }

    /// Other groups or conditions with the same tables, such as some of the groups.
    #[must_use]
    pub fn with_program(&self, program: Program) -> Plan {
        Plan { program, ..self.with(self.exprs.clone(), self.literals.clone()) }
    }
}

/// The tables of a plan while it is built; see [`Plan`] for the fields.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the fields are those of `Plan`")]
pub struct PlanBuilder {
    pub exprs: Vec<Expr>,
    pub literals: Vec<Literal>,
    pub paths: Vec<PathUse>,
    pub calls: Vec<CallSite>,
    pub thunks: Vec<(ExprId, Option<Coercion>)>,
    pub lambdas: Vec<LambdaDef>,
    pub functions: Vec<NamedFunction>,
    pub locals: u32,
    pub sites: Vec<SiteInfo>,
    pub spans: Vec<(u32, u32)>,
    pub sources: Vec<String>,
}

impl PlanBuilder {
    /// Adds an expression that stands there in its text.
    pub fn expr(&mut self, expr: Expr, span: (u32, u32)) -> ExprId {
        self.exprs.push(expr);
        self.spans.push(span);
        ExprId((self.exprs.len() - 1) as u32)
    }

    /// Adds a constant as an expression.
    pub fn literal(&mut self, literal: Literal, span: (u32, u32)) -> ExprId {
        self.literals.push(literal);
        self.expr(Expr::Const((self.literals.len() - 1) as u32), span)
    }

    /// Adds an error site.
    pub fn site(&mut self, span: (u32, u32), source: u32) -> Site {
        self.sites.push(SiteInfo { span, source });
        Site((self.sites.len() - 1) as u32)
    }

    /// Finishes the plan. Its tables are as long as they have to be: they are kept for as long as the rules run.
    pub fn build(self, signal: Signal, program: Program) -> Plan {
        let (mut exprs, mut literals) = (self.exprs, self.literals);
        exprs.shrink_to_fit();
        literals.shrink_to_fit();
        Plan {
            signal,
            program,
            exprs,
            literals,
            paths: self.paths.into(),
            calls: self.calls.into(),
            thunks: self.thunks.into(),
            lambdas: self.lambdas.into(),
            functions: self.functions.into(),
            locals: self.locals,
            sites: self.sites.into(),
            spans: self.spans.into(),
            sources: self.sources.into(),
        }
    }
}
