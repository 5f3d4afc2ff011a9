//! The model's functions, seen on both databases.

mod audience;
mod cost;
mod device;
mod event;
mod ledger;
mod notification;
mod support;
