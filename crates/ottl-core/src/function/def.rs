//! [`FunctionDef`]: the row that describes a function.

use std::sync::Arc;

use super::{
    CallContext, Compile, CompileKernel, EditKernel, Function, Kernel, MapKernel, Param, ParamType, ShortList,
    ValueKernel,
};
use crate::data::DataSets;
use crate::edit::MapEdit;
use crate::{Arena, EvalError, Gate, Target, Value, Versions};

/// Whether a function stands as a statement or gives a value. Decides the case of the first letter of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    /// Changes its target; its name starts with a lower-case letter.
    Editor,
    /// Gives a value and changes nothing; its name starts with an upper-case letter.
    Converter,
}

/// Whether a call can be moved, shared or left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purity {
    /// The same arguments give the same result.
    Pure,
    /// The result depends on the clock or on chance.
    Volatile,
    /// It looks at the record beyond its arguments, or changes it.
    Record,
}

/// The static type of a result, for the checker's warnings. `Any` when it depends on the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum Type {
    Any,
    Nil,
    Bool,
    Int,
    Float,
    String,
    Bytes,
    Map,
    List,
    Time,
    Duration,
    TraceId,
    SpanId,
    ProfileId,
}

/// In which contexts a function may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Availability {
    /// Context names for statements (and their `where`); empty means every context.
    pub statements: &'static [&'static str],
    /// Context names for conditions (transform groups' `conditions`, and the filter processor); empty means every one.
    pub conditions: &'static [&'static str],
}

impl Availability {
    /// Everywhere.
    pub const EVERYWHERE: Availability = Availability { statements: &[], conditions: &[] };
    /// Statements only, in every context: the editors.
    pub const STATEMENTS: Availability = Availability { statements: &[], conditions: &["none"] };

    /// Whether a call may stand in this context.
    pub fn allows(&self, context: &str, in_condition: bool) -> bool {
        let list = if in_condition { self.conditions } else { self.statements };
        list.is_empty() || list.contains(&context)
    }
}

/// What is known of an argument when the rules are compiled.
#[derive(Clone, Copy, Debug)]
pub enum Const<'v> {
    /// Left out.
    Absent,
    /// A literal, already converted.
    Value(Value<'v>),
    /// Known at run time only.
    Dynamic,
}

impl<'v> Const<'v> {
    /// The text of a string literal.
    pub fn as_str(&self) -> Option<&'v [u8]> {
        if let Const::Value(Value::Str(s)) = self { Some(s) } else { None }
    }

    /// The number of an int literal.
    pub fn as_int(&self) -> Option<i64> {
        if let Const::Value(Value::Int(i)) = self { Some(*i) } else { None }
    }
}

/// An example that runs as a test and shows in the documentation.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// For a converter the expression, for an editor the statement.
    pub code: &'static str,
    /// For a converter the JSON text of the result; for an editor the record after it, as OTLP/JSON.
    pub result: &'static str,
    /// The record that an editor's example starts from, as OTLP/JSON, where it is not the one of all examples.
    pub before: Option<&'static str>,
}

/// The most parameters that a function has.
pub const MAX_PARAMS: usize = 8;

/// The most examples that a function has.
pub const MAX_EXAMPLES: usize = 4;

/// Everything there is to know of a function. It is put together by its methods, in a constant or while a program runs:
///
/// ```
/// use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
/// use ottl_core::{EvalError, Value};
///
/// const DOUBLE: FunctionDef = FunctionDef::converter("Twice")
///     .arg("number", ParamType::INT, "the number")
///     .returns(Type::Int)
///     .docs("A number twice.")
///     .example("Twice(2)", "4")
///     .value(twice);
///
/// fn twice<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
///     Ok(args[0].as_int().map_or(Value::Nil, |number| Value::Int(number.wrapping_mul(2))))
/// }
/// # assert_eq!(DOUBLE.params.len(), 1);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FunctionDef {
    /// The name in OTTL.
    pub name: &'static str,
    /// Editor or converter.
    pub kind: FunctionKind,
    /// The parameters in order, hidden ones last.
    pub params: ShortList<Param, MAX_PARAMS>,
    /// The static type of the result.
    pub returns: Type,
    /// Whether calls can be moved or shared.
    pub purity: Purity,
    /// Where it may be called.
    pub availability: Availability,
    /// The versions of the reference that have it, as this row describes it.
    pub versions: Versions,
    /// The row of the versions before, if they have the function in another form.
    pub before: Option<&'static FunctionDef>,
    /// The gate without which rules cannot call it.
    pub gate: Option<Gate>,
    /// What it does, first line as a summary.
    pub docs: &'static str,
    /// Examples; at least one.
    pub examples: ShortList<Example, MAX_EXAMPLES>,
    /// Which data sets a call needs, by what is known of its arguments.
    pub needs: fn(&[Const<'_>]) -> DataSets,
    /// How the kernels of its call sites are made.
    pub compile: Compile,
}

impl FunctionDef {
    /// A converter without parameters that is pure, gives any type, and may be called everywhere.
    #[must_use]
    pub const fn converter(name: &'static str) -> Self {
        FunctionDef::new(name, FunctionKind::Converter, Type::Any, Purity::Pure, Availability::EVERYWHERE)
    }

    /// An editor without parameters that may stand in every context.
    #[must_use]
    pub const fn editor(name: &'static str) -> Self {
        FunctionDef::new(name, FunctionKind::Editor, Type::Nil, Purity::Record, Availability::STATEMENTS)
    }

    const fn new(
        name: &'static str,
        kind: FunctionKind,
        returns: Type,
        purity: Purity,
        availability: Availability,
    ) -> Self {
        FunctionDef {
            name,
            kind,
            params: ShortList::empty(Param::implicit("")),
            returns,
            purity,
            availability,
            versions: Versions::ALL,
            before: None,
            gate: None,
            docs: "",
            examples: ShortList::empty(Example { code: "", result: "", before: None }),
            needs: |_| DataSets::NONE,
            compile: Compile::CallSite(|_| Err("it has no kernel".to_owned())),
        }
    }

    /// With one required parameter more: its spelling for named arguments, what it takes, and what it is for.
    ///
    /// # Panics
    /// There are [`MAX_PARAMS`] already.
    #[must_use]
    pub const fn arg(self, name: &'static str, ty: ParamType, doc: &'static str) -> Self {
        self.param(Param::new(name, ty, doc))
    }

    /// With one more that may be left out; the kernel then receives [`Value::Absent`].
    ///
    /// # Panics
    /// As [`FunctionDef::arg`].
    #[must_use]
    pub const fn optional(self, name: &'static str, ty: ParamType, doc: &'static str) -> Self {
        self.param(Param::new(name, ty, doc).optional())
    }

    /// With one parameter more of any kind.
    ///
    /// # Panics
    /// As [`FunctionDef::arg`].
    #[must_use]
    pub const fn param(mut self, param: Param) -> Self {
        self.params = self.params.with(param);
        self
    }

    /// With this static type of the result.
    #[must_use]
    pub const fn returns(mut self, ty: Type) -> Self {
        self.returns = ty;
        self
    }

    /// With another purity.
    #[must_use]
    pub const fn purity(mut self, purity: Purity) -> Self {
        self.purity = purity;
        self
    }

    /// In these contexts only.
    #[must_use]
    pub const fn availability(mut self, availability: Availability) -> Self {
        self.availability = availability;
        self
    }

    /// In this version of the reference and later ones only.
    #[must_use]
    pub const fn since(mut self, since: Target) -> Self {
        self.versions.since = since;
        self
    }

    /// In this version of the reference and earlier ones only.
    #[must_use]
    pub const fn until(mut self, until: Target) -> Self {
        self.versions.until = until;
        self
    }

    /// In earlier versions of the reference as this row describes it, which ends there.
    #[must_use]
    pub const fn before(mut self, before: &'static FunctionDef) -> Self {
        self.before = Some(before);
        self
    }

    /// Only with this gate of the reference.
    #[must_use]
    pub const fn gate(mut self, gate: Gate) -> Self {
        self.gate = Some(gate);
        self
    }

    /// With this documentation.
    #[must_use]
    pub const fn docs(mut self, docs: &'static str) -> Self {
        self.docs = docs;
        self
    }

    /// With one example more; see [`Example`] for what its result is.
    ///
    /// # Panics
    /// There are [`MAX_EXAMPLES`] already.
    #[must_use]
    pub const fn example(mut self, code: &'static str, result: &'static str) -> Self {
        self.examples = self.examples.with(Example { code, result, before: None });
        self
    }

    /// The same for an editor's example that starts from a record of its own.
    ///
    /// # Panics
    /// As [`FunctionDef::example`].
    #[must_use]
    pub const fn example_on(mut self, before: &'static str, code: &'static str, result: &'static str) -> Self {
        self.examples = self.examples.with(Example { code, result, before: Some(before) });
        self
    }

    /// With data sets that its calls need; those without which a call could not give any value that the reference gives.
    #[must_use]
    pub const fn needs(mut self, needs: fn(&[Const<'_>]) -> DataSets) -> Self {
        self.needs = needs;
        self
    }

    /// The converter whose calls all give their values by this function.
    #[must_use]
    pub const fn value(self, eval: ValueKernel) -> Self {
        self.compiled(Compile::Value(eval))
    }

    /// The editor whose calls are all made by this function.
    #[must_use]
    pub const fn edit(self, edit: EditKernel) -> Self {
        self.compiled(Compile::Edit(edit))
    }

    /// The editor whose calls all do this to the map that the first argument names.
    #[must_use]
    pub const fn edit_map(self, edit: MapKernel) -> Self {
        self.compiled(Compile::EditMap(edit))
    }

    /// The editor that writes its second argument to its first.
    #[must_use]
    pub const fn assign(self) -> Self {
        self.compiled(Compile::Assign)
    }

    /// The editor that takes the key that its second argument names out of the map that its first names.
    #[must_use]
    pub const fn remove_key(self) -> Self {
        self.compiled(Compile::RemoveKey)
    }

    /// The function of whose call sites each has a kernel of its own: it depends on literal arguments, which are checked
    /// on that occasion, or it is data.
    #[must_use]
    pub const fn compile(self, compile: CompileKernel) -> Self {
        self.compiled(Compile::CallSite(compile))
    }

    const fn compiled(mut self, compile: Compile) -> Self {
        self.compile = compile;
        self
    }

    /// The converter whose calls all give their values by this closure, which may own things. Where the same arguments do not
    /// always give the same value, [`FunctionDef::purity`] has to say so: calls of a pure one are moved and shared.
    pub fn value_with<F>(self, eval: F) -> Function
    where
        F: for<'c, 'a> Fn(&mut CallContext<'c, 'a>, &[Value<'a>]) -> Result<Value<'a>, EvalError>
            + Send
            + Sync
            + 'static,
    {
        let eval = Arc::new(eval);
        self.compile_with(move |_| {
            let eval = eval.clone();
            Ok(Kernel::value(move |cx, args| eval(cx, args)))
        })
    }

    /// The editor whose calls are all made by this closure, which may own things.
    pub fn edit_with<F>(self, edit: F) -> Function
    where
        F: for<'c, 'a> Fn(&mut CallContext<'c, 'a>, &[Value<'a>]) -> Result<(), EvalError> + Send + Sync + 'static,
    {
        let edit = Arc::new(edit);
        self.compile_with(move |_| {
            let edit = edit.clone();
            Ok(Kernel::edit(move |cx, args| edit(cx, args)))
        })
    }

    /// The editor whose calls all do this to the map that the first argument names, by a closure, which may own things.
    pub fn edit_map_with<F>(self, edit: F) -> Function
    where
        F: for<'a> Fn(&mut MapEdit<'a>, &[Value<'a>], &'a Arena) -> Result<(), EvalError> + Send + Sync + 'static,
    {
        let edit = Arc::new(edit);
        self.compile_with(move |_| {
            let edit = edit.clone();
            Ok(Kernel::edit_map(move |map, args, arena| edit(map, args, arena)))
        })
    }

    /// The function whose kernels are made by this closure, which may own things. It sees what is known of the arguments
    /// of a call site; the text of its error is shown to the user as the reason why the call cannot be.
    pub fn compile_with(
        self,
        compile: impl Fn(&[Const<'_>]) -> Result<Kernel, String> + Send + Sync + 'static,
    ) -> Function {
        Function::with(self, Arc::new(compile))
    }

    /// The parameters that a user can pass.
    pub fn visible_params(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().filter(|p| p.implicit.is_none())
    }
}
