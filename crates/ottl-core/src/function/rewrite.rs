//! [`TextRewrite`]: what becomes of a text, as data, so that engines can look for the texts of many rewrites at once.
//!
//! The calls of editors that say so ([`Kernel::RewriteText`](super::Kernel::RewriteText)) are derived from it. An engine may
//! do the same in its own way, text by text.

use ottl_otlp::any::tags;
use ottl_otlp::wire::put_varint;
use ottl_regex::{Glob, NeededBytes, Regex, Replaced, Template, TextPattern};

use super::CallContext;
use crate::edit::MapEdit;
use crate::{Arena, ArenaVec, EvalError, Value};

/// Which texts are rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The one that the first argument names.
    Target,
    /// The values of the map that the first argument names.
    Values,
}

/// What becomes of a text.
#[derive(Clone, Debug)]
pub enum TextRewrite {
    /// It is cut if it is too long.
    Truncate(Truncation),
    /// Each match is replaced by what the template makes of it.
    Replace {
        /// What is looked for.
        regex: Regex,
        /// What it is replaced by; bound to the pattern.
        template: Template,
    },
    /// It is replaced as a whole if the glob fits.
    ReplaceWhole {
        /// What it has to be.
        glob: Glob,
        /// What it becomes.
        text: Box<[u8]>,
    },
}

/// A text in pieces, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Pieces<'a>(pub [&'a [u8]; 3]);

/// How texts are cut.
#[derive(Clone, Debug)]
pub struct Truncation {
    limit: usize,
    between_characters: bool,
    marker: Box<[u8]>,
}

impl Truncation {
    /// Texts of more than `limit` bytes lose their end. The marker comes in its place, and its bytes count. With
    /// `between_characters`, no character is cut in two.
    ///
    /// # Errors
    /// The marker alone is longer than the limit.
    pub fn new(limit: usize, between_characters: bool, marker: &[u8]) -> Result<Truncation, String> {
        if marker.len() > limit {
            return Err(format!("the marker has {} bytes, more than the limit {limit}", marker.len()));
        }
        Ok(Truncation { limit, between_characters, marker: marker.into() })
    }

    /// How many bytes a text may have.
    #[inline]
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// The part of a text beyond the limit that stays.
    fn head<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let mut at = self.limit - self.marker.len();
        if self.between_characters {
            while at > 0 && text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80) {
                at -= 1;
            }
        }
        text.get(..at).unwrap_or(text)
    }

    #[inline]
    fn pieces<'a>(&'a self, text: &'a [u8]) -> Option<Pieces<'a>> {
        (text.len() > self.limit).then(|| Pieces([self.head(text), &self.marker, &[]]))
    }

    #[inline]
    fn apply<'a>(&self, text: &'a [u8], arena: &'a Arena) -> Result<Option<&'a [u8]>, EvalError> {
        if text.len() <= self.limit {
            return Ok(None);
        }
        let head = self.head(text);
        if self.marker.is_empty() {
            return Ok(Some(head));
        }
        let mut cut = arena.vec_for(head.len() + self.marker.len())?;
        cut.extend_from_slice(head)?;
        cut.extend_from_slice(&self.marker)?;
        Ok(Some(cut.into_slice()))
    }
}

impl<'a> Pieces<'a> {
    /// A text in one piece.
    fn whole(text: &'a [u8]) -> Pieces<'a> {
        Pieces([text, &[], &[]])
    }

    /// How many bytes the text has.
    #[inline]
    #[expect(clippy::len_without_is_empty, reason = "nobody asks")]
    pub fn len(&self) -> usize {
        let [front, middle, back] = self.0;
        front.len() + middle.len() + back.len()
    }

    /// Whether they are this text.
    #[inline]
    pub fn are(&self, text: &[u8]) -> bool {
        let [front, middle, back] = self.0;
        let rest = || text.strip_prefix(front)?.strip_prefix(middle);
        self.len() == text.len() && rest() == Some(back)
    }

    /// Appends the text.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`](crate::ErrorKind::Budget).
    #[inline]
    pub fn put(&self, out: &mut ArenaVec<'_, u8>) -> Result<(), EvalError> {
        self.0.iter().filter(|piece| !piece.is_empty()).try_for_each(|piece| out.extend_from_slice(piece))
    }

    /// The text in the arena.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`](crate::ErrorKind::Budget).
    pub fn join(&self, arena: &'a Arena) -> Result<&'a [u8], EvalError> {
        if let [text, [], []] = self.0 {
            return Ok(text);
        }
        let mut text = arena.vec_for(self.len())?;
        self.put(&mut text)?;
        Ok(text.into_slice())
    }

    /// The `AnyValue` of the text in the arena.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`](crate::ErrorKind::Budget).
    pub fn any(&self, arena: &'a Arena) -> Result<&'a [u8], EvalError> {
        let len = self.len();
        let mut any = arena.vec_for(len + LONGEST_HEAD)?;
        match len {
            ..0x80 => any.extend_from_slice(&[tags::TEXT, len as u8])?,
            0x80..0x4000 => any.extend_from_slice(&[tags::TEXT, len as u8 | 0x80, (len >> 7) as u8])?,
            _ => {
                let mut head = vec![tags::TEXT];
                put_varint(&mut head, len as u64);
                any.extend_from_slice(&head)?;
            }
        }
        self.put(&mut any)?;
        Ok(any.into_slice())
    }
}

/// How long the tag and the length of a text are at most.
const LONGEST_HEAD: usize = 11;

impl TextRewrite {
    /// What a text becomes, in pieces; nothing if it stays, because it is not what the rewrite is for. With `is_likely` there is no
    /// first look at whether it may change.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`](crate::ErrorKind::Budget).
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn pieces<'a>(
        &'a self,
        text: &'a [u8],
        is_likely: bool,
        arena: &'a Arena,
    ) -> Result<Option<Pieces<'a>>, EvalError> {
        match self {
            TextRewrite::Truncate(truncation) => Ok(truncation.pieces(text)),
            TextRewrite::Replace { regex, template } => {
                let replaced = regex.replace(text, template, is_likely, |len| arena.vec_for(len))?;
                Ok(replaced.map(|replaced| match replaced {
                    Replaced::Once(pieces) => Pieces(pieces),
                    Replaced::Text(text) => Pieces::whole(text.into_slice()),
                }))
            }
            TextRewrite::ReplaceWhole { glob, text: new } => Ok(glob.is_match(text).then(|| Pieces::whole(new))),
        }
    }

    /// What a text becomes; nothing if it stays, because it is not what the rewrite is for.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`](crate::ErrorKind::Budget).
    #[inline]
    pub fn apply<'a>(&self, text: &'a [u8], arena: &'a Arena) -> Result<Option<&'a [u8]>, EvalError> {
        match self {
            TextRewrite::Truncate(truncation) => truncation.apply(text, arena),
            TextRewrite::Replace { regex, template } => {
                let replaced = regex.replace_all_into(text, template, |len| arena.vec_for(len))?;
                Ok(replaced.map(|text: ArenaVec<'a, u8>| &*text.into_slice()))
            }
            TextRewrite::ReplaceWhole { glob, text: new } => {
                if glob.is_match(text) {
                    Ok(Some(arena.copy(new)?))
                } else {
                    Ok(None)
                }
            }
        }
    }

    /// How long a text may be that stays whatever it says, in bytes; nothing if the empty one may change.
    #[inline]
    pub fn spares(&self) -> Option<usize> {
        if let TextRewrite::Truncate(truncation) = self { Some(truncation.limit) } else { None }
    }

    /// Bytes without which a text stays, if any are known.
    pub fn needed_bytes(&self) -> Option<NeededBytes> {
        if let TextRewrite::Replace { regex, .. } = self { regex.needed_bytes() } else { None }
    }

    /// A question to which bytes that hold many texts answer yes if one of the texts may change, if there is one that costs
    /// little.
    pub fn needed_among(&self) -> Option<TextPattern> {
        if let TextRewrite::Replace { regex, .. } = self { regex.needed_among() } else { None }
    }

    /// What pieces of a text become, if that is always the same.
    pub fn piece(&self) -> Option<&[u8]> {
        if let TextRewrite::Replace { template, .. } = self { template.text() } else { None }
    }

    /// Rewrites the values of a map that are texts. What stays the same is not written.
    ///
    /// # Errors
    /// As [`TextRewrite::apply`]; damage of a value.
    pub fn rewrite_values<'a>(&self, map: &mut MapEdit<'a>, arena: &'a Arena) -> Result<(), EvalError> {
        let mut next = 0;
        while let Some((idx, text)) = map.next_text(next, self.spares())? {
            if let Some(new) = self.apply(text, arena)?
                && new != text
            {
                map.set_at(idx, Value::Str(new));
            }
            next = idx + 1;
        }
        Ok(())
    }

    /// The call of an editor that rewrites the text that its target names. It is written also if it stays the same.
    pub(super) fn edit_target<'a>(&self, cx: &mut CallContext<'_, 'a>, target: Value<'a>) -> Result<(), EvalError> {
        let arena = cx.arena();
        match cx.read(target)? {
            Value::Str(text) => match self.apply(text, arena)? {
                Some(new) => cx.write(target, Value::Str(new)),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }
}
