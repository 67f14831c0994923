//! What all handles of one pattern share: the facts about it, and the matchers, each made when it is first needed.
//!
//! PERF: of a pattern that never searches, little more than its text is kept. The tree, which is most of what parsing makes, is
//! parsed again for each matcher; that takes less than a tenth of making one.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use regex_automata::util::primitives::NonMaxUsize;
use regex_syntax::hir::Hir;

use super::engine::Engine;
use super::literal::{self, LiteralTest};
use super::needle::has_byte;
use super::parse::Groups;
use super::program::Program;
use super::sequence::Sequence;
use super::text::Text;
use super::words::Words;
use super::{RegexError, meter, parse};

/// What one pattern may weigh: tree and program, in bytes.
pub(super) const MAX_WEIGHT: u64 = 64 << 20;

/// The same for a pattern that is made at run time.
const MAX_RUN_TIME_WEIGHT: u64 = 2 << 20;

/// Patterns whose automata have at most about this many states get them at once.
const CHEAP: u64 = 2_000;

/// Patterns whose automata would have more states than this never get any.
const MAX_COST: u64 = 1_000_000;

/// Patterns with more groups times states than this never get automata, which have room for all groups in each state.
const MAX_GROUP_STATES: u64 = 1 << 20;

/// Patterns deeper than this never get automata and are no sequences, since making those recurses deeper than a small
/// stack allows.
const MAX_AUTOMATON_HEIGHT: u32 = 50;

/// Steps of the program that take about as long as building the automata does: so many, and so many a state. Then the
/// automata are built, and a pattern has never cost more than twice what was best.
const STEPS_BEFORE_AUTOMATA: u64 = 30_000;
const STEPS_PER_STATE: u64 = 200;

/// A pattern.
pub(super) struct Core {
    pub(super) pattern: Box<[u8]>,
    /// Which parentheses are groups.
    groups: Groups,
    /// The tree of a pattern that data chose; others are parsed again where it is needed.
    tree: Option<Hir>,
    pub(super) names: Vec<Option<String>>,
    pub(super) literal: Option<LiteralTest>,
    /// The texts that are all that the pattern says, if it is so.
    pub(super) words: Option<Words>,
    pub(super) sequence: OnceLock<Option<Box<Sequence>>>,
    /// An ASCII byte that every match contains.
    pub(super) required: Option<u8>,
    /// So many bytes every match has at least.
    pub(super) least: usize,
    /// Whether a match may be empty.
    pub(super) may_be_empty: bool,
    /// Whether invalid UTF-8 in a text can change the answer.
    pub(super) wants_valid: bool,
    /// How deep the tree is.
    height: u32,
    pub(super) weight: u64,
    /// About how many states the automata have; `None` for a pattern that never gets any.
    pub(super) cost: Option<u64>,
    /// What the program has done so far, in steps.
    pub(super) steps: AtomicU64,
    /// How many steps it does before the automata are built.
    pub(super) patience: u64,
    /// The matchers are large, so they stand outside.
    pub(super) program: OnceLock<Box<Program>>,
    pub(super) engine: OnceLock<Option<Box<Engine>>>,
}

impl Core {
    pub(super) fn new(pattern: &[u8], groups: Groups, at_run_time: bool) -> Result<Core, RegexError> {
        let parsed = parse::parse(pattern, if at_run_time { MAX_RUN_TIME_WEIGHT } else { MAX_WEIGHT }, groups)?;
        let required = literal::required_byte(&parsed.hir);
        // Their building and their caches are charged to nobody, what the program does is.
        let has_automata = parsed.cost <= if at_run_time { CHEAP } else { MAX_COST }
            && parsed.height <= MAX_AUTOMATON_HEIGHT
            && parsed.cost.saturating_mul(parsed.names.len() as u64 - 1) <= MAX_GROUP_STATES;
        let patience = if parsed.cost <= CHEAP && !at_run_time {
            0
        } else {
            STEPS_BEFORE_AUTOMATA + parsed.cost.saturating_mul(STEPS_PER_STATE)
        };
        let may_be_empty = parsed.hir.properties().minimum_len() == Some(0);
        Ok(Core {
            pattern: pattern.into(),
            groups,
            literal: LiteralTest::recognise(&parsed.hir),
            words: (parsed.height <= MAX_AUTOMATON_HEIGHT).then(|| Words::recognise(&parsed.hir)).flatten(),
            sequence: OnceLock::new(),
            required,
            least: literal::least_length(&parsed.hir),
            may_be_empty,
            wants_valid: parsed.matches_replacement || may_be_empty,
            height: parsed.height,
            tree: at_run_time.then_some(parsed.hir),
            names: parsed.names,
            weight: parsed.weight,
            cost: has_automata.then_some(parsed.cost),
            steps: AtomicU64::new(0),
            patience,
            program: OnceLock::new(),
            engine: OnceLock::new(),
        })
    }

    /// Hands over the tree.
    pub(super) fn with_tree<R>(&self, work: impl FnOnce(&Hir) -> R) -> R {
        match &self.tree {
            Some(tree) => work(tree),
            None => {
                let parsed = parse::parse(&self.pattern, MAX_WEIGHT, self.groups);
                work(&parsed.expect("it was parsed when the regex was made").hir)
            }
        }
    }

    /// The pattern as a sequence, if it is one.
    #[inline]
    pub(super) fn sequence(&self) -> Option<&Sequence> {
        self.sequence.get_or_init(|| self.recognise_sequence()).as_deref()
    }

    /// Whether the tree may be walked with a small stack.
    pub(super) fn is_flat(&self) -> bool {
        self.height <= MAX_AUTOMATON_HEIGHT
    }

    #[cold]
    fn recognise_sequence(&self) -> Option<Box<Sequence>> {
        self.is_flat().then(|| self.with_tree(|tree| Sequence::recognise(tree, self.required)))?.map(Box::new)
    }

    /// The automata, if the pattern has them by now.
    #[inline]
    pub(super) fn engine(&self) -> Option<&Engine> {
        match self.engine.get() {
            Some(engine) => engine.as_deref(),
            None => self.engine_when_due(),
        }
    }

    #[cold]
    fn engine_when_due(&self) -> Option<&Engine> {
        if self.steps.load(Ordering::Relaxed) < self.patience {
            return None;
        }
        self.engine
            .get_or_init(|| self.cost.and_then(|cost| self.with_tree(|tree| Engine::build(tree, cost))).map(Box::new))
            .as_deref()
    }

    /// Searches by the program, see [`Program::search`], unless automata are there or become due on the way.
    ///
    /// # Errors
    /// The automata, which are to do it.
    pub(super) fn run(&self, haystack: &[u8], at: usize, slots: &mut [Option<NonMaxUsize>]) -> Result<bool, &Engine> {
        if let Some(engine) = self.engine() {
            return Err(engine);
        }
        let program = self.program.get_or_init(|| Box::new(self.with_tree(Program::new)));
        if self.cost.is_some() && self.engine.get().is_none() {
            let before = self.patience.saturating_sub(self.steps.load(Ordering::Relaxed)).max(1);
            let (found, taken) = meter::search(before, |left| program.search(haystack, at, slots, left));
            self.steps.fetch_add(taken, Ordering::Relaxed);
            if let Some(found) = found {
                return Ok(found);
            }
            if let Some(engine) = self.engine_when_due() {
                return Err(engine);
            }
        }
        let (found, _) = meter::search(u64::MAX, |left| program.search(haystack, at, slots, left));
        Ok(found.unwrap_or_default())
    }

    /// Whether a cheap look tells that there is no match.
    pub(super) fn lacks_required(&self, haystack: &[u8]) -> bool {
        self.required.is_some_and(|byte| !has_byte(haystack, byte))
    }

    pub(super) fn text<'h>(&self, haystack: &'h [u8]) -> Text<'h> {
        if self.wants_valid { Text::checked(haystack) } else { Text::plain(haystack) }
    }
}
