//! [`functions`]: every function of the library with arguments out of hostile data, in both engines, with meters.

mod calls;
mod data;
#[path = "../../../../crates/ottl-functions/src/hostile/words.rs"]
mod words;

use std::sync::LazyLock;

use ottl_compiler::{Compiler, GroupSpec, SourceText, TransformOptions};
use ottl_core::function::{FunctionDef, Registry};
use ottl_engine::fast::Engine;
use ottl_generate::Choices;
use ottl_plan::Plan;
use ottl_schema::{Signal, context_by_name};

use super::engines::{agree, options};
use super::meter::within;
use calls::Caller;
use data::Maker;

static FUNCTIONS: LazyLock<Registry> = LazyLock::new(ottl_functions::registry);
static COMPILER: LazyLock<Compiler> = LazyLock::new(|| Compiler::new(ottl_functions::registry()));

/// How large messages may become; most stay small, so that there are many of them.
const MESSAGES: [usize; 6] = [4 << 10, 4 << 10, 8 << 10, 16 << 10, 64 << 10, 192 << 10];

/// What compiling a few statements may hold: the automata of their patterns, each of which may take 64 MiB while it is made.
pub(super) const COMPILED: usize = 128 << 20;

/// Contexts of statements, with their signals.
const CONTEXTS: [(Signal, &str); 6] = [
    (Signal::Logs, "log"),
    (Signal::Traces, "span"),
    (Signal::Metrics, "metric"),
    (Signal::Metrics, "datapoint"),
    (Signal::Traces, "spanevent"),
    (Signal::Logs, "resource"),
];

/// A few statements, each a call of any function in a context that has it, over a message whose values are repeated up to
/// some hundred thousand times: both engines give the same, within the memory that the message's length allows.
pub fn functions(data: &[u8]) {
    // The first half of the input chooses; texts are cut out of the other.
    let (choices, raw) = data.split_at(data.len().min(64 + data.len() / 2));
    let mut choices = Choices::from_bytes(choices);
    let all: Vec<&FunctionDef> = FUNCTIONS.iter().map(|function| &**function).collect();
    let first = choices.pick(&all);
    let allowed: Vec<_> = CONTEXTS.iter().filter(|(_, context)| first.availability.allows(context, false)).collect();
    let &&(signal, context) = match allowed.as_slice() {
        [] => return,
        some => &some[choices.below(some.len()).min(some.len() - 1)],
    };
    let fitting: Vec<_> = all.into_iter().filter(|def| def.availability.allows(context, false)).collect();
    let room = choices.pick(&MESSAGES);
    let mut maker = Maker { choices: &mut choices, raw, room };
    let mut caller = Caller { maker: &mut maker, functions: &fitting, context, locals: Vec::new() };
    let mut statements = vec![caller.statement(first).to_string()];
    for _ in 0..caller.maker.choices.below(4) {
        let def = caller.maker.choices.pick(&fitting);
        statements.push(caller.statement(def).to_string());
    }
    // The same statement several times lets what it makes grow.
    let times = maker.choices.pick(&[1, 1, 1, 2, 5, 20]);
    let statements: Vec<_> = statements.iter().cycle().take(statements.len() * times).collect();
    let shared_cache = maker.choices.one_in(4);
    let message = maker.message(signal);

    let shown = || format!("{context} {statements:#?}\n{} bytes: {:.4000}", message.len(), message.escape_ascii());
    let Some(plan) = within("compiling", COMPILED, || compile(signal, context, &statements, shared_cache)) else {
        return;
    };
    agree(&Engine::with(&plan, options(data)), &message, &shown);
}

pub(super) fn compile(signal: Signal, context: &str, statements: &[&String], shared_cache: bool) -> Option<Plan> {
    let statements = statements.iter().map(|text| SourceText { text, id: 0 }).collect();
    let group = GroupSpec { context: context_by_name(context), statements, shared_cache, ..GroupSpec::default() };
    let options = TransformOptions::default();
    COMPILER.compile_transform(signal, &[group], options).plan
}
