//! Circles of files: modules that use each other, directly or by way of others, found from their `use` lines.
//!
//! A folder's `mod.rs` puts together what lies in the folder, so what it uses of that does not count; what lies in a folder and
//! uses its `mod.rs` does. Modules of tests do not count.

use std::collections::{BTreeMap, BTreeSet};

/// A module: its path below the folder that is looked at, in pieces; nothing for the folder itself.
pub type Module = Vec<String>;

/// The circles among modules with these texts: the members of each, in order. `root` is the path of the folder that is looked
/// at, from the crate on.
pub fn circles(modules: &BTreeMap<Module, String>, root: &[&str]) -> Vec<Vec<String>> {
    let uses: BTreeMap<&Module, BTreeSet<&Module>> =
        modules.iter().map(|(module, text)| (module, used(module, text, modules, root))).collect();
    let reached: BTreeMap<&Module, BTreeSet<&Module>> =
        uses.keys().map(|module| (*module, reached(module, &uses))).collect();
    let mut circles = BTreeSet::new();
    for (module, those) in &reached {
        if those.contains(module) {
            let circle = those.iter().filter(|other| reached.get(*other).is_some_and(|back| back.contains(module)));
            circles.insert(circle.map(|module| module.join("::")).collect::<Vec<_>>());
        }
    }
    circles.into_iter().collect()
}

/// What a module uses, and what that uses, and so on.
fn reached<'m>(module: &Module, uses: &BTreeMap<&'m Module, BTreeSet<&'m Module>>) -> BTreeSet<&'m Module> {
    let mut found = BTreeSet::new();
    let mut left: Vec<&Module> = uses.get(module).into_iter().flatten().copied().collect();
    while let Some(next) = left.pop() {
        if found.insert(next) {
            left.extend(uses.get(next).into_iter().flatten());
        }
    }
    found
}

/// The other modules that one uses.
fn used<'m>(module: &Module, text: &str, modules: &'m BTreeMap<Module, String>, root: &[&str]) -> BTreeSet<&'m Module> {
    let mut found = BTreeSet::new();
    for path in paths(text) {
        let mut pieces = path.split("::").map(str::trim).peekable();
        let mut at = module.clone();
        if pieces.next_if_eq(&"crate").is_some() {
            if !root.iter().all(|piece| pieces.next_if_eq(piece).is_some()) {
                continue;
            }
            at.clear();
        }
        let mut is_inside = true;
        while let Some(piece) = pieces.next_if(|piece| matches!(*piece, "self" | "super")) {
            is_inside &= piece == "self" || at.pop().is_some();
        }
        if !is_inside {
            continue;
        }
        at.extend(pieces.map(str::to_owned));
        // The last pieces name what lies in the module.
        let target = (0..=at.len()).rev().find_map(|pieces| modules.get_key_value(&at[..pieces]));
        let Some((target, _)) = target else { continue };
        if !target.starts_with(module) {
            found.insert(target);
        }
    }
    found
}

/// The paths that a text's `use` items name, each whole.
fn paths(text: &str) -> Vec<String> {
    let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join("\n");
    // Tests stand last; a module of tests that is a file of its own has no braces.
    let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut found = Vec::new();
    for item in code.split(';') {
        let Some(start) = item.rfind("use ").filter(|start| is_use(&item[..*start])) else { continue };
        expand("", item[start + 4..].trim(), &mut found);
    }
    found
}

/// Whether `use` is an item behind this text: nothing or a visibility stands in front of it on its line.
fn is_use(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default().trim();
    line.is_empty() || line == "pub" || line.starts_with("pub(") && line.ends_with(')')
}

/// The paths of a tree of names.
fn expand(prefix: &str, tree: &str, found: &mut Vec<String>) {
    let Some((head, inner)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default().trim();
        if !path.is_empty() {
            found.push(format!("{prefix}{path}"));
        }
        return;
    };
    let inner = inner.trim_end().strip_suffix('}').unwrap_or(inner);
    let prefix = format!("{prefix}{}", head.trim());
    let (mut depth, mut from) = (0, 0);
    for (at, mark) in inner.char_indices() {
        match mark {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(&prefix, inner[from..at].trim(), found);
                from = at + 1;
            }
            _ => {}
        }
    }
    expand(&prefix, inner[from..].trim(), found);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(texts: &[(&str, &str)]) -> Vec<Vec<String>> {
        let module = |name: &str| -> Module { name.split("::").filter(|p| !p.is_empty()).map(str::to_owned).collect() };
        let modules = texts.iter().map(|(name, text)| (module(name), (*text).to_owned())).collect();
        circles(&modules, &["fast"])
    }

    #[test]
    fn a_circle_is_found_by_all_its_members() {
        let texts = [
            ("", "mod a;\nmod b;\nmod c;\nuse a::One;"),
            ("a", "use std::fmt;\nuse super::b::{Two, inner::{Three, Four}};\n"),
            ("b", "pub(crate) use super::c;"),
            ("b::inner", "use ottl_core::Value;"),
            ("c", "// A comment; use nothing;\n#[cfg(test)]\nmod tests;\nuse crate::fast::a::{self, Five as Six};"),
            ("d", "use super::a;\nuse crate::elsewhere::d;"),
        ];
        assert_eq!(found(&texts), [["a", "b", "c"]]);
    }

    #[test]
    fn a_folder_may_use_what_lies_in_it_and_the_other_way_round_but_not_by_way_of_others() {
        let folder = ("a", "mod inner;\nuse inner::One;");
        let inside = ("a::inner", "use super::Two;\n#[cfg(test)]\nmod tests {\n    use super::super::b::Three;\n}\n");
        assert_eq!(found(&[folder, inside, ("b", "")]), Vec::<Vec<String>>::new());
        let by_way = ("a", "mod inner;\nuse super::b::Four;");
        assert_eq!(found(&[by_way, inside, ("b", "use super::a::inner::One;")]), [["a", "a::inner", "b"]]);
    }
}
