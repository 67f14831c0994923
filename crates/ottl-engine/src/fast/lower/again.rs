//! After which writes the questions of a screen are asked again.
//!
//! A write triggers the steps behind it that ask about what is written, and whether their conditions hold is not known then.
//! Tried one by one, they cost as much as without a screen: a rule that gives an attribute its usual name, and five hundred
//! that ask about that. Where there are several, all that they ask about it is asked at once, of the message as it is now.
//! INVARIANT: a step that is not triggered anew has nothing to do, unless it was triggered before; then it is tried.

use ottl_core::edit::KnownKeys;
use ottl_plan::Plan;
use ottl_schema::ContextId;

use super::operands::Operands;
use super::screen::Screened;
use super::writes::{What, Written};
use crate::fast::program::screen::{Again, AskedOf, Mask, Screen, WokenSteps};

/// So many steps that ask about the same attribute or field are asked at once.
///
/// PERF (tenant): two are tried at less.
const SEVERAL: usize = 3;

/// From so many steps on the whole record is asked about, where it is not known which of its places were written.
const MANY: usize = 8;

impl Screen {
    /// Finds out after which steps questions are asked again.
    pub(super) fn ask_again(
        &mut self,
        plan: &Plan,
        level: ContextId,
        steps: &[Screened<'_>],
        known: &KnownKeys,
        operands: &Operands<'_>,
    ) {
        let asking = self.asking();
        for (at, (_, action)) in steps.iter().enumerate() {
            let written = Written::new(plan, level, action.plain());
            let seen = (0..).zip(&operands.all).filter(|(_, operand)| operand.sees(at, &written, known));
            let is_long = asking.behind(at).bits().count() > MANY;
            let again = self.again(at, &written, seen.map(|(number, _)| number).collect(), is_long);
            if let Some(wakes) = self.wakes.get_mut(at) {
                wakes.again = again;
                wakes.all_again = is_long && wakes.takes_pairs_out;
                let asks = wakes.again.is_some() || wakes.all_again;
                if let Some(masks) = self.masks.get_mut(at / 64) {
                    masks.again |= u64::from(asks) << (at % 64);
                }
            }
        }
    }

    /// The steps that something of a record triggers, whichever it is.
    fn asking(&self) -> Mask {
        let pairs = self.pairs.iter().map(|asked| &asked.readers);
        let fields = self.fields.iter().map(|field| &field.readers);
        let operands = self.operands.iter().map(|operand| &operand.asked.readers);
        let values = self.values.iter().map(|values| &values.all);
        Mask::of_all(pairs.chain(fields).chain(operands).chain(values))
    }

    /// `is_long` says whether many of the steps behind ask something.
    fn again(&self, at: usize, written: &Written<'_>, operands: Vec<u32>, is_long: bool) -> Option<Again> {
        let steps = &self.wakes.get(at)?.steps;
        let [woken, unsure] = match steps {
            WokenSteps::Some { .. } => steps.all_of(at)?,
            WokenSteps::All if is_long => {
                let others = self.values.as_ref().map(|values| values.all.behind(at)).unwrap_or_default();
                let decided = self.decided.without(&others);
                return Some(Again { of: AskedOf::All, operands, unsure: Mask::default(), others, decided });
            }
            WokenSteps::All => return None,
        };
        let (of, readers) = match written.what {
            What::Pair(key) => match self.keys.find(key) {
                Some(number) if self.decides_copies(at, number) => return None,
                Some(number) => {
                    let number = number as usize;
                    (AskedOf::Pair(number), self.pairs.get(number)?.readers.clone())
                }
                None => (AskedOf::Fields(0), Mask::default()),
            },
            What::Fields(fields) => {
                let asked = self.fields.iter().filter(|field| fields >> (field.number & 31) & 1 != 0);
                (AskedOf::Fields(fields), Mask::of_all(asked.map(|field| &field.readers)))
            }
            What::Pairs(_) | What::Anything => {
                let values = self.values.as_ref().map(|values| values.all.clone()).unwrap_or_default();
                (AskedOf::All, woken.without(&values))
            }
            What::Nothing => (AskedOf::Fields(0), Mask::default()),
        };
        let of_operands = || operands.iter().filter_map(|number| Some(&self.operands.get(*number as usize)?.asked));
        let readers = Mask::of_all(of_operands().map(|asked| &asked.readers).chain([&readers]));
        let of_pair = if let AskedOf::Pair(number) = of { self.pairs.get(number) } else { None };
        let decided = match of {
            AskedOf::All => self.decided.clone(),
            _ => Mask::of_all(of_operands().chain(of_pair).map(|asked| &asked.decided)),
        };
        let asked = woken.bits().filter(|bit| readers.has(*bit)).count();
        let enough = if of == AskedOf::All { MANY } else { SEVERAL };
        (asked >= enough).then(|| Again { of, others: woken.without(&readers), operands, unsure, decided })
    }
}
