//! Commands that modules declare.

pub(super) mod line;
