//! Places in the body that several expressions look at, kept once they were looked up.

use ottl_core::Value;

use super::at_hand::behind;
use super::state::State;

impl<'a> State<'a, '_> {
    /// What stands at a kept place of this body is put to `to`: [`Value::Absent`] if nothing does. Not where finding that
    /// fails.
    pub(super) fn kept_value(&mut self, number: u8, body: &'a [u8], to: &mut Value<'a>) -> bool {
        if let Some((of, value)) = self.kept.get(usize::from(number))
            && std::ptr::eq(*of, body)
            && !body.is_empty()
        {
            *to = *value;
            return true;
        }
        self.find_kept(number, body, to)
    }

    #[inline(never)]
    fn find_kept(&mut self, number: u8, body: &'a [u8], to: &mut Value<'a>) -> bool {
        let code = self.code;
        let Some(place) = code.kept.places.get(usize::from(number)) else { return false };
        let (is_found, passed) = match place.outer {
            Some((outer, passed)) => (self.kept_value(outer, body, to), passed),
            None => (self.decode_to(body, to).is_ok(), 0),
        };
        if !is_found || !matches!(to, Value::Absent) && !behind(&place.keys[passed..], to) {
            return false;
        }
        if self.kept.is_empty() {
            let Ok(kept) = self.arena.fill(code.kept.places.len(), |_| (&[][..], Value::Absent)) else { return false };
            self.kept = kept;
        }
        if let Some(kept) = self.kept.get_mut(usize::from(number)) {
            *kept = (body, *to);
        }
        true
    }
}
