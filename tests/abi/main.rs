//! The boundary between host and module, seen from C.

mod example;
mod header;
mod layout;
