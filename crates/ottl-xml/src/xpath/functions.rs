//! The functions that give a value.
//!
//! Arguments begin anew in each call: they remember nothing from one to the next. What the reference dies of, mostly an
//! argument of the wrong type, is an error of the call.

use ottl_core::EvalError;
use ottl_core::number::parse_float;
use ottl_core::space::{first_char, trim_space};
use ottl_regex::{Regex, Template};

use super::program::{Function, QueryId};
use super::state::{Answer, Place, Run};

/// Pairs of characters that `translate` looks through for about the cost of one step.
const PAIRS: usize = 32;

/// The error of an argument of a type that a function does not take.
fn misfit<T>() -> Result<T, EvalError> {
    Err(EvalError::function("a function of XPath has an argument of a type that it does not take"))
}

impl<'r> Run<'r, '_> {
    /// What a call gives.
    pub(super) fn call(
        &mut self,
        function: &'r Function,
        arguments: &'r [QueryId],
        counted: QueryId,
    ) -> Result<Answer<'r>, EvalError> {
        let base = self.slots.len();
        let answer = match function {
            Function::Boolean
            | Function::Contains
            | Function::EndsWith
            | Function::Matches(_)
            | Function::Not
            | Function::StartsWith
            | Function::Truth(_) => Answer::Truth(self.truth_of(function, arguments)?),
            Function::Last => Answer::Number(self.count_siblings(counted, true)?),
            Function::Position => Answer::Number(self.count_siblings(counted, false)?),
            Function::Ceiling
            | Function::Count
            | Function::Floor
            | Function::Number
            | Function::Round
            | Function::StringLength
            | Function::Sum => Answer::Number(self.number_from(function, arguments)?),
            _ => Answer::Text(self.text_from(function, arguments)?),
        };
        self.slots.truncate(base);
        Ok(answer)
    }

    /// The value of an argument.
    fn argument(&mut self, arguments: &[QueryId], which: usize) -> Result<Answer<'r>, EvalError> {
        let Some(&query) = arguments.get(which) else { return misfit() };
        let at = self.enter(query)?;
        self.evaluate(query, at)
    }

    fn string_argument(&mut self, arguments: &[QueryId], which: usize) -> Result<&'r [u8], EvalError> {
        let answer = self.argument(arguments, which)?;
        self.string(answer)
    }

    /// The text of an argument that is one, or nodes; without nodes nothing.
    fn text_argument(&mut self, arguments: &[QueryId], which: usize) -> Result<Option<&'r [u8]>, EvalError> {
        match self.argument(arguments, which)? {
            Answer::Text(text) => Ok(Some(text)),
            nodes @ Answer::Nodes(..) => self.next_text(nodes),
            Answer::Truth(_) | Answer::Number(_) => misfit(),
        }
    }

    /// The same, where other values are shown as texts.
    fn shown_argument(&mut self, arguments: &[QueryId], which: usize) -> Result<Option<&'r [u8]>, EvalError> {
        let answer = self.argument(arguments, which)?;
        match answer {
            Answer::Nodes(..) => self.next_text(answer),
            answer => self.string(answer).map(Some),
        }
    }

    fn plain_text(&mut self, arguments: &[QueryId], which: usize) -> Result<&'r [u8], EvalError> {
        match self.argument(arguments, which)? {
            Answer::Text(text) => Ok(text),
            _ => misfit(),
        }
    }

    fn plain_number(&mut self, arguments: &[QueryId], which: usize) -> Result<f64, EvalError> {
        match self.argument(arguments, which)? {
            Answer::Number(number) => Ok(number),
            _ => misfit(),
        }
    }

    fn truth_of(&mut self, function: &Function, arguments: &[QueryId]) -> Result<bool, EvalError> {
        Ok(match function {
            Function::Truth(truth) => *truth,
            Function::Not => match self.argument(arguments, 0)? {
                Answer::Truth(truth) => !truth,
                nodes @ Answer::Nodes(..) => self.next_of(nodes)?.is_none(),
                Answer::Text(_) | Answer::Number(_) => false,
            },
            Function::Matches(literal) => {
                let Some(text) = self.shown_argument(arguments, 0)? else { return Ok(false) };
                let made;
                let regex = match literal {
                    Some(regex) => regex,
                    None => {
                        let pattern = self.plain_text(arguments, 1)?;
                        made = pattern_of(pattern)?;
                        &made
                    }
                };
                self.look_at(text)?;
                regex.is_match(text)
            }
            Function::Contains | Function::StartsWith | Function::EndsWith => {
                let Some(text) = self.text_argument(arguments, 0)? else { return Ok(false) };
                let part = self.plain_text(arguments, 1)?;
                self.look_at(text)?;
                match function {
                    Function::Contains => memchr::memmem::find(text, part).is_some(),
                    Function::StartsWith => text.starts_with(part),
                    _ => text.ends_with(part),
                }
            }
            _ => {
                let answer = self.argument(arguments, 0)?;
                self.truth(answer)?
            }
        })
    }

    fn number_from(&mut self, function: &Function, arguments: &[QueryId]) -> Result<f64, EvalError> {
        let answer = self.argument(arguments, 0)?;
        match function {
            Function::Count => {
                let mut count = 0u32;
                // COMPAT: what a step takes is tested once more, which changes nothing.
                while self.next_of(answer)?.is_some() {
                    self.tick()?;
                    count += 1;
                }
                return Ok(f64::from(count));
            }
            Function::Sum => {
                let mut sum = 0.0;
                match answer {
                    Answer::Nodes(..) => {
                        while let Some(text) = self.next_text(answer)? {
                            sum += parse_float(text).unwrap_or(0.0);
                        }
                    }
                    Answer::Number(number) => sum = number,
                    Answer::Text(text) => match parse_float(text) {
                        Ok(number) => sum = number,
                        Err(_) => return misfit(),
                    },
                    Answer::Truth(_) => {}
                }
                return Ok(sum);
            }
            Function::StringLength => {
                let text = match answer {
                    Answer::Nodes(..) => self.next_text(answer)?.unwrap_or_default(),
                    answer => self.string(answer)?,
                };
                self.look_at(text)?;
                return Ok(chars(text).count() as f64);
            }
            _ => {}
        }
        let number = self.number(answer)?;
        Ok(match function {
            Function::Ceiling => number.ceil(),
            Function::Floor => number.floor(),
            Function::Round => round(number),
            _ => number,
        })
    }

    fn text_from(&mut self, function: &Function, arguments: &[QueryId]) -> Result<&'r [u8], EvalError> {
        let arena = self.tree.arena();
        match function {
            Function::Name | Function::LocalName | Function::NamespaceUri => {
                let place = match arguments.first() {
                    None => self.current,
                    Some(&query) => {
                        let at = self.enter(query)?;
                        match self.select(query, at)? {
                            Some(place) => place,
                            None => return Ok(&[]),
                        }
                    }
                };
                self.name_from(function, place)
            }
            Function::String => match arguments {
                [] => self.text(self.current),
                _ => self.string_argument(arguments, 0),
            },
            Function::LowerCase => {
                let text = self.string_argument(arguments, 0)?;
                self.look_at(text)?;
                (self.lower_case)(text, arena)
            }
            Function::NormalizeSpace => match self.shown_argument(arguments, 0)? {
                Some(text) => self.normalized(text),
                None => Ok(&[]),
            },
            Function::Concat => {
                let mut out = arena.vec();
                for which in 0..arguments.len() {
                    out.extend_from_slice(self.string_argument(arguments, which)?)?;
                }
                Ok(out.into_slice())
            }
            Function::StringJoin => {
                let separator = match self.argument(arguments, 1)? {
                    Answer::Text(text) => text,
                    nodes @ Answer::Nodes(..) => self.next_text(nodes)?.unwrap_or_default(),
                    _ => &[],
                };
                let answer = self.argument(arguments, 0)?;
                if let Answer::Text(text) = answer {
                    return Ok(text);
                }
                let mut out = arena.vec();
                let mut is_first = true;
                while let Some(text) = self.next_text(answer)? {
                    if !std::mem::take(&mut is_first) {
                        out.extend_from_slice(separator)?;
                    }
                    out.extend_from_slice(text)?;
                }
                Ok(out.into_slice())
            }
            Function::SubstringBefore | Function::SubstringAfter => {
                let (Some(text), Some(part)) = (self.part(arguments, 0)?, self.part(arguments, 1)?) else {
                    return Ok(&[]);
                };
                self.look_at(text)?;
                Ok(match memchr::memmem::find(text, part) {
                    Some(at) if !part.is_empty() => match function {
                        Function::SubstringBefore => &text[..at],
                        _ => &text[at + part.len()..],
                    },
                    _ => &[],
                })
            }
            Function::Substring => self.substring(arguments),
            Function::Translate => self.translated(arguments),
            Function::Replace(literal) => self.replaced(literal.as_ref(), arguments),
            _ => misfit(),
        }
    }

    /// An argument of `substring-before` and `substring-after`: values that are no text are empty ones.
    fn part(&mut self, arguments: &[QueryId], which: usize) -> Result<Option<&'r [u8]>, EvalError> {
        match self.argument(arguments, which)? {
            Answer::Text(text) => Ok(Some(text)),
            nodes @ Answer::Nodes(..) => self.next_text(nodes),
            Answer::Truth(_) | Answer::Number(_) => Ok(Some(&[])),
        }
    }

    fn name_from(&mut self, function: &Function, place: Place) -> Result<&'r [u8], EvalError> {
        let (prefix, local) = (self.prefix(place), self.local_name(place));
        match function {
            Function::NamespaceUri => Ok(self.uri(place)),
            Function::Name if !prefix.is_empty() => {
                let mut out = self.tree.arena().vec_for(prefix.len() + local.len() + 1)?;
                out.extend_from_slice(prefix)?;
                out.push(b':')?;
                out.extend_from_slice(local)?;
                Ok(out.into_slice())
            }
            _ => Ok(local),
        }
    }

    /// The text with one blank for each run of white space, and none at its ends.
    fn normalized(&mut self, text: &'r [u8]) -> Result<&'r [u8], EvalError> {
        let text = trim_space(text);
        let mut out = self.tree.arena().vec_for(text.len())?;
        let mut behind_space = false;
        for c in chars(text) {
            let is_space = c.is_whitespace();
            if !is_space {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes())?;
            } else if !behind_space {
                out.push(b' ')?;
            }
            behind_space = is_space;
        }
        Ok(out.into_slice())
    }

    fn substring(&mut self, arguments: &[QueryId]) -> Result<&'r [u8], EvalError> {
        let Some(text) = self.shown_argument(arguments, 0)? else { return Ok(&[]) };
        let start = round(self.plain_number(arguments, 1)?);
        self.look_at(text)?;
        let count = chars(text).count() as f64;
        if start > count {
            return Ok(&[]);
        }
        let (first, behind) = match arguments.len() {
            2 if start <= 0.0 => return Ok(text),
            2 if start.is_nan() => return misfit(),
            2 => (start, count + 1.0),
            _ => {
                let length = round(self.plain_number(arguments, 2)?);
                // `f64::max` would pass over NaN.
                let first = if start.is_nan() { start } else { start.max(1.0) };
                let behind = start + length;
                (first, if behind.is_nan() { behind } else { behind.min(count + 1.0) })
            }
        };
        let fits = behind > first;
        if !fits {
            return Ok(&[]);
        }
        let mut out = self.tree.arena().vec();
        for c in chars(text).skip(first as usize - 1).take((behind - first) as usize) {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes())?;
        }
        Ok(out.into_slice())
    }

    fn translated(&mut self, arguments: &[QueryId]) -> Result<&'r [u8], EvalError> {
        let text = self.string_argument(arguments, 0)?;
        let from: Vec<char> = chars(self.string_argument(arguments, 1)?).collect();
        let to: Vec<char> = chars(self.string_argument(arguments, 2)?).collect();
        let arena = self.tree.arena();
        let mut out = arena.vec_for(text.len())?;
        let mut rest = text;
        while let Some((c, behind)) = first_char(rest) {
            arena.spend((from.len() / PAIRS) as u64)?;
            let whole = &rest[..rest.len() - behind.len()];
            rest = behind;
            // What is no character is none of those that are looked for.
            let is_broken = c == '\u{fffd}' && whole.len() == 1;
            match from.iter().position(|&other| other == c && !is_broken) {
                None => out.extend_from_slice(whole)?,
                Some(at) => {
                    if let Some(c) = to.get(at) {
                        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes())?;
                    }
                }
            }
        }
        self.look_at(text)?;
        Ok(out.into_slice())
    }

    fn replaced(&mut self, literal: Option<&Regex>, arguments: &[QueryId]) -> Result<&'r [u8], EvalError> {
        let text = self.string_argument(arguments, 0)?;
        let pattern = self.string_argument(arguments, 1)?;
        let mut template = self.string_argument(arguments, 2)?.to_vec();
        let made;
        let regex = match literal {
            Some(regex) => regex,
            None => {
                made = pattern_of(pattern)?;
                &made
            }
        };
        // `$1x` is the group 1 here, not one named `1x`.
        for group in (1..regex.group_names().len()).rev() {
            self.tick()?;
            template = with_braces(&template, group);
        }
        self.look_at(text)?;
        let template = Template::new(&template);
        let template = template.bind(regex);
        let arena = self.tree.arena();
        let replaced = regex.replace_all_into(text, &template, |len| arena.vec_for(len))?;
        Ok(replaced.map_or(text, |out: ottl_core::ArenaVec<'_, u8>| out.into_slice()))
    }
}

/// A pattern that is known only now.
fn pattern_of(pattern: &[u8]) -> Result<Regex, EvalError> {
    Regex::of_data(pattern).map_err(|_| EvalError::function("a function of XPath has a faulty pattern"))
}

/// The template with `${1}` in place of `$1`.
fn with_braces(template: &[u8], group: usize) -> Vec<u8> {
    let name = format!("${group}");
    let mut out = Vec::with_capacity(template.len());
    let mut from = 0;
    for at in memchr::memmem::find_iter(template, &name) {
        out.extend_from_slice(&template[from..at]);
        out.extend_from_slice(format!("${{{group}}}").as_bytes());
        from = at + name.len();
    }
    out.extend_from_slice(&template[from..]);
    out
}

/// The characters of a text; each byte that is part of none counts as U+FFFD.
fn chars(mut text: &[u8]) -> impl Iterator<Item = char> + '_ {
    std::iter::from_fn(move || {
        let (c, rest) = first_char(text)?;
        text = rest;
        Some(c)
    })
}

/// The nearest whole number, the upper one of two.
fn round(number: f64) -> f64 {
    if !number.is_finite() {
        return number;
    }
    if (-0.5..0.5).contains(&number) {
        return number * 0.0;
    }
    let whole = number.floor();
    if number - whole >= 0.5 { whole + 1.0 } else { whole }
}
