//! How a request fails: one table of the host's codes, one shape for every module's.

use std::borrow::Cow;

/// A refusal or failure as the client sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// At most 10 characters: the width of the access log's column.
    pub code: Cow<'static, str>,
    /// The text of the code's table.
    pub text: Cow<'static, str>,
    /// What the client may know beyond it: the member and the rule, never a secret.
    pub detail: String,
    /// The status on semantic endpoints and routes.
    pub status: u16,
    /// When another try may succeed, in seconds.
    pub retry_after_s: Option<u64>,
}

impl Fault {
    /// With something the client may know.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// With a time after which another try may succeed.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The `error_description`: the text, and the detail behind a colon.
    pub fn description(&self) -> Cow<'_, str> {
        if self.detail.is_empty() {
            Cow::Borrowed(&self.text)
        } else {
            Cow::Owned(format!("{}: {}", self.text, self.detail))
        }
    }

    /// A parameter that does not obey a rule.
    pub fn parameter(name: &str, rule: &str) -> Self {
        Req::ParameterNotValid
            .fault()
            .detail(format!("{name}: {rule}"))
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal, $status:literal;)*) => {
        /// The host's own codes. Texts and codes up to `REQ_AUR` are jBackend's, see `docs/errors.md`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Req {
            $($(#[$doc])* $name,)*
        }

        impl Req {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Req] = &[$(Req::$name),*];

            /// The code on the wire.
            pub const fn code(self) -> &'static str {
                match self { $(Req::$name => $code),* }
            }

            /// The text on the wire.
            pub const fn text(self) -> &'static str {
                match self { $(Req::$name => $text),* }
            }

            /// The status where statuses are real.
            pub const fn status(self) -> u16 {
                match self { $(Req::$name => $status),* }
            }
        }
    };
}

codes! {
    /// The module exists, but no action was given.
    ActionNotSpecified = "REQ_ANS", "Action not specified", 400;
    /// No module was given.
    ModuleNotSpecified = "REQ_MNS", "Module not specified", 400;
    /// The module is not loaded, or does not answer on this endpoint.
    ModuleNotFound = "REQ_MNF", "Module not found", 404;
    /// The module has no such action and resource.
    RequestUnknown = "REQ_RUN", "Request unknown", 404;
    /// The endpoint asks for a key and none was sent.
    KeyRequired = "REQ_AKR", "API key required", 401;
    /// The key's daily quota is used up.
    KeyLimitExceeded = "REQ_AKL", "API key limit exceeded", 429;
    /// The key's expiration has been reached.
    KeyExpired = "REQ_AKE", "API key expired", 403;
    /// The key is unknown, or not published.
    KeyInvalid = "REQ_AKI", "API key invalid", 401;
    /// The key could not be checked or charged.
    KeyGenericError = "REQ_AKG", "API key generic error", 503;
    /// Sessions could not be checked.
    UnableToCheckAuthentication = "REQ_UCA", "Unable to check authentication", 503;
    /// The endpoint or operation asks for a session and there is none.
    AuthenticationRequired = "REQ_AUR", "Authentication required", 401;
    /// The key is good, but not for this endpoint or operation.
    KeyNotEnabled = "REQ_AKN", "API key not enabled", 403;
    /// The key belongs to another user than the one who is logged in.
    KeyOfAnotherUser = "REQ_AKU", "API key of another user", 403;
    /// A parameter is missing or does not obey its rule.
    ParameterNotValid = "REQ_PNV", "Parameter not valid", 400;
    /// The body could not be read.
    BodyNotValid = "REQ_BNV", "Body not valid", 400;
    /// The body is larger than allowed.
    BodyTooLarge = "REQ_BTL", "Body too large", 413;
    /// What the caller wants to change is not as `If-Match` says.
    PreconditionFailed = "REQ_PCF", "Precondition failed", 412;
    /// The same `Idempotency-Key` came with another request before.
    IdempotencyKeyUsed = "REQ_IKU", "Idempotency key used for another request", 409;
    /// The HTTP method is not one this operation is called with.
    MethodNotAllowed = "REQ_MNA", "Method not allowed", 405;
    /// Too many tries in too short a time.
    TooManyRequests = "REQ_RLM", "Too many requests", 429;
    /// Every place for this module's calls is taken.
    Overloaded = "REQ_OVL", "Server overloaded", 503;
    /// The call did not end in time.
    DeadlinePassed = "REQ_TMO", "Deadline passed", 504;
    /// Something failed that nobody planned for; the log says what.
    InternalError = "REQ_GER", "Internal error", 500;
}

impl Req {
    /// The code as a fault.
    pub fn fault(self) -> Fault {
        Fault {
            code: Cow::Borrowed(self.code()),
            text: Cow::Borrowed(self.text()),
            detail: String::new(),
            status: self.status(),
            retry_after_s: match self {
                Req::Overloaded | Req::KeyGenericError | Req::UnableToCheckAuthentication => {
                    Some(1)
                }
                _ => None,
            },
        }
    }

    /// The code of a text, as modules name it.
    pub fn named(code: &str) -> Option<Req> {
        Req::ALL.iter().copied().find(|known| known.code() == code)
    }
}

impl From<Req> for Fault {
    fn from(code: Req) -> Self {
        code.fault()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_fits_the_log_and_is_found_by_its_name() {
        for code in Req::ALL {
            assert!(
                code.code().len() <= 10 && code.code().starts_with("REQ_"),
                "{code:?}"
            );
            assert_eq!(Req::named(code.code()), Some(*code));
        }
    }
}
