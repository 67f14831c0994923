//! [`Term`]: OTTL text as a tree, so that it can be made smaller.

use std::fmt::{self, Write as _};

/// A statement, a condition, an expression, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// Anything that is written as it is: a number, `nil`, an enum symbol, a local of a lambda.
    Word(String),
    /// A string literal with this content.
    Text(String),
    /// A path or local with keys.
    Path(String, Vec<Term>),
    /// A call: name, arguments, keys.
    Call(String, Vec<Term>, Vec<Term>),
    /// A named argument.
    Named(String, Box<Term>),
    /// A list literal.
    List(Vec<Term>),
    /// A map literal: keys, mostly string literals, and values.
    Map(Vec<(Term, Term)>),
    /// Two operands and what stands between them; also `where`.
    Infix(Box<Term>, String, Box<Term>),
    /// `not` or a sign.
    Prefix(String, Box<Term>),
    /// Parentheses.
    Group(Box<Term>),
    /// A lambda.
    Lambda(Vec<String>, Box<Term>),
}

impl Term {
    /// A word.
    pub fn word(text: impl Into<String>) -> Term {
        Term::Word(text.into())
    }

    /// A string literal.
    pub fn text(content: impl Into<String>) -> Term {
        Term::Text(content.into())
    }

    /// Two operands.
    pub fn infix(left: Term, operator: &str, right: Term) -> Term {
        Term::Infix(Box::new(left), operator.to_owned(), Box::new(right))
    }

    /// Whether the grammar takes it as the key of a map literal.
    fn is_map_key(&self) -> bool {
        matches!(self, Term::Text(_) | Term::Path(..) | Term::Call(..))
    }

    /// Whether some part of the term fulfils a condition.
    pub fn any(&self, test: &mut impl FnMut(&Term) -> bool) -> bool {
        if test(self) {
            return true;
        }
        match self {
            Term::Word(_) | Term::Text(_) => false,
            Term::Path(_, parts) | Term::List(parts) => parts.iter().any(|p| p.any(test)),
            Term::Call(_, args, keys) => args.iter().chain(keys).any(|p| p.any(test)),
            Term::Map(entries) => entries.iter().any(|(k, v)| k.any(test) || v.any(test)),
            Term::Infix(a, _, b) => a.any(test) || b.any(test),
            Term::Named(_, a) | Term::Prefix(_, a) | Term::Group(a) | Term::Lambda(_, a) => a.any(test),
        }
    }

    /// Shorter variants, the shortest kinds first. Not all of them are valid.
    pub fn smaller(&self) -> Vec<Term> {
        let own = self.to_string().len();
        let mut out = self.variants();
        out.retain(|term| term.to_string().len() < own);
        out.sort_by_key(|term| term.to_string().len());
        out.dedup();
        out
    }

    fn variants(&self) -> Vec<Term> {
        let mut out = Vec::new();
        if !matches!(self, Term::Word(_) | Term::Text(_)) {
            out.extend(["nil", "1", "true", "1.5"].map(Term::word));
            out.push(Term::text("a"));
        }
        match self {
            Term::Word(text) => {
                out.push(Term::word("1"));
                out.push(Term::word("nil"));
                // A whole statement that was misspelt.
                let chars: Vec<_> = text.chars().collect();
                for (idx, _) in chars.iter().enumerate().filter(|_| chars.len() > 24) {
                    for many in [8, 1] {
                        let rest = chars[..idx].iter().chain(chars.iter().skip(idx + many));
                        out.push(Term::Word(rest.collect()));
                    }
                }
            }
            Term::Text(content) => {
                let chars: Vec<_> = content.chars().collect();
                for part in [&chars[..0], &chars[..chars.len() / 2], &chars[chars.len() / 2..]] {
                    out.push(Term::Text(part.iter().collect()));
                }
                // One character less at either end.
                for part in [chars.get(1..), chars.get(..chars.len().saturating_sub(1))] {
                    out.push(Term::Text(part.unwrap_or_default().iter().collect()));
                }
            }
            Term::Path(name, keys) => {
                out.extend(each(keys, 0).into_iter().map(|keys| Term::Path(name.clone(), keys)));
                out.extend(keys.iter().cloned());
            }
            Term::Call(name, args, keys) => {
                out.extend(args.iter().cloned());
                out.extend(each(args, 0).into_iter().map(|args| Term::Call(name.clone(), args, keys.clone())));
                out.extend(each(keys, 0).into_iter().map(|keys| Term::Call(name.clone(), args.clone(), keys)));
            }
            Term::Named(name, value) => {
                out.push((**value).clone());
                out.extend(value.variants().into_iter().map(|v| Term::Named(name.clone(), Box::new(v))));
            }
            Term::List(items) => {
                out.extend(items.iter().cloned());
                out.extend(each(items, 0).into_iter().map(Term::List));
            }
            Term::Map(entries) => {
                out.extend(entries.iter().map(|(_, v)| v.clone()));
                let values: Vec<_> = entries.iter().map(|(_, v)| v.clone()).collect();
                for idx in 0..entries.len() {
                    let mut fewer = entries.clone();
                    fewer.remove(idx);
                    out.push(Term::Map(fewer));
                    for variant in entries[idx].0.variants().into_iter().filter(Term::is_map_key) {
                        let mut copy = entries.clone();
                        copy[idx].0 = variant;
                        out.push(Term::Map(copy));
                    }
                    for variant in values[idx].variants() {
                        let mut copy = entries.clone();
                        copy[idx].1 = variant;
                        out.push(Term::Map(copy));
                    }
                }
            }
            Term::Infix(a, operator, b) => {
                out.extend([(**a).clone(), (**b).clone()]);
                out.extend(a.variants().into_iter().map(|a| Term::Infix(Box::new(a), operator.clone(), b.clone())));
                out.extend(b.variants().into_iter().map(|b| Term::Infix(a.clone(), operator.clone(), Box::new(b))));
            }
            Term::Prefix(operator, a) => {
                out.push((**a).clone());
                out.extend(a.variants().into_iter().map(|a| Term::Prefix(operator.clone(), Box::new(a))));
            }
            Term::Group(a) => {
                out.push((**a).clone());
                out.extend(a.variants().into_iter().map(|a| Term::Group(Box::new(a))));
            }
            Term::Lambda(names, body) => {
                out.extend(body.variants().into_iter().map(|b| Term::Lambda(names.clone(), Box::new(b))));
            }
        }
        out
    }
}

/// Each list with one item less, or with one item made smaller.
fn each(items: &[Term], least: usize) -> Vec<Vec<Term>> {
    let mut out = Vec::new();
    for (idx, item) in items.iter().enumerate() {
        if items.len() > least {
            let mut fewer = items.to_vec();
            fewer.remove(idx);
            out.push(fewer);
        }
        for variant in item.variants() {
            let mut copy = items.to_vec();
            copy[idx] = variant;
            out.push(copy);
        }
    }
    out
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Term::Word(text) => f.write_str(text),
            Term::Text(content) => quoted(f, content),
            Term::Path(name, keys) => {
                f.write_str(name)?;
                indexed(f, keys)
            }
            Term::Call(name, args, keys) => {
                write!(f, "{name}(")?;
                listed(f, args)?;
                f.write_str(")")?;
                indexed(f, keys)
            }
            Term::Named(name, value) => write!(f, "{name}={value}"),
            Term::List(items) => {
                f.write_str("[")?;
                listed(f, items)?;
                f.write_str("]")
            }
            Term::Map(entries) => {
                f.write_str("{")?;
                for (idx, (key, value)) in entries.iter().enumerate() {
                    f.write_str(if idx > 0 { ", " } else { "" })?;
                    write!(f, "{key}: {value}")?;
                }
                f.write_str("}")
            }
            Term::Infix(a, operator, b) => write!(f, "{a} {operator} {b}"),
            Term::Prefix(operator, a) => write!(f, "{operator}{a}"),
            Term::Group(a) => write!(f, "({a})"),
            Term::Lambda(names, body) => write!(f, "({}) => {body}", names.join(", ")),
        }
    }
}

fn listed(f: &mut fmt::Formatter<'_>, items: &[Term]) -> fmt::Result {
    for (idx, item) in items.iter().enumerate() {
        f.write_str(if idx > 0 { ", " } else { "" })?;
        write!(f, "{item}")?;
    }
    Ok(())
}

fn indexed(f: &mut fmt::Formatter<'_>, keys: &[Term]) -> fmt::Result {
    keys.iter().try_for_each(|key| write!(f, "[{key}]"))
}

fn quoted(f: &mut fmt::Formatter<'_>, content: &str) -> fmt::Result {
    f.write_str("\"")?;
    for c in content.chars() {
        match c {
            '"' | '\\' => {
                f.write_char('\\')?;
                f.write_char(c)?;
            }
            '\n' => f.write_str("\\n")?,
            c => f.write_char(c)?,
        }
    }
    f.write_str("\"")
}

#[cfg(test)]
mod tests {
    use super::Term;

    #[test]
    fn prints_and_shrinks() {
        let call = Term::Call(
            "set".into(),
            vec![
                Term::Path("log.attributes".into(), vec![Term::text("a\"b")]),
                Term::infix(Term::word("1"), "+", Term::Path("log.flags".into(), vec![])),
            ],
            vec![],
        );
        assert_eq!(call.to_string(), r#"set(log.attributes["a\"b"], 1 + log.flags)"#);
        let smaller: Vec<_> = call.smaller().iter().map(Term::to_string).collect();
        assert!(smaller.contains(&r#"set(log.attributes["a\"b"], 1)"#.to_owned()), "{smaller:?}");
        assert!(smaller.contains(&r#"set(log.attributes, 1 + log.flags)"#.to_owned()), "{smaller:?}");
        assert!(smaller.iter().all(|s| s.len() < call.to_string().len()));
    }
}
