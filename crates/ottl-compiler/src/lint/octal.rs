//! Numbers that a leading zero makes octal: W0314.
//!
//! This one looks at the syntax tree, because the typed tree knows the number and not how it was written.

use ottl_diagnostics::{Code, Diagnostic, Span};
use ottl_syntax::ast::Literal;
use ottl_syntax::visit::Visitor;

/// A walk that doubts the octal numbers of a text.
pub(super) struct Octal<'l> {
    /// The text.
    pub text: &'l str,
    /// Where doubts go.
    pub out: &'l mut Vec<Diagnostic>,
}

impl Visitor for Octal<'_> {
    fn int(&mut self, int: &Literal<i64>) {
        let written = int.span.of(self.text);
        // Up to seven both readings are the same.
        let Some(digits) = written.strip_prefix('0').filter(|digits| digits.parse() != Ok(int.value)) else { return };
        let is_decimal = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        if is_decimal {
            self.doubt(int.span, written, digits.trim_start_matches('0'), int.value);
        }
    }
}

impl Octal<'_> {
    #[cold]
    fn doubt(&mut self, span: Span, written: &str, decimal: &str, value: i64) {
        let message = format!("`{written}` is the number {value}: a leading zero makes it octal");
        let help = format!("write `{decimal}`, or `{value}` if that is what is meant");
        self.out.push(Diagnostic::new(Code::OCTAL_NUMBER, span, message).help(help));
    }
}
