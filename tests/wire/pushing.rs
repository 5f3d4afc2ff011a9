//! Push in Loggia's own operations, on the built server with the vendors' fakes.

mod events;
mod lab;
mod modern;
mod pages;
mod receiver;
mod webhooks;
