//! What a record has to say so that a step runs: found from the step's condition.
//!
//! A trigger is a necessary condition that is cheap to ask: where it does not hold, neither does the condition, and
//! evaluating it could not have failed. It need not be sufficient: a step that is triggered is run as ever.
//! INVARIANT: a trigger holds on every record on which the condition holds or fails.

use std::borrow::Cow;

use ottl_core::edit::KnownKeys;
use ottl_core::function::{Kernel, TextPredicate, TextRewrite};
use ottl_core::ops::CompareOp;
use ottl_plan::{Arg, Expr, Literal, Plan};
use ottl_regex::TextPattern;
use ottl_schema::{Access, ContextId, path};

use super::atom::{Atom, Subject};
use super::collected::{Collected, Place};
use super::extractions::text_of;
use super::operands::Operands;
use super::together::together;
use super::writes::Written;
use crate::fast::compare::nil_against;
use crate::fast::node::BODY;
use crate::fast::program::action::{Action, WholeMap};
use crate::fast::program::cond::{Cond, TextOf};
use crate::fast::program::screen::{
    Above, AskedOperand, Copied, FIELDS, FieldTest, Gate, Mask, Masks, Need, PairTest, Screen,
};
use crate::fast::program::{GroupProgram, ParentSlot};

/// So many rewrites of all values search these together even where some step is run on every record.
const SEVERAL_REWRITES: usize = 4;

/// How many steps are tried one after the other at no more than the cost of asking all at once.
///
/// PERF (structural, spans, filter-logs): measured with two to seven steps.
const FEW_STEPS: usize = 6;

/// The atoms of which one must hold; nothing if the step always has to run.
type Atoms<'p> = Option<Vec<Atom<'p>>>;

struct Builder<'p> {
    plan: &'p Plan,
    level: ContextId,
    /// Whether all values are asked about together.
    asks_values: bool,
    /// The computed values that are asked about, and the group whose conditions are looked at.
    operands: &'p Operands<'p>,
    group: usize,
}

impl<'p> Builder<'p> {
    fn atoms(&self, condition: &'p Cond) -> Atoms<'p> {
        match condition {
            Cond::Attribute { level, key, op, literal, any } if *level == self.level => {
                let value = self.plan.literals.get(*literal as usize)?;
                if nil_against(*op, value) {
                    return None;
                }
                Some(vec![Atom::comparison(key.named().key, *op, (*literal, value), any)])
            }
            Cond::Body { level, op: CompareOp::Eq, literal, .. } if *level == self.level => {
                match self.plan.literals.get(*literal as usize)? {
                    Literal::Str(text) => Some(vec![Atom::FieldText(BODY, text)]),
                    _ => None,
                }
            }
            Cond::Field { level, number, .. } | Cond::FieldText { level, number, .. }
                if *level == self.level && *number >= FIELDS =>
            {
                None
            }
            Cond::Field { level, number, conv, op, value } if *level == self.level => {
                let test = FieldTest::Number { conv: *conv, op: *op, value: *value };
                Some(vec![Atom::Field(*number, test)])
            }
            Cond::FieldText { level, number, text, negated: false } if *level == self.level => {
                Some(vec![Atom::FieldText(*number, text)])
            }
            // Where nil may not be asked about, asking fails on it; a field is never nil, and one of a body triggers.
            Cond::Text { of, nil_passes, .. } if *nil_passes || matches!(of, TextOf::Field(_)) => self.text(condition),
            Cond::Text { predicate: TextPredicate::Length(..), of: TextOf::Body, .. } => self.text(condition),
            Cond::Text { level, of: TextOf::Attribute(key), .. } if *level == self.level => {
                let mut atoms = self.text(condition)?;
                atoms.push(Atom::Absent(key.named().key));
                Some(atoms)
            }
            Cond::And(parts) => {
                if let Some(atom) = together(parts, self.plan, self.level) {
                    return Some(vec![atom]);
                }
                // What stands behind a part that can fail must not keep that from failing.
                let behind = parts.iter().position(|part| !part.cannot_fail()).map_or(parts.len(), |at| at + 1);
                let each = parts[..behind].iter().enumerate().filter_map(|(at, part)| {
                    // What is there is not nil.
                    let is_there = parts[..at].iter().any(|guard| self.says_there(guard, part));
                    if is_there { self.text(part) } else { self.atoms(part) }
                });
                each.min_by_key(|atoms| (atoms.iter().map(Atom::rank).max(), atoms.len()))
            }
            Cond::Expr(id) | Cond::Sure(id) | Cond::Ints { expr: id, .. } => {
                Some(vec![Atom::Operand(self.operands.question(self.group, *id)?)])
            }
            Cond::Or(parts) => {
                let each: Option<Vec<_>> = parts.iter().map(|part| self.atoms(part)).collect();
                Some(each?.into_iter().flatten().collect())
            }
            _ => None,
        }
    }

    /// The atoms of a question about a text, for values that are not nil.
    fn text(&self, condition: &'p Cond) -> Atoms<'p> {
        let Cond::Text { level, of, predicate, call, .. } = condition else { return None };
        if *level != self.level {
            return None;
        }
        Some(vec![match (predicate, of) {
            (TextPredicate::IsText, TextOf::Attribute(key)) => Atom::Pair(key.named().key, PairTest::IsText),
            (TextPredicate::IsText, TextOf::Body) => Atom::Field(BODY, FieldTest::IsText),
            // Every `string` field is one.
            (TextPredicate::IsText, TextOf::Field(_)) => return None,
            (TextPredicate::Matches(pattern), TextOf::Attribute(key)) => {
                Atom::PairPattern(key.named().key, Cow::Borrowed(pattern), *call)
            }
            (TextPredicate::Matches(_), TextOf::Field(number)) if *number >= FIELDS => return None,
            (TextPredicate::Matches(pattern), TextOf::Field(number)) => {
                Atom::FieldPattern(*number, Cow::Borrowed(pattern), *call)
            }
            (TextPredicate::Length(test), TextOf::Attribute(key)) => {
                Atom::Pair(key.named().key, PairTest::Length(*test))
            }
            (TextPredicate::Length(..), TextOf::Field(number)) if *number >= FIELDS => return None,
            (TextPredicate::Length(test), TextOf::Field(number)) => Atom::Field(*number, FieldTest::Length(*test)),
            (TextPredicate::Length(test), TextOf::Body) => Atom::Field(BODY, FieldTest::Length(*test)),
            (TextPredicate::Matches(pattern), TextOf::Body) => Atom::FieldPattern(BODY, Cow::Borrowed(pattern), *call),
        }])
    }

    /// Whether a condition says that the attribute is there whose text another one asks about.
    fn says_there(&self, guard: &Cond, question: &Cond) -> bool {
        let Cond::Text { level: asked, of: TextOf::Attribute(of), .. } = question else { return false };
        let there = match guard {
            Cond::Text { predicate: TextPredicate::IsText, level, of: TextOf::Attribute(key), .. } => {
                Some((*level, key))
            }
            _ => guard.presence(self.plan),
        };
        there.is_some_and(|(level, key)| level == *asked && key.named().key == of.named().key)
    }

    /// Whether the atoms of a condition, and its needs, are all that it says.
    fn is_exact(&self, condition: &Cond) -> bool {
        let is_need = |part: &Cond| matches!(part, Cond::PerParent { can_fail: false, .. });
        match condition {
            Cond::And(parts) if together(parts, self.plan, self.level).is_some() => true,
            Cond::And(parts) => {
                // Needs that stand behind a part that can fail are not asked.
                let mut others = parts.iter().skip_while(|part| is_need(part));
                others.next().is_none_or(|part| self.is_atom(part)) && others.next().is_none()
            }
            other => is_need(other) || self.is_atom(other),
        }
    }

    /// The atoms without which an action finds nothing to do, and cannot fail.
    fn needed(&self, action: &'p Action) -> Atoms<'p> {
        match action {
            Action::Delete { level, key } if *level == self.level => Some(vec![Atom::Present(key.named().key)]),
            Action::RewriteText { level, of, rewrite, call } if *level == self.level => {
                let needed = if let TextRewrite::Replace { regex, .. } = rewrite { regex.needed() } else { None };
                let pattern = needed.map(Cow::Owned);
                Some(vec![match (of, pattern) {
                    (TextOf::Attribute(key), Some(pattern)) => Atom::PairPattern(key.named().key, pattern, *call),
                    (TextOf::Attribute(key), None) => Atom::Present(key.named().key),
                    (TextOf::Field(number), _) if *number >= FIELDS => return None,
                    (TextOf::Field(number), pattern) => Atom::FieldPattern(*number, pattern?, *call),
                    (TextOf::Body, pattern) => Atom::FieldPattern(BODY, pattern?, *call),
                }])
            }
            Action::EditMap { map: WholeMap::Attributes(level), call } if *level == self.level => self.extracted(*call),
            Action::RewriteValues { map: WholeMap::Attributes(level), rewrite, call, .. }
                if *level == self.level && self.asks_values =>
            {
                Some(vec![Atom::Values(rewrite.needed_among()?, *call)])
            }
            // What no text among keys and values has, no key has.
            Action::EditKeys { map: WholeMap::Attributes(level), call, .. }
                if *level == self.level && self.asks_values =>
            {
                let Kernel::EditKeys(edit) = &self.plan.calls[*call as usize].kernel else { return None };
                Some(vec![Atom::Values(edit.regex().needed_among()?, *call)])
            }
            _ => None,
        }
    }

    /// The atoms of which one must hold so that a step has something to do.
    fn of_step(&self, (condition, action): Screened<'p>) -> Atoms<'p> {
        match condition {
            Some(condition) => self.atoms(condition),
            None => self.needed(action),
        }
    }

    /// Asks of attributes that are copied what steps ask about the copies.
    fn ask_of_copied(&self, screen: &mut Screen, steps: &[Screened<'p>], collected: &mut Collected<'p>) {
        for idx in 0..screen.copies.len() {
            let Copied { from, to, .. } = screen.copies[idx];
            let key = |number: u32| screen.keys.text(number as usize).map(<[u8]>::to_vec);
            let (Some(from), Some(to), Some(asked)) = (key(from), key(to), screen.pairs.get(to as usize)) else {
                continue;
            };
            for bit in asked.readers.clone().bits() {
                let atoms = steps.get(bit as usize).and_then(|step| self.of_step(*step));
                let about = atoms.into_iter().flatten().filter(|atom| atom.place() == Some(Subject::Key(&to)));
                for atom in about.filter_map(|atom| atom.of_key(&from)) {
                    screen.ask(bit, atom, collected, self.plan);
                }
            }
        }
    }

    /// The atoms without which a call merges nothing into its map, and cannot fail: it merges what a pattern finds in a body, and
    /// the body is a text that does not match.
    fn extracted(&self, call: u32) -> Atoms<'p> {
        let merge = &self.plan.calls[call as usize];
        let (Kernel::MergeMap(_), [_, Arg::Eager { expr, .. }, others @ ..]) = (&merge.kernel, merge.args.as_slice())
        else {
            return None;
        };
        let Expr::Call(inner) = self.plan.exprs[expr.0 as usize] else { return None };
        let extract = &self.plan.calls[inner as usize];
        let Kernel::Extract(extraction) = &extract.kernel else { return None };
        let text = text_of(self.plan, extract)?;
        let decl = path(text.path);
        if !others.iter().all(Arg::is_literal)
            || !text.keys.is_empty()
            || decl.context != self.level
            || !matches!(decl.access, Access::Body)
        {
            return None;
        }
        let pattern = match extraction.pattern() {
            TextPattern::Matches(regex) => regex.needed()?,
            literal => literal.clone(),
        };
        Some(vec![Atom::FieldPattern(BODY, Cow::Owned(pattern), inner), Atom::Field(BODY, FieldTest::IsNoText)])
    }

    /// Whether a condition is one question, or whether one of several holds.
    fn is_atom(&self, condition: &Cond) -> bool {
        match condition {
            Cond::Attribute { .. }
            | Cond::Body { .. }
            | Cond::Field { .. }
            | Cond::FieldText { .. }
            | Cond::Text { .. } => true,
            Cond::Expr(id) | Cond::Sure(id) | Cond::Ints { expr: id, .. } => {
                self.operands.question(self.group, *id).is_some()
            }
            Cond::Or(parts) => parts.iter().all(|part| self.is_atom(part)),
            _ => false,
        }
    }

    /// Whether a condition is nothing but needs.
    fn is_of_parents(condition: &Cond) -> bool {
        match condition {
            Cond::PerParent { can_fail, .. } => !can_fail,
            Cond::And(parts) => parts.iter().all(Builder::is_of_parents),
            _ => false,
        }
    }

    /// The conditions on parents without which a condition does not hold.
    fn needs(condition: &Cond, add: &mut impl FnMut(ParentSlot, u32)) {
        match condition {
            // Where it fails, its steps are run, and fail.
            Cond::PerParent { slot, test, .. } => add(*slot, *test),
            Cond::And(parts) => {
                // What stands behind a part that fails is not asked.
                let sure = parts.iter().take_while(|part| part.cannot_fail()).count();
                parts.iter().take(sure + 1).for_each(|part| Builder::needs(part, add));
            }
            _ => {}
        }
    }
}

/// The gates of the groups of a level, whose bits begin with this one; none where no group has conditions.
fn gates(groups: &[GroupProgram], first: u32) -> Vec<Gate> {
    let mut next = first;
    let mut gates = Vec::new();
    for group in groups {
        let bit = (!group.conditions.is_empty()).then_some(next);
        next += u32::from(bit.is_some());
        gates.push(Gate { number: group.number, bit, always: Mask::default() });
    }
    if next == first { Vec::new() } else { gates }
}

/// A step as its screen sees it: its condition, and what it does. Conditions of filters do nothing to their record.
pub(crate) type Screened<'p> = (Option<&'p Cond>, &'p Action);

impl Screen {
    /// Whether the messages of a level are behind screens: records and what is inside them. There are few resources and
    /// scopes, and what is asked of them is computed once for each as it is.
    pub fn is_for(level: ContextId) -> bool {
        !matches!(level, ContextId::OtelCol | ContextId::Resource | ContextId::Scope)
    }

    /// The screen of the steps of a level, in order, and of its groups; nothing where trying them one after the other costs less. With `probed`,
    /// what few steps ask is looked for without a scan of the record.
    pub(super) fn new(
        plan: &Plan,
        level: ContextId,
        steps: &[Screened<'_>],
        groups: &[GroupProgram],
        known: &KnownKeys,
        (probed, above): (bool, Option<ContextId>),
        (operands, finds_copies): (&Operands<'_>, bool),
    ) -> Option<Screen> {
        let (screen, likely) = Screen::build(plan, level, steps, groups, known, (true, operands), finds_copies);
        // Where some step is run on nearly every record, looking for what no value has is one more search, unless it saves several.
        let is_few = screen.values.as_ref().is_some_and(|values| values.steps.len() < SEVERAL_REWRITES);
        let (screen, likely) = match is_few && screen.always() + likely > 0 {
            true => Screen::build(plan, level, steps, groups, known, (false, operands), finds_copies),
            false => (screen, likely),
        };
        let mut screen = screen;
        screen.above = above.and_then(|level| Screen::above(plan, level, steps, groups)).map(Box::new);
        let (always, count) = (screen.always() + likely, screen.count);
        // A record on which some steps are run anyway is scanned in any case.
        // PERF (metrics at one record a message: a ninth): a metric has few fields, and to find them is less than to ask a screen.
        let is_scanned_soon = level == ContextId::Metric && screen.pairs.is_empty() && screen.values.is_none();
        let few = probed || is_scanned_soon;
        // So is one of which something is computed.
        let is_entered = always > 0 || screen.operands.iter().any(|operand| !operand.asked.readers.is_empty());
        let pays = if is_entered { count - always > FEW_STEPS } else { !few || count > FEW_STEPS };
        pays.then_some(screen)
    }

    /// The questions of a level's steps about the message around its messages, if there are any. Nothing writes that while they run.
    fn above(plan: &Plan, level: ContextId, steps: &[Screened<'_>], groups: &[GroupProgram]) -> Option<Above> {
        let (mut screen, _) =
            Screen::build(plan, level, steps, groups, KnownKeys::none(), (false, &Operands::default()), false);
        // When groups are run is the matter of the screen of the steps.
        for bit in std::mem::take(&mut screen.gates).iter().flat_map(|gate| gate.always.bits()) {
            screen.base[bit as usize / 64] |= 1 << (bit % 64);
        }
        let asks = !screen.pairs.is_empty() || !screen.fields.is_empty();
        asks.then_some(Above { level, screen })
    }

    /// The screen, and how many steps that it asks for are run on nearly every record.
    fn build(
        plan: &Plan,
        level: ContextId,
        steps: &[Screened<'_>],
        groups: &[GroupProgram],
        known: &KnownKeys,
        (asks_values, operands): (bool, &Operands<'_>),
        finds_copies: bool,
    ) -> (Screen, usize) {
        let mut builder = Builder { plan, level, asks_values, operands, group: 0 };
        let gates = gates(groups, steps.len() as u32);
        let count = steps.len() + gates.iter().filter(|gate| gate.bit.is_some()).count();
        let words = count.div_ceil(64);
        let masks = vec![Masks::default(); words];
        let mut screen = Screen { base: vec![0; words], masks, count, gates, ..Screen::default() };
        screen.operands = operands.all.iter().map(AskedOperand::from).collect();
        let (mut collected, mut likely) = (Collected::default(), 0);
        for (bit, (condition, action)) in (0..).zip(steps) {
            while groups.get(builder.group).is_some_and(|group| bit as usize >= group.steps.1) {
                builder.group += 1;
            }
            let atoms = builder.of_step((*condition, action));
            let is_needed = condition.is_none() && atoms.is_some();
            screen.masks[bit as usize / 64].bulk_matched |= u64::from(is_needed) << (bit % 64);
            let is_exact = |condition: &Cond| match atoms {
                Some(_) => builder.is_exact(condition),
                None => Builder::is_of_parents(condition),
            };
            screen.masks[bit as usize / 64].exact |= u64::from(condition.is_none_or(is_exact)) << (bit % 64);
            match atoms {
                Some(atoms) => {
                    if condition.is_some_and(|condition| builder.is_exact(condition)) {
                        screen.decide(bit, &atoms);
                    }
                    likely += usize::from(atoms.iter().any(Atom::is_likely));
                    atoms.into_iter().for_each(|atom| screen.ask(bit, atom, &mut collected, plan));
                }
                None => screen.always_runs(bit, groups),
            }
            if let Some(condition) = condition {
                Builder::needs(condition, &mut |slot, test| screen.need(bit, slot, test));
            }
        }
        if finds_copies {
            screen.find_copies(plan, level, steps);
            builder.ask_of_copied(&mut screen, steps, &mut collected);
        }
        for (at, group) in groups.iter().enumerate() {
            builder.group = at;
            let Some(bit) = screen.gates.get(at).and_then(|gate| gate.bit) else { continue };
            let each: Option<Vec<_>> = group.conditions.iter().map(|(condition, _)| builder.atoms(condition)).collect();
            match each {
                Some(each) => each.into_iter().flatten().for_each(|atom| screen.ask(bit, atom, &mut collected, plan)),
                None => screen.base[bit as usize / 64] |= 1 << (bit % 64),
            }
            if let [(only, _)] = group.conditions.as_slice() {
                // Without what it needs, no step of the group is run.
                let steps = (group.steps.0 as u32..group.steps.1 as u32).chain([bit]);
                Builder::needs(only, &mut |slot, test| steps.clone().for_each(|bit| screen.need(bit, slot, test)));
            }
        }
        if !screen.gates.is_empty() {
            screen.free = vec![!0; words];
            let gated = groups.iter().filter(|group| !group.conditions.is_empty());
            gated
                .flat_map(|group| group.steps.0..group.steps.1)
                .for_each(|at| screen.free[at / 64] &= !(1 << (at % 64)));
        }
        for (place, patterns) in collected.0 {
            let patterns = Some(patterns.finish());
            match place {
                Place::Pair(number) => screen.pairs[number].patterns = patterns,
                Place::Field(number) => screen.field(number).patterns = patterns,
                Place::Operand(number, key) => screen.operands[number].asked_of(key).patterns = patterns,
                Place::Values => screen.values = patterns,
            }
        }
        let is_copy = |key: u32| screen.copies.iter().any(|copied| copied.to == key);
        let missed = (0..).zip(&screen.pairs).filter(|(_, asked)| !asked.absent.is_empty()).map(|(key, _)| key);
        screen.absent = missed.filter(|key| !is_copy(*key)).collect();
        screen.pairs.iter_mut().for_each(|asked| asked.collect_ints(plan));
        screen.operands.iter_mut().filter_map(|operand| operand.keys.as_mut()).for_each(|keys| keys.note_missing(plan));
        // The same number is a body in log records, and a name in spans.
        screen.fields.iter_mut().for_each(|field| field.is_any = level == ContextId::Log && field.number == BODY);
        screen.wakes = (0..steps.len()).map(|at| screen.wakes_of(plan, level, steps, at, (known, operands))).collect();
        for (at, (_, action)) in steps.iter().enumerate() {
            let written = Written::new(plan, level, action);
            let writes_cache = operands.all.iter().any(|operand| operand.is_in_cache_of(at, &written));
            screen.masks[at / 64].caches |= u64::from(writes_cache) << (at % 64);
        }
        (screen, likely)
    }

    /// How many steps are run on every record, or on every one on which their groups are, which is not known before.
    fn always(&self) -> usize {
        let is_base = |bit: u32| self.base.get(bit as usize / 64).is_some_and(|word| word >> (bit % 64) & 1 != 0);
        let behind = self.gates.iter().filter(|gate| gate.bit.is_some_and(is_base));
        let base: usize = self.base.iter().map(|word| word.count_ones() as usize).sum();
        // Those that need something of a parent are not run where that does not hold.
        let mut needy = Mask::of_all(self.needs.iter().map(|need| &need.steps));
        if let Some(above) = &self.above {
            let is_asked =
                |bit: &u32| above.screen.base.get(*bit as usize / 64).is_some_and(|word| word >> (bit % 64) & 1 == 0);
            (0..above.screen.count as u32).filter(is_asked).for_each(|bit| needy.add(bit));
        }
        let spared = needy.bits().filter(|bit| is_base(*bit)).count();
        base - spared + behind.map(|gate| gate.always.bits().count()).sum::<usize>()
    }

    /// A step is run on every record on which its group is.
    fn always_runs(&mut self, bit: u32, groups: &[GroupProgram]) {
        let is_in = |group: &GroupProgram| (group.steps.0..group.steps.1).contains(&(bit as usize));
        let at = if self.gates.is_empty() { None } else { groups.iter().position(is_in) };
        match at.and_then(|at| self.gates.get_mut(at)).filter(|gate| gate.bit.is_some()) {
            Some(gate) => gate.always.add(bit),
            None => self.base[bit as usize / 64] |= 1 << (bit % 64),
        }
    }

    fn need(&mut self, bit: u32, slot: ParentSlot, test: u32) {
        match self.needs.iter_mut().find(|need| need.test == test) {
            Some(need) => need.steps.add(bit),
            None => self.needs.push(Need { slot, test, steps: Mask::of(bit) }),
        }
    }
}
