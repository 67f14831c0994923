//! [`Kind`]: kinds of rule sets, and cases of those that people write many of.
//!
//! Rule sets of a family are long, and their statements ask much the same: equalities on one key, equalities on many
//! keys, conditions of several parts over resource, scope and record, patterns, or questions about values that are
//! computed. Rules and data share [`Words`] that are
//! made for the case, so that many conditions hold somewhere. What a single statement can be is written elsewhere
//! (`write`).

mod rules;

use ottl_core::function::{FunctionDef, FunctionKind};
use ottl_schema::Signal;

use crate::{Case, Choices, data};

/// A kind of rule set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Each of the others; half of the cases are [`Kind::Single`].
    Any,
    /// A few statements, each of any form.
    Single,
    /// Equalities on one key.
    Equalities,
    /// Equalities on many distinct keys.
    Keys,
    /// Conditions of several parts.
    Mixed,
    /// Patterns.
    Patterns,
    /// Questions about values that are computed: keys of caches and behind keys, and what converters give.
    Computed,
    /// Statements of any form under a few conditions that stand in many places. No part of [`Kind::Any`].
    Repeated,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 8] = [
        Kind::Any,
        Kind::Single,
        Kind::Equalities,
        Kind::Keys,
        Kind::Mixed,
        Kind::Patterns,
        Kind::Computed,
        Kind::Repeated,
    ];

    /// Its name, as options write it.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Any => "any",
            Kind::Single => "single",
            Kind::Equalities => "equalities",
            Kind::Keys => "keys",
            Kind::Mixed => "mixed",
            Kind::Patterns => "patterns",
            Kind::Computed => "computed",
            Kind::Repeated => "repeated",
        }
    }

    /// The kind of this name.
    pub fn by_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// A kind that is not [`Kind::Any`].
    pub(crate) fn settled(self, choices: &mut Choices<'_>) -> Kind {
        match self {
            Kind::Any => [
                Kind::Single,
                Kind::Single,
                Kind::Single,
                Kind::Single,
                Kind::Equalities,
                Kind::Keys,
                Kind::Mixed,
                Kind::Patterns,
                Kind::Computed,
            ][choices.below(9)],
            settled => settled,
        }
    }
}

/// What rules and data of a case share.
#[derive(Debug)]
pub(crate) struct Words {
    /// Attribute keys of records.
    pub keys: Vec<String>,
    /// Attribute keys of resources and scopes.
    pub parents: Vec<String>,
    /// Texts of attributes and fields.
    pub texts: Vec<String>,
    /// How many records a message has at most.
    pub records: usize,
    /// How many attributes a record has at most.
    pub pairs: usize,
}

impl Words {
    fn new(choices: &mut Choices<'_>, kind: Kind) -> Words {
        // Lengths and ends that many share, so that tables of texts have to look at all of them.
        let form = choices.below(5);
        let word = move |stem: &str, n: usize| match (form + n % 2) % 5 {
            0 => format!("{stem}{n}"),
            1 => format!("{stem}.{n:03}"),
            2 => format!("{n:03}.{stem}.of_a_name_with_a_long_end"),
            3 => format!("{}{n}", &stem[..1]),
            _ => format!("{n}{stem}"),
        };
        let (keys, texts) = match kind {
            Kind::Equalities => (1 + choices.below(2), [6, 20, 80, 150][choices.below(4)]),
            Kind::Keys => ([6, 17, 40, 70, 140][choices.below(5)], 1 + choices.below(4)),
            Kind::Mixed => (3 + choices.below(10), 2 + choices.below(6)),
            Kind::Computed => (2 + choices.below(2), [3, 6, 12][choices.below(3)]),
            Kind::Any | Kind::Single | Kind::Patterns | Kind::Repeated => (1 + choices.below(4), 4 + choices.below(12)),
        };
        let mut texts: Vec<_> = (0..texts).map(|n| word("value", n)).collect();
        texts.extend(["".to_owned(), "5".to_owned()]);
        if kind == Kind::Patterns {
            texts.extend(["GET /api/v1/users/123", "error: code 42", "card 4111-1111", "caf\u{e9}"].map(str::to_owned));
        }
        Words {
            keys: (0..keys).map(|n| word("key", n)).collect(),
            parents: (0..1 + choices.below(3)).map(|n| word("parent", n)).collect(),
            texts,
            records: [3, 6, 12, 20][choices.below(4)],
            pairs: [2, 5, 9, 24][choices.below(4)],
        }
    }
}

/// A case of a family.
pub(crate) fn case(choices: &mut Choices<'_>, functions: &[&FunctionDef], kind: Kind) -> Case {
    let words = Words::new(choices, kind);
    let signal = choices.pick(&[Signal::Logs, Signal::Traces, Signal::Metrics]);
    // Copies of metrics need guards, which would be most of the rules.
    let functions: Vec<_> = functions.iter().copied().filter(|f| f.name != "copy_metric").collect();
    let program = if choices.below(4) < 3 {
        rules::transform(choices, &functions, &words, kind, signal)
    } else {
        let converters: Vec<_> = functions.iter().copied().filter(|f| f.kind == FunctionKind::Converter).collect();
        rules::filter(choices, &converters, &words, kind, signal)
    };
    Case { program, message: data::message(choices, signal, Some(&words)) }
}
