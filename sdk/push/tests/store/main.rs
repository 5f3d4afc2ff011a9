//! The model's functions, seen on both databases.

mod device;
mod notification;
mod support;
