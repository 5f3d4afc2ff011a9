//! `[[endpoint]]` and `[default_request]`: what is published where, and to whom.

use serde::{Serialize, Serializer};

use super::word::words;

/// One published path.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Endpoint {
    /// The name that keys, logs and commands use.
    pub name: String,
    /// The prefix, without a slash at the end; the root is `/`.
    pub path: String,
    /// Who may call.
    pub access: Access,
    /// Whether operations that modules mark as private are published here too.
    pub private: bool,
    /// Which modules answer here.
    pub modules: Selection,
    /// The modules whose routes are mounted under this path.
    pub routes: Vec<String>,
    /// Whether requests are written to the access log.
    pub trace: bool,
    /// Which origins a browser may call from.
    pub cors: Cors,
    /// Whether plain HTTP is redirected.
    pub force_ssl: bool,
    /// Always 200, or real statuses.
    pub status: StatusMode,
    /// The fields of personal data (`email`, `ip`, ...) that answers here may show of other people.
    pub personal_data: Vec<String>,
    /// Bounds that differ from the server's and the modules'.
    pub limits: EndpointLimits,
    /// Whether `openapi.json` is published.
    pub openapi: bool,
}

/// Bounds of one endpoint; what is absent is the server's or the module's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EndpointLimits {
    /// The largest body.
    pub max_body_bytes: Option<usize>,
    /// How long a call may take.
    pub deadline_ms: Option<u64>,
}

words! {
    /// Who may call.
    Access {
        /// Anybody, as a guest.
        Free = "free",
        /// Who has logged in.
        User = "user",
        /// Who has an API key.
        Key = "key",
    }
}

words! {
    /// What HTTP statuses mean.
    StatusMode {
        /// Always 200, as jBackend answers.
        Compatible = "compatible",
        /// Real statuses, and the modern form of requests.
        Semantic = "semantic",
    }
}

/// Which modules answer on an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All that are loaded.
    All,
    /// These.
    Only(Vec<String>),
}

impl Selection {
    /// Whether a module of this name answers.
    pub fn contains(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|one| one == name),
        }
    }
}

impl Serialize for Selection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("all"),
            Self::Only(names) => names.serialize(serializer),
        }
    }
}

/// Which origins a browser may call from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cors {
    /// None but the server's own.
    Off,
    /// Any.
    Any,
    /// These, as `https://host[:port]`.
    Origins(Vec<String>),
}

impl Serialize for Cors {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Off => serializer.serialize_bool(false),
            Self::Any => serializer.serialize_bool(true),
            Self::Origins(origins) => origins.serialize(serializer),
        }
    }
}

/// jBackend's request without an endpoint: `/index.php?option=com_jbackend`.
#[derive(Debug, Clone, Serialize)]
pub struct DefaultRequest {
    /// Whether it is answered at all.
    pub enabled: bool,
    /// Who may call.
    pub access: Access,
    /// Whether requests are written to the access log.
    pub trace: bool,
    /// Whether plain HTTP is redirected.
    pub force_ssl: bool,
}

impl DefaultRequest {
    /// The name under which it stands in logs; no endpoint may have it.
    pub const NAME: &'static str = "default-request";

    /// The default request as an endpoint: compatible, without CORS, all modules.
    pub fn as_endpoint(&self) -> Endpoint {
        Endpoint {
            name: Self::NAME.to_owned(),
            path: "/index.php".to_owned(),
            access: self.access,
            private: false,
            modules: Selection::All,
            routes: Vec::new(),
            trace: self.trace,
            cors: Cors::Off,
            force_ssl: self.force_ssl,
            status: StatusMode::Compatible,
            personal_data: Vec::new(),
            limits: EndpointLimits::default(),
            openapi: false,
        }
    }
}
