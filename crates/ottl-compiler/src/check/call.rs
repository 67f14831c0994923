//! Calls: which function, which argument for which parameter, and what the function says to them.

use ottl_core::function::{Const, Function, FunctionDef, Kernel, Param, ParamType, parameter_name_matches};
use ottl_core::{Arena, Versions};
use ottl_diagnostics::{Code, Diagnostic, Span, near_name};
use ottl_plan::Literal;
use ottl_schema::ContextId;
use ottl_syntax::ast::{self, Argument, ArgumentValue, Ident, Value};

use super::{Checker, one_of};
use crate::hir::{Arg, Call, Expr, Kind, PathUse};
use crate::reference;
use crate::versions::{self, Change};

impl<'c, 't> Checker<'c, 't> {
    /// Checks a converter call with its keys.
    pub fn converter(&mut self, call: &'t ast::Call) -> Option<Expr> {
        let limit = self.scope.compiler.limits.calls;
        if self.calls >= limit {
            self.too_deep(call, limit);
            return None;
        }
        self.calls += 1;
        let checked = self.call(call);
        self.calls -= 1;
        let checked = checked.map(|checked| {
            let ty = checked.def.returns;
            let span = checked.span;
            Expr::new(Kind::Call(Box::new(checked)), ty, span)
        });
        self.indexed(checked, &call.keys, call.span)
    }

    #[cold]
    fn too_deep(&mut self, call: &ast::Call, limit: usize) {
        let message = format!("more than {limit} converters are called inside each other");
        // Conditions of lists have the caches of no statement.
        let place = if self.scope.in_condition { "an attribute" } else { "`cache`" };
        self.fault(
            Diagnostic::new(Code::CALLS_TOO_DEEP, call.name.span, message)
                .label("one call too many")
                .help(format!("compute parts of it in statements of their own, for instance into {place}")),
        );
    }

    /// Checks a call without its keys.
    pub fn call(&mut self, call: &'t ast::Call) -> Option<Call> {
        let Some(def) = self.function(&call.name) else {
            self.stray_arguments(call);
            return None;
        };
        let visible = def.visible_params().count();
        // COMPAT: a function without parameters never looks at its arguments.
        let given = if visible == 0 {
            Vec::new()
        } else {
            let Some(given) = self.assign(call, def, visible) else {
                self.stray_arguments(call);
                return None;
            };
            given
        };
        let mut args = Vec::with_capacity(def.params.len());
        let mut complete = true;
        let mut given = given.into_iter();
        for param in &def.params {
            let arg = match param.implicit {
                Some(path) => self.implicit(path).map(|path| {
                    let used = PathUse { path, keys: Vec::new(), span: call.name.span };
                    if param.ty == ParamType::Target {
                        return Arg::Target(used);
                    }
                    let ty = ottl_schema::path(path).read;
                    Arg::Eager { expr: Expr::new(Kind::Path(used), ty, call.name.span), coerce: None, each: None }
                }),
                None => match given.next().flatten() {
                    Some(argument) => self.argument(def, param, argument),
                    None => Some(Arg::Absent),
                },
            };
            match arg {
                Some(arg) => args.push(arg),
                None => complete = false,
            }
        }
        if !complete {
            return None;
        }
        let kernel = self.kernel(call, def, &args)?;
        Some(Call { def: def.clone(), args, kernel, span: call.span })
    }

    /// The function of this name, if statements or conditions of this context may call it.
    fn function(&mut self, name: &Ident) -> Option<&'c Function> {
        let compiler = self.scope.compiler;
        let found = compiler.registry.find_in(compiler.target, &name.text);
        let usable = found.is_some_and(|def| self.usable(def));
        if !usable {
            self.bad_function(name, found);
            return None;
        }
        let gate = found.and_then(|def| def.gate).filter(|gate| !compiler.is_on(*gate));
        if let Some(gate) = gate.filter(|_| Change::GATED_FUNCTIONS.is_in(compiler.target)) {
            self.fault(
                Diagnostic::new(
                    Code::FUNCTION_DISABLED,
                    name.span,
                    format!("the function `{}` is switched off", name.text),
                )
                .help(format!("switch the gate `{}` on", gate.name())),
            );
            return None;
        }
        found
    }

    /// Whether a function may be called here: its set has it, and the context reaches what it reads by itself.
    fn usable(&self, def: &FunctionDef) -> bool {
        let context = self.scope.context.name();
        def.availability.allows(context, self.scope.in_condition)
            && def.params.iter().all(|p| p.implicit.is_none_or(|path| self.implicit(path).is_some()))
    }

    /// A function named without parentheses.
    pub fn function_reference(&mut self, name: &str, span: Span) -> Option<&'c Function> {
        self.function(&Ident { text: name.to_owned(), span })
    }

    #[cold]
    fn bad_function(&mut self, name: &Ident, found: Option<&'c Function>) {
        let text = name.text.as_str();
        let context = self.scope.context.name();
        let place = if self.scope.in_condition { "conditions" } else { "statements" };
        let outside = || {
            let message = format!("{place} of the context {context} have no function `{text}`");
            Diagnostic::new(Code::FUNCTION_OUTSIDE_CONTEXT, name.span, message)
        };
        let diagnostic = match found {
            Some(def) => {
                let names = ContextId::ALL.map(ContextId::name);
                let owners: Vec<&str> = names
                    .into_iter()
                    .filter(|c| def.availability.allows(c, self.scope.in_condition))
                    .filter(|c| *c != context && *c != ContextId::OtelCol.name())
                    .collect();
                let other_place = def.availability.allows(context, !self.scope.in_condition);
                match (owners.is_empty(), other_place) {
                    (false, _) => {
                        let exists = format!("it exists in {}", one_of(&owners));
                        outside().help(match self.scope.because {
                            Some(path) => format!(
                                "{exists}; all statements of this list run in {context} because of `{path}`: \
                                 put these into a group of their own"
                            ),
                            None => exists,
                        })
                    }
                    (true, true) if self.scope.in_condition => outside().help("only statements can call it"),
                    (true, true) => outside().help("only conditions can call it"),
                    (true, false) => outside(),
                }
            }
            None if self.scope.compiler.registry.find(text).is_some() => {
                let of = self.scope.compiler.registry.versions(text).unwrap_or(Versions::ALL);
                versions::outside(
                    Code::FUNCTION_OUTSIDE_VERSION,
                    name.span,
                    &format!("`{text}`"),
                    of,
                    self.scope.compiler.target,
                )
                .help("choose a version that has it as the target, if the rules run there")
            }
            None if reference::is_known(text) => {
                let message = format!("`{text}` exists in the reference, but is not implemented here yet");
                Diagnostic::new(Code::FUNCTION_NOT_AVAILABLE, name.span, message)
                    .help("the rules are not wrong; leave this one to the reference for now")
            }
            // COMPAT: gone from the reference; the nearest name would do the opposite.
            None if text == "Base64Decode" => {
                Diagnostic::new(Code::UNKNOWN_FUNCTION, name.span, "there is no function `Base64Decode` any more")
                    .help("write `Decode(value, \"base64\")` instead")
            }
            None => {
                let message = format!("there is no function `{text}`");
                let diagnostic = Diagnostic::new(Code::UNKNOWN_FUNCTION, name.span, message);
                let target = self.scope.compiler.target;
                let known = self.scope.compiler.registry.iter().filter(|def| def.versions.contains(target));
                let names: Vec<&str> = known.filter(|def| self.usable(def)).map(|def| def.name).collect();
                match (near_name(text, names.iter().copied()), &related(text, &names)[..]) {
                    (Some(near), _) => diagnostic.help(format!("did you mean `{near}`?")).fix(name.span, near),
                    (None, []) if matches!(text, "drop" | "discard" | "reject") => {
                        diagnostic.help("no statement drops records: conditions of the filter processor do")
                    }
                    (None, []) => diagnostic,
                    (None, related) => diagnostic.help(format!("did you mean {}?", one_of(related))),
                }
            }
        };
        self.fault(diagnostic);
    }

    /// Finds the argument of each visible parameter.
    fn assign(&mut self, call: &'t ast::Call, def: &FunctionDef, visible: usize) -> Option<Vec<Option<&'t Argument>>> {
        let mut params: Vec<&Param> = Vec::with_capacity(visible);
        params.extend(def.visible_params());
        let first_named = call.arguments.iter().find(|a| a.name.is_some());
        if let Some(named) = first_named {
            let late = call.arguments.iter().find(|a| a.name.is_none() && a.span.start > named.span.start);
            if let Some(late) = late {
                let message = "a positional argument stands after a named one";
                self.fault(
                    Diagnostic::new(Code::POSITIONAL_AFTER_NAMED, late.span, message)
                        .other(named.span, "the named one")
                        .help("name it too, or move it to the front"),
                );
                return None;
            }
        }
        let required = params.iter().filter(|p| !p.optional).count();
        if !(required..=visible).contains(&call.arguments.len()) {
            self.wrong_count(call, def, required, visible);
            return None;
        }
        let mut given: Vec<Option<&'t Argument>> = vec![None; visible];
        let mut complete = true;
        for (i, argument) in call.arguments.iter().enumerate() {
            let place = match &argument.name {
                None => Some(i),
                Some(name) => params.iter().position(|p| parameter_name_matches(&name.text, p.name)),
            };
            let slot = place.and_then(|place| given.get_mut(place));
            complete &= match (slot, &argument.name) {
                (Some(slot @ None), _) => {
                    *slot = Some(argument);
                    true
                }
                (Some(Some(first)), _) => {
                    let first = first.span;
                    let name = place.and_then(|place| params.get(place)).map_or("", |p| p.name);
                    let message = format!("two arguments for the parameter `{name}`");
                    self.fault(
                        Diagnostic::new(Code::DUPLICATE_ARGUMENT, argument.span, message).other(first, "the first one"),
                    );
                    false
                }
                (None, Some(name)) => {
                    self.unknown_parameter(name, def, &params);
                    false
                }
                (None, None) => false,
            };
        }
        for (param, argument) in params.iter().zip(&given) {
            if argument.is_none() && !param.optional && complete {
                complete = false;
                let message = format!("`{}` needs an argument for `{}`", def.name, param.name);
                self.fault(Diagnostic::new(Code::MISSING_ARGUMENT, call.span, message));
            }
        }
        complete.then_some(given)
    }

    #[cold]
    fn wrong_count(&mut self, call: &ast::Call, def: &FunctionDef, required: usize, visible: usize) {
        let many = |n: usize| if n == 1 { "argument" } else { "arguments" };
        let takes = if required == visible {
            format!("{visible} {}", many(visible))
        } else {
            format!("{required} to {visible} arguments")
        };
        let given = call.arguments.len();
        let message = format!("`{}` takes {takes}, not {given}", def.name);
        let params: Vec<String> =
            def.visible_params().map(|p| if p.optional { format!("{}?", p.name) } else { p.name.to_owned() }).collect();
        self.fault(Diagnostic::new(Code::WRONG_ARGUMENT_COUNT, call.span, message).help(format!(
            "{}({})",
            def.name,
            params.join(", ")
        )));
    }

    #[cold]
    fn unknown_parameter(&mut self, name: &Ident, def: &FunctionDef, params: &[&Param]) {
        let message = format!("`{}` has no parameter `{}`", def.name, name.text);
        let diagnostic = Diagnostic::new(Code::UNKNOWN_PARAMETER, name.span, message);
        let names: Vec<&str> = params.iter().map(|p| p.name).collect();
        self.fault(match near_name(&name.text, names.iter().copied()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(name.span, near),
            None => diagnostic.help(format!("its parameters are {}", names.join(", "))),
        });
    }

    /// Looks for faults in arguments that belong to no known parameter. What only a parameter can tell apart (function
    /// names, upper-case words, lambdas) is left alone.
    fn stray_arguments(&mut self, call: &'t ast::Call) {
        for argument in &call.arguments {
            match &argument.value {
                ArgumentValue::Function(_) | ArgumentValue::Value(Value::Enum(_) | Value::Lambda(_)) => {}
                ArgumentValue::Value(value) => {
                    self.value(value);
                }
            }
        }
    }

    /// Lets the function check its constant arguments and make the kernel of the call.
    fn kernel(&mut self, call: &ast::Call, def: &Function, args: &[Arg]) -> Option<Kernel> {
        if !def.depends_on_literals() {
            return def.kernel(&[]).ok();
        }
        let arena = Arena::new();
        let known: Vec<Const<'_>> = args
            .iter()
            .map(|arg| match arg {
                Arg::Absent => Const::Absent,
                // An arena without a limit refuses nothing, and literals are no deeper than statements may be.
                Arg::Const(literal, _) => literal.value(&arena).map_or(Const::Dynamic, Const::Value),
                _ => Const::Dynamic,
            })
            .collect();
        match def.kernel(&known) {
            Ok(kernel) => Some(kernel),
            Err(reason) => {
                // The reason does not say which argument it is about: it is the one without which there is none.
                let without = |skipped: usize| {
                    let mut known = known.clone();
                    known[skipped] = Const::Dynamic;
                    def.kernel(&known).is_ok()
                };
                let mut literals = args.iter().enumerate().filter_map(|(idx, arg)| match arg {
                    Arg::Const(_, span) => Some((idx, *span)),
                    _ => None,
                });
                let span = literals.find(|(idx, _)| without(*idx)).map_or(call.span, |(_, span)| span);
                let message = format!("`{}` cannot be called like this: {reason}", def.name);
                let diagnostic = Diagnostic::new(Code::REFUSED_ARGUMENTS, span, message);
                let is_foreign =
                    ["Perl syntax", "escape sequence", "named capture"].iter().any(|part| reason.contains(part));
                self.fault(if is_foreign {
                    diagnostic.help("patterns are RE2's, which has no look-around and no back references")
                } else if let Some(glob) = args.iter().find_map(as_glob).filter(|_| reason.contains("repetition")) {
                    diagnostic.help(glob)
                } else {
                    diagnostic
                });
                None
            }
        }
    }
}

/// How to write a glob such as `*.js` as a regular expression, if this literal is one.
fn as_glob(arg: &Arg) -> Option<String> {
    let Arg::Const(Literal::Str(text), _) = arg else { return None };
    let glob = std::str::from_utf8(text).ok().filter(|text| text.starts_with('*'))?;
    let is_plain = |c: char| c.is_alphanumeric() || "*._-/ ".contains(c);
    let inner = glob.trim_matches('*');
    if inner.is_empty() || !glob.chars().all(is_plain) {
        return None;
    }
    let regex = inner.replace('.', "\\\\.").replace('*', ".*");
    let end = if glob.ends_with('*') { "" } else { "$" };
    Some(format!("this parameter takes a regular expression, not a glob: `{glob}` is `\"{regex}{end}\"`"))
}

/// The functions of the same kind whose names contain this one, or begin it; none if there are too many to be advice.
fn related<'n>(name: &str, names: &[&'n str]) -> Vec<&'n str> {
    const SHORTEST: usize = 3;
    const MOST: usize = 4;
    let lower = name.to_ascii_lowercase();
    let is_converter = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
    let found: Vec<&str> = names
        .iter()
        .copied()
        .filter(|other| is_converter(other) == is_converter(name))
        .filter(|other| {
            let other = other.to_ascii_lowercase();
            (lower.len() > SHORTEST && other.contains(&lower)) || (other.len() >= SHORTEST && lower.starts_with(&other))
        })
        .collect();
    if found.len() > MOST { Vec::new() } else { found }
}
