//! Lowering what statements do: calls of editors to [`Action`]s.

use ottl_core::function::{Kernel, KeyFilter, KeySet, KeysEdit, Reach};
use ottl_core::{Arena, Site};
use ottl_otlp::wire::Payload;
use ottl_plan::{Arg, Expr, ExprId, Literal};
use ottl_regex::{Regex, TextPattern};
use ottl_schema::{FieldValue, path};

use super::Lowering;
use crate::fast::options::Rewrite;
use crate::fast::pair::{EncodedPair, PairHead};
use crate::fast::program::action::{Action, Assign, FieldLiteral, PairsEdit, Source, WholeMap, whole_map};

/// Lowers a statement's call.
pub(crate) fn action(lowering: &mut Lowering<'_>, call: u32) -> Action {
    let plan = lowering.plan;
    let site = &plan.calls[call as usize];
    let whole_map = |target: u32| {
        let used = &plan.paths[target as usize];
        let decl = path(used.path);
        whole_map(decl.access, decl.context, &used.keys)
    };
    let lowered = match (&site.kernel, site.args.as_slice()) {
        (Kernel::Assign, [Arg::Path(target), Arg::Const(literal)]) => {
            assign_literal(lowering, *target, literal, site.site)
        }
        (Kernel::Assign, [Arg::Path(target), Arg::Eager { expr, coerce: None, each: None }]) => {
            match &plan.exprs[expr.0 as usize] {
                Expr::Const(n) => assign_literal(lowering, *target, &plan.literals[*n as usize], site.site),
                _ => Some(assign(lowering, *target, *expr, site.site)),
            }
        }
        (Kernel::RemoveKey, [Arg::Path(target), Arg::Const(Literal::Str(key))]) => match whole_map(*target) {
            Some(WholeMap::Attributes(level)) => Some(Action::Delete { level, key: lowering.key(level, key) }),
            _ => None,
        },
        (Kernel::FilterKeys(filter), [Arg::Path(target), rest @ ..]) if rest.iter().all(Arg::is_literal) => {
            whole_map(*target).map(|map| {
                let pairs = pairs_edit(lowering, map, filter);
                Action::FilterKeys { map, pairs, call }
            })
        }
        (Kernel::RewriteText(reach, rewrite), [Arg::Path(target), rest @ ..]) if rest.iter().all(Arg::is_literal) => {
            let rewrite = rewrite.clone();
            match reach {
                Reach::Target => lowering.text_of(*target).map(|of| {
                    let level = path(plan.paths[*target as usize].path).context;
                    Action::RewriteText { level, of, rewrite, call }
                }),
                Reach::Values => whole_map(*target).map(|map| {
                    let needed = rewrite.needed_bytes();
                    Action::RewriteValues { map, rewrite, needed, call }
                }),
            }
        }
        (Kernel::EditKeys(edit), [Arg::Path(target), rest @ ..])
            if matches_few(edit) && rest.iter().all(Arg::is_literal) =>
        {
            whole_map(*target).map(|map| {
                let renames = renamed_key(lowering, map, edit);
                Action::EditKeys { map, call, renames }
            })
        }
        (
            Kernel::EditMap(_) | Kernel::EditKeys(_) | Kernel::MergeMap(_) | Kernel::RemoveKey | Kernel::FilterKeys(_),
            [Arg::Path(target), ..],
        ) => whole_map(*target).map(|map| Action::EditMap { map, call }),
        _ => None,
    };
    lowered.unwrap_or(Action::Call(call))
}

/// An assignment of anything but a literal.
fn assign(lowering: &mut Lowering<'_>, target: u32, expr: ExprId, site: Site) -> Action {
    let Some((level, key)) = lowering.attribute(target) else {
        return Action::Write { path: target, expr, site };
    };
    let source = match lowering.parent_slot(expr) {
        Some(slot) => Source::Parent(slot, expr),
        None => match lowering.plan.exprs[expr.0 as usize] {
            Expr::Path(n) if let Some((level, key)) = lowering.attribute(n) => Source::Attribute(level, key, expr),
            _ => lowering.int_of(expr).map_or(Source::Expr(expr), |int| Source::Int(int, expr)),
        },
    };
    let head = PairHead::new(key.named().key).map(Box::new);
    Action::Assign(Assign { level, key, head, source, site, path: target })
}

fn assign_literal(lowering: &Lowering<'_>, target: u32, literal: &Literal, site: Site) -> Option<Action> {
    let plan = lowering.plan;
    let arena = Arena::new();
    let is_id = matches!(literal, Literal::TraceId(_) | Literal::SpanId(_) | Literal::ProfileId(_));
    if !is_scalar(literal) && !is_id {
        return None;
    }
    if let Some((level, key)) = lowering.attribute(target).filter(|_| !is_id) {
        let source = Source::Encoded(EncodedPair::new(key.named().key, &literal.value(&arena).ok()?));
        return Some(Action::Assign(Assign { level, key, head: None, source, site, path: target }));
    }
    let inner = lowering.inner_field(target);
    let conv = match inner {
        Some((.., conv)) => conv,
        None => lowering.field(target)?.2,
    };
    if !path(plan.paths[target as usize].path).writable {
        return None;
    }
    let value = match conv.write(literal.value(&arena).ok()?, &arena).ok()? {
        FieldValue::Absent => FieldLiteral::Absent,
        FieldValue::Present(Payload::Bytes(bytes)) => FieldLiteral::Bytes(bytes.to_vec()),
        FieldValue::Present(Payload::Varint(v)) => FieldLiteral::Scalar(Payload::Varint(v)),
        FieldValue::Present(Payload::Fixed64(v)) => FieldLiteral::Scalar(Payload::Fixed64(v)),
        FieldValue::Present(Payload::Fixed32(v)) => FieldLiteral::Scalar(Payload::Fixed32(v)),
    };
    if let Some((level, outer, number, _)) = inner {
        return Some(Action::SetInner { level, outer, number, value, site });
    }
    let (level, number, _) = lowering.field(target)?;
    Some(Action::SetField { level, number, value })
}

/// The numbers of the keys of which the first one becomes the second one, if that is all that is done.
fn renamed_key(lowering: &Lowering<'_>, map: WholeMap, edit: &KeysEdit) -> Option<(u8, u8)> {
    let (WholeMap::Attributes(level), Some([from, to])) = (map, edit.renames()) else { return None };
    let known = &lowering.wanted[level as usize].keys;
    // Keys of other lengths are not written in place.
    let is_short = (1..0x80).contains(&to.len()) && lowering.options.has(Rewrite::Rename);
    is_short.then_some((known.number(from)?, known.number(to)?))
}

/// Whether the keys of most maps do not match: some bytes are needed. A dot, which nearly all have, is replaced without
/// asking first.
fn matches_few(edit: &KeysEdit) -> bool {
    matches!(edit.regex().needed_among(), Some(TextPattern::Contains(bytes)) if bytes.len() > 1)
}

/// Whether a literal is neither nil nor a container.
pub(crate) fn is_scalar(literal: &Literal) -> bool {
    matches!(literal, Literal::Bool(_) | Literal::Int(_) | Literal::Float(_) | Literal::Str(_) | Literal::Bytes(_))
}

/// Of a filter by a pattern that is a prefix, which the scan marks.
fn prefix(lowering: &Lowering<'_>, map: WholeMap, regex: &Regex, stay: bool) -> Option<PairsEdit> {
    let (WholeMap::Attributes(level), TextPattern::Prefix(prefix)) = (map, regex.literal()?) else { return None };
    let keys = &lowering.wanted[level as usize].keys;
    let is_named = prefix.first().is_none_or(|first| keys.begins_prefix(*first)) && keys.has_prefixes();
    let known = (0..).zip(keys.iter()).filter(|(_, key)| key.starts_with(&prefix));
    let known = known.fold(0, |known, (number, _)| known | 1 << number);
    is_named.then(|| PairsEdit::Prefix { prefix: prefix.into(), known, stay })
}

/// What a filter of keys does to the pairs of a compact record.
fn pairs_edit(lowering: &Lowering<'_>, map: WholeMap, filter: &KeyFilter) -> PairsEdit {
    let known = |keys: &KeySet, room| {
        let WholeMap::Attributes(level) = map else { return None };
        let known = &lowering.wanted[level as usize].keys;
        let stay = keys.iter().try_fold(0, |stay, key| Some(stay | 1 << known.number(key)?))?;
        Some(PairsEdit::Known { stay, room })
    };
    match filter {
        KeyFilter::Only(keys) => known(keys, None),
        KeyFilter::AtMost(filter) if filter.is_listed_once() => known(filter.priority(), Some(filter.limit())),
        KeyFilter::AtMost(_) => None,
        KeyFilter::Matching(regex) => prefix(lowering, map, regex, true),
        KeyFilter::NotMatching(regex) => prefix(lowering, map, regex, false),
    }
    .unwrap_or(PairsEdit::Filter)
}
