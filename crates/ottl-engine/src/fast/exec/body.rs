//! Editors of whole maps on a body: what they leave is copied as it is written.
//!
//! PERF (bodies of several editors): what each of them leaves is read by the next one, so neither values nor their lengths are worth
//! being worked out for pairs that nobody touched.

use ottl_core::edit::MapEdit;
use ottl_core::function::{MapEditor, PathRef};
use ottl_core::{EvalError, Value};
use ottl_otlp::any;
use ottl_otlp::wire::Payload;
use ottl_schema::FieldValue;

use super::state::State;
use crate::fast::node::BODY;

impl<'a> State<'a, '_> {
    /// Edits the body that this path names, which is a map of these pairs and this depth.
    ///
    /// # Errors
    /// Those of the editor; [`ottl_core::ErrorKind::Budget`].
    pub(super) fn edit_body(
        &mut self,
        path: PathRef,
        (list, depth): (&'a [u8], u16),
        edit: &mut MapEditor<'_, 'a>,
    ) -> Result<(), EvalError> {
        let mut pairs = self.spare_maps.pop().unwrap_or_default();
        pairs.load_list(list)?;
        self.edits_pairs(pairs.len())?;
        let result = edit(self, &mut pairs);
        let written = if pairs.changed() { self.put_edited(path, &pairs, (list.len(), depth)) } else { Ok(()) };
        pairs.reset();
        self.spare_maps.push(pairs);
        result.and(written)
    }

    /// Writes the pairs of a body back; before, they took so many bytes and were so deep.
    fn put_edited(&mut self, path: PathRef, pairs: &MapEdit<'a>, (len, depth): (usize, u16)) -> Result<(), EvalError> {
        let level = self.paths.at(path.0).level;
        let (size, inner) = pairs.written_extent();
        let depth = depth.max(inner.saturating_add(1));
        if depth <= any::SHALLOW
            && let Some(size) = size.checked_add(len).filter(|size| u32::try_from(*size).is_ok())
        {
            self.arena.check(size)?;
            let body = self.in_arena(|out| pairs.encode(out))?;
            self.set_field(level, BODY, FieldValue::Present(Payload::Bytes(body)))?;
            self.know_body(body, depth);
            return Ok(());
        }
        let map = pairs.to_map(self.arena)?;
        self.write_path(path.0, Value::Map(map))
    }
}
