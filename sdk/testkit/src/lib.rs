//! Runs a module without the server: the host's real services over a fresh database, and the module linked
//! into the test.
//!
//! ```ignore
//! let host = TestHost::sqlite(greeter::loggia_module_v1);
//! let answer = host.call("get", "hello").with("name", "Ada").json();
//! assert_eq!(answer["text"], "Hello, Ada!");
//! ```
//!
//! A test binary links one module, because each exports the same entry symbol.

mod call;
mod host;
pub mod statements;

pub use call::{Answered, TestCall, TestRoute};
pub use host::TestHost;
pub use loggia::endpoint::caller::Caller;
pub use loggia::fault::Fault;
pub use loggia::module::reply::Answer;
