//! [`XPath`]: expressions that find nodes of a [`Tree`].
//!
//! The dialect is that of antchfx/xpath: XPath 1.0 without `id`, `lang` and variables, with `ends-with`, `lower-case`,
//! `matches`, `replace`, `reverse`, `string-join` and sequences in brackets. Positions are counted as it counts them,
//! which often is not what the standard says.
//!
//! text -> `scan` -> `parse` -> `build` -> `program`, which `select` runs with `evaluate`, `compare` and `functions` over
//! what `state` remembers.
//!
//! INVARIANT: queries nest at most [`MAX_DEPTH`] deep, and every move is charged to the message.

mod build;
mod compare;
mod evaluate;
mod functions;
mod parse;
mod program;
mod scan;
mod select;
mod state;
#[cfg(test)]
mod tests;

use ottl_core::EvalError;

use self::program::Program;
use self::state::Run;
use crate::LowerCase;
use crate::tree::{NodeId, Tree};

/// How deep steps, operators and brackets may lie in each other. The reference stops at 1024, and at 200 brackets.
pub const MAX_DEPTH: usize = 128;

/// An expression, ready to run.
#[derive(Debug)]
pub struct XPath {
    program: Program,
    lower_case: LowerCase,
}

/// What an expression found.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// A node.
    Node(NodeId),
    /// An attribute.
    Attribute {
        /// The element that has it.
        owner: NodeId,
        /// Its name without prefix.
        name: &'a [u8],
        /// Its value.
        value: &'a [u8],
    },
}

impl XPath {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong with it. What the reference finds out when it runs one is not found here.
    pub fn new(text: &[u8], lower_case: LowerCase) -> Result<XPath, String> {
        let (nodes, root) = parse::parse(text)?;
        build::build(&nodes, root, lower_case)
    }

    /// The nodes that the expression finds, in its order; some may come again.
    ///
    /// # Errors
    /// Memory and work; what the reference dies of.
    pub fn select<'a>(&self, tree: &Tree<'a>) -> Result<Vec<Found<'a>>, EvalError> {
        let mut found = Vec::new();
        if self.program.is_truth {
            return Ok(found);
        }
        let mut run = Run::new(tree, &self.program, self.lower_case);
        let base = run.enter(self.program.root)?;
        while let Some(place) = run.select(self.program.root, base)? {
            run.remember()?;
            run.current = place;
            // COMPAT: an attribute of a declaration or an instruction is that node.
            let is_attribute = run.kind(place) == Some(parse::Test::Attribute);
            found.push(match tree.attributes_of(place.node).get(place.attribute as usize) {
                Some(a) if is_attribute => Found::Attribute { owner: place.node, name: a.local, value: a.value },
                _ => Found::Node(place.node),
            });
        }
        Ok(found)
    }
}
