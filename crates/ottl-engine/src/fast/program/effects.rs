//! [`Touched`]: which levels something reads and writes.

use ottl_schema::{ContextId, PointKind};

use super::paths::{Keys, Touch};
use crate::fast::levels::LEVELS;
use crate::fast::node::{Scan, Shape};

/// Which levels something reads and writes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Touched {
    /// Bit per level: any path of it.
    pub any: u16,
    /// Bit per level: its attribute map.
    pub pairs: u16,
    /// Bit per level: written, or possibly written.
    pub written: u16,
    /// By level: bits of the singular fields.
    pub fields: [u32; LEVELS],
    /// By level: in how many places rules look for one attribute or one field of it.
    pub places: [u8; LEVELS],
    /// Bit per level: rules use it in other ways, too.
    pub whole: u16,
    /// Bit per level: rules use it in ways that compact records do not know.
    pub general: u16,
    /// Bit per level: its parts that are levels themselves (`span.events`, `metric.data_points`) may be replaced.
    pub parts: u16,
    /// Whether what profiles share is looked at, or may be added to.
    pub uses_shared: bool,
    /// Whether what profiles share may be added to.
    pub adds_shared: bool,
}

impl Touched {
    /// Takes in what something else touches.
    pub fn add(&mut self, other: Touched) {
        self.any |= other.any;
        self.pairs |= other.pairs;
        self.written |= other.written;
        self.parts |= other.parts;
        self.uses_shared |= other.uses_shared;
        self.adds_shared |= other.adds_shared;
        self.whole |= other.whole;
        self.general |= other.general;
        for (place, more) in self.places.iter_mut().zip(other.places) {
            *place = place.saturating_add(more);
        }
        for (fields, more) in self.fields.iter_mut().zip(other.fields) {
            *fields |= more;
        }
    }

    /// By level: what a scan has to keep.
    pub fn wanted(&self) -> [Touch; LEVELS] {
        std::array::from_fn(|i| Touch {
            scans: POINT_KINDS.map(|kind| {
                let scan = Scan::new(Shape::of(ContextId::ALL[i], kind), self.fields[i], self.pairs & 1 << i != 0);
                // The walk over the points asks where they are.
                if ContextId::ALL[i] == ContextId::Metric { scan.with_oneof() } else { scan }
            }),
            nothing: self.any & 1 << i == 0,
            keys: Keys::default(),
        })
    }

    /// Bit per level: rules write nothing of it and look at so few places that looking for each costs less than a scan.
    pub fn few_places(&self) -> u16 {
        let few = (0..LEVELS).filter(|i| self.places[*i] <= FEW).fold(0, |bits, i| bits | 1 << i);
        few & !self.whole & !self.written
    }
}

/// All kinds of points, by their number.
pub(crate) const POINT_KINDS: [PointKind; 4] =
    [PointKind::Number, PointKind::Histogram, PointKind::Exponential, PointKind::Summary];

/// How many places are few. PERF (filter-logs, filter-spans): a scan costs about as much as four searches.
pub(crate) const FEW: u8 = 4;
