//! [`Rewrite`] and [`Options`]: what the engine makes of a plan beyond evaluating it, each part with a switch.
//!
//! INVARIANT: results do not depend on the switches. Tests and fuzzing run the engine with each of them off, so that a
//! difference names the rewrite at fault.

/// Something that the engine does to a plan so that it runs faster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewrite {
    /// What is made of constants alone is computed when the engine is built.
    Fold,
    /// Of several forms of a condition that say the same, one is run.
    Normalise,
    /// What holds on no record is not asked, and what never acts is not run.
    Prune,
    /// In a chain of conditions, what costs little is asked before what costs much, where that shows nowhere.
    Order,
    /// Groups that cannot see each other's work run in one walk over the message.
    Merge,
    /// Conditions and statements of usual forms run on encoded values, without the evaluator of expressions.
    Lower,
    /// What depends on resource or scope alone is computed once for each of them.
    Hoist,
    /// Keys that rules name have numbers, which the scan of a message looks up.
    Keys,
    /// Of levels that rules look at in few places, those are looked for; they are not scanned.
    Probe,
    /// Filters with few conditions ask the bytes of each record before it is made the current message.
    Peek,
    /// Messages of levels whose statements allow it are compact records as long as they can be.
    Compact,
    /// What all steps of a level ask of a record is asked at once; those that can have nothing to do are not run.
    Screen,
    /// What several steps ask of a computed value is asked of it when it has been computed once.
    Operands,
    /// Of an attribute that gets the value of another one in front of the steps that ask about it, the other one is asked.
    Copies,
    /// After a write, what steps ask about it is asked at once once more, in place of trying them one by one.
    Again,
    /// Patterns by which several calls extract from one text are looked for together.
    Extract,
    /// What several conditions of a level ask is asked once for a record, until a write makes it stale.
    Share,
    /// An attribute that is copied to another key, and deleted by the next statement, gets that key in place.
    Rename,
}

impl Rewrite {
    /// All of them.
    pub const ALL: [Rewrite; 18] = [
        Rewrite::Fold,
        Rewrite::Normalise,
        Rewrite::Prune,
        Rewrite::Order,
        Rewrite::Merge,
        Rewrite::Lower,
        Rewrite::Hoist,
        Rewrite::Keys,
        Rewrite::Probe,
        Rewrite::Peek,
        Rewrite::Compact,
        Rewrite::Screen,
        Rewrite::Operands,
        Rewrite::Copies,
        Rewrite::Again,
        Rewrite::Extract,
        Rewrite::Share,
        Rewrite::Rename,
    ];

    /// Its name, as options write it.
    pub const fn name(self) -> &'static str {
        match self {
            Rewrite::Fold => "fold",
            Rewrite::Normalise => "normalise",
            Rewrite::Prune => "prune",
            Rewrite::Order => "order",
            Rewrite::Merge => "merge",
            Rewrite::Lower => "lower",
            Rewrite::Hoist => "hoist",
            Rewrite::Keys => "keys",
            Rewrite::Probe => "probe",
            Rewrite::Peek => "peek",
            Rewrite::Compact => "compact",
            Rewrite::Screen => "screen",
            Rewrite::Operands => "operands",
            Rewrite::Copies => "copies",
            Rewrite::Again => "again",
            Rewrite::Extract => "extract",
            Rewrite::Share => "share",
            Rewrite::Rename => "rename",
        }
    }

    /// The rewrite of this name.
    pub fn by_name(name: &str) -> Option<Rewrite> {
        Rewrite::ALL.into_iter().find(|rewrite| rewrite.name() == name)
    }
}

/// Which rewrites are applied; all by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// A bit for each rewrite that is off.
    off: u32,
}

impl Options {
    /// The same without a rewrite.
    #[must_use]
    pub const fn without(self, rewrite: Rewrite) -> Options {
        Options { off: self.off | 1 << rewrite as u32 }
    }

    /// None of them.
    pub const fn plain() -> Options {
        Options { off: u32::MAX }
    }

    /// Whether a rewrite is applied.
    pub(super) const fn has(self, rewrite: Rewrite) -> bool {
        self.off & 1 << rewrite as u32 == 0
    }

    /// Every configuration that tests run: all rewrites, each of them off, and none.
    pub fn every() -> impl Iterator<Item = Options> {
        let each = Rewrite::ALL.into_iter().map(|rewrite| Options::default().without(rewrite));
        std::iter::once(Options::default()).chain(each).chain([Options::plain()])
    }
}
