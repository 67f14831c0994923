//! Stack for rules that nest deeply, whatever stack the caller has.
//!
//! Deliberately elsewhere: how deep rules may be (`limits`), and when they are compiled on a stack of their own (`compiler`).

#[cfg(feature = "threads")]
use ottl_compiler::Limits as RuleLimits;

/// Stack of the thread that compiles deep rules, in bytes: several times what the deepest take without optimisation.
#[cfg(feature = "threads")]
const STACK: usize = 8 << 20;

/// Brackets, calls, and lists and maps of the file inside each other in rules that are compiled on the caller's stack: as many
/// take less than 256 KiB of it, also without optimisation.
#[cfg(feature = "threads")]
pub(crate) const SHALLOW: u16 = 12;

/// The same for operands of arithmetic, which lie inside each other as well.
#[cfg(feature = "threads")]
const SHALLOW_OPERATORS: usize = 40;

/// Does work that recurses into rules or files as deep as they may be, whatever stack the caller has.
#[cfg(feature = "threads")]
pub(crate) fn on_own_stack<T: Send>(work: impl FnOnce() -> T + Send + Copy) -> T {
    std::thread::scope(|scope| match std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work) {
        Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        Err(_) => work(),
    })
}

/// Does work; where there are no threads, the caller's stack has to do.
#[cfg(not(feature = "threads"))]
pub(crate) fn on_own_stack<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// The limits of rules that are compiled on the caller's stack.
#[cfg(feature = "threads")]
pub(crate) fn shallow(mut limits: RuleLimits) -> RuleLimits {
    limits.text.nesting = limits.text.nesting.min(SHALLOW);
    limits.calls = limits.calls.min(usize::from(SHALLOW));
    limits.operators = limits.operators.min(SHALLOW_OPERATORS);
    limits
}
