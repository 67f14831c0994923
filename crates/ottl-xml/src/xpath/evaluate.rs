//! Queries that are values, and how queries that give nodes begin anew.

use ottl_core::EvalError;

use super::program::{Arithmetic, Axis, Query, QueryId};
use super::state::{Answer, Run};

impl<'r> Run<'r, '_> {
    /// The value of a query; one that gives nodes is the value itself, and begins anew. COMPAT: not all of what it
    /// remembers is forgotten then.
    pub(super) fn evaluate(&mut self, query: QueryId, at: usize) -> Result<Answer<'r>, EvalError> {
        let program = self.program;
        match &program.queries[query as usize] {
            Query::Context | Query::Absolute => self.slots[at].is_done = false,
            Query::Step { axis, input, .. } => {
                self.evaluate(*input, at + 1)?;
                let slot = &mut self.slots[at];
                match axis {
                    Axis::Parent | Axis::Itself | Axis::Nested { .. } => {}
                    Axis::Ancestor { .. } => {
                        slot.is_walking = false;
                        slot.more = None;
                    }
                    Axis::Following { .. } | Axis::Preceding { .. } => {
                        slot.is_walking = false;
                        slot.position = 0;
                    }
                    _ => slot.is_walking = false,
                }
            }
            Query::Filter { input, .. } => {
                self.evaluate(*input, at + 1)?;
                let slot = &mut self.slots[at];
                slot.level = 0;
                slot.more = None;
            }
            Query::Reverse { input } | Query::Merge { input, .. } => {
                self.evaluate(*input, at + 1)?;
                self.slots[at].is_walking = false;
            }
            Query::Union { left, right } => {
                self.slots[at].is_walking = false;
                self.evaluate(*left, at + 1)?;
                self.evaluate(*right, at + 1 + self.size(*left))?;
            }
            // COMPAT: it is the query inside that is the value.
            Query::Group { input } => return self.evaluate(*input, at + 1),
            Query::Text(text) => return Ok(Answer::Text(text)),
            Query::Number(number) => return Ok(Answer::Number(*number)),
            Query::Call { function, arguments, counted } => return self.call(function, arguments, *counted),
            Query::Compare { comparison, left, right } => {
                let a = self.evaluate(*left, at + 1)?;
                let b = self.evaluate(*right, at + 1 + self.size(*left))?;
                return self.compare(*comparison, a, b).map(Answer::Truth);
            }
            Query::Compute { arithmetic, left, right } => {
                let begin = self.current;
                let a = self.evaluate(*left, at + 1)?;
                let a = self.number(a)?;
                self.current = begin;
                let b = self.evaluate(*right, at + 1 + self.size(*left))?;
                let b = self.number(b)?;
                self.current = begin;
                return Ok(Answer::Number(match arithmetic {
                    Arithmetic::Add => a + b,
                    Arithmetic::Subtract => a - b,
                    Arithmetic::Multiply => a * b,
                    Arithmetic::Divide => a / b,
                    Arithmetic::Modulo => a % b,
                }));
            }
            Query::Join { .. } => return self.join(query, at).map(Answer::Truth),
            Query::Size { input } => {
                // COMPAT: it is counted once, where that is asked first.
                if !self.slots[at].is_done {
                    let mut count = 0;
                    let base = self.enter(*input)?;
                    while self.select(*input, base)?.is_some() {
                        self.tick()?;
                        count += 1;
                    }
                    self.slots.truncate(base);
                    let slot = &mut self.slots[at];
                    (slot.is_done, slot.position) = (true, count);
                }
                return Ok(Answer::Number(f64::from(self.slots[at].position)));
            }
        }
        Ok(Answer::Nodes(query, at))
    }

    /// Whether operands with `or` and `and` between them hold; those that hang together on their left sides do not nest.
    fn join(&mut self, query: QueryId, at: usize) -> Result<bool, EvalError> {
        let program = self.program;
        let begin = self.current;
        let (mut first, mut of_first) = (query, at);
        let mut outer = Vec::new();
        while let Query::Join { is_or, left, right } = &program.queries[first as usize] {
            outer.push((*is_or, *right, of_first + 1 + self.size(*left)));
            (first, of_first) = (*left, of_first + 1);
        }
        let answer = self.evaluate(first, of_first)?;
        let mut truth = self.truth(answer)?;
        for (is_or, right, of_right) in outer.into_iter().rev() {
            if truth != is_or {
                self.current = begin;
                let answer = self.evaluate(right, of_right)?;
                truth = self.truth(answer)?;
            }
        }
        Ok(truth)
    }
}
