//! Random OTTL programs over random OTLP messages, for differential tests, property tests and fuzzing.
//!
//! - [`Choices`]: where chance comes from: a seed or a string of bytes.
//! - [`Case`]: one program with one message, and its smaller variants.
//! - [`Kind`]: what its rules are: a few of any form, or many of one family.
//! - [`Program`]: a processor's body as data, so that it can be made smaller.
//! - [`Term`]: a statement, condition or expression as a tree.
//! - [`Node`]: a protobuf message as a tree of fields in wire order.
//!
//! INVARIANT: what is generated depends on nothing but the choices, the function definitions, the path rows and the
//! message tables. Nothing here knows what a program means: most of it is well typed, some of it is wrong on purpose.

mod case;
mod choices;
mod data;
mod families;
mod node;
mod program;
mod term;
mod vocabulary;
mod write;

pub use case::Case;
pub use choices::Choices;
pub use families::Kind;
pub use node::Node;
pub use program::{Flatten, Group, Processor, Program, Style};
pub use term::Term;
