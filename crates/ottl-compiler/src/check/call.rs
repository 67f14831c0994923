//! Calls: which function, which argument for which parameter, and what the function says to them.

use ottl_core::data::DataSet;
use ottl_core::function::{Const, Function, FunctionDef, Kernel, Param, ParamType, parameter_name_matches};
use ottl_core::{Arena, Versions};
use ottl_diagnostics::{Code, Diagnostic, Span, is_slip, near_name};
use ottl_plan::Literal;
use ottl_schema::{ContextId, context};
use ottl_syntax::ast::{self, Argument, ArgumentValue, Ident, Value};

use super::Checker;
use crate::advice::{functions, layouts, one_of, paths};
use crate::hir::{Arg, Call, Expr, Kind, PathUse};
use crate::reference;
use crate::versions::{self, Change};

/// The editor that writes a value to a path.
const SET: &str = "set";

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
            // What is called has no part in the keys behind it.
            let end = call.keys.first().map_or(checked.span.end, |key| key.span.start);
            let span = Span::new(checked.span.start, end);
            Expr::new(Kind::Call(Box::new(checked)), ty, span)
        });
        self.indexed(checked, &call.keys, call.span)
    }

    #[cold]
    fn too_deep(&mut self, call: &ast::Call, limit: usize) {
        let message = format!("converters are nested more than {limit} deep");
        // Conditions of lists have the caches of no statement.
        let place = if self.scope.in_condition { "an attribute" } else { "`cache`" };
        self.fault(
            Diagnostic::new(Code::CALLS_TOO_DEEP, call.name.span, message)
                .label("one call too many")
                .help(format!("compute parts of it in separate statements, for instance into {place}")),
        );
    }

    /// Checks a call without its keys.
    pub fn call(&mut self, call: &'t ast::Call) -> Option<Call> {
        let Some(def) = self.function(&call.name) else {
            let is_list =
                matches!(call.arguments.first().map(|a| &a.value), Some(ArgumentValue::Value(Value::List(_))));
            if let Some(fault) = self.faults.last_mut().filter(|fault| fault.span == call.name.span && !is_list) {
                functions::wants_list(fault, &self.scope.compiler.registry);
            }
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
        if self.is_turned(call, def, &given) || self.is_swapped(def, &given) {
            return None;
        }
        let outer = self.beside.take();
        let args = self.arguments(call, def, given);
        self.beside = outer;
        let args = args?;
        let kernel = self.kernel(call, def, &args)?;
        Some(Call { def: def.clone(), args, kernel, span: call.span })
    }

    /// What each parameter gets.
    fn arguments(
        &mut self,
        call: &'t ast::Call,
        def: &'c Function,
        given: Vec<Option<&'t Argument>>,
    ) -> Option<Vec<Arg>> {
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
            // What is written to a path tells what a word stands for.
            if let [Arg::Target(used)] = args.as_slice()
                && def.name == SET
            {
                self.beside = Some(ottl_schema::path(used.path));
            }
        }
        complete.then_some(args)
    }

    /// Whether a lambda stands in the place of another argument, and another argument in its place; says so.
    fn is_turned(&mut self, call: &ast::Call, def: &FunctionDef, given: &[Option<&Argument>]) -> bool {
        let is_lambda = |argument: &Argument| matches!(argument.value, ArgumentValue::Value(Value::Lambda(_)));
        let all = || def.visible_params().zip(given).filter_map(|(param, argument)| Some((param, (*argument)?)));
        let takes = |param: &Param| matches!(param.ty, ParamType::Lambda(_));
        let (Some((_, lambda)), Some((param, _))) = (
            all().find(|(param, argument)| !takes(param) && is_lambda(argument)),
            all().find(|(param, argument)| takes(param) && !is_lambda(argument)),
        ) else {
            return false;
        };
        let message = format!("`{}` takes its lambda as `{}`, in another place than this", def.name, param.name);
        self.fault(
            Diagnostic::new(Code::NOT_A_LAMBDA, lambda.span, message)
                .other(call.name.span, "of this function")
                .help(format!("the order is `{}`", signature(def))),
        );
        true
    }

    /// Whether a literal or call stands in the place of the path to edit, and a path behind it; says so.
    fn is_swapped(&mut self, def: &FunctionDef, given: &[Option<&Argument>]) -> bool {
        let mut params = def.visible_params();
        let takes_path =
            |param: &Param| matches!(param.ty, ParamType::Target | ParamType::MapTarget | ParamType::ListTarget);
        let (Some(Some(first)), Some(param), false) =
            (given.first(), params.next().filter(|param| takes_path(param)), params.any(takes_path))
        else {
            return false;
        };
        let path = given
            .iter()
            .skip(1)
            .flatten()
            .find(|argument| matches!(&argument.value, ArgumentValue::Value(Value::Path(_))));
        let (ArgumentValue::Value(value), Some(path)) = (&first.value, path) else { return false };
        if matches!(value, Value::Path(_) | Value::Missing(_)) {
            return false;
        }
        let message = format!("the parameter `{}` of `{}` takes a path", param.name, def.name);
        let diagnostic = Diagnostic::new(Code::NOT_A_PATH, value.span(), message)
            .other(path.span, "a path")
            .help(format!("what is edited comes first: `{}`", signature(def)));
        // No fix: a text may as well be the key of an attribute, and the path behind it what it gets.
        self.fault(diagnostic);
        true
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
                    format!("the function `{}` is disabled", name.text),
                )
                .help(format!("enable the gate `{}`", gate.name())),
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
        let own = self.scope.context.name();
        let place = if self.scope.in_condition { "conditions" } else { "statements" };
        let outside = || {
            let message = format!("{place} of the context {own} have no function `{text}`");
            Diagnostic::new(Code::FUNCTION_OUTSIDE_CONTEXT, name.span, message)
        };
        let diagnostic = match found {
            Some(def) => {
                let owners = self.owners(def);
                let other_place = def.availability.allows(own, !self.scope.in_condition);
                match (owners.is_empty(), other_place) {
                    (false, _) => {
                        let names: Vec<&str> = owners.iter().map(|id| id.name()).collect();
                        let exists = match self.lists_of(&owners) {
                            Some(lists) => format!("it exists in {}: put the rule under {lists}", one_of(&names)),
                            None => format!("it exists in {}", one_of(&names)),
                        };
                        outside().help(match self.scope.because {
                            Some(path) => format!(
                                "{exists}; all statements of this list run in {own} because of `{path}`: \
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
                .help("set a target that has it, if the rules run there")
            }
            None if reference::is_known(text) => {
                let message = format!("`{text}` exists in the reference, but is not implemented here yet");
                Diagnostic::new(Code::FUNCTION_NOT_AVAILABLE, name.span, message)
                    .help("the rules are valid, but only a Collector can run them")
            }
            None => {
                let target = self.scope.compiler.target;
                let is_converter = functions::is_converter(text);
                let known = self.scope.compiler.registry.iter().filter(|def| def.versions.contains(target));
                let known: Vec<&Function> =
                    known.filter(|def| functions::is_converter(def.name) == is_converter).collect();
                let names: Vec<&str> = known.iter().filter(|def| self.usable(def)).map(|def| def.name).collect();
                let diagnostic = functions::unknown(text, name.span, &names, self.scope.signal);
                match known.iter().find(|def| near_name(text, [def.name]).is_some()) {
                    Some(def) if diagnostic.help.is_none() => {
                        let owners = self.owners(def);
                        let names: Vec<&str> = owners.iter().map(|id| id.name()).collect();
                        diagnostic.help(format!("did you mean `{}`? It exists in {}", def.name, one_of(&names)))
                    }
                    _ => diagnostic,
                }
            }
        };
        self.fault(diagnostic);
    }

    /// The contexts that have a function, without that of the text.
    fn owners(&self, def: &FunctionDef) -> Vec<ContextId> {
        let has = |id: &ContextId| def.availability.allows(id.name(), self.scope.in_condition);
        let others = ContextId::ALL.into_iter().filter(|id| *id != self.scope.context && *id != ContextId::OtelCol);
        others.filter(has).collect()
    }

    /// The lists of a configuration whose rules run in contexts that no rule of this signal runs in.
    fn lists_of(&self, contexts: &[ContextId]) -> Option<String> {
        let [first, rest @ ..] = contexts else { return None };
        let signal = context(*first).signals.first()?;
        let of_signal = |id: &ContextId| context(*id).signals == [*signal];
        let is_other = of_signal(first) && rest.iter().all(of_signal) && *signal != self.scope.signal;
        is_other.then(|| format!("`{}`", paths::list_of(*signal, self.scope.filter)))
    }

    /// Finds the argument of each visible parameter.
    fn assign(&mut self, call: &'t ast::Call, def: &FunctionDef, visible: usize) -> Option<Vec<Option<&'t Argument>>> {
        let mut params: Vec<&Param> = Vec::with_capacity(visible);
        params.extend(def.visible_params());
        let first_named = call.arguments.iter().find(|a| a.name.is_some());
        if let Some(named) = first_named {
            let late = call.arguments.iter().find(|a| a.name.is_none() && a.span.start > named.span.start);
            if let Some(late) = late {
                let message = "a positional argument follows a named one";
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
        let diagnostic = Diagnostic::new(Code::WRONG_ARGUMENT_COUNT, call.span, message);
        let last = def.visible_params().last();
        let is_list = last.is_some_and(|param| {
            matches!(param.ty, ParamType::ConstStrings | ParamType::Elements(_) | ParamType::ListOf(_))
        });
        // The key of the path stands for the key that is wanted beside it.
        let key = match (def.visible_params().nth(1), call.arguments.as_slice()) {
            (Some(param), [Argument { value: ArgumentValue::Value(Value::Path(path)), .. }]) if param.name == "key" => {
                path.segments.last().and_then(|last| match last.keys.as_slice() {
                    [key] => match &key.kind {
                        ast::KeyKind::String(text) => {
                            Some((key.span, ottl_syntax::print(&Value::String(text.clone()))))
                        }
                        _ => None,
                    },
                    _ => None,
                })
            }
            _ => None,
        };
        self.fault(match (key, last) {
            (Some((span, key)), _) => diagnostic
                .help(format!("the key is an argument of its own: `{}`", signature(def)))
                .fix(span, format!(", {key}")),
            (None, Some(last)) if is_list && given > visible => diagnostic.help(format!(
                "`{}`, where `{}` is a list in brackets: `[\"a\", \"b\"]`",
                signature(def),
                last.name
            )),
            _ => diagnostic.help(format!("write `{}`", signature(def))),
        });
    }

    #[cold]
    fn unknown_parameter(&mut self, name: &Ident, def: &FunctionDef, params: &[&Param]) {
        let message = format!("`{}` has no parameter `{}`", def.name, name.text);
        let diagnostic = Diagnostic::new(Code::UNKNOWN_PARAMETER, name.span, message);
        let names: Vec<&str> = params.iter().map(|p| p.name).collect();
        self.fault(match near_name(&name.text, names.iter().copied()) {
            Some(near) => {
                let diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
                let is_slip = name.span.len() == name.text.len() && is_slip(&name.text, near);
                if is_slip { diagnostic.fix(name.span, near) } else { diagnostic }
            }
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

    #[cold]
    fn missing_data(&mut self, call: &ast::Call, set: DataSet) {
        let message = format!("`{}` needs the data set `{set}`, which is not loaded", call.name.text);
        self.fault(
            Diagnostic::new(Code::MISSING_DATA, call.name.span, message)
                .label(format!("needs {}", set.about()))
                .help(format!("build with the feature `{set}`, or hand the file `{}` over at run time", set.file()))
                .data(set.name()),
        );
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
        let withheld = self.scope.compiler.withheld;
        let missing: Vec<DataSet> =
            (def.needs)(&known).iter().filter(|set| withheld.contains(*set) || !set.is_there()).collect();
        if !missing.is_empty() {
            for set in missing {
                self.missing_data(call, set);
            }
            return None;
        }
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
                let layout = match args.get(1) {
                    Some(Arg::Const(Literal::Str(text), at)) if matches!(def.name, "Time" | "FormatTime") => {
                        std::str::from_utf8(text).ok().and_then(layouts::other).map(|meant| (meant, *at))
                    }
                    _ => None,
                };
                let glob = args.iter().find_map(as_glob).filter(|_| reason.contains("repetition"));
                self.fault(match (layout, glob) {
                    _ if is_foreign => {
                        diagnostic.help("patterns are RE2's, which has no look-around and no back references")
                    }
                    (Some((meant, at)), _) => {
                        let written = format!("\"{}\"", meant.text.replace('\\', "\\\\").replace('"', "\\\""));
                        let diagnostic = diagnostic.help(format!("layouts are written in directives: `{written}`"));
                        // What is read may be written in more ways than one; what is written shall be the same.
                        if meant.exact || def.name == "Time" { diagnostic.fix(at, written) } else { diagnostic }
                    }
                    (None, Some(glob)) => diagnostic.help(glob),
                    (None, None) => diagnostic,
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

/// A function with the names of its parameters; those that may be left out have a question mark.
fn signature(def: &FunctionDef) -> String {
    let params: Vec<String> =
        def.visible_params().map(|p| if p.optional { format!("{}?", p.name) } else { p.name.to_owned() }).collect();
    format!("{}({})", def.name, params.join(", "))
}
