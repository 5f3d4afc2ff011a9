//! `loggia.identity`: the identity service as modules know it.

use std::ffi::{CStr, c_void};
use std::sync::Arc;

use loggia_abi::identity::by;
use loggia_abi::{Call, HostIdentity, Sink, Str, code};
use serde::Serialize;

use super::{By, Caller, Identity, IdentityFault, Outcome, Refusal};
use crate::service::context::CallContext;
use crate::service::guard::guarded;
use crate::service::hub::{InstanceFacts, Provider, Table};

/// The service.
pub struct IdentityService(pub Arc<Identity>);

/// What a table's functions are given back: whose table it is.
pub(super) struct Bond {
    identity: Arc<Identity>,
    module: String,
}

impl Bond {
    pub(super) fn new(identity: &Arc<Identity>, instance: &InstanceFacts) -> Self {
        Self {
            identity: Arc::clone(identity),
            module: instance.module.clone(),
        }
    }
}

struct IdentityTable {
    table: HostIdentity,
    bond: Bond,
}

// SAFETY: the raw pointer in `table` points into this very structure, which is never changed.
unsafe impl Send for IdentityTable {}
// SAFETY: as above.
unsafe impl Sync for IdentityTable {}

impl Provider for IdentityService {
    fn id(&self) -> &'static CStr {
        c"loggia.identity"
    }

    fn version(&self) -> u32 {
        1
    }

    fn provide(&self, instance: &InstanceFacts) -> Box<dyn Table> {
        let table = HostIdentity {
            size: u32::try_from(size_of::<HostIdentity>()).unwrap_or(0),
            version: 1,
            context: std::ptr::null_mut(),
            find,
            authenticate,
            open_session,
            close_session,
            register,
            remind,
            reset,
            confirm_reset,
            activate,
            fields,
            change_password,
            change_profile,
        };
        let mut made = Box::new(IdentityTable {
            table,
            bond: Bond::new(&self.0, instance),
        });
        made.table.context = (&raw mut made.bond).cast();
        made
    }
}

impl Table for IdentityTable {
    fn pointer(&self) -> *const c_void {
        (&raw const self.table).cast()
    }
}

/// What a function of the table writes: an object of its own, or nothing.
pub(super) enum Written {
    Json(String),
    Text(String),
    Nothing,
}

impl Written {
    pub(super) fn json(value: &impl Serialize) -> Outcome<Self> {
        let text = serde_json::to_string(value);
        text.map(Self::Json)
            .map_err(|_| IdentityFault::Failed("an answer could not be written"))
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Json(text) | Self::Text(text) => text,
            Self::Nothing => "",
        }
    }
}

/// Runs one of the table's functions for the call, and writes its answer or its refusal to the sink.
///
/// # Safety
/// The context is the [`Bond`] of the table that `provide` made, `call` the handle of a call in flight, `sink` null or the
/// caller's own.
pub(super) unsafe fn answer(
    context: *mut c_void,
    call: *mut Call,
    sink: *mut Sink,
    body: impl FnOnce(&Identity, &Caller<'_>) -> Outcome<Written>,
) -> i32 {
    guarded(|| {
        // SAFETY: promised by the caller.
        let (bond, call) = unsafe { (&*context.cast::<Bond>(), CallContext::from_raw(call)) };
        let call = call.ok_or(code::ARGUMENT)?;
        match body(&bond.identity, &Caller::client(call)) {
            Ok(written) => {
                // SAFETY: promised by the caller.
                unsafe { write(sink, written.as_str()) };
                Ok(())
            }
            Err(fault) => {
                let (failure, refusal) = crossing(&fault);
                if let Some(json) = refusal.and_then(|refusal| serde_json::to_string(refusal).ok())
                {
                    // SAFETY: promised by the caller.
                    unsafe { write(sink, &json) };
                } else if failure != code::NOT_FOUND && !fault.is_for_want_of_time_or_place() {
                    let (module, request) = (&bond.module, call.request_id.as_str());
                    tracing::error!(module, request, "the identity service failed: {fault}");
                }
                Err(failure)
            }
        }
    })
}

/// # Safety
/// `sink` must be null or a sink that lives during this function.
unsafe fn write(sink: *mut Sink, text: &str) {
    // SAFETY: promised by the caller; the text is copied before `write` returns.
    unsafe {
        if let Some(sink) = sink.as_ref() {
            (sink.write)(sink.context, text.as_ptr(), text.len());
        }
    }
}

/// The code of a fault, with what is written to the sink.
fn crossing(fault: &IdentityFault) -> (i32, Option<&Refusal>) {
    match fault {
        IdentityFault::Refused(refusal) => (code::REFUSED, Some(refusal)),
        IdentityFault::NotFound => (code::NOT_FOUND, None),
        IdentityFault::Busy => (code::BUSY, None),
        IdentityFault::Database(error) if loggia_sql::is_deadline(error) => (code::DEADLINE, None),
        IdentityFault::Database(error) if loggia_sql::is_busy(error) => (code::BUSY, None),
        IdentityFault::Database(_) => (code::DATABASE, None),
        IdentityFault::Failed(_) => (code::IO, None),
    }
}

/// A text of the module; what is not UTF-8 is nobody's name, password or token.
///
/// # Safety
/// The module vouches for the text during its call.
pub(super) unsafe fn text<'a>(text: &Str<'a>) -> &'a str {
    // SAFETY: promised by the caller.
    unsafe { text.text() }.unwrap_or_default()
}

pub(super) fn parsed<T: serde::de::DeserializeOwned>(json: &str) -> Outcome<T> {
    serde_json::from_str(json)
        .map_err(|_| IdentityFault::Failed("the module's JSON is not what the table asks for"))
}

unsafe extern "C" fn find(
    context: *mut c_void,
    call: *mut Call,
    kind: u32,
    value: Str<'_>,
    account: *mut Sink,
) -> i32 {
    // SAFETY: the boundary's contract for context, call, sink and texts; so in each function below.
    unsafe {
        answer(context, call, account, |identity, caller| {
            let value = text(&value);
            let wanted = match kind {
                by::ID => By::Id(value.parse().map_err(|_| IdentityFault::NotFound)?),
                by::USERNAME => By::Username(value),
                by::EMAIL => By::Email(value),
                _ => return Err(IdentityFault::NotFound),
            };
            Written::json(&identity.find(caller, wanted)?)
        })
    }
}

unsafe extern "C" fn authenticate(
    context: *mut c_void,
    call: *mut Call,
    username: Str<'_>,
    password: Str<'_>,
    account: *mut Sink,
) -> i32 {
    // SAFETY: as in `find`.
    unsafe {
        answer(context, call, account, |identity, caller| {
            Written::json(&identity.authenticate(caller, text(&username), text(&password))?)
        })
    }
}

unsafe extern "C" fn open_session(
    context: *mut c_void,
    call: *mut Call,
    user: i64,
    session: *mut Sink,
) -> i32 {
    // SAFETY: as in `find`.
    unsafe {
        answer(context, call, session, |identity, caller| {
            Ok(Written::Text(identity.open_session(caller, user)?))
        })
    }
}

unsafe extern "C" fn close_session(context: *mut c_void, call: *mut Call) -> i32 {
    // SAFETY: as in `find`.
    unsafe {
        answer(context, call, std::ptr::null_mut(), |identity, caller| {
            identity.close_session(caller)?;
            Ok(Written::Nothing)
        })
    }
}

unsafe extern "C" fn register(
    context: *mut c_void,
    call: *mut Call,
    json: Str<'_>,
    sink: *mut Sink,
) -> i32 {
    // SAFETY: as in `find`.
    unsafe {
        answer(context, call, sink, |identity, caller| {
            let wanted = parsed(text(&json))?;
            standing(identity.register(caller, &wanted)?)
        })
    }
}

fn standing(standing: super::Standing) -> Outcome<Written> {
    Written::json(&serde_json::json!({ "standing": standing }))
}

unsafe extern "C" fn remind(
    context: *mut c_void,
    call: *mut Call,
    email: Str<'_>,
    sink: *mut Sink,
) -> i32 {
    // SAFETY: as in `find`.
    unsafe {
        answer(context, call, sink, |identity, caller| {
            identity.remind(caller, text(&email))?;
            Ok(Written::Json("{}".to_owned()))
        })
    }
}

unsafe extern "C" fn reset(
    context: *mut c_void,
    call: *mut Call,
    email: Str<'_>,
    sink: *mut Sink,
) -> i32 {
    // SAFETY: as in `find`.
    unsafe {
        answer(context, call, sink, |identity, caller| {
            identity.reset(caller, text(&email))?;
            Ok(Written::Json("{}".to_owned()))
        })
    }
}

unsafe extern "C" fn confirm_reset(
    context: *mut c_void,
    call: *mut Call,
    token: Str<'_>,
    password: Str<'_>,
    sink: *mut Sink,
) -> i32 {
    // SAFETY: as in `find`.
    unsafe {
        answer(context, call, sink, |identity, caller| {
            identity.confirm_reset(caller, text(&token), text(&password))?;
            Ok(Written::Json("{}".to_owned()))
        })
    }
}

unsafe extern "C" fn activate(
    context: *mut c_void,
    call: *mut Call,
    token: Str<'_>,
    sink: *mut Sink,
) -> i32 {
    // SAFETY: as in `find`.
    unsafe {
        answer(context, call, sink, |identity, caller| {
            standing(identity.activate(caller, text(&token))?)
        })
    }
}

unsafe extern "C" fn fields(
    context: *mut c_void,
    call: *mut Call,
    user: i64,
    sink: *mut Sink,
) -> i32 {
    // SAFETY: as in `find`.
    unsafe {
        answer(context, call, sink, |identity, caller| {
            Written::json(&identity.fields(caller, user)?)
        })
    }
}

unsafe extern "C" fn change_password(
    context: *mut c_void,
    call: *mut Call,
    user: i64,
    old: Str<'_>,
    new: Str<'_>,
    sink: *mut Sink,
) -> i32 {
    // SAFETY: as in `find`.
    unsafe {
        answer(context, call, sink, |identity, caller| {
            identity.change_password(caller, user, text(&old), text(&new))?;
            Ok(Written::Json("{}".to_owned()))
        })
    }
}

unsafe extern "C" fn change_profile(
    context: *mut c_void,
    call: *mut Call,
    user: i64,
    json: Str<'_>,
    account: *mut Sink,
) -> i32 {
    // SAFETY: as in `find`.
    unsafe {
        answer(context, call, account, |identity, caller| {
            let change = parsed(text(&json))?;
            Written::json(&identity.change_profile(caller, user, &change)?)
        })
    }
}
