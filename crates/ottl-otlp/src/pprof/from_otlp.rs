//! [`from_profiles`]: a message of OTLP profiles to pprof files.

use super::error::PprofError;
use super::names;
use super::otlp::{Profile, ValueType, files};
use super::read::each;
use super::tables::Tables;
use super::write::Writer;
use crate::any::AnyRef;
use crate::schema::topology::groups;
use crate::wire::fields::{instrumentation_scope, resource};

/// What became of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    /// The files, not compressed, in the order of the message.
    pub files: Vec<Vec<u8>>,
    /// What pprof has no field for.
    pub left_out: LeftOut,
}

/// What pprof has no field for, and how often it was there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    counts: Vec<(&'static str, u64)>,
}

impl LeftOut {
    pub(super) fn add(&mut self, what: &'static str, count: u64) {
        if count == 0 {
            return;
        }
        match self.counts.iter_mut().find(|(known, _)| *known == what) {
            Some((_, sum)) => *sum += count,
            None => self.counts.push((what, count)),
        }
    }

    /// Each kind of what was left out, in plural, and how often it was there.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.counts.iter().copied()
    }

    /// Whether nothing was left out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Takes in what was left out of another message.
    pub fn merge(&mut self, other: &LeftOut) {
        other.iter().for_each(|(what, count)| self.add(what, count));
    }
}

/// What a scope says of the file that its profiles come from.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin<'a> {
    /// The place of each profile among the sample types.
    pub order: Option<Vec<i64>>,
    pub default_sample_type: &'a [u8],
}

/// Converts an OTLP message to pprof files. Profiles of a scope that follow each other, differ in their sample types and nothing
/// else, and whose samples line up become one file; others become a file each.
///
/// `limit` is how many bytes all files together may have: in pprof each sample has a stack of its own, in OTLP they share them.
///
/// # Errors
/// Damage, a reference that leads nowhere, files beyond the limit.
pub fn from_profiles(message: &[u8], limit: usize) -> Result<Converted, PprofError> {
    let tables = Tables::read(message)?;
    let mut converted = Converted::default();
    let mut found = Vec::new();
    let mut resources = 0;
    each(message, |field| {
        if field.number == groups::RESOURCES {
            let group = field.bytes()?;
            let read = resource_group(group, &tables, &mut converted.left_out);
            let outer = || format!("resourceProfiles[{resources}]");
            for scope in read.map_err(|error| error.inside(&outer()))? {
                found.push((resources, scope));
            }
            resources += 1;
        }
        Ok(())
    })?;
    let is_one = found.iter().map(|(_, scope)| scope.files.len()).sum::<usize>() == 1;
    let mut room = limit;
    for (resource, Scope { place, origin, files }) in &found {
        for profiles in files {
            let made = Writer::new(&tables, &mut converted.left_out, room, limit).write(profiles, origin, is_one);
            let outer = || format!("resourceProfiles[{resource}].scopeProfiles[{place}]");
            let file = made.map_err(|error| error.inside(&outer()))?;
            room -= file.len();
            converted.files.push(file);
        }
    }
    Ok(converted)
}

/// A scope with its profiles, those of one file together.
struct Scope<'a> {
    place: usize,
    origin: Origin<'a>,
    files: Vec<Vec<Profile<'a>>>,
}

fn resource_group<'a>(
    group: &'a [u8],
    tables: &Tables<'a>,
    left_out: &mut LeftOut,
) -> Result<Vec<Scope<'a>>, PprofError> {
    let mut scopes: Vec<Scope<'a>> = Vec::new();
    each(group, |field| match field.number {
        groups::SUBJECT => each(field.bytes()?, |field| {
            left_out.add("attributes of resources", u64::from(field.number == resource::ATTRIBUTES));
            Ok(())
        }),
        groups::SCOPES => {
            let place = scopes.len();
            let read = scope_group(field.bytes()?, tables, left_out);
            let (origin, files) = read.map_err(|error| error.inside(&format!("scopeProfiles[{place}]")))?;
            scopes.push(Scope { place, origin, files });
            Ok(())
        }
        _ => Ok(()),
    })?;
    Ok(scopes)
}

fn scope_group<'a>(
    group: &'a [u8],
    tables: &Tables<'a>,
    left_out: &mut LeftOut,
) -> Result<(Origin<'a>, Vec<Vec<Profile<'a>>>), PprofError> {
    let mut origin = Origin::default();
    let mut profiles: Vec<Profile<'a>> = Vec::new();
    each(group, |field| match field.number {
        groups::SUBJECT => each(field.bytes()?, |field| scope_field(&field, tables, &mut origin, left_out))
            .map_err(|error| error.inside("scope")),
        groups::RECORDS => {
            let place = profiles.len();
            let read = Profile::read(field.bytes()?, place);
            profiles.push(read.map_err(|error| error.inside(&format!("profiles[{place}]")))?);
            Ok(())
        }
        _ => Ok(()),
    })?;
    for profile in &profiles {
        left_out.add("ids of profiles", u64::from(profile.has_id));
        left_out.add("original payloads", u64::from(profile.has_payload));
        left_out.add("counts of dropped attributes", u64::from(profile.dropped_attributes != 0));
    }
    let are_one = origin.order.as_ref().is_some_and(|order| order.len() == profiles.len());
    Ok((origin, files(profiles, are_one)?))
}

fn scope_field<'a>(
    field: &crate::wire::Field<'a>,
    tables: &Tables<'a>,
    origin: &mut Origin<'a>,
    left_out: &mut LeftOut,
) -> Result<(), PprofError> {
    match field.number {
        instrumentation_scope::NAME | instrumentation_scope::VERSION => {
            left_out.add("names and versions of scopes", u64::from(!field.bytes()?.is_empty()));
        }
        instrumentation_scope::ATTRIBUTES => {
            let (key, value) = tables.pair(field.bytes()?)?;
            match (key, value) {
                (names::DEFAULT_SAMPLE_TYPE, AnyRef::Text(text)) => origin.default_sample_type = text,
                (names::SAMPLE_TYPE_ORDER, AnyRef::List(_)) => {
                    let places = tables.elements(value)?.into_iter();
                    let place = |value| if let AnyRef::Int(place) = value { place } else { -1 };
                    origin.order = Some(places.map(place).collect());
                }
                _ => left_out.add("attributes of scopes", 1),
            }
        }
        _ => {}
    }
    Ok(())
}

impl Origin<'_> {
    /// The profiles of a file in the order of its sample types.
    pub fn ordered<'p, 'a>(&self, profiles: &'p [Profile<'a>]) -> Vec<&'p Profile<'a>> {
        let mut ordered: Vec<Option<&Profile<'a>>> = vec![None; profiles.len()];
        if let Some(order) = self.order.as_ref().filter(|order| order.len() == profiles.len()) {
            for (profile, place) in profiles.iter().zip(order) {
                if let Some(slot) = usize::try_from(*place).ok().and_then(|place| ordered.get_mut(place)) {
                    *slot = Some(profile);
                }
            }
        }
        // One that is no order of all of them says nothing.
        let whole: Option<Vec<_>> = ordered.into_iter().collect();
        whole.unwrap_or_else(|| profiles.iter().collect())
    }

    /// Whether the file had no sample types at all.
    pub fn is_untyped(&self, profiles: &[Profile<'_>]) -> bool {
        let is_empty = self.order.as_ref().is_some_and(Vec::is_empty);
        is_empty && matches!(profiles, [only] if only.sample_type == ValueType::default())
    }
}
