//! Conditions, actions, names and lists as text.

use std::fmt::{Display, Result, Write};

use ottl_core::function::{LengthTest, TextPredicate};
use ottl_plan::{ErrorMode, ExprId, KeyExpr, Literal, Plan};
use ottl_regex::TextPattern;
use ottl_schema::{ContextId, PointKind};

use crate::fast::levels::bit;
use crate::fast::program::action::{Action, Assign, FieldLiteral, Rename, Source, WholeMap};
use crate::fast::program::cond::{Cond, TextOf};

/// How many things of one kind are listed; of more, the first ones and how many there are.
const LISTED: usize = 12;

/// The text of a statement or condition, on one line.
pub(super) fn source(plan: &Plan, number: u32) -> String {
    let source = plan.sources.get(number as usize).map_or("", String::as_str);
    source.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

/// An expression of the plan, without brackets around all of it.
pub(super) fn expression(plan: &Plan, id: ExprId) -> String {
    let shown = plan.show(id).to_string();
    match shown.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => inner.to_owned(),
        None => shown,
    }
}

/// A condition in the form in which it is asked.
pub(super) fn condition(out: &mut String, plan: &Plan, asked: &Cond) -> Result {
    match asked {
        Cond::Expr(id) | Cond::Sure(id) => write!(out, "[{}]", expression(plan, *id)),
        Cond::And(parts) => joined(out, plan, parts, " and "),
        Cond::Or(parts) => joined(out, plan, parts, " or "),
        Cond::Not(inner) => {
            out.write_str("not ")?;
            nested(out, plan, inner)
        }
        Cond::Ints { expr, .. } => out.write_str(&expression(plan, *expr)),
        Cond::Attribute { level, key, op, literal, .. } => {
            write!(out, "{} {} ", attribute(*level, key.named().key), op.symbol())?;
            plan.literals.get(*literal as usize).map_or(Ok(()), |literal| write!(out, "{}", shown(literal)))
        }
        Cond::Body { level, op, literal, .. } => {
            write!(out, "{}.body {} ", level.name(), op.symbol())?;
            plan.literals.get(*literal as usize).map_or(Ok(()), |literal| write!(out, "{}", shown(literal)))
        }
        Cond::Field { level, number, op, value, .. } => {
            write!(out, "{} {} {value}", place(*level, *number), op.symbol())
        }
        Cond::FieldText { level, number, text: literal, negated } => {
            let op = if *negated { "!=" } else { "==" };
            write!(out, "{} {op} {}", place(*level, *number), text(literal))
        }
        Cond::Text { level, of, predicate, known, .. } => {
            match predicate {
                TextPredicate::IsText => write!(out, "{} is a string", text_of(*level, of))?,
                TextPredicate::Matches(pattern) => write!(out, "{} {}", text_of(*level, of), pattern_text(pattern))?,
                TextPredicate::Length(LengthTest { op, number }) => {
                    write!(out, "Len({}) {} {number}", text_of(*level, of), op.symbol())?;
                }
            }
            let Some(known) = known else { return Ok(()) };
            write!(out, " [searched {} ", if known.decides { "unless" } else { "if" })?;
            condition(out, plan, &known.condition)?;
            out.write_str("]")
        }
        Cond::PerParent { test, .. } => write!(out, "c{}", test + 1),
        Cond::Shared { condition: asked, .. } => condition(out, plan, asked),
    }
}

fn joined(out: &mut String, plan: &Plan, parts: &[Cond], between: &str) -> Result {
    for (idx, part) in parts.iter().enumerate() {
        out.write_str(if idx > 0 { between } else { "" })?;
        nested(out, plan, part)?;
    }
    Ok(())
}

fn nested(out: &mut String, plan: &Plan, part: &Cond) -> Result {
    let inner = if let Cond::Shared { condition, .. } = part { condition } else { part };
    if !matches!(inner, Cond::And(_) | Cond::Or(_)) {
        return condition(out, plan, inner);
    }
    out.write_str("(")?;
    condition(out, plan, part)?;
    out.write_str(")")
}

fn text_of(level: ContextId, of: &TextOf) -> String {
    match of {
        TextOf::Attribute(key) => attribute(level, key.named().key),
        TextOf::Field(number) => place(level, *number),
        TextOf::Body => format!("{}.body", level.name()),
    }
}

/// What a step does.
pub(super) fn action(out: &mut String, plan: &Plan, action: &Action) -> Result {
    match action.plain() {
        Action::Noted { .. } => Ok(()),
        Action::Drop => out.write_str("drop"),
        Action::Call(call) => match plan.calls.get(*call as usize) {
            Some(site) => write!(out, "call {}", site.function.name),
            None => Ok(()),
        },
        Action::Assign(Assign { level, key, source, .. }) => {
            let key = attribute(*level, key.named().key);
            match source {
                Source::Encoded(_) => write!(out, "write {key}, encoded in advance"),
                Source::Parent(slot, _) => {
                    write!(out, "write {key}, encoded once for each {}", if slot.scope { "scope" } else { "resource" })
                }
                Source::Attribute(..) => write!(out, "write {key}, a copy of another attribute"),
                Source::Int(..) => write!(out, "write {key}, an int computed without values"),
                Source::Expr(_) => write!(out, "write {key}"),
            }
        }
        Action::Write { path, .. } => match plan.paths.get(*path as usize) {
            Some(used) => {
                let decl = ottl_schema::path(used.path);
                write!(out, "write {}.{}", decl.context.name(), decl.name)
            }
            None => Ok(()),
        },
        Action::SetField { level, number, value: FieldLiteral::Absent } => {
            write!(out, "clear {}", place(*level, *number))
        }
        Action::SetInner { level, outer, .. } => write!(out, "write a field of {}", place(*level, *outer)),
        Action::SetField { level, number, .. } => write!(out, "write {}, encoded in advance", place(*level, *number)),
        Action::RewriteText { level, of, .. } => write!(out, "rewrite the text of {}", text_of(*level, of)),
        Action::RewriteValues { map: WholeMap::Attributes(level), .. } => {
            write!(out, "rewrite the texts in {}.attributes", level.name())
        }
        Action::RewriteValues { map: WholeMap::Cache(level), .. } => {
            write!(out, "rewrite the texts in {}.cache", level.name())
        }
        Action::Rename(rename) => rename_text(out, rename),
        Action::Delete { level, key } => write!(out, "delete {}", attribute(*level, key.named().key)),
        Action::FilterKeys { map, .. } => edit(out, *map, "pair by pair"),
        Action::EditMap { map, .. } => edit(out, *map, "as a whole"),
        Action::EditKeys { map, renames: Some(_), .. } => edit(out, *map, "in place if the key is there"),
        Action::EditKeys { map, .. } => edit(out, *map, "as a whole if a key matches"),
    }
}

/// A copy that renames where it can.
fn rename_text(out: &mut String, rename: &Rename) -> Result {
    let Action::Assign(Assign { level, key, source: Source::Attribute(_, from, _), .. }) = &*rename.copy else {
        return Ok(());
    };
    let (from, to) = (attribute(*level, from.named().key), attribute(*level, key.named().key));
    write!(out, "rename {from} to {to} in place, which spares the next step, or write a copy")
}

/// An edit of a map.
fn edit(out: &mut String, map: WholeMap, how: &str) -> Result {
    match map {
        WholeMap::Attributes(level) => write!(out, "edit {}.attributes {how}", level.name()),
        WholeMap::Cache(level) => write!(out, "edit {}.cache {how}", level.name()),
    }
}

/// Writes a list, its beginning if it is long.
pub(super) fn list(out: &mut String, items: impl Iterator<Item = impl Display>) -> Result {
    let mut count = 0;
    for item in items {
        if count < LISTED {
            write!(out, "{} {item}", if count == 0 { "" } else { "," })?;
        }
        count += 1;
    }
    match count {
        0 => out.write_str(" of all names"),
        1..=LISTED => Ok(()),
        _ => write!(out, " and {} more", count - LISTED),
    }
}

/// A number and what it counts.
pub(in crate::fast) fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// Bytes in quotes.
pub(in crate::fast) fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    format!("{text:?}")
}

/// An attribute with its level.
pub(super) fn attribute(level: ContextId, key: &[u8]) -> String {
    format!("{}.attributes[{}]", level.name(), text(key))
}

/// Literal keys behind a path.
pub(super) fn keys(keys: &[KeyExpr]) -> String {
    let keys = keys.iter().map(|key| match key {
        KeyExpr::Str(key) => format!("[{}]", text(key)),
        KeyExpr::Int(key) => format!("[{key}]"),
        KeyExpr::Expr(_) => "[...]".to_owned(),
    });
    keys.collect()
}

/// The name of a field of a level's messages, as rules write it.
pub(super) fn field(level: ContextId, number: u32) -> Option<String> {
    let fields = level.message(PointKind::Number)?.def().fields;
    let name = fields.iter().find(|field| field.number == number)?.name;
    // The tables have the names of OTLP/JSON.
    let mut out = String::with_capacity(name.len() + 2);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    Some(out)
}

/// A field with its level.
pub(in crate::fast) fn place(level: ContextId, number: u32) -> String {
    format!("{}.{}", level.name(), field(level, number).unwrap_or_else(|| number.to_string()))
}

/// The levels whose bits are set.
pub(super) fn levels(bits: u16) -> String {
    let names = ContextId::ALL.into_iter().filter(|level| bits & bit(*level) != 0).map(ContextId::name);
    names.collect::<Vec<_>>().join(" and ")
}

/// An error mode as rules name it.
pub(super) fn mode(mode: ErrorMode) -> &'static str {
    match mode {
        ErrorMode::Ignore => "ignore",
        ErrorMode::Silent => "silent",
        ErrorMode::Propagate => "propagate",
    }
}

fn shown(literal: &Literal) -> String {
    match literal {
        Literal::Str(bytes) => text(bytes),
        Literal::Nil => "nil".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Float(value) => format!("{value:?}"),
        other => format!("{other:?}"),
    }
}

fn pattern_text(pattern: &TextPattern) -> String {
    match pattern {
        TextPattern::Equals(literal) => format!("equals {}", text(literal)),
        TextPattern::Prefix(literal) => format!("begins with {}", text(literal)),
        TextPattern::Suffix(literal) => format!("ends with {}", text(literal)),
        TextPattern::Contains(literal) => format!("contains {}", text(literal)),
        TextPattern::Matches(regex) => format!("matches {}", text(regex.pattern())),
    }
}
