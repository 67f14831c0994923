//! Several files as one configuration, as the Collector merges what `--config` names.
//!
//! Maps are merged key by key; anything else of a later file, lists and nothing (`null`) included, takes the place of what was there.
//! References are text until all is merged, and at the top of a file `a::b` is the key `b` below `a`.
//! Deliberately elsewhere: where the files' texts stand (`sources`).

use std::collections::HashMap;

use super::scalar::Kind;
use super::text::Text;
use super::yaml::{Content, NodeId, Tree};

/// What stands between keys inside each other where they are written as one.
const BETWEEN: &str = "::";

/// More such keys are left as they are: each takes the time of all that is there.
const MOST: usize = 100;

/// The root with the keys of `above` in it, or over it.
pub(crate) fn merge(tree: &mut Tree, below: NodeId, above: NodeId) -> NodeId {
    let (Content::Map(old), Content::Map(new)) = (&tree.nodes[below].content, &tree.nodes[above].content) else {
        return above;
    };
    let (mut pairs, new) = (old.clone(), new.clone());
    let mut known: HashMap<String, usize> = HashMap::with_capacity(pairs.len());
    for (at, (key, _)) in pairs.iter().enumerate() {
        known.insert(tree.key(*key).unwrap_or_default().to_owned(), at);
    }
    for (key, value) in new {
        match known.get(tree.key(key).unwrap_or_default()) {
            Some(at) => pairs[*at] = (key, merge(tree, pairs[*at].1, value)),
            None => pairs.push((key, value)),
        }
    }
    let span = tree.nodes[below].span;
    tree.add(span, Content::Map(pairs))
}

/// The root with keys such as `processors::batch::timeout` as maps inside each other.
pub(crate) fn nested(tree: &mut Tree, root: NodeId) -> NodeId {
    let Content::Map(pairs) = &tree.nodes[root].content else { return root };
    let is_joined = |(key, _): &(NodeId, NodeId)| tree.key(*key).is_some_and(|key| key.contains(BETWEEN));
    let (joined, plain): (Vec<_>, Vec<_>) = pairs.iter().copied().partition(is_joined);
    if joined.is_empty() || joined.len() > MOST {
        return root;
    }
    let span = tree.nodes[root].span;
    let mut out = tree.add(span, Content::Map(plain));
    for (key, value) in joined {
        let at = tree.nodes[key].span;
        let names: Vec<String> = tree.key(key).unwrap_or_default().split(BETWEEN).map(str::to_owned).collect();
        let mut one = value;
        for name in names.into_iter().rev() {
            let key = tree.add(at, Content::Scalar(Kind::Str, Text::in_place_of(name, at)));
            one = tree.add(at, Content::Map(vec![(key, one)]));
        }
        out = merge(tree, out, one);
    }
    out
}
