//! Push in Loggia's own operations, on the built server with the vendors' fakes.

mod certificates;
mod edges;
mod events;
mod lab;
mod modern;
mod pages;
mod receiver;
mod stalled;
mod unlocking;
mod webhooks;
