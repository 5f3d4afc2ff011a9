//! `loggia.accounts`: the keeping of accounts as modules know it.

use std::ffi::{CStr, c_void};
use std::sync::Arc;

use loggia_abi::{Call, HostAccounts, Sink, Str};

use super::Identity;
use super::table::{Bond, Written, answer, parsed, text};
use crate::service::hub::{InstanceFacts, Provider, Table};

/// The service.
pub struct AccountsService(pub Arc<Identity>);

struct AccountsTable {
    table: HostAccounts,
    bond: Bond,
}

// SAFETY: the raw pointer in `table` points into this very structure, which is never changed.
unsafe impl Send for AccountsTable {}
// SAFETY: as above.
unsafe impl Sync for AccountsTable {}

impl Provider for AccountsService {
    fn id(&self) -> &'static CStr {
        c"loggia.accounts"
    }

    fn version(&self) -> u32 {
        1
    }

    fn provide(&self, instance: &InstanceFacts) -> Box<dyn Table> {
        let table = HostAccounts {
            size: u32::try_from(size_of::<HostAccounts>()).unwrap_or(0),
            version: 1,
            context: std::ptr::null_mut(),
            list,
            hash,
            change,
        };
        let mut made = Box::new(AccountsTable {
            table,
            bond: Bond::new(&self.0, instance),
        });
        made.table.context = (&raw mut made.bond).cast();
        made
    }
}

impl Table for AccountsTable {
    fn pointer(&self) -> *const c_void {
        (&raw const self.table).cast()
    }
}

unsafe extern "C" fn list(
    context: *mut c_void,
    call: *mut Call,
    query: Str<'_>,
    page: *mut Sink,
) -> i32 {
    // SAFETY: the boundary's contract for context, call, sink and texts; so in each function below.
    unsafe {
        answer(context, call, page, |identity, caller| {
            let listing = parsed(text(&query))?;
            Written::json(&identity.page(caller, listing)?)
        })
    }
}

unsafe extern "C" fn hash(
    context: *mut c_void,
    call: *mut Call,
    password: Str<'_>,
    hash: *mut Sink,
) -> i32 {
    // SAFETY: as in `list`.
    unsafe {
        answer(context, call, hash, |identity, _| {
            Ok(Written::Text(identity.hash_password(text(&password))?))
        })
    }
}

unsafe extern "C" fn change(
    context: *mut c_void,
    call: *mut Call,
    user: i64,
    json: Str<'_>,
    account: *mut Sink,
) -> i32 {
    // SAFETY: as in `list`.
    unsafe {
        answer(context, call, account, |identity, caller| {
            let change = parsed(text(&json))?;
            Written::json(&identity.change_account(caller, user, &change)?)
        })
    }
}
