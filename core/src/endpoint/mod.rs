//! Endpoints: what is published where, in which form it may be asked for, and by whom.

pub mod access;
pub mod admission;
pub mod caller;
pub mod counts;
pub mod credentials;
pub mod direct;
pub mod dispatch;
mod lookup;
pub mod openapi;
pub mod parameters;
pub mod quota;
pub mod request;
pub mod route;
pub mod selector;
mod stream;
pub mod table;
mod till;
pub mod wording;
