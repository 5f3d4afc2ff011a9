//! HTTP: intake, answer, and nothing of what lies between them. The only room with the web server's types.

mod answer;
mod body;
mod client;
mod conditions;
mod cors;
mod file;
mod header;
mod heard;
pub mod in_flight;
mod intake;
mod own;
pub mod server;
mod stream;
