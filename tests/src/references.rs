//! References into the dictionary of a message of profiles, on trees: by what they stand for, whatever they are written as.
//!
//! Written apart from what the engines do, which it is to test.

use std::collections::{BTreeMap, BTreeSet};

use ottl_otlp::schema::MessageId;
use ottl_otlp::schema::topology::{groups, number};
use ottl_otlp::wire::fields::{any_value, array_value, key_value, key_value_list, profiles_dictionary};

use crate::tree::Tree;

const DICTIONARY: u32 = number(MessageId::ProfilesData, "dictionary");
const OF_RESOURCE: u32 = number(MessageId::Resource, "attributes");
const OF_SCOPE: u32 = number(MessageId::InstrumentationScope, "attributes");

/// Puts texts in place of the references in the attributes of resources and scopes; all texts that are there.
pub fn resolve(message: &mut Tree) -> BTreeSet<Vec<u8>> {
    let texts = texts(message).to_vec();
    let mut found = BTreeSet::new();
    each(message, groups::RESOURCES, &mut |group| {
        each(group, groups::SUBJECT, &mut |resource| {
            each(resource, OF_RESOURCE, &mut |pair| resolve_pair(pair, &texts, &mut found));
        });
        each(group, groups::SCOPES, &mut |group| {
            each(group, groups::SUBJECT, &mut |scope| {
                each(scope, OF_SCOPE, &mut |pair| resolve_pair(pair, &texts, &mut found));
            });
        });
    });
    found
}

/// Takes texts off the end of the table of a message that stand there for the attributes of resources and scopes alone, as
/// long as it has more than another one. The reference makes references of all of them when it writes a message.
pub fn trim(message: &mut Tree, of_attributes: &BTreeSet<Vec<u8>>, other: &Tree) {
    let wanted = texts(other).len();
    let Some(Tree::Message(dictionary)) = field(message, DICTIONARY) else { return };
    let Some(texts) = dictionary.get_mut(&profiles_dictionary::STRING_TABLE) else { return };
    while texts.len() > wanted && matches!(texts.last(), Some(Tree::Bytes(text)) if of_attributes.contains(text)) {
        texts.pop();
    }
    if texts.is_empty() {
        dictionary.remove(&profiles_dictionary::STRING_TABLE);
    }
    if dictionary.is_empty()
        && let Tree::Message(fields) = message
    {
        fields.remove(&DICTIONARY);
    }
}

fn texts(message: &Tree) -> &[Tree] {
    let Tree::Message(fields) = message else { return &[] };
    let Some([Tree::Message(dictionary)]) = fields.get(&DICTIONARY).map(Vec::as_slice) else { return &[] };
    dictionary.get(&profiles_dictionary::STRING_TABLE).map_or(&[], Vec::as_slice)
}

fn field(message: &mut Tree, number: u32) -> Option<&mut Tree> {
    let Tree::Message(fields) = message else { return None };
    fields.get_mut(&number)?.first_mut()
}

fn each(message: &mut Tree, number: u32, visit: &mut dyn FnMut(&mut Tree)) {
    let Tree::Message(fields) = message else { return };
    fields.get_mut(&number).into_iter().flatten().for_each(visit);
}

fn resolve_pair(pair: &mut Tree, texts: &[Tree], found: &mut BTreeSet<Vec<u8>>) {
    resolve_text(pair, (key_value::KEY, key_value::KEY_STRINDEX), texts, found);
    each(pair, key_value::VALUE, &mut |any| resolve_any(any, texts, found));
}

fn resolve_any(any: &mut Tree, texts: &[Tree], found: &mut BTreeSet<Vec<u8>>) {
    resolve_text(any, (any_value::STRING_VALUE, any_value::STRING_VALUE_STRINDEX), texts, found);
    each(any, any_value::ARRAY_VALUE, &mut |list| {
        each(list, array_value::VALUES, &mut |any| resolve_any(any, texts, found));
    });
    each(any, any_value::KVLIST_VALUE, &mut |map| {
        each(map, key_value_list::VALUES, &mut |pair| resolve_pair(pair, texts, found));
    });
}

fn resolve_text(holder: &mut Tree, (text, reference): (u32, u32), texts: &[Tree], found: &mut BTreeSet<Vec<u8>>) {
    let Tree::Message(fields) = holder else { return };
    let index = match fields.get(&reference).map(Vec::as_slice) {
        Some([Tree::Number(index)]) if *index > 0 => usize::try_from(*index).ok(),
        _ => None,
    };
    if let Some(referred) = index.and_then(|index| texts.get(index))
        && !fields.contains_key(&text)
    {
        fields.remove(&reference);
        fields.insert(text, vec![referred.clone()]);
    }
    note(fields, text, found);
}

fn note(fields: &BTreeMap<u32, Vec<Tree>>, text: u32, found: &mut BTreeSet<Vec<u8>>) {
    if let Some([Tree::Bytes(text)]) = fields.get(&text).map(Vec::as_slice) {
        found.insert(text.clone());
    }
}
