//! The Rust SDK for Loggia modules.
//!
//! A module is a type that implements [`Module`]: it describes its operations, each one function from a
//! typed parameter structure to a typed answer structure, and is exported by [`loggia_module!`]. Validation,
//! error texts, OpenAPI and documentation come from those two types and their doc comments.
//!
//! ```
//! use loggia_sdk::prelude::*;
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct Hello {
//!     /// Who is greeted.
//!     name: Option<String>,
//! }
//!
//! #[derive(Serialize, JsonSchema)]
//! struct Greeting {
//!     text: String,
//! }
//!
//! struct Greeter;
//!
//! impl Module for Greeter {
//!     const NAME: &'static str = "greeter";
//!     const VERSION: &'static str = "1.0.0";
//!     type Settings = NoSettings;
//!
//!     fn describe(module: &mut Description<Self>) {
//!         module.summary("Greets.");
//!         module.operation("get", "hello", hello).summary("Greets whoever is named.").inline();
//!     }
//!
//!     fn start(_host: Host, _settings: NoSettings) -> Result<Self, StartError> {
//!         Ok(Greeter)
//!     }
//! }
//!
//! fn hello(_module: &Greeter, _call: &Call<'_>, parameters: Hello) -> Result<Greeting, Fault> {
//!     let name = parameters.name.unwrap_or_else(|| "world".to_owned());
//!     Ok(Greeting { text: format!("Hello, {name}!") })
//! }
//!
//! loggia_module!(Greeter);
//! # fn main() {}
//! ```

#[cfg(panic = "abort")]
compile_error!(
    "a Loggia module must be built with panic = \"unwind\", or one panic ends the server"
);

mod accounts;
mod answer;
mod call;
pub mod channels;
mod description;
mod entry;
mod fault;
mod host;
mod identity;
mod keys;
mod log;
mod module;
mod operation;
mod parameters;
pub mod push;
mod schema;
pub mod search;
mod stream;

pub use accounts::{AccountChange, AccountListing, AccountPage, Accounts, ListedAccount};
pub use answer::{Answer, Body, Counted, File, Redirect, Sent, Versioned};
pub use call::Call;
pub use channels::Channels;
pub use description::{Description, service};
pub use entry::{Export, Exported};
pub use fault::{Fault, FaultDescription, fault};
pub use host::{Clock, Files, FilesError, Host, Mail, MailMessage, Undeclared};
pub use identity::{Account, Identity, IdentityError};
pub use keys::Keys;
pub use module::{Module, NoSettings, StartError};
pub use operation::{Operation, Route};
pub use parameters::{Change, Upload};
pub use push::Push;
pub use search::Search;
pub use stream::{Stream, Streamed};

/// The boundary's types, for the few authors who need them.
pub use loggia_abi as abi;
/// Diesel's backend and connection over the host's database service.
pub use loggia_sql as sql;

/// What nearly every module file wants in scope.
pub mod prelude {
    pub use crate::{
        Account, Body, Call, Change, Description, Fault, File, Host, Module, NoSettings, Redirect,
        StartError, Upload, Versioned, fault, loggia_module, service,
    };
    pub use schemars::JsonSchema;
    pub use serde::{Deserialize, Serialize};
}

/// Exports a module type: the one entry symbol of the library.
#[macro_export]
macro_rules! loggia_module {
    ($module:ty) => {
        static LOGGIA_EXPORTED: $crate::Exported<$module> = $crate::Exported::new();

        impl $crate::Export for $module {
            fn exported() -> &'static $crate::Exported<Self> {
                &LOGGIA_EXPORTED
            }
        }

        /// The entry point of this module for the host.
        ///
        /// # Safety
        /// Called by a host that speaks the major version in the name.
        // SAFETY: the name is the boundary's own, and a library exports one module.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn loggia_module_v1(host_minor: u32) -> *const $crate::abi::Module {
            let _ = host_minor;
            LOGGIA_EXPORTED.table()
        }

        extern "C" fn loggia_module_end() {
            LOGGIA_EXPORTED.free();
        }

        // The table is heap memory of this library, so it goes when the library is unmapped.
        // SAFETY: the section holds pointers to functions without arguments that the loader calls once.
        #[used]
        #[unsafe(link_section = ".fini_array")]
        static LOGGIA_MODULE_END: extern "C" fn() = loggia_module_end;
    };
}
