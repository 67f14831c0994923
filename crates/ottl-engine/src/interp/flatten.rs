//! `flatten_data` for logs: every record gets its own resource and scope before the groups run, and records whose
//! resources and scopes are equal are joined afterwards.

use std::collections::HashMap;

use ottl_core::{EvalError, Value};
use ottl_otlp::schema::topology::groups;
use ottl_otlp::wire::fields;
use ottl_schema::FieldValue;

use super::eval::Interp;
use super::model::{Content, Field, Model, NodeId};
use crate::RunError;
use crate::group_key::{push_map, push_text};

/// Gives every record its own resource and scope.
///
/// COMPAT: as in the reference, only the resource's attributes and the scope's name, version, attributes and schema URL
/// come along; the resource's schema URL, counts of dropped attributes, and groups without records are lost.
pub(super) fn flatten(interp: &mut Interp<'_>) -> Result<(), RunError> {
    let mut flat = Vec::new();
    for (r, group) in (0..).zip(interp.model.children(Model::ROOT, groups::RESOURCES)?) {
        // In a part of a message, groups say which ones they were.
        let r = interp.group_number(group).unwrap_or(r);
        let resource = interp.model.singular(group, groups::SUBJECT)?;
        for (s, scope_group) in (0..).zip(interp.model.scopes(group)?) {
            let s = interp.group_number(scope_group).unwrap_or(s);
            let model = &mut interp.model;
            let scope = model.singular(scope_group, groups::SUBJECT)?;
            for (i, record) in (0..).zip(model.children(scope_group, groups::RECORDS)?) {
                interp.before_flattening.push([r, s, i]);
                let resource = kept(model, resource, &[fields::resource::ATTRIBUTES]);
                let scope = kept(
                    model,
                    scope,
                    &[
                        fields::instrumentation_scope::NAME,
                        fields::instrumentation_scope::VERSION,
                        fields::instrumentation_scope::ATTRIBUTES,
                    ],
                );
                let flat_scope = kept(model, scope_group, &[groups::SCHEMA_URL]);
                model.push(flat_scope, groups::SUBJECT, Content::Node(scope));
                model.push(flat_scope, groups::RECORDS, Content::Node(record));
                let flat_group = model.node(Vec::new());
                model.push(flat_group, groups::SUBJECT, Content::Node(resource));
                model.push(flat_group, groups::SCOPES, Content::Node(flat_scope));
                flat.push(Content::Node(flat_group));
                if model.copied_bytes() > interp.env.limits.scratch_bytes {
                    return Err(RunError::limit("scratch_bytes"));
                }
            }
        }
    }
    interp.model.replace(Model::ROOT, groups::RESOURCES, flat);
    Ok(())
}

/// A new node with these fields of another.
fn kept(model: &mut Model<'_>, node: NodeId, numbers: &[u32]) -> NodeId {
    let fields: Vec<Field<'_>> = model.fields(node).iter().filter(|f| numbers.contains(&f.number)).copied().collect();
    model.copied_node(fields)
}

/// Joins groups with equal resource attributes, and in them scopes that are equal; the first of each stays.
pub(super) fn regroup(interp: &mut Interp<'_>) -> Result<(), RunError> {
    let model = &mut interp.model;
    let groups = model.children(Model::ROOT, groups::RESOURCES)?;
    let resources = join(model, Model::ROOT, groups::RESOURCES, &groups, groups::SCOPES, |model, group| {
        let resource = model.singular(group, groups::SUBJECT)?;
        let mut key = Vec::new();
        push_map_key(&mut key, model, resource, fields::resource::ATTRIBUTES)?;
        Ok(key)
    })?;
    for group in resources {
        let scopes = model.children(group, groups::SCOPES)?;
        join(model, group, groups::SCOPES, &scopes, groups::RECORDS, |model, scope_group| {
            let scope = model.singular(scope_group, groups::SUBJECT)?;
            let mut key = Vec::new();
            for (node, number) in [
                (scope_group, groups::SCHEMA_URL),
                (scope, fields::instrumentation_scope::NAME),
                (scope, fields::instrumentation_scope::VERSION),
            ] {
                if let FieldValue::Present(ottl_otlp::wire::Payload::Bytes(text)) = model.scalar(node, number) {
                    push_text(&mut key, text);
                } else {
                    push_text(&mut key, b"");
                }
            }
            push_map_key(&mut key, model, scope, fields::instrumentation_scope::ATTRIBUTES)?;
            Ok(key)
        })?;
    }
    Ok(())
}

/// Joins the members of a list that have the same key: their inner lists are appended to the first one's. Answers the
/// members that stay.
fn join<'a>(
    model: &mut Model<'a>,
    parent: NodeId,
    number: u32,
    members: &[NodeId],
    inner: u32,
    key: impl Fn(&mut Model<'a>, NodeId) -> Result<Vec<u8>, EvalError>,
) -> Result<Vec<NodeId>, RunError> {
    let mut first: HashMap<Vec<u8>, NodeId> = HashMap::new();
    let mut keep = Vec::with_capacity(members.len());
    let mut stay = Vec::new();
    for &member in members {
        let key = key(model, member)?;
        let owner = *first.entry(key).or_insert(member);
        keep.push(owner == member);
        if owner == member {
            stay.push(member);
        } else {
            for child in model.children(member, inner)? {
                model.push(owner, inner, Content::Node(child));
            }
        }
    }
    model.retain(parent, number, &keep);
    Ok(stay)
}

/// Appends bytes that are equal exactly for equal maps, without regard to the order of keys. Of keys that repeat, the
/// first value counts, as often as the key is there.
fn push_map_key<'a>(out: &mut Vec<u8>, model: &mut Model<'a>, node: NodeId, number: u32) -> Result<(), EvalError> {
    if let Value::Map(map) = model.map(node, number)? {
        push_map(out, &map);
    }
    Ok(())
}
