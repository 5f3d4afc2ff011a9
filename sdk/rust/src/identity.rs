//! Accounts, groups and sessions.

use std::ffi::c_void;

use loggia_abi::identity::by;
use loggia_abi::{HostIdentity, Sink, Str, code};
use serde::Deserialize;
use serde_json::Value;

use crate::call::Call;
use crate::fault::Fault;

/// An account, as the host shows it to modules.
#[derive(Clone, Debug, Deserialize)]
pub struct Account {
    /// The id.
    pub id: i64,
    /// The log-in name.
    pub username: String,
    /// The person's name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// Whether the account may log in.
    pub blocked: bool,
    /// The ids of its groups.
    pub groups: Vec<i64>,
    /// The ids of its view levels.
    pub view_levels: Vec<i64>,
    /// The language tag, or `*`.
    #[serde(default)]
    pub language: String,
    /// When it was made.
    #[serde(default)]
    pub created_ms: i64,
}

/// Why the identity service did not do what was asked.
#[derive(Debug)]
pub enum IdentityError {
    /// A refusal with a code of the user module's table.
    Refused {
        /// Such as `USR_LIF`.
        code: String,
        /// What the caller may know beyond the code's text.
        detail: String,
        /// When another try may succeed, in seconds.
        retry_after_s: Option<u64>,
    },
    /// The call's deadline passed while the service waited, such as for a connection.
    DeadlinePassed,
    /// The host has no place at present.
    Unavailable,
    /// Anything else; the host's log says what.
    Failed,
}

impl From<IdentityError> for Fault {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::DeadlinePassed => Fault::new("REQ_TMO"),
            IdentityError::Unavailable => Fault::new("REQ_OVL"),
            IdentityError::Refused { .. } | IdentityError::Failed => {
                Fault::internal("the identity service failed")
            }
        }
    }
}

/// Text that the host writes into.
#[derive(Default)]
pub(crate) struct Text(Vec<u8>);

unsafe extern "C" fn append(context: *mut c_void, bytes: *const u8, len: usize) {
    if !bytes.is_null() {
        // SAFETY: the context is the `Vec` that `Text::sink` borrowed, the bytes are the host's.
        unsafe {
            (*context.cast::<Vec<u8>>()).extend_from_slice(std::slice::from_raw_parts(bytes, len));
        };
    }
}

impl Text {
    pub(crate) fn sink(&mut self) -> Sink {
        Sink {
            context: (&raw mut self.0).cast(),
            write: append,
        }
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Accounts, groups and sessions.
#[derive(Clone, Copy)]
pub struct Identity(pub(crate) &'static HostIdentity);

impl Identity {
    /// Finds an account by its id.
    pub fn by_id(self, call: &Call<'_>, id: i64) -> Result<Option<Account>, IdentityError> {
        self.find(call, by::ID, &id.to_string())
    }

    /// Finds an account by its user name, ignoring case.
    pub fn by_username(
        self,
        call: &Call<'_>,
        username: &str,
    ) -> Result<Option<Account>, IdentityError> {
        self.find(call, by::USERNAME, username)
    }

    /// Finds an account by its e-mail address, ignoring case.
    pub fn by_email(self, call: &Call<'_>, email: &str) -> Result<Option<Account>, IdentityError> {
        self.find(call, by::EMAIL, email)
    }

    fn find(self, call: &Call<'_>, by: u32, value: &str) -> Result<Option<Account>, IdentityError> {
        // SAFETY: handle, text and sink live during the host's function; so in every closure below.
        let found = ask(|sink| unsafe {
            (self.0.find)(self.0.context, call.raw(), by, Str::new(value), sink)
        });
        match found {
            Ok(text) => parse(&text).map(Some),
            Err((code::NOT_FOUND, _)) => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Checks a user name and password, throttled by account and client address.
    pub fn authenticate(
        self,
        call: &Call<'_>,
        username: &str,
        password: &str,
    ) -> Result<Account, IdentityError> {
        // SAFETY: as in `find`.
        let answer = ask(|sink| unsafe {
            (self.0.authenticate)(
                self.0.context,
                call.raw(),
                Str::new(username),
                Str::new(password),
                sink,
            )
        });
        parse(&answer?)
    }

    /// Opens a session, whose cookie the host sets on this call's answer, and gives its id.
    pub fn open_session(self, call: &Call<'_>, user: i64) -> Result<String, IdentityError> {
        // SAFETY: as in `find`.
        Ok(ask(|sink| unsafe {
            (self.0.open_session)(self.0.context, call.raw(), user, sink)
        })?)
    }

    /// Ends the call's session; `false` where there was none.
    pub fn close_session(self, call: &Call<'_>) -> Result<bool, IdentityError> {
        // SAFETY: as in `find`.
        match unsafe { (self.0.close_session)(self.0.context, call.raw()) } {
            code::OK => Ok(true),
            code::NOT_FOUND => Ok(false),
            other => Err((other, String::new()).into()),
        }
    }

    /// Registers an account: `username`, `password`, `email`, `name`.
    pub fn register(self, call: &Call<'_>, account: &Value) -> Result<(), IdentityError> {
        let json = account.to_string();
        // SAFETY: as in `find`.
        let answer = ask(|sink| unsafe {
            (self.0.register)(self.0.context, call.raw(), Str::new(&json), sink)
        });
        Ok(answer.map(drop)?)
    }

    /// Mails the user name to an address.
    pub fn remind(self, call: &Call<'_>, email: &str) -> Result<(), IdentityError> {
        // SAFETY: as in `find`.
        let answer = ask(|sink| unsafe {
            (self.0.remind)(self.0.context, call.raw(), Str::new(email), sink)
        });
        Ok(answer.map(drop)?)
    }

    /// Mails a link that sets a new password.
    pub fn reset(self, call: &Call<'_>, email: &str) -> Result<(), IdentityError> {
        // SAFETY: as in `find`.
        let answer = ask(|sink| unsafe {
            (self.0.reset)(self.0.context, call.raw(), Str::new(email), sink)
        });
        Ok(answer.map(drop)?)
    }

    /// Sets a new password by the token of such a link.
    pub fn confirm_reset(
        self,
        call: &Call<'_>,
        token: &str,
        password: &str,
    ) -> Result<(), IdentityError> {
        // SAFETY: as in `find`.
        let answer = ask(|sink| unsafe {
            (self.0.confirm_reset)(
                self.0.context,
                call.raw(),
                Str::new(token),
                Str::new(password),
                sink,
            )
        });
        Ok(answer.map(drop)?)
    }

    /// Enables an account by the token of its activation mail; gives its standing: `enabled`, or
    /// `awaits_administrator`.
    pub fn activate(self, call: &Call<'_>, token: &str) -> Result<String, IdentityError> {
        #[derive(Deserialize)]
        struct Activated {
            standing: String,
        }
        // SAFETY: as in `find`.
        let answer = ask(|sink| unsafe {
            (self.0.activate)(self.0.context, call.raw(), Str::new(token), sink)
        });
        parse(&answer?).map(|activated: Activated| activated.standing)
    }

    /// The account's custom fields, as `get/user/profile` shows them.
    pub fn fields(self, call: &Call<'_>, user: i64) -> Result<Vec<Value>, IdentityError> {
        // SAFETY: as in `find`.
        let answer = ask(|sink| unsafe { (self.0.fields)(self.0.context, call.raw(), user, sink) });
        parse(&answer?)
    }

    /// Sets a new password for an owner who knows the old one, and ends all his sessions.
    pub fn change_password(
        self,
        call: &Call<'_>,
        user: i64,
        old: &str,
        new: &str,
    ) -> Result<(), IdentityError> {
        // SAFETY: as in `find`.
        let answer = ask(|sink| unsafe {
            (self.0.change_password)(
                self.0.context,
                call.raw(),
                user,
                Str::new(old),
                Str::new(new),
                sink,
            )
        });
        Ok(answer.map(drop)?)
    }

    /// Changes an account for its owner: any of `name`, `email` (then also `password`), `language`, `fields`.
    pub fn change_profile(
        self,
        call: &Call<'_>,
        user: i64,
        change: &Value,
    ) -> Result<Account, IdentityError> {
        let json = change.to_string();
        // SAFETY: as in `find`.
        let answer = ask(|sink| unsafe {
            (self.0.change_profile)(self.0.context, call.raw(), user, Str::new(&json), sink)
        });
        parse(&answer?)
    }
}

pub(crate) fn ask(function: impl FnOnce(*mut Sink) -> i32) -> Result<String, (i32, String)> {
    let mut text = Text::default();
    let mut sink = text.sink();
    let result = function(&raw mut sink);
    let text = text.text().to_owned();
    if result == code::OK {
        Ok(text)
    } else {
        Err((result, text))
    }
}

pub(crate) fn parse<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, IdentityError> {
    serde_json::from_str(json).map_err(|_| IdentityError::Failed)
}

impl From<(i32, String)> for IdentityError {
    fn from((result, text): (i32, String)) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Refusal {
            code: String,
            detail: String,
            retry_after_s: Option<u64>,
        }
        match result {
            code::REFUSED => {
                let refusal: Refusal = serde_json::from_str(&text).unwrap_or_default();
                IdentityError::Refused {
                    code: refusal.code,
                    detail: refusal.detail,
                    retry_after_s: refusal.retry_after_s,
                }
            }
            code::DEADLINE => IdentityError::DeadlinePassed,
            code::BUSY => IdentityError::Unavailable,
            _ => IdentityError::Failed,
        }
    }
}
