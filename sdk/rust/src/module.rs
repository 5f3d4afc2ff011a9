//! What an author implements.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::description::Description;
use crate::host::Host;

/// A module: its description as data, and one instance of it at work.
pub trait Module: Send + Sync + Sized + 'static {
    /// The name on the wire: lower case letters, digits and `_`, none of `get`, `post`, `put`, `delete`.
    const NAME: &'static str;
    /// The module's own version; usually `env!("CARGO_PKG_VERSION")`.
    const VERSION: &'static str;
    /// The operator's settings, `[module.NAME]` in `endpoints.toml`. Their schema and defaults are published
    /// by the host; a member without a default must be given.
    type Settings: DeserializeOwned + JsonSchema;

    /// Says what the module offers and wants. Called once for each loaded library.
    fn describe(module: &mut Description<Self>);

    /// Makes an instance. An error leaves the previous instance serving and is shown to the operator.
    fn start(host: Host, settings: Self::Settings) -> Result<Self, StartError>;

    /// Told once that no new calls will come, while the last ones still run.
    fn drain(&self) {}

    /// Hears of an event of the host. The default hears nothing.
    fn event(&self, _topic: &str, _json: &str) {}
}

/// Settings of a module that has none.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NoSettings {}

/// Why an instance could not start, for the operator.
#[derive(Debug)]
pub struct StartError(pub(crate) String);

impl StartError {
    /// With a sentence that says what is wrong and what to do.
    pub fn new(reason: impl Into<String>) -> Self {
        StartError(reason.into())
    }
}

impl<E: std::error::Error> From<E> for StartError {
    fn from(error: E) -> Self {
        StartError(error.to_string())
    }
}
