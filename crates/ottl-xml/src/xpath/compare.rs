//! What values mean as others, and comparisons.

use ottl_core::EvalError;
use ottl_core::number::{Digits, parse_float};
use ottl_core::space::trim_space;

use super::program::Comparison;
use super::state::{Answer, Place, Run};

impl<'r> Run<'r, '_> {
    /// The next node of a value.
    pub(super) fn next_of(&mut self, answer: Answer<'r>) -> Result<Option<Place>, EvalError> {
        match answer {
            Answer::Nodes(query, at) => self.select(query, at),
            _ => Ok(None),
        }
    }

    /// The text of the next node of a value.
    pub(super) fn next_text(&mut self, answer: Answer<'r>) -> Result<Option<&'r [u8]>, EvalError> {
        match self.next_of(answer)? {
            Some(place) => self.text(place).map(Some),
            None => Ok(None),
        }
    }

    /// The number of the next node of a value; NaN without one.
    fn next_number(&mut self, answer: Answer<'r>) -> Result<f64, EvalError> {
        Ok(self.next_text(answer)?.map_or(f64::NAN, number_of))
    }

    pub(super) fn truth(&mut self, answer: Answer<'r>) -> Result<bool, EvalError> {
        Ok(match answer {
            Answer::Truth(truth) => truth,
            Answer::Number(number) => number != 0.0,
            Answer::Text(text) => !text.is_empty(),
            Answer::Nodes(..) => self.next_of(answer)?.is_some(),
        })
    }

    pub(super) fn number(&mut self, answer: Answer<'r>) -> Result<f64, EvalError> {
        Ok(match answer {
            Answer::Truth(truth) => f64::from(u8::from(truth)),
            Answer::Number(number) => number,
            Answer::Text(text) => number_of(text),
            Answer::Nodes(..) => self.next_number(answer)?,
        })
    }

    pub(super) fn string(&mut self, answer: Answer<'r>) -> Result<&'r [u8], EvalError> {
        Ok(match answer {
            Answer::Truth(true) => b"true",
            Answer::Truth(false) => b"false",
            Answer::Number(number) => self.shown(number)?,
            Answer::Text(text) => text,
            Answer::Nodes(..) => self.next_text(answer)?.unwrap_or_default(),
        })
    }

    fn shown(&mut self, number: f64) -> Result<&'r [u8], EvalError> {
        if !number.is_finite() {
            return Ok(if number.is_nan() {
                b"NaN"
            } else if number > 0.0 {
                b"Infinity"
            } else {
                b"-Infinity"
            });
        }
        let mut text = Vec::with_capacity(24);
        Digits::of(if number == 0.0 { 0.0 } else { number }).push_plain(&mut text);
        Ok(self.tree.arena().copy(&text)?)
    }

    /// Compares two values. COMPAT: nodes on the right count by the first one only, and as a number, unless there are
    /// nodes on both sides.
    pub(super) fn compare(
        &mut self,
        comparison: Comparison,
        left: Answer<'r>,
        right: Answer<'r>,
    ) -> Result<bool, EvalError> {
        use Answer::{Nodes, Number, Text, Truth};
        match (left, right) {
            (Truth(a), Truth(b)) => Ok(match comparison {
                Comparison::Equal => a == b,
                Comparison::NotEqual => a != b,
                _ => false,
            }),
            (Text(a), Text(b)) => Ok(texts(comparison, a, b)),
            (Nodes(..), Nodes(b, at)) => {
                while let Some(a) = self.next_of(left)? {
                    let Some(mut place) = self.next_of(right)? else { return Ok(false) };
                    let a = self.text(a)?;
                    loop {
                        let b = self.text(place)?;
                        self.look_at(a)?;
                        if texts(comparison, a, b) {
                            return Ok(true);
                        }
                        match self.next_of(right)? {
                            Some(next) => place = next,
                            None => break,
                        }
                    }
                    self.evaluate(b, at)?;
                }
                Ok(false)
            }
            (Nodes(..), Number(b)) => {
                while let Some(a) = self.next_text(left)? {
                    if numbers(comparison, number_of(a), b) {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Nodes(..), Text(b)) => {
                while let Some(a) = self.next_text(left)? {
                    if texts(comparison, a, b) {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            // COMPAT: the sides are exchanged.
            (Truth(_), Number(_) | Nodes(..)) => {
                let a = self.number(left)?;
                let b = self.number(right)?;
                Ok(numbers(comparison, b, a))
            }
            _ => {
                let a = self.number(left)?;
                let b = self.number(right)?;
                Ok(numbers(comparison, a, b))
            }
        }
    }
}

/// The number that a text is; NaN if it is none.
pub(super) fn number_of(text: &[u8]) -> f64 {
    parse_float(trim_space(text)).unwrap_or(f64::NAN)
}

fn numbers(comparison: Comparison, a: f64, b: f64) -> bool {
    match comparison {
        Comparison::Equal => a == b,
        Comparison::NotEqual => a != b,
        Comparison::Less => a < b,
        Comparison::LessEqual => a <= b,
        Comparison::Greater => a > b,
        Comparison::GreaterEqual => a >= b,
    }
}

fn texts(comparison: Comparison, a: &[u8], b: &[u8]) -> bool {
    match comparison {
        Comparison::Equal => a == b,
        Comparison::NotEqual => a != b,
        _ => numbers(comparison, number_of(a), number_of(b)),
    }
}
