//! What bounds the compiler.

/// How large rules may be. The reference knows none of these limits.
///
/// | limit | default | refused with |
/// |---|---|---|
/// | bytes of a statement or condition | 1 MiB | E0501 |
/// | brackets inside each other | 256 | E0502 |
/// | arithmetic operators in a statement or condition | 1 000 | E0502 |
/// | converters called inside each other | 64 | E0504 |
/// | statements and conditions of one processor and signal | 10 000 | E0503 |
/// | tokens of them all | 750 000 | E0503 |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Length and nesting of each statement or condition.
    pub text: ottl_syntax::Limits,
    /// Arithmetic operators in each statement or condition: the operands of a long sum lie one inside the other, so
    /// stack use grows with them, as it does with brackets.
    pub operators: usize,
    /// Converters called inside each other, in arguments, keys and lambdas. Engines call them inside each other too, so the
    /// stack of a run grows with them.
    pub calls: usize,
    /// Statements and conditions that one call compiles.
    pub statements: usize,
    /// Tokens of all of them: what is compiled takes memory in proportion.
    pub tokens: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            text: ottl_syntax::Limits::default(),
            operators: 1_000,
            calls: 64,
            statements: 10_000,
            tokens: 750_000,
        }
    }
}
