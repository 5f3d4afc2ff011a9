//! The paths of PushBack.

pub(crate) mod messages;
pub(crate) mod notify;
pub(crate) mod register;
pub(crate) mod script;
mod sender;
pub(crate) mod stream;
