//! [`Kernel`]: what a call site does, as a closure that owns what it needs, or as data.
//!
//! A function states its meaning once, in the form that says the most. What the call of a kernel that is data does is
//! derived from it here, for the engine that defines what plans mean and for tests; an engine may run the data in its own
//! way instead, many call sites at once for instance.

use std::fmt;

use ottl_regex::{Regex, TextPattern};

use super::{CallContext, Const, KeyFilter, Reach, TextPredicate, TextRewrite};
use crate::edit::MapEdit;
use crate::{Arena, ErrorKind, EvalError, Value};

/// A closure that gives a value: the context of the call, and one argument for each parameter.
pub type ValueFn =
    dyn for<'c, 'a> Fn(&mut CallContext<'c, 'a>, &[Value<'a>]) -> Result<Value<'a>, EvalError> + Send + Sync;

/// A closure that writes what it makes of a text to where that stays.
pub type DigestFn = dyn Fn(&[u8], &mut [u8]) + Send + Sync;

/// A [`ValueFn`] that changes something.
pub type EditFn = dyn for<'c, 'a> Fn(&mut CallContext<'c, 'a>, &[Value<'a>]) -> Result<(), EvalError> + Send + Sync;

/// A closure that changes a map: the map, the arguments, and the batch's arena.
pub type MapFn = dyn for<'a> Fn(&mut MapEdit<'a>, &[Value<'a>], &'a Arena) -> Result<(), EvalError> + Send + Sync;

/// What a call site does. Made when the rules are compiled, out of what is known of the arguments by then.
pub enum Kernel {
    /// Gives a value.
    Value(Box<ValueFn>),
    /// Gives a value that depends on its first argument alone: the others are literals, and the closure does not look at them.
    OfFirst(Box<ValueFn>),
    /// Gives what a pattern finds in its first argument.
    Extract(Extraction),
    /// Gives the length of its only argument: of a text, how many bytes it has; of a list of messages, how many; of other values, what
    /// the closure says.
    Length(Box<ValueFn>),
    /// Gives its only argument, a duration, in whole units of so many nanoseconds, cut towards zero; of other values what the closure
    /// says.
    WholeUnits(i64, Box<ValueFn>),
    /// Gives a text of so many bytes for its only argument, a text.
    Digest(usize, Box<DigestFn>),
    /// Does what its closure does; it may ask the engine for everything.
    Edit(Box<EditFn>),
    /// The same, where of the maps that its arguments name only single keys are read, and this one is written, if any is.
    EditByKey(Option<Vec<u8>>, Box<EditFn>),
    /// Changes the map that its first argument names, and needs nothing else of the record. What it did stays, also when
    /// it fails.
    EditMap(Box<MapFn>),
    /// The same, where a second argument that is an empty map leaves it as it is.
    MergeMap(Box<MapFn>),
    /// Asks something about its first argument, where that is a text or nil; of nothing else it is true.
    Predicate(TextPredicate),
    /// Asks whether its second argument is one of these texts, which are all that its first argument lists.
    IsAmong(Vec<Vec<u8>>),
    /// Writes its second argument to its first.
    Assign,
    /// Takes the key that its second argument names out of the map that its first names, the last pair moving into the hole.
    RemoveKey,
    /// Takes the pairs out of the map that its first argument names that a filter does not keep.
    FilterKeys(KeyFilter),
    /// Rewrites texts, each by itself, and leaves everything else alone.
    RewriteText(Reach, TextRewrite),
    /// Changes the map that its first argument names, unless none of its keys matches a pattern.
    EditKeys(KeysEdit),
}

/// What is done to a map of which some key matches a pattern.
pub struct KeysEdit {
    regex: Regex,
    edit: Box<MapFn>,
    renames: Option<[Vec<u8>; 2]>,
}

impl KeysEdit {
    /// The pattern.
    pub fn regex(&self) -> &Regex {
        &self.regex
    }

    /// Two keys, if all it does is this: of the only pair with the first one, where no key is there twice, the key becomes the
    /// second one, which is not there.
    pub fn renames(&self) -> Option<&[Vec<u8>; 2]> {
        self.renames.as_ref()
    }

    // PERF (json-bodies): in `change_map` it would keep that from being inlined.
    #[inline(never)]
    fn apply<'a>(&self, map: &mut MapEdit<'a>, args: &[Value<'a>], arena: &'a Arena) -> Result<(), EvalError> {
        let is_any = map.keys().any(|key| self.regex.is_match(key));
        if is_any { (self.edit)(map, args, arena) } else { Ok(()) }
    }
}

/// What a pattern finds in a text, the first argument: a map, which is empty for every text that does not match.
pub struct Extraction {
    pattern: TextPattern,
    eval: Box<ValueFn>,
}

impl Extraction {
    /// The pattern. Of a text that does not match it, nothing is found and nothing fails.
    pub fn pattern(&self) -> &TextPattern {
        &self.pattern
    }
}

impl Kernel {
    /// A closure that gives the empty map for every text, as its first argument, that does not match a pattern.
    pub fn extract<F>(pattern: TextPattern, eval: F) -> Kernel
    where
        F: for<'c, 'a> Fn(&mut CallContext<'c, 'a>, &[Value<'a>]) -> Result<Value<'a>, EvalError>
            + Send
            + Sync
            + 'static,
    {
        Kernel::Extract(Extraction { pattern, eval: Box::new(eval) })
    }

    /// A closure that gives a value.
    pub fn value<F>(eval: F) -> Kernel
    where
        F: for<'c, 'a> Fn(&mut CallContext<'c, 'a>, &[Value<'a>]) -> Result<Value<'a>, EvalError>
            + Send
            + Sync
            + 'static,
    {
        Kernel::Value(Box::new(eval))
    }

    /// A closure that gives a value and looks at its first argument alone; all others are literals that it has seen before.
    pub fn of_first<F>(eval: F) -> Kernel
    where
        F: for<'c, 'a> Fn(&mut CallContext<'c, 'a>, &[Value<'a>]) -> Result<Value<'a>, EvalError>
            + Send
            + Sync
            + 'static,
    {
        Kernel::OfFirst(Box::new(eval))
    }

    /// A closure that gives its only argument, a duration, in whole units of so many nanoseconds, cut towards zero.
    pub fn whole_units<F>(unit: i64, eval: F) -> Kernel
    where
        F: for<'c, 'a> Fn(&mut CallContext<'c, 'a>, &[Value<'a>]) -> Result<Value<'a>, EvalError>
            + Send
            + Sync
            + 'static,
    {
        Kernel::WholeUnits(unit, Box::new(eval))
    }

    /// A closure that gives the length of its only argument: of a text, how many bytes it has.
    pub fn length<F>(eval: F) -> Kernel
    where
        F: for<'c, 'a> Fn(&mut CallContext<'c, 'a>, &[Value<'a>]) -> Result<Value<'a>, EvalError>
            + Send
            + Sync
            + 'static,
    {
        Kernel::Length(Box::new(eval))
    }

    /// A closure that writes the text of `len` bytes that it makes of its only argument, a text, to where that stays.
    pub fn digest<F>(len: usize, write: F) -> Kernel
    where
        F: Fn(&[u8], &mut [u8]) + Send + Sync + 'static,
    {
        Kernel::Digest(len, Box::new(write))
    }

    /// A closure that changes something.
    pub fn edit<F>(edit: F) -> Kernel
    where
        F: for<'c, 'a> Fn(&mut CallContext<'c, 'a>, &[Value<'a>]) -> Result<(), EvalError> + Send + Sync + 'static,
    {
        Kernel::Edit(Box::new(edit))
    }

    /// A closure that changes a map.
    pub fn edit_map<F>(edit: F) -> Kernel
    where
        F: for<'a> Fn(&mut MapEdit<'a>, &[Value<'a>], &'a Arena) -> Result<(), EvalError> + Send + Sync + 'static,
    {
        Kernel::EditMap(Box::new(edit))
    }

    /// A closure that changes a map, and leaves it as it is where its second argument is an empty map.
    pub fn merge_map<F>(edit: F) -> Kernel
    where
        F: for<'a> Fn(&mut MapEdit<'a>, &[Value<'a>], &'a Arena) -> Result<(), EvalError> + Send + Sync + 'static,
    {
        Kernel::MergeMap(Box::new(edit))
    }

    /// A closure that reads single keys of the maps that its arguments name, and writes this one, if any.
    pub fn edit_by_key<F>(key: Option<Vec<u8>>, edit: F) -> Kernel
    where
        F: for<'c, 'a> Fn(&mut CallContext<'c, 'a>, &[Value<'a>]) -> Result<(), EvalError> + Send + Sync + 'static,
    {
        Kernel::EditByKey(key, Box::new(edit))
    }

    /// A closure that changes a map of which some key matches a pattern. `renames` is what [`KeysEdit::renames`] says.
    pub fn edit_keys<F>(regex: Regex, renames: Option<[Vec<u8>; 2]>, edit: F) -> Kernel
    where
        F: for<'a> Fn(&mut MapEdit<'a>, &[Value<'a>], &'a Arena) -> Result<(), EvalError> + Send + Sync + 'static,
    {
        Kernel::EditKeys(KeysEdit { regex, edit: Box::new(edit), renames })
    }

    /// Whether a call gives a value, as those of converters do, and changes nothing.
    pub fn gives_value(&self) -> bool {
        matches!(
            self,
            Kernel::Value(_)
                | Kernel::OfFirst(_)
                | Kernel::Length(_)
                | Kernel::WholeUnits(..)
                | Kernel::Digest(..)
                | Kernel::Extract(_)
                | Kernel::Predicate(_)
                | Kernel::IsAmong(_)
        )
    }

    /// Makes the call: the value of a converter, nil for an editor.
    ///
    /// # Errors
    /// Those of the closure; for editors those of the path that the first argument names, and a type error when there is
    /// no map where one is edited.
    #[inline]
    pub fn call<'a>(&self, cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
        match self {
            Kernel::Value(eval)
            | Kernel::OfFirst(eval)
            | Kernel::Length(eval)
            | Kernel::WholeUnits(_, eval)
            | Kernel::Extract(Extraction { eval, .. }) => {
                return eval(cx, args);
            }
            Kernel::Edit(edit) | Kernel::EditByKey(_, edit) => edit(cx, args),
            kernel => return kernel.call_derived(cx, args),
        }
        .map(|()| Value::Nil)
    }

    fn call_derived<'a>(&self, cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
        let target = args.first().copied().unwrap_or(Value::Absent);
        match self {
            Kernel::Value(_)
            | Kernel::OfFirst(_)
            | Kernel::Length(_)
            | Kernel::WholeUnits(..)
            | Kernel::Extract(_)
            | Kernel::Edit(_)
            | Kernel::EditByKey(..) => {
                return self.call(cx, args);
            }
            Kernel::Digest(len, write) => {
                let Value::Str(text) = target else {
                    let kind = ErrorKind::Type { expected: "string", got: target.type_name() };
                    return Err(EvalError::new(kind).of(0));
                };
                let digest = cx.arena().repeat(*len, 0)?;
                write(text, digest);
                return Ok(Value::Str(digest));
            }
            Kernel::Predicate(predicate) => return Ok(Value::Bool(predicate.holds(target.as_str()))),
            Kernel::IsAmong(texts) => {
                let item = args.get(1).and_then(Value::as_str);
                return Ok(Value::Bool(item.is_some_and(|item| texts.iter().any(|text| text == item))));
            }
            Kernel::Assign => cx.write(target, args.get(1).copied().unwrap_or(Value::Absent)),
            Kernel::RewriteText(Reach::Target, rewrite) => rewrite.edit_target(cx, target),
            Kernel::EditMap(_)
            | Kernel::MergeMap(_)
            | Kernel::RemoveKey
            | Kernel::FilterKeys(_)
            | Kernel::EditKeys(_)
            | Kernel::RewriteText(Reach::Values, _) => {
                let arena = cx.arena();
                cx.edit_map(target, |_, map| self.change_map(map, args, arena))
            }
        }
        .map(|()| Value::Nil)
    }

    /// Does to a map what the call does to the one that its first argument names.
    ///
    /// # Errors
    /// Those of the closure; [`crate::ErrorKind::Budget`]; that the kernel does something else.
    #[inline]
    pub fn change_map<'a>(&self, map: &mut MapEdit<'a>, args: &[Value<'a>], arena: &'a Arena) -> Result<(), EvalError> {
        match self {
            Kernel::EditMap(edit) | Kernel::MergeMap(edit) => edit(map, args, arena),
            Kernel::FilterKeys(filter) => filter.apply(map, arena),
            Kernel::EditKeys(edit) => edit.apply(map, args, arena),
            Kernel::RewriteText(Reach::Values, rewrite) => rewrite.rewrite_values(map, arena),
            Kernel::RemoveKey => {
                let Some(Value::Str(key)) = args.get(1) else {
                    return Err(EvalError::function("the key must be a string"));
                };
                if let Some(idx) = map.position(key) {
                    map.swap_remove(idx);
                }
                Ok(())
            }
            Kernel::Value(_)
            | Kernel::OfFirst(_)
            | Kernel::Length(_)
            | Kernel::WholeUnits(..)
            | Kernel::Digest(..)
            | Kernel::Extract(_)
            | Kernel::Edit(_)
            | Kernel::EditByKey(..)
            | Kernel::Predicate(_)
            | Kernel::IsAmong(_)
            | Kernel::Assign
            | Kernel::RewriteText(Reach::Target, _) => Err(EvalError::function("the function edits no map")),
        }
    }
}

impl fmt::Debug for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kernel::Value(_) => f.write_str("Value"),
            Kernel::OfFirst(_) => f.write_str("OfFirst"),
            Kernel::Length(_) => f.write_str("Length"),
            Kernel::WholeUnits(unit, _) => f.debug_tuple("WholeUnits").field(unit).finish(),
            Kernel::Digest(len, _) => f.debug_tuple("Digest").field(len).finish(),
            Kernel::Extract(extraction) => f.debug_tuple("Extract").field(&extraction.pattern).finish(),
            Kernel::Edit(_) => f.write_str("Edit"),
            Kernel::EditByKey(key, _) => f.debug_tuple("EditByKey").field(key).finish(),
            Kernel::EditMap(_) => f.write_str("EditMap"),
            Kernel::MergeMap(_) => f.write_str("MergeMap"),
            Kernel::Predicate(predicate) => f.debug_tuple("Predicate").field(predicate).finish(),
            Kernel::IsAmong(texts) => f.debug_tuple("IsAmong").field(texts).finish(),
            Kernel::Assign => f.write_str("Assign"),
            Kernel::RemoveKey => f.write_str("RemoveKey"),
            Kernel::FilterKeys(filter) => f.debug_tuple("FilterKeys").field(filter).finish(),
            Kernel::EditKeys(edit) => f.debug_tuple("EditKeys").field(&edit.regex).finish(),
            Kernel::RewriteText(reach, rewrite) => f.debug_tuple("RewriteText").field(reach).field(rewrite).finish(),
        }
    }
}

/// The kernel of a converter as a plain function.
pub type ValueKernel = for<'c, 'a> fn(&mut CallContext<'c, 'a>, &[Value<'a>]) -> Result<Value<'a>, EvalError>;

/// The kernel of an editor as a plain function.
pub type EditKernel = for<'c, 'a> fn(&mut CallContext<'c, 'a>, &[Value<'a>]) -> Result<(), EvalError>;

/// The kernel of an editor of a map as a plain function.
pub type MapKernel = for<'a> fn(&mut MapEdit<'a>, &[Value<'a>], &'a Arena) -> Result<(), EvalError>;

/// Checks what is known of the arguments of a call site, and makes its kernel.
pub type CompileKernel = fn(&[Const<'_>]) -> Result<Kernel, String>;

/// How the kernels of a function are made.
#[derive(Clone, Copy)]
pub enum Compile {
    /// All call sites give values by this function.
    Value(ValueKernel),
    /// All call sites edit by this function.
    Edit(EditKernel),
    /// All call sites edit maps by this function.
    EditMap(MapKernel),
    /// All call sites are [`Kernel::Assign`].
    Assign,
    /// All call sites are [`Kernel::RemoveKey`].
    RemoveKey,
    /// Each call site has a kernel of its own.
    CallSite(CompileKernel),
}

impl Compile {
    /// The kernel of a call site.
    ///
    /// # Errors
    /// Why the call cannot be, for the user.
    pub fn kernel(&self, literals: &[Const<'_>]) -> Result<Kernel, String> {
        match *self {
            Compile::Value(eval) => Ok(Kernel::value(eval)),
            Compile::Edit(edit) => Ok(Kernel::edit(edit)),
            Compile::EditMap(edit) => Ok(Kernel::edit_map(edit)),
            Compile::Assign => Ok(Kernel::Assign),
            Compile::RemoveKey => Ok(Kernel::RemoveKey),
            Compile::CallSite(compile) => compile(literals),
        }
    }
}

impl fmt::Debug for Compile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Compile::Value(_) => "Value",
            Compile::Edit(_) => "Edit",
            Compile::EditMap(_) => "EditMap",
            Compile::Assign => "Assign",
            Compile::RemoveKey => "RemoveKey",
            Compile::CallSite(_) => "CallSite",
        })
    }
}
