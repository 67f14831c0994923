//! What was probably meant where something is refused: names, words, paths and layouts of other languages, or nearly right.
//!
//! Cold code: it runs where there is a fault already, and makes the help and the fix of its diagnostic.
//! INVARIANT: a fix is proposed only where the fixed text can mean nothing less than what was written; where several things
//! may be meant, they are listed, and there is none.
//! Deliberately elsewhere: what is a fault (`check`, `session`), habits of syntax (`ottl-syntax`).

pub(crate) mod functions;
pub(crate) mod layouts;
pub(crate) mod paths;
pub(crate) mod words;

/// `a`, `a or b`, `a, b or c`, each in backticks.
pub(crate) fn one_of<T: AsRef<str>>(names: &[T]) -> String {
    match names {
        [] => String::from("nothing"),
        [only] => format!("`{}`", only.as_ref()),
        [rest @ .., last] => {
            let rest: Vec<String> = rest.iter().map(|name| format!("`{}`", name.as_ref())).collect();
            format!("{} or `{}`", rest.join(", "), last.as_ref())
        }
    }
}
