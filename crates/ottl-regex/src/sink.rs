//! [`TextSink`]: where a rewritten text is put together.

use std::convert::Infallible;

/// A text that grows, in memory which may have a limit.
pub trait TextSink {
    /// Why there is no more room.
    type Error;

    /// Appends bytes.
    ///
    /// # Errors
    /// There is no more room.
    fn push_bytes(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
}

impl TextSink for Vec<u8> {
    type Error = Infallible;

    #[inline]
    fn push_bytes(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        self.extend_from_slice(bytes);
        Ok(())
    }
}
