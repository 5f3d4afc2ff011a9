//! All accounts of the site, for modules whose callers the operator has entitled to them.

use loggia_abi::{HostAccounts, Str, code};
use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::identity::{Account, IdentityError, ask, parse};

/// Which accounts are listed.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct AccountListing {
    /// How many; all where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// How many are passed over.
    pub offset: i64,
    /// Whether blocked accounts are among them.
    pub blocked: bool,
}

/// A page of the accounts, by id.
#[derive(Clone, Debug, Deserialize)]
pub struct AccountPage {
    /// How many there are on all pages.
    pub total: i64,
    /// Those of the page.
    pub accounts: Vec<ListedAccount>,
}

/// An account in a list.
#[derive(Clone, Debug, Deserialize)]
pub struct ListedAccount {
    /// The id.
    pub id: i64,
    /// The log-in name.
    pub username: String,
    /// The person's name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// Whether log-in is refused.
    pub blocked: bool,
    /// The language tag, or `*`.
    pub language: String,
    /// When it was made.
    pub created_ms: i64,
    /// When its owner last logged in.
    pub last_visit_ms: Option<i64>,
}

/// What is changed of an account; what is `None` stays.
#[derive(Clone, Default, Serialize)]
pub struct AccountChange<'a> {
    /// The log-in name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<&'a str>,
    /// The person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// The e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<&'a str>,
    /// A language tag, or `*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<&'a str>,
    /// What [`Accounts::hash`] gave for another password; it ends all sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<&'a str>,
}

/// All accounts of the site. No permission is looked at here: the module answers for its caller.
#[derive(Clone, Copy)]
pub struct Accounts(pub(crate) &'static HostAccounts);

impl Accounts {
    /// A page of the accounts.
    pub fn list(
        self,
        call: &Call<'_>,
        listing: AccountListing,
    ) -> Result<AccountPage, IdentityError> {
        let json = serde_json::to_string(&listing).map_err(|_| IdentityError::Failed)?;
        // SAFETY: handle, text and sink live during the host's function; so in every closure below.
        let answer =
            ask(|sink| unsafe { (self.0.list)(self.0.context, call.raw(), Str::new(&json), sink) });
        parse(&answer?)
    }

    /// The hash of a new password, checked by the site's rules. It takes long on purpose: before a transaction
    /// begins.
    pub fn hash(self, call: &Call<'_>, password: &str) -> Result<String, IdentityError> {
        // SAFETY: as in `list`.
        Ok(ask(|sink| unsafe {
            (self.0.hash)(self.0.context, call.raw(), Str::new(password), sink)
        })?)
    }

    /// Changes an account in the call's transaction; `None` where there is none.
    pub fn change(
        self,
        call: &Call<'_>,
        user: i64,
        change: &AccountChange<'_>,
    ) -> Result<Option<Account>, IdentityError> {
        let json = serde_json::to_string(change).map_err(|_| IdentityError::Failed)?;
        // SAFETY: as in `list`.
        let answer = ask(|sink| unsafe {
            (self.0.change)(self.0.context, call.raw(), user, Str::new(&json), sink)
        });
        match answer {
            Ok(text) => parse(&text).map(Some),
            Err((code::NOT_FOUND, _)) => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }
}
