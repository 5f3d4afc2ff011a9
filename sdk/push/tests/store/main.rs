//! The model's functions, seen on both databases.

mod audience;
mod cost;
mod device;
mod ledger;
mod notification;
mod support;
