//! [`Target`]: the version of the reference whose rules are compiled; and [`Gate`], the reference's switches.
//!
//! Adding a version is adding a row to [`Target`], adding a gate one to [`Gate`]. What changed between versions stands with
//! what it is about: in the rows of functions, and for everything else in the compiler's table.

use std::fmt;

/// A version of the reference (collector-contrib).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// v0.161.0.
    V0_161,
    /// v0.165.1.
    #[default]
    V0_165,
}

impl Target {
    /// All versions, the oldest first.
    pub const ALL: [Target; 2] = [Target::V0_161, Target::V0_165];
    /// The first one.
    pub const OLDEST: Target = Target::ALL[0];
    /// The last one.
    pub const NEWEST: Target = Target::ALL[Target::ALL.len() - 1];

    /// What it is called where one is chosen: `0.165`.
    pub const fn name(self) -> &'static str {
        match self {
            Target::V0_161 => "0.161",
            Target::V0_165 => "0.165",
        }
    }

    /// The release of collector-contrib that is meant: `v0.165.1`.
    pub const fn release(self) -> &'static str {
        match self {
            Target::V0_161 => "v0.161.0",
            Target::V0_165 => "v0.165.1",
        }
    }

    /// Lists, maps and what they hold inside each other that its reader of protobuf takes, counted in messages.
    pub const fn value_depth(self) -> usize {
        match self {
            Target::V0_161 => usize::MAX,
            Target::V0_165 => 100,
        }
    }

    /// The version of this name, which may also be one of its releases, such as `0.161.0` or `v0.161`.
    pub fn by_name(name: &str) -> Option<Target> {
        let number = name.strip_prefix('v').unwrap_or(name);
        Target::ALL.into_iter().find(|target| match number.strip_prefix(target.name()) {
            Some("") => true,
            Some(patch) => patch.strip_prefix('.').is_some_and(|patch| patch.parse::<u16>().is_ok()),
            None => false,
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The versions that have something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Versions {
    /// The first one.
    pub since: Target,
    /// The last one.
    pub until: Target,
}

impl Versions {
    /// Every version.
    pub const ALL: Versions = Versions { since: Target::OLDEST, until: Target::NEWEST };

    /// This one and all later ones.
    #[must_use]
    pub const fn since(since: Target) -> Versions {
        Versions { since, ..Versions::ALL }
    }

    /// This one and all earlier ones.
    #[must_use]
    pub const fn until(until: Target) -> Versions {
        Versions { until, ..Versions::ALL }
    }

    /// Whether this version is one of them.
    pub fn contains(self, target: Target) -> bool {
        (self.since..=self.until).contains(&target)
    }
}

/// `since 0.165`, `until 0.161`; nothing if it is all of them.
impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.since > Target::OLDEST, self.until < Target::NEWEST) {
            (false, false) => Ok(()),
            (true, false) => write!(f, "since {}", self.since),
            (false, true) => write!(f, "until {}", self.until),
            (true, true) => write!(f, "since {} and until {}", self.since, self.until),
        }
    }
}

/// A feature gate of the reference that changes which rules are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gate {
    /// Lambdas, and the functions that take them.
    Lambda,
    /// The other experimental functions.
    Experimental,
    /// Computed keys in map literals.
    DynamicMapKeys,
    /// Paths and converters as list arguments of functions that took list literals only.
    DynamicSliceArguments,
    /// The transform processor's flattening of logs.
    Flatten,
    /// Nil written by `set`.
    AllowNil,
}

impl Gate {
    /// All gates.
    pub const ALL: [Gate; 6] = [
        Gate::Lambda,
        Gate::Experimental,
        Gate::DynamicMapKeys,
        Gate::DynamicSliceArguments,
        Gate::Flatten,
        Gate::AllowNil,
    ];

    /// The name in the reference.
    pub const fn name(self) -> &'static str {
        match self {
            Gate::Lambda => "ottl.functions.enableLambda",
            Gate::Experimental => "pkg.ottl.functions.enableExperimental",
            Gate::DynamicMapKeys => "pkg.ottl.enableDynamicMapKeys",
            Gate::DynamicSliceArguments => "pkg.ottl.functions.enableDynamicSliceArguments",
            Gate::Flatten => "transform.flatten.logs",
            Gate::AllowNil => "ottl.set.allowNil",
        }
    }

    /// The versions that have the gate. What a gate switched that is gone is always on.
    pub const fn versions(self) -> Versions {
        match self {
            Gate::Lambda | Gate::Flatten => Versions::ALL,
            Gate::Experimental | Gate::DynamicMapKeys | Gate::DynamicSliceArguments => Versions::since(Target::V0_165),
            Gate::AllowNil => Versions::until(Target::V0_161),
        }
    }

    /// The gate of this name.
    pub fn by_name(name: &str) -> Option<Gate> {
        Gate::ALL.into_iter().find(|gate| gate.name() == name)
    }
}

/// Which gates are on. By default all are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gates {
    /// Those that are off, one bit each.
    off: u8,
}

impl Gates {
    /// Whether the gate is on.
    pub const fn has(self, gate: Gate) -> bool {
        self.off & (1 << gate as u8) == 0
    }

    /// The same with the gate on.
    #[must_use]
    pub const fn with(mut self, gate: Gate) -> Gates {
        self.off &= !(1 << gate as u8);
        self
    }

    /// The same with the gate off.
    #[must_use]
    pub const fn without(mut self, gate: Gate) -> Gates {
        self.off |= 1 << gate as u8;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_named_and_told_apart() {
        assert!(Target::ALL.is_sorted());
        for target in Target::ALL {
            assert_eq!([target.name(), target.release()].map(Target::by_name), [Some(target); 2]);
            assert!(Versions::ALL.contains(target));
        }
        for (name, target) in
            [("0.161.0", Some(Target::V0_161)), ("v0.165", Some(Target::V0_165)), ("0.165.0", Some(Target::V0_165))]
        {
            assert_eq!(Target::by_name(name), target, "{name}");
        }
        for name in ["0.160", "", "v", "0.16", "0.1611", "0.161.", "0.161.x", "0.161.0.1", "vv0.161"] {
            assert_eq!(Target::by_name(name), None, "{name}");
        }
        for (versions, text, old, new) in [
            (Versions::ALL, "", true, true),
            (Versions::since(Target::V0_165), "since 0.165", false, true),
            (Versions::until(Target::V0_161), "until 0.161", true, false),
        ] {
            assert_eq!(versions.to_string(), text);
            assert_eq!((versions.contains(Target::V0_161), versions.contains(Target::V0_165)), (old, new), "{text}");
        }
    }

    #[test]
    fn gates_are_switched_one_by_one() {
        for gate in Gate::ALL {
            assert_eq!(Gate::by_name(gate.name()), Some(gate));
            let off = Gates::default().without(gate);
            assert!(Gate::ALL.into_iter().all(|other| off.has(other) == (other != gate)), "{gate:?}");
            assert_eq!(off.with(gate), Gates::default());
        }
        assert_eq!(Gate::by_name("ottl.nothing"), None);
    }
}
