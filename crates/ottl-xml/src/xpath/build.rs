//! From the tree of an expression to its queries.
//!
//! COMPAT: which queries the reference makes decides what an expression finds, since they differ in how they count
//! positions and in slips. So the same ones are made here, in the same order: what was built last (`first_input`) tells
//! which step a predicate counts, whatever that was.

use ottl_regex::Regex;

use super::parse::{Node, NodeId, Operator, Test, too_deep};
use super::program::{Axis, Function, MISSING, NodeTest, Program, Query, QueryId};
use super::{LowerCase, MAX_DEPTH, XPath};

/// How often `or` and `and` may follow each other; the reference stops at 1024 operators.
const LONGEST_CHAIN: usize = 1000;

/// How many queries an expression may take.
const MOST_QUERIES: usize = 16_384;

/// What is known of a query, as sets of bits.
mod facts {
    /// A predicate counts.
    pub(super) const POSITION_FILTER: u8 = 1;
    /// `position()` or a number.
    pub(super) const POSITION: u8 = 2;
    /// `last()`.
    pub(super) const LAST: u8 = 4;
    /// Nodes of different depth.
    pub(super) const NOT_FLAT: u8 = 8;
}

/// How a query is to be built.
#[derive(Clone, Copy, Default)]
struct Flags {
    /// The steps behind it are descendants, too.
    nested: bool,
    /// It is the input of a predicate that counts.
    filtered: bool,
}

struct Builder<'n, 'e> {
    nodes: &'n [Node<'e>],
    queries: Vec<Query>,
    tests: Vec<NodeTest>,
    /// The last step, filter or group that was built.
    first_input: Option<QueryId>,
    depth: usize,
}

/// What an expression runs as.
///
/// # Errors
/// What is wrong with it.
pub(super) fn build(nodes: &[Node<'_>], root: NodeId, lower_case: LowerCase) -> Result<XPath, String> {
    let mut builder = Builder { nodes, queries: Vec::new(), tests: Vec::new(), first_input: None, depth: 0 };
    let root = builder.node(root, Flags::default(), &mut 0)?;
    if root == MISSING {
        return Err("the axis `namespace`".to_owned());
    }
    let Builder { queries, tests, .. } = builder;
    let slots = slots_of(&queries);
    let is_truth = is_truth(&queries, root);
    Ok(XPath { program: Program { queries, tests, slots, root, is_truth }, lower_case })
}

impl<'e> Builder<'_, 'e> {
    fn add(&mut self, query: Query) -> QueryId {
        self.queries.push(query);
        self.queries.len() as QueryId - 1
    }

    fn query(&self, id: QueryId) -> Result<&Query, String> {
        self.queries.get(id as usize).ok_or_else(|| "the axis `namespace`".to_owned())
    }

    fn node(&mut self, id: NodeId, flags: Flags, facts: &mut u8) -> Result<QueryId, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(too_deep());
        }
        // Both steps of `(a,b)` begin with all that stands in front, which is built for each.
        if self.queries.len() > MOST_QUERIES {
            return Err(format!("the expression takes more than {MOST_QUERIES} steps"));
        }
        *facts = 0;
        let nodes = self.nodes;
        let query = match &nodes[id as usize] {
            Node::Root => self.add(Query::Absolute),
            Node::Number(number) => self.add(Query::Number(*number)),
            Node::Text(text) => self.add(Query::Text((*text).into())),
            Node::Variable => return Err("a variable".to_owned()),
            Node::Call { name, arguments } => self.call(name, arguments, facts)?,
            Node::Operation { operator, left, right } => self.operation(*operator, *left, *right, facts)?,
            Node::Step { axis, test, prefix, local, input } => {
                let test = NodeTest { test: *test, prefix: (*prefix).into(), local: (*local).into() };
                let step = self.step(axis, test, *input, flags, facts)?;
                self.first_input = Some(step).filter(|&step| step != MISSING);
                step
            }
            Node::Filter { input, condition } => {
                let filter = self.filter(*input, *condition, flags, facts)?;
                self.first_input = Some(filter);
                filter
            }
            Node::Group(inner) => {
                let input = self.node(*inner, Flags::default(), facts)?;
                let group = self.add(Query::Group { input });
                self.first_input = Some(group);
                group
            }
        };
        self.depth -= 1;
        Ok(query)
    }

    fn step(
        &mut self,
        axis: &[u8],
        test: NodeTest,
        input: Option<NodeId>,
        flags: Flags,
        facts: &mut u8,
    ) -> Result<QueryId, String> {
        self.first_input = None;
        self.tests.push(test);
        let test = self.tests.len() as u32 - 1;
        let below = |or_self| if flags.nested { Axis::Nested { or_self } } else { Axis::Descendant { or_self } };
        let mut inside = Flags::default();
        let input = match input {
            None => {
                *facts = 0;
                self.add(Query::Context)
            }
            Some(input) => {
                if !flags.filtered {
                    if axis == b"child"
                        && let Node::Step { axis: b"descendant-or-self", input: around, .. } =
                            &self.nodes[input as usize]
                    {
                        // `//name` becomes one step. COMPAT: a test of the step in between is lost.
                        let input = match around {
                            Some(around) => self.node(*around, Flags { nested: true, filtered: false }, facts)?,
                            None => self.add(Query::Context),
                        };
                        *facts |= facts::NOT_FLAT;
                        return Ok(self.add(Query::Step { axis: Axis::Descendant { or_self: false }, test, input }));
                    }
                    inside.nested = matches!(axis, b"descendant" | b"descendant-or-self");
                }
                self.node(input, inside, facts)?
            }
        };
        let (axis, not_flat) = match axis {
            b"ancestor" => (Axis::Ancestor { or_self: false }, true),
            b"ancestor-or-self" => (Axis::Ancestor { or_self: true }, true),
            b"attribute" => (Axis::Attribute, false),
            b"child" => (Axis::Child, false),
            b"descendant" => (below(false), true),
            b"descendant-or-self" => (below(true), true),
            b"following" => (Axis::Following { siblings: false }, true),
            b"following-sibling" => (Axis::Following { siblings: true }, false),
            b"parent" => (Axis::Parent, false),
            b"preceding" => (Axis::Preceding { siblings: false }, true),
            b"preceding-sibling" => (Axis::Preceding { siblings: true }, false),
            b"self" => (Axis::Itself, false),
            b"namespace" => return Ok(MISSING),
            _ => return Err(format!("the axis `{}`", String::from_utf8_lossy(axis))),
        };
        if not_flat {
            *facts |= facts::NOT_FLAT;
        }
        Ok(self.add(Query::Step { axis, test, input }))
    }

    fn filter(&mut self, input: NodeId, condition: NodeId, flags: Flags, facts: &mut u8) -> Result<QueryId, String> {
        let filtered = flags.filtered || counts(self.nodes, condition);
        let query = self.node(input, Flags { filtered, ..flags }, facts)?;
        let counted = self.first_input;
        let mut inner = 0;
        let mut predicate = self.node(condition, flags, &mut inner)?;
        if self.may_be_number(predicate)? || inner & (facts::POSITION | facts::LAST) != 0 {
            inner |= facts::POSITION;
        }
        if !matches!(self.nodes[input as usize], Node::Filter { .. }) {
            *facts &= !facts::POSITION_FILTER;
        }
        if inner & facts::POSITION != 0 {
            *facts |= facts::POSITION_FILTER;
            if inner & facts::LAST != 0
                && let Query::Call { counted, .. } = self.query(predicate)?
                && let Some(Query::Filter { .. } | Query::Group { .. }) = self.queries.get(*counted as usize)
            {
                predicate = self.add(Query::Size { input: *counted });
            }
        }
        let merges = self.merges(query)?;
        if !flags.filtered
            && let Some(counted) = counted
            && merges
            && *facts & facts::POSITION_FILTER != 0
        {
            // Positions count anew for each node that the step in front gives.
            let around = self.take_input(counted);
            let each = self.add(Query::Filter { input: query, predicate });
            return Ok(around.map_or(each, |input| self.add(Query::Merge { input, each })));
        }
        Ok(self.add(Query::Filter { input: query, predicate }))
    }

    /// Puts the current node in the place of what a step begins at, and answers what that was.
    fn take_input(&mut self, step: QueryId) -> Option<QueryId> {
        let (Query::Step { input, .. } | Query::Group { input }) = &self.queries[step as usize] else { return None };
        let around = *input;
        if matches!(self.queries.get(around as usize), Some(Query::Context)) {
            return None;
        }
        let context = self.add(Query::Context);
        if let Query::Step { input, .. } | Query::Group { input } = &mut self.queries[step as usize] {
            *input = context;
        }
        Some(around).filter(|&around| around != MISSING)
    }

    /// Whether a predicate may be a number.
    fn may_be_number(&self, mut query: QueryId) -> Result<bool, String> {
        loop {
            match self.query(query)? {
                Query::Group { input } => query = *input,
                other => {
                    return Ok(matches!(
                        other,
                        Query::Call { .. } | Query::Reverse { .. } | Query::Number(_) | Query::Compute { .. }
                    ));
                }
            }
        }
    }

    /// Whether positions in what a query gives may have to be counted for each node that it begins at.
    fn merges(&self, mut query: QueryId) -> Result<bool, String> {
        loop {
            match self.query(query)? {
                Query::Filter { input, .. } => query = *input,
                other => return Ok(!matches!(other, Query::Group { .. })),
            }
        }
    }

    fn operation(
        &mut self,
        operator: Operator,
        left: NodeId,
        right: NodeId,
        facts: &mut u8,
    ) -> Result<QueryId, String> {
        let mut of_right = 0;
        if matches!(operator, Operator::Or | Operator::And) {
            return self.joined(operator, left, right, facts);
        }
        let left = self.node(left, Flags::default(), facts)?;
        let right = self.node(right, Flags::default(), &mut of_right)?;
        *facts |= of_right;
        let query = match operator {
            Operator::Compare(comparison) => Query::Compare { comparison, left, right },
            Operator::Compute(arithmetic) => Query::Compute { arithmetic, left, right },
            // The others do not come here.
            Operator::Union | Operator::Or | Operator::And => {
                *facts |= facts::NOT_FLAT;
                Query::Union { left, right }
            }
        };
        Ok(self.add(query))
    }

    /// Operands with `or` and `and` between them, of which there may be many.
    fn joined(
        &mut self,
        operator: Operator,
        mut left: NodeId,
        right: NodeId,
        facts: &mut u8,
    ) -> Result<QueryId, String> {
        let mut chain = vec![(operator, right)];
        while let Node::Operation { operator: operator @ (Operator::Or | Operator::And), left: inner, right } =
            self.nodes[left as usize]
        {
            chain.push((operator, right));
            left = inner;
            if chain.len() > LONGEST_CHAIN {
                return Err(format!("the expression has more than {LONGEST_CHAIN} times `or` and `and` in a row"));
            }
        }
        let mut query = self.node(left, Flags::default(), facts)?;
        for (operator, right) in chain.into_iter().rev() {
            let mut of_right = 0;
            let right = self.node(right, Flags::default(), &mut of_right)?;
            *facts |= of_right;
            query = self.add(Query::Join { is_or: operator == Operator::Or, left: query, right });
        }
        Ok(query)
    }

    fn call(&mut self, name: &[u8], arguments: &[NodeId], facts: &mut u8) -> Result<QueryId, String> {
        *facts = 0;
        let shown = String::from_utf8_lossy(name);
        // How many arguments there must be, and how many of them are looked at.
        let (function, least, most) = match name {
            b"lower-case" => (Function::LowerCase, 1, 1),
            b"starts-with" => (Function::StartsWith, 2, 2),
            b"ends-with" => (Function::EndsWith, 2, 2),
            b"contains" => (Function::Contains, 2, 2),
            b"matches" => (Function::Matches(None), 2, 2),
            b"substring" => (Function::Substring, 2, 3),
            b"substring-before" => (Function::SubstringBefore, 2, 2),
            b"substring-after" => (Function::SubstringAfter, 2, 2),
            b"string-length" => (Function::StringLength, 1, 1),
            b"normalize-space" => (Function::NormalizeSpace, 0, 1),
            b"replace" => (Function::Replace(None), 3, 3),
            b"translate" => (Function::Translate, 3, 3),
            b"not" => (Function::Not, 1, 1),
            b"name" => (Function::Name, 0, 1),
            b"local-name" => (Function::LocalName, 0, 1),
            b"namespace-uri" => (Function::NamespaceUri, 0, 1),
            b"true" => (Function::Truth(true), 0, 0),
            b"false" => (Function::Truth(false), 0, 0),
            b"last" => (Function::Last, 0, 0),
            b"position" => (Function::Position, 0, 0),
            b"boolean" => (Function::Boolean, 0, 1),
            b"number" => (Function::Number, 0, 1),
            b"string" => (Function::String, 0, 1),
            b"count" => (Function::Count, 1, 1),
            b"sum" => (Function::Sum, 1, 1),
            b"ceiling" => (Function::Ceiling, 1, 1),
            b"floor" => (Function::Floor, 1, 1),
            b"round" => (Function::Round, 1, 1),
            b"concat" => (Function::Concat, 2, usize::MAX),
            b"string-join" => (Function::StringJoin, 2, 2),
            b"reverse" => (Function::Count, 1, 1),
            _ => return Err(format!("the function `{shown}`, which is not known")),
        };
        // COMPAT: of these, what is too much is an error; elsewhere it is not looked at.
        let is_strict = matches!(
            name,
            b"matches"
                | b"substring-before"
                | b"substring-after"
                | b"replace"
                | b"translate"
                | b"name"
                | b"local-name"
                | b"namespace-uri"
                | b"boolean"
                | b"number"
                | b"string"
                | b"string-join"
        );
        if arguments.len() < least || is_strict && arguments.len() > most {
            return Err(format!("a call of `{shown}` with another number of arguments than it takes"));
        }
        // COMPAT: more than three arguments of `substring` count as two.
        let most = if name == b"substring" && arguments.len() > 3 { 2 } else { most };
        let mut built = Vec::with_capacity(arguments.len().min(most));
        for &argument in arguments.iter().take(most) {
            built.push(self.node(argument, Flags::default(), facts)?);
        }
        if name == b"reverse" {
            return Ok(self.add(Query::Reverse { input: built[0] }));
        }
        if name == b"normalize-space" && built.is_empty() {
            let any = NodeTest { test: Test::Any, prefix: Box::default(), local: Box::default() };
            let step = self.step(b"self", any, None, Flags::default(), facts)?;
            self.first_input = Some(step);
            built.push(step);
        }
        let mut counted = MISSING;
        let function = match function {
            Function::Matches(_) => Function::Matches(self.literal(built[1])?),
            // COMPAT: a faulty pattern is an error when the expression runs.
            Function::Replace(_) => Function::Replace(self.literal(built[1]).unwrap_or_default()),
            function @ (Function::Last | Function::Position) => {
                counted = self.first_input.unwrap_or(MISSING);
                *facts |= if matches!(function, Function::Last) { facts::LAST } else { facts::POSITION };
                function
            }
            function => function,
        };
        Ok(self.add(Query::Call { function, arguments: built.into(), counted }))
    }

    /// The pattern that a query is, if it is a literal.
    fn literal(&self, query: QueryId) -> Result<Option<Regex>, String> {
        match self.query(query)? {
            Query::Text(pattern) => Regex::shared(&**pattern).map(Some).map_err(|error| error.to_string()),
            Query::Number(_) => Err("a pattern that is a number".to_owned()),
            _ => Ok(None),
        }
    }
}

/// Whether the reference takes a condition for one that counts.
fn counts(nodes: &[Node<'_>], condition: NodeId) -> bool {
    match &nodes[condition as usize] {
        Node::Number(_) => true,
        Node::Call { name, arguments } => {
            matches!(
                *name,
                b"position"
                    | b"last"
                    | b"count"
                    | b"sum"
                    | b"string-length"
                    | b"number"
                    | b"floor"
                    | b"ceiling"
                    | b"round"
            ) || arguments.iter().any(|&argument| counts(nodes, argument))
        }
        Node::Operation { operator: Operator::Compute(_), .. } => true,
        Node::Operation { left, right, .. } => counts(nodes, *left) || counts(nodes, *right),
        _ => false,
    }
}

fn is_truth(queries: &[Query], mut query: QueryId) -> bool {
    while let Some(Query::Group { input }) = queries.get(query as usize) {
        query = *input;
    }
    matches!(queries.get(query as usize), Some(Query::Compare { .. } | Query::Join { .. }))
}

/// How many slots each query takes. What a query is made of was mostly made in front of it, but a step that lost its
/// input has a later one.
fn slots_of(queries: &[Query]) -> Vec<Option<u32>> {
    let mut slots: Vec<Option<u32>> = vec![Some(1); queries.len()];
    for (id, query) in queries.iter().enumerate() {
        let of = |child: QueryId| match queries.get(child as usize) {
            None => None,
            Some(Query::Context) => Some(1),
            Some(_) => slots[child as usize],
        };
        slots[id] = match query {
            Query::Context | Query::Absolute | Query::Text(_) | Query::Number(_) | Query::Call { .. } => Some(1),
            Query::Step { input, .. } | Query::Reverse { input } | Query::Group { input } => of(*input).map(|n| n + 1),
            // It counts in slots of its own.
            Query::Size { .. } => Some(1),
            Query::Filter { input: a, predicate: b }
            | Query::Compare { left: a, right: b, .. }
            | Query::Compute { left: a, right: b, .. }
            | Query::Join { left: a, right: b, .. }
            | Query::Union { left: a, right: b }
            | Query::Merge { input: a, each: b } => of(*a).zip(of(*b)).map(|(a, b)| a + b + 1),
        };
    }
    slots
}
