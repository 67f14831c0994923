//! Isolated groups: every record alone in a message of its own, with copies of all that is above it; and afterwards those
//! of one parent together again where it came out the same.

use std::collections::HashMap;

use ottl_core::EvalError;
use ottl_otlp::schema::topology::{DATA_POINTS, groups};
use ottl_otlp::wire::fields;
use ottl_schema::{ContextId, MetricData, PointKind};

use super::eval::Interp;
use super::model::{Content, Model, NodeId};
use super::transform::Visitor;
use crate::RunError;
use crate::group_key::{levels_of, push_message, push_text, shell_message};
use crate::place::DEPTH;

/// What a message of its own is made of.
struct Lone {
    /// The originals of all that is above the record, from the resource on.
    parents: Vec<NodeId>,
    /// The record, or what has no records in it; it is no copy.
    leaf: NodeId,
    is_record: bool,
    /// Where it was.
    at: [u32; DEPTH],
}

/// Where the members of a message lie.
#[derive(Clone, Copy)]
struct List {
    /// The message itself, or the data of a metric.
    holder: NodeId,
    number: u32,
    /// Of data, which field of the metric it is.
    data: Option<&'static MetricData>,
}

/// The group of a resource put together again.
#[derive(Default)]
struct Joined {
    /// By what it lies in, what it is made of, and what it says: the one that the others are joined with.
    owners: HashMap<(Option<NodeId>, NodeId, Vec<u8>), NodeId>,
    groups: Vec<NodeId>,
}

impl<'a> Interp<'a> {
    /// Visits every record of a context alone in a message of its own.
    pub(super) fn visit_alone(&mut self, context: ContextId, visitor: &mut Visitor<'_, 'a>) -> Result<(), RunError> {
        let levels = levels_of(context);
        let (mut all, mut is_regrouped) = (Vec::new(), false);
        for (r, group) in (0..).zip(self.model.children(Model::ROOT, groups::RESOURCES)?) {
            let mut lone = Vec::new();
            let mut at = [0; DEPTH];
            at[0] = r;
            self.spread((&levels, group, PointKind::Number), &mut Vec::new(), at, &mut lone)?;
            let writes = self.model.writes();
            let mut own = Vec::with_capacity(lone.len());
            for one in &lone {
                let message = self.alone(&levels, one)?;
                own.push(message);
                if one.is_record {
                    self.alone_at = Some(one.at);
                    self.visit_group(context, message, visitor)?;
                    self.check_limits()?;
                }
            }
            self.alone_at = None;
            if self.model.writes() == writes {
                all.push(group);
                continue;
            }
            is_regrouped = true;
            let mut joined = Joined::default();
            for (one, message) in lone.iter().zip(own) {
                self.join(&mut joined, (&levels, &one.parents), (message, PointKind::Number), None)?;
            }
            all.extend(joined.groups);
        }
        if is_regrouped {
            self.model.replace(Model::ROOT, groups::RESOURCES, all.into_iter().map(Content::Node));
        }
        Ok(())
    }

    /// Where the members of a message of this level lie, if it has any place for them.
    fn list(&mut self, level: ContextId, node: NodeId, kind: PointKind) -> Result<Option<List>, EvalError> {
        let list = |holder, number| Some(List { holder, number, data: None });
        Ok(match level {
            ContextId::Resource => list(node, self.model.scopes_field(node)),
            ContextId::Scope => list(node, groups::RECORDS),
            ContextId::Span => list(node, fields::span::EVENTS),
            ContextId::DataPoint => kind.exemplars().and_then(|number| list(node, number)),
            ContextId::Metric => self.model.metric_data(node)?.map(|data| List {
                holder: data.node,
                number: DATA_POINTS,
                data: Some(data.is),
            }),
            _ => None,
        })
    }

    /// Finds what is to be alone in a message of the first of these levels.
    fn spread(
        &mut self,
        (levels, node, kind): (&[ContextId], NodeId, PointKind),
        above: &mut Vec<NodeId>,
        mut at: [u32; DEPTH],
        out: &mut Vec<Lone>,
    ) -> Result<(), EvalError> {
        let depth = above.len();
        let is_record = levels.len() == 1;
        let list = if is_record { None } else { self.list(levels[0], node, kind)? };
        let members = match list {
            Some(list) => self.model.children(list.holder, list.number)?,
            None => Vec::new(),
        };
        if members.is_empty() {
            out.push(Lone { parents: above.clone(), leaf: node, is_record, at });
            return Ok(());
        }
        let kind = list.and_then(|list| list.data).map_or(kind, |data| data.kind);
        above.push(node);
        for (idx, member) in (0..).zip(members) {
            at[depth + 1] = idx;
            self.spread((&levels[1..], member, kind), above, at, out)?;
        }
        above.pop();
        Ok(())
    }

    /// The message of one that is alone: the group of its resource.
    fn alone(&mut self, levels: &[ContextId], lone: &Lone) -> Result<NodeId, RunError> {
        let mut node = lone.leaf;
        // From the metric on, what is below it has one kind.
        let mut kind = PointKind::Number;
        for (level, parent) in levels.iter().zip(&lone.parents) {
            if *level == ContextId::Metric
                && let Some(data) = self.model.metric_data(*parent)?
            {
                kind = data.is.kind;
            }
        }
        for (level, parent) in levels.iter().zip(&lone.parents).rev() {
            let Some(list) = self.list(*level, *parent, kind)? else { continue };
            let inner = self.model.copied_with(list.holder, |field| field.number == list.number, node);
            let is_data = |content| matches!(content, Content::Node(data) if data == list.holder);
            node = match list.data {
                Some(_) => self.model.copied_with(*parent, |field| is_data(field.content), inner),
                None => inner,
            };
        }
        Ok(node)
    }

    /// Puts a message of its own, as it came out, to those of the same parents: `into` is what it lies in by now.
    fn join(
        &mut self,
        joined: &mut Joined,
        (levels, parents): (&[ContextId], &[NodeId]),
        (node, kind): (NodeId, PointKind),
        into: Option<(NodeId, List)>,
    ) -> Result<(), EvalError> {
        let Some((original, below)) = parents.split_first() else {
            self.put(joined, node, into);
            return Ok(());
        };
        let list = self.list(levels[0], node, kind)?;
        let mut key = Vec::new();
        self.push_shell(&mut key, levels[0], (node, kind), list)?;
        let key = (into.map(|(owner, _)| owner), *original, key);
        let own_kind = kind;
        let kind = list.and_then(|list| list.data).map_or(kind, |data| data.kind);
        let mut members = match list {
            Some(list) => self.model.children(list.holder, list.number)?.into_iter(),
            None => Vec::new().into_iter(),
        };
        let Some(owner) = joined.owners.get(&key).copied() else {
            joined.owners.insert(key, node);
            self.put(joined, node, into);
            // What lies in it is there already, and others may be joined with that.
            let mut outer = (node, levels, below, kind);
            while let (Some((original, below)), Some(member)) = (outer.2.split_first(), members.next()) {
                let level = outer.1[1];
                let list = self.list(level, member, outer.3)?;
                let mut key = Vec::new();
                self.push_shell(&mut key, level, (member, outer.3), list)?;
                joined.owners.insert((Some(outer.0), *original, key), member);
                let kind = list.and_then(|list| list.data).map_or(outer.3, |data| data.kind);
                members = match list {
                    Some(list) => self.model.children(list.holder, list.number)?.into_iter(),
                    None => Vec::new().into_iter(),
                };
                outer = (member, &outer.1[1..], below, kind);
            }
            return Ok(());
        };
        let Some(list) = self.list(levels[0], owner, own_kind)? else { return Ok(()) };
        if let Some(first) = members.next() {
            self.join(joined, (&levels[1..], below), (first, kind), Some((owner, list)))?;
        }
        // Metrics that were appended, and what the record has put into the list beside itself.
        members.for_each(|member| self.put(joined, member, Some((owner, list))));
        Ok(())
    }

    fn put(&mut self, joined: &mut Joined, node: NodeId, into: Option<(NodeId, List)>) {
        match into {
            Some((_, list)) => self.model.push(list.holder, list.number, Content::Node(node)),
            None => joined.groups.push(node),
        }
    }

    /// Appends what a message says apart from its members.
    fn push_shell(
        &mut self,
        key: &mut Vec<u8>,
        level: ContextId,
        (node, kind): (NodeId, PointKind),
        list: Option<List>,
    ) -> Result<(), EvalError> {
        let most = self.arena.limit();
        let mut bytes = Vec::new();
        let is_data = |content| list.is_some_and(|list| matches!(content, Content::Node(data) if data == list.holder));
        let is_member = |number| list.is_some_and(|list| list.holder == node && list.number == number);
        let skips = |number, content| is_member(number) || is_data(content);
        self.model.encode_some(node, &skips, &mut bytes, most)?;
        let mut ordered = Vec::new();
        push_message(&mut ordered, shell_message(self.plan.signal, level, kind), &bytes)?;
        push_text(key, &ordered);
        if let Some(List { holder, number, data: Some(data) }) = list {
            bytes.clear();
            self.model.encode_some(holder, &|field, _| field == number, &mut bytes, most)?;
            key.push(data.number as u8);
            push_message(key, data.message, &bytes)?;
        }
        Ok(())
    }
}
