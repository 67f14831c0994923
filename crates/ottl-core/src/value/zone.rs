//! The zones that times print in.
//!
//! Those with a name are in the data set [`DataSet::Zones`]: behind comments and an empty line a line for each zone (its name, where its
//! data begins behind the lines, and how long it is, separated by tabs), another empty line, and the data, each zone's in the
//! format TZif. Zones with several names have their data once.

use std::collections::HashMap;
use std::sync::{OnceLock, RwLock};

use jiff::tz::TimeZone;

use crate::data::{DataSet, Tables};

/// The zone a time prints in. Comparison ignores it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Zone {
    /// Coordinated universal time.
    #[default]
    Utc,
    /// A fixed offset in seconds east of Greenwich, without a name.
    Fixed(i32),
    /// A zone of the tz database, by its number in this process' table of zones in use.
    Named(u16),
}

/// The data of all zones by name.
static DATA: Tables<HashMap<&'static str, &'static [u8]>> = Tables::new(DataSet::Zones, read);

fn read(bytes: &'static [u8]) -> HashMap<&'static str, &'static [u8]> {
    const GAP: &[u8] = b"\n\n";
    let gap = |bytes: &[u8]| bytes.windows(GAP.len()).position(|window| window == GAP);
    let Some(rows) = gap(bytes).map(|at| &bytes[at + GAP.len()..]) else { return HashMap::new() };
    let Some((rows, data)) = gap(rows).map(|at| (&rows[..at], &rows[at + GAP.len()..])) else { return HashMap::new() };
    let rows = std::str::from_utf8(rows).unwrap_or_default().lines();
    let zones = rows.filter_map(|row| {
        let mut cells = row.split('\t');
        let (name, start, len) = (cells.next()?, cells.next()?.parse::<usize>().ok()?, cells.next()?.parse().ok()?);
        Some((name, data.get(start..)?.get(..len)?))
    });
    zones.collect()
}

fn zones() -> &'static RwLock<Vec<TimeZone>> {
    static ZONES: OnceLock<RwLock<Vec<TimeZone>>> = OnceLock::new();
    ZONES.get_or_init(RwLock::default)
}

impl Zone {
    /// The zone of the tz database with exactly this name (the reference's look-up distinguishes case).
    pub fn by_name(name: &str) -> Option<Zone> {
        if name == "UTC" {
            return Some(Zone::Utc);
        }
        let mut table = zones().write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(idx) = table.iter().position(|z| z.iana_name() == Some(name)) {
            return u16::try_from(idx).ok().map(Zone::Named);
        }
        let zone = TimeZone::tzif(name, DATA.get().get(name)?).ok()?;
        let idx = u16::try_from(table.len()).ok()?;
        table.push(zone);
        Some(Zone::Named(idx))
    }

    /// Offset in seconds east of Greenwich and abbreviation at an instant (seconds since the epoch).
    ///
    /// Instants outside the years that the tz database covers count as its nearest end.
    pub fn at(self, secs: i64) -> (i32, String) {
        match self {
            Zone::Utc => (0, "UTC".to_owned()),
            Zone::Fixed(offset) => (offset, String::new()),
            Zone::Named(idx) => {
                let table = zones().read().unwrap_or_else(std::sync::PoisonError::into_inner);
                let clamped = secs.clamp(jiff::Timestamp::MIN.as_second(), jiff::Timestamp::MAX.as_second());
                match (table.get(usize::from(idx)), jiff::Timestamp::from_second(clamped)) {
                    (Some(zone), Ok(at)) => {
                        let info = zone.to_offset_info(at);
                        (info.offset().seconds(), info.abbreviation().to_owned())
                    }
                    _ => (0, "UTC".to_owned()),
                }
            }
        }
    }

    /// Offset in seconds east of Greenwich at an instant.
    pub fn offset(self, secs: i64) -> i32 {
        match self {
            Zone::Utc => 0,
            Zone::Fixed(offset) => offset,
            Zone::Named(_) => self.at(secs).0,
        }
    }
}

#[cfg(all(test, feature = "zones"))]
mod tests {
    use super::*;

    #[test]
    fn zone_names_are_exact() {
        assert!(matches!(Zone::by_name("Europe/Berlin"), Some(Zone::Named(_))));
        assert_eq!(Zone::by_name("europe/berlin"), None);
        let berlin = Zone::by_name("Europe/Berlin").expect("in the tz database");
        assert_eq!(berlin.at(1_750_000_000), (7200, "CEST".to_owned()));
    }

    #[test]
    fn all_zones_can_be_read() {
        let zones = DATA.get();
        assert!(zones.len() > 590, "{}", zones.len());
        for (name, data) in zones {
            assert!(TimeZone::tzif(name, data).is_ok(), "{name}");
        }
    }
}
