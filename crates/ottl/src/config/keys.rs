//! The keys of the two processors' bodies as places, for the page that says which vectors stand behind them.
//!
//! INVARIANT: made of the tables that the readers of bodies use, so that a new key is a new place.

use ottl_compiler::Change;
use ottl_core::Versions;
use ottl_schema::{ContextId, Signal, context};

use super::ProcessorKind;
use super::decode::ERROR_MODES;
use super::matchers::MATCH_TYPES;
use super::older::FORMS;
use super::rules::{FILTER_KEYS, TRANSFORM_KEYS, entry_keys};

/// A place in a processor's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyPlace {
    /// Whose body.
    pub processor: ProcessorKind,
    /// Keys with dots between them, and `[]` for an item of a list: `log_statements[].statements[]`. Where there are few things to
    /// say, one of them behind a colon: `error_mode: ignore`.
    pub place: String,
    /// The versions of the reference that have it.
    pub versions: Versions,
}

/// All places of both processors' bodies that hold rules or say how they run.
pub fn body_places() -> Vec<BodyPlace> {
    let mut out = Vec::new();
    for (processor, keys) in
        [(ProcessorKind::Transform, &TRANSFORM_KEYS[..]), (ProcessorKind::Filter, &FILTER_KEYS[..])]
    {
        let mut add = |place: String, versions| out.push(BodyPlace { processor, place, versions });
        for key in keys {
            match *key {
                "error_mode" => modes("error_mode").for_each(|place| add(place, Versions::ALL)),
                "flatten" => add("flatten.log: true".to_owned(), Change::FLATTEN.versions),
                "flatten_data" => add("flatten_data: true".to_owned(), Change::FLATTEN_DATA.versions),
                key => {
                    match Signal::ALL.into_iter().find(|signal| key.starts_with(singular(*signal)) && key.contains('_'))
                    {
                        Some(signal) => entries(processor, key, signal).for_each(|place| add(place, Versions::ALL)),
                        None => older(key).for_each(|place| add(place, Versions::ALL)),
                    }
                }
            }
        }
    }
    out
}

fn singular(signal: Signal) -> &'static str {
    signal.name().trim_end_matches('s')
}

fn modes(at: &str) -> impl Iterator<Item = String> {
    ERROR_MODES.iter().map(move |(mode, _)| format!("{at}: {mode}"))
}

/// The places of a list of rules.
fn entries(processor: ProcessorKind, key: &str, signal: Signal) -> impl Iterator<Item = String> {
    let is_filter = processor == ProcessorKind::Filter;
    let mut places = vec![format!("{key}[]")];
    for inner in entry_keys(is_filter) {
        let at = format!("{key}[].{inner}");
        match *inner {
            "context" => {
                let contexts = ContextId::ALL.into_iter().map(context);
                let contexts = contexts.filter(|decl| decl.signals.contains(&signal) && (decl.in_filter || !is_filter));
                places.extend(contexts.map(|decl| format!("{at}: {}", decl.name)));
            }
            "error_mode" => places.extend(modes(&at)),
            // The reference has no such key.
            "isolate" => {}
            "shared_cache" => places.push(format!("{at}: true")),
            _ => places.push(format!("{at}[]")),
        }
    }
    places.into_iter()
}

/// The places of the filter processor's older forms under a key.
fn older(key: &str) -> impl Iterator<Item = String> {
    let mut places = Vec::new();
    for form in &FORMS {
        if form.lists_key == key {
            places.extend(form.lists.iter().map(|(list, _)| format!("{key}.{list}[]")));
        }
        let Some((_, matchers)) = form.matchers.filter(|(name, _)| *name == key) else { continue };
        for side in ["include", "exclude"] {
            for property in matchers.properties() {
                let at = format!("{key}.{side}.{property}");
                if property == "match_type" {
                    places.extend(MATCH_TYPES.iter().map(|name| format!("{at}: {name}")));
                } else {
                    places.push(at);
                }
            }
        }
        places.extend(matchers.others().iter().map(|other| format!("{key}.{other}")));
    }
    places.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_place_and_every_place_is_told_once() {
        let places = body_places();
        for (processor, keys) in
            [(ProcessorKind::Transform, &TRANSFORM_KEYS[..]), (ProcessorKind::Filter, &FILTER_KEYS[..])]
        {
            for key in keys {
                let of_key = |place: &&BodyPlace| place.processor == processor && place.place.starts_with(key);
                assert!(places.iter().any(|place| of_key(&place)), "{key}");
            }
        }
        for (at, place) in places.iter().enumerate() {
            assert!(!places[..at].contains(place), "{place:?}");
        }
        for (processor, place) in [
            (ProcessorKind::Transform, "metric_statements[].context: exemplar"),
            (ProcessorKind::Filter, "profiles.profile[]"),
            (ProcessorKind::Filter, "logs.exclude.severity_number"),
        ] {
            assert!(places.iter().any(|known| (known.processor, &*known.place) == (processor, place)), "{place}");
        }
    }
}
