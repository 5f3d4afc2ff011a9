//! `keybyemail` and `keybyauth`: a user asks for his licence key.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use loggia_sdk::MailMessage;
use loggia_sdk::prelude::*;

use crate::Release;
use crate::catalogue::Group;
use crate::issue::{self, Order};
use crate::right::{self, State};
use crate::store::licences;
use crate::token;

const HOUR_MS: i64 = 3_600_000;
/// The most accounts whose mails are counted at a time.
const MOST_COUNTED: usize = 10_000;

/// Parameters of `keybyemail`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct KeyByEmail {
    /// Package group.
    #[schemars(extend("x-missing" = "REL_GNS"))]
    id: String,
    /// E-mail address of the user's account.
    #[schemars(extend("x-missing" = "REL_EMR"))]
    email: String,
}

/// Nothing but "ok".
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Done {}

/// Parameters of `keybyauth`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct KeyByAuth {
    /// Package group.
    #[schemars(extend("x-missing" = "REL_GNS"))]
    id: String,
    /// Name of the user's account.
    #[schemars(extend("x-missing" = "REL_UNR"))]
    username: String,
    /// Password of the user's account.
    #[schemars(extend("x-missing" = "REL_PWR"))]
    password: String,
}

/// The address and the key that go together.
#[derive(Serialize, JsonSchema)]
pub(crate) struct KeyOfUser {
    /// E-mail address of the account.
    email: String,
    /// The newest valid licence key.
    key: String,
}

/// Mails the key to the account's address, and never says whether there is one.
pub(crate) fn by_email(
    release: &Release,
    call: &Call<'_>,
    parameters: KeyByEmail,
) -> Result<Done, Fault> {
    if parameters.email.trim().is_empty() {
        return Err(Fault::new("REL_EMR"));
    }
    let catalogue = release.shelf.catalogue(call)?;
    let group = catalogue.group(&parameters.id)?;
    let email = token::address(&parameters.email);
    let Some(account) = call.host().identity()?.by_email(call, &email)? else {
        return Ok(Done {});
    };
    if !release.mails.allow(
        call,
        account.id,
        &group.row.id,
        release.settings.mails_per_hour,
    ) {
        tracing::warn!("the key of account {} was asked for too often", account.id);
        return Ok(Done {});
    }
    // Whatever goes wrong from here on goes wrong for known addresses only, so it is not shown.
    let sent = newest_key(release, call, group, &account)
        .and_then(|key| mail(release, call, group, &account, &key));
    if let Err(fault) = sent {
        tracing::info!(
            "no key was mailed to account {}: {}",
            account.id,
            fault.code()
        );
    }
    Ok(Done {})
}

/// Gives the newest valid key to whoever knows the password.
pub(crate) fn by_auth(
    release: &Release,
    call: &Call<'_>,
    parameters: KeyByAuth,
) -> Result<KeyOfUser, Fault> {
    if parameters.username.trim().is_empty() {
        return Err(Fault::new("REL_UNR"));
    }
    if parameters.password.is_empty() {
        return Err(Fault::new("REL_PWR"));
    }
    let catalogue = release.shelf.catalogue(call)?;
    let group = catalogue.group(&parameters.id)?;
    let identity = call.host().identity()?;
    let account = identity
        .authenticate(call, &parameters.username, &parameters.password)
        .map_err(refusal)?;
    let key = newest_key(release, call, group, &account)?;
    Ok(KeyOfUser {
        email: account.email,
        key,
    })
}

fn refusal(error: loggia_sdk::IdentityError) -> Fault {
    match error {
        loggia_sdk::IdentityError::Refused {
            code,
            retry_after_s,
            ..
        } if code == "REQ_RLM" => Fault::new("REQ_RLM").retry_after(retry_after_s.unwrap_or(1)),
        loggia_sdk::IdentityError::Refused { .. } => Fault::new("REL_LIF"),
        other => other.into(),
    }
}

/// The newest valid key of an account in a group; a first one where it has a right to that.
fn newest_key(
    release: &Release,
    call: &Call<'_>,
    group: &Group,
    account: &Account,
) -> Result<String, Fault> {
    if !right::is_member(group, account) {
        return Err(Fault::new("REL_ANA"));
    }
    let held = licences::of_user(&mut call.database()?, &group.row.id, account.id)?;
    let now_ms = call.host().clock().now_ms();
    let valid = held
        .iter()
        .find(|licence| right::state(licence, now_ms) == State::Valid);
    if let Some(licence) = valid {
        return Ok(issue::key_of(release, group, licence));
    }
    if let Some(newest) = held.first() {
        return Err(match right::state(newest, now_ms) {
            State::Revoked => Fault::new("REL_KYV"),
            State::Expired | State::Valid => Fault::new("REL_KYE"),
        });
    }
    if group.user_groups.is_empty() || !release.settings.issue_on_demand {
        return Err(Fault::new("REL_ANA"));
    }
    let order = Order {
        user: account.id,
        site_limit: release.settings.site_limit,
        only_first: true,
        ..Order::default()
    };
    let (licence, _) = issue::issue(release, call, group, &order)?;
    Ok(issue::key_of(release, group, &licence))
}

fn mail(
    release: &Release,
    call: &Call<'_>,
    group: &Group,
    account: &Account,
    key: &str,
) -> Result<(), Fault> {
    let message = MailMessage {
        to: account.email.clone(),
        subject: format!("Your licence key for {}", group.row.name),
        text: format!(
            "Hello {},\n\nyour licence key for {} is:\n\n    {key}\n\n\
             It goes with the address of this account. Whoever asked for it at {}, \
             only you have received it.\n",
            account.name, group.row.name, release.settings.vendor
        ),
    };
    call.host().mail()?.queue(call, None, &message)
}

/// How often the keys of whom were mailed of late; in memory, since it only spares mailboxes.
#[derive(Default)]
pub(crate) struct Mails(Mutex<HashMap<(i64, String), (i64, u32)>>);

impl Mails {
    fn allow(&self, call: &Call<'_>, user: i64, group: &str, most: u32) -> bool {
        let now_ms = call.host().clock().now_ms();
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= MOST_COUNTED {
            counted.retain(|_, (since_ms, _)| now_ms - *since_ms < HOUR_MS);
        }
        let (since_ms, count) = counted
            .entry((user, group.to_owned()))
            .or_insert((now_ms, 0));
        if now_ms - *since_ms >= HOUR_MS {
            (*since_ms, *count) = (now_ms, 0);
        }
        *count = count.saturating_add(1);
        *count <= most
    }
}
