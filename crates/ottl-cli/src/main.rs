//! The `ottl` command.
fn main() {}
