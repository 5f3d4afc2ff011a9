//! What was found in one part of the index.

use super::bits::Bits;

/// The documents of a part that were found.
#[derive(Clone)]
pub(super) struct Matches {
    /// All of them.
    pub(super) all: Bits,
    /// Those that hold the words as they were written.
    pub(super) exact: Bits,
}
