//! What a step that writes triggers: found from its action.

use ottl_core::edit::KnownKeys;
use ottl_plan::Plan;
use ottl_schema::{Access, ContextId, PointKind, path};

use super::screen::Screened;
use crate::fast::node::BODY;
use crate::fast::program::action::{Action, PairsEdit, WholeMap};
use crate::fast::program::cond::TextOf;
use crate::fast::program::screen::{Mask, Screen, Wakes, WokenSteps};

impl Screen {
    /// What a step triggers, whose level's keys have these numbers.
    pub(crate) fn wakes_of(
        &self,
        plan: &Plan,
        level: ContextId,
        steps: &[Screened<'_>],
        at: usize,
        known: &KnownKeys,
    ) -> Wakes {
        let action = steps[at].1;
        let of_keys = |is_touched: &dyn Fn(&[u8]) -> bool| {
            let mut readers = Mask::default();
            let touched = self.keys.iter().zip(&self.pairs).filter(|(key, _)| is_touched(key));
            touched.for_each(|(_, asked)| asked.readers.bits().for_each(|bit| readers.add(bit)));
            readers
        };
        let of_key = |key: &[u8]| match self.keys.find(key).and_then(|number| self.pairs.get(number as usize)) {
            Some(asked) => asked.readers.clone(),
            None => Mask::default(),
        };
        let of_field = |number: u32| {
            let asked = self.fields.iter().find(|field| field.number == number);
            asked.map_or_else(Mask::default, |asked| asked.readers.clone())
        };
        let readers = match action {
            // Other levels have no questions here, and caches none that are asked before.
            Action::Assign { level: of, .. }
            | Action::Delete { level: of, .. }
            | Action::SetField { level: of, .. }
            | Action::RewriteText { level: of, .. }
            | Action::RewriteValues { map: WholeMap::Attributes(of), .. }
            | Action::FilterKeys { map: WholeMap::Attributes(of), .. }
            | Action::EditMap { map: WholeMap::Attributes(of), .. }
                if *of != level =>
            {
                Some(Mask::default())
            }
            Action::EditMap { map: WholeMap::Cache(_), .. }
            | Action::FilterKeys { map: WholeMap::Cache(_), .. }
            | Action::RewriteValues { map: WholeMap::Cache(_), .. }
            | Action::Drop => Some(Mask::default()),
            Action::Assign { key, .. } | Action::Delete { key, .. } => Some(of_key(key.named().key)),
            Action::SetField { number, .. } => Some(of_field(*number)),
            Action::RewriteText { of, .. } => Some(match of {
                TextOf::Attribute(key) => of_key(key.named().key),
                TextOf::Field(number) => of_field(*number),
                TextOf::Body => of_field(BODY),
            }),
            Action::RewriteValues { .. } => Some(of_keys(&|_| true)),
            Action::FilterKeys { pairs, .. } => Some(match pairs {
                PairsEdit::Known { stay, .. } => {
                    of_keys(&|key| known.number(key).is_none_or(|number| stay >> number & 1 == 0))
                }
                PairsEdit::Prefix { prefix, stay, .. } => of_keys(&|key| key.starts_with(prefix) != *stay),
                PairsEdit::Filter => of_keys(&|_| true),
            }),
            Action::Write { path: number, .. } => {
                let used = &plan.paths[*number as usize];
                let decl = path(used.path);
                match decl.access {
                    // The kinds of points have numbers of their own.
                    _ if decl.context != level || level == ContextId::DataPoint => None,
                    Access::Field(fields, _) => fields.number(PointKind::Number).map(of_field),
                    Access::Body | Access::BodyText => Some(of_field(BODY)),
                    Access::Cache => Some(Mask::default()),
                    _ => None,
                }
            }
            Action::EditMap { .. } | Action::Call(_) => None,
        };
        let takes_pairs_out = match action {
            Action::Delete { level: of, .. }
            | Action::FilterKeys { map: WholeMap::Attributes(of), .. }
            | Action::EditMap { map: WholeMap::Attributes(of), .. } => *of == level,
            _ => false,
        };
        let steps = match readers {
            Some(readers) => WokenSteps::of(at, readers.behind(at)),
            None if at + 1 == steps.len() => WokenSteps::of(at, Mask::default()),
            None => WokenSteps::All,
        };
        Wakes { steps, takes_pairs_out }
    }
}
