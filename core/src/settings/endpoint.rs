//! `[[endpoint]]` and `[default_request]`: what is published where, and to whom.

use serde::{Serialize, Serializer};

use super::reader::Section;
use super::value::{Given, Setting};
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

impl DefaultRequest {
    pub(super) fn read(section: Section<'_>) -> Self {
        let request = Self {
            enabled: section.get("enabled"),
            access: section.get("access"),
            trace: section.get("trace"),
            force_ssl: section.get("force_ssl"),
        };
        section.finish();
        request
    }
}

impl Endpoint {
    /// Whether operations that modules mark as private may be called here.
    pub fn is_private(&self) -> bool {
        self.private || self.access == Access::Key
    }

    pub(super) fn read(section: &Section<'_>) -> Self {
        Self {
            name: section.required("name", "\"shop\""),
            path: section.required("path", "\"/api/shop\""),
            access: section.get("access"),
            private: section.get("private"),
            modules: section.get("modules"),
            routes: section.get("routes"),
            trace: section.get("trace"),
            cors: section.get("cors"),
            force_ssl: section.get("force_ssl"),
            status: section.get("status"),
            personal_data: section.get("personal_data"),
            openapi: section.get("openapi"),
            limits: EndpointLimits::read(section.section("limits")),
        }
    }
}

impl EndpointLimits {
    fn read(section: Section<'_>) -> Self {
        let limits = Self {
            max_body_bytes: section.optional_number("max_body_bytes", 1..=1 << 40),
            deadline_ms: section.optional_number("deadline_ms", 1..=3_600_000),
        };
        section.finish();
        limits
    }
}

impl Setting for Selection {
    fn read(given: &Given<'_>) -> Option<Self> {
        let help = "write \"all\" or a list of modules, such as [\"user\", \"release\"]";
        if given.value.is_array() {
            return Vec::read(given).map(Self::Only);
        }
        if !given.value.is_str() {
            given.refuse_kind("\"all\" or a list", Some(help));
            return None;
        }
        match given.text(help)?.as_str() {
            "all" => Some(Self::All),
            _ => given.refuse("one module stands in a list too", help),
        }
    }

    fn placeholder() -> Self {
        Self::All
    }
}

impl Setting for Cors {
    fn read(given: &Given<'_>) -> Option<Self> {
        let help = "write true, false, or a list of origins, such as [\"https://www.example.org\"]";
        if let Some(any) = given.value.as_bool() {
            return Some(if any { Self::Any } else { Self::Off });
        }
        if !given.value.is_array() {
            given.refuse_kind("true, false or a list", Some(help));
            return None;
        }
        let origins: Vec<_> = given
            .items(help)?
            .iter()
            .filter_map(|item| read_origin(item, help))
            .collect();
        Some(if origins.is_empty() {
            Self::Off
        } else {
            Self::Origins(origins)
        })
    }

    fn placeholder() -> Self {
        Self::Off
    }
}

/// An origin exactly as browsers send it.
fn read_origin(item: &Given<'_>, help: &str) -> Option<String> {
    let text = item.text(help)?;
    let origin = url::Url::parse(&text)
        .ok()
        .map(|url| url.origin().ascii_serialization());
    match origin {
        Some(origin) if origin == text => Some(text),
        Some(origin) if origin != "null" => item.refuse(
            format!("`{text}` is more than an origin"),
            format!("write \"{origin}\""),
        ),
        _ => item.refuse(format!("`{text}` is no origin"), help),
    }
}
