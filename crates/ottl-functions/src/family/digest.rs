//! The converters that give the digest of a text as hexadecimal digits: `SHA256` and others.

use ottl_core::function::{FunctionDef, Kernel, ParamType, Type};
use sha2::Digest;

use crate::hex;

/// A row without documentation, for a cryptographic hash function.
pub(crate) const fn row<D: Digest>(name: &'static str) -> FunctionDef {
    hash(name).compile(|_| Ok(digits(<D as Digest>::output_size(), |text| D::digest(text))))
}

/// A row without documentation and kernel.
pub(crate) const fn hash(name: &'static str) -> FunctionDef {
    FunctionDef::converter(name).arg("target", ParamType::STRING, "the text").returns(Type::String)
}

/// Gives the digits of the `len` bytes that a hash function makes of the text.
pub(crate) fn digits<D: AsRef<[u8]>>(len: usize, hash: impl Fn(&[u8]) -> D + Send + Sync + 'static) -> Kernel {
    Kernel::digest(2 * len, move |text, to| hex::put(hash(text).as_ref(), to))
}
