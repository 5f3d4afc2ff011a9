//! `loggia.channels`: publishing and presence as modules know them.

use std::ffi::{CStr, c_void};
use std::sync::Arc;

use loggia_abi::{Call, Connection, HostChannels, Sink, Str, code};
use loggia_push::page;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Channels, form};
use crate::service::clock::now_ms;
use crate::service::context::CallContext;
use crate::service::database::DatabaseService;
use crate::service::guard::guarded;
use crate::service::hub::{InstanceFacts, Provider, Table};
use crate::store::channel::{self, Target};

/// The longest name of a channel, without its module.
const LONGEST_NAME: usize = 200;
/// How many messages a question is answered with at most.
const MOST_MESSAGES: i64 = 1_000;

/// The service.
pub struct ChannelsService {
    channels: Arc<Channels>,
    database: Arc<DatabaseService>,
}

impl ChannelsService {
    /// Over the channels of this process, and the service that hands connections to modules.
    pub fn new(channels: Arc<Channels>, database: Arc<DatabaseService>) -> Self {
        Self { channels, database }
    }
}

/// A channel of a module, by the name under which all modules' channels are kept. Those of pages are shared by all
/// modules.
pub(crate) fn full_name(module: &str, channel: &str) -> Option<String> {
    let is_name = !channel.is_empty() && channel.len() <= LONGEST_NAME && !channel.contains('\0');
    let owner = if channel.starts_with(page::CHANNELS) {
        ""
    } else {
        module
    };
    is_name.then(|| format!("{owner}/{channel}"))
}

/// The channel of a device of the platform `page`, on which the engine of push publishes what is for it.
pub(crate) fn of_device(application: i64, device: i64) -> String {
    format!("/{}", page::channel(application, device))
}

struct ChannelsTable {
    table: HostChannels,
    channels: Arc<Channels>,
    database: Arc<DatabaseService>,
    module: String,
}

// SAFETY: the raw pointer in `table` points at this very structure, which is never changed.
unsafe impl Send for ChannelsTable {}
// SAFETY: as above.
unsafe impl Sync for ChannelsTable {}

impl Provider for ChannelsService {
    fn id(&self) -> &'static CStr {
        c"loggia.channels"
    }

    fn version(&self) -> u32 {
        1
    }

    fn provide(&self, instance: &InstanceFacts) -> Box<dyn Table> {
        let table = HostChannels {
            size: u32::try_from(size_of::<HostChannels>()).unwrap_or(0),
            version: 1,
            context: std::ptr::null_mut(),
            publish,
            end,
            present,
            history,
        };
        let mut made = Box::new(ChannelsTable {
            table,
            channels: Arc::clone(&self.channels),
            database: Arc::clone(&self.database),
            module: instance.module.clone(),
        });
        made.table.context = (&raw mut *made).cast();
        made
    }
}

impl Table for ChannelsTable {
    fn pointer(&self) -> *const c_void {
        (&raw const self.table).cast()
    }
}

/// Whom a message is for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct To {
    channels: Vec<String>,
    /// The deliveries of the push ledger that are accepted when a page was handed the message.
    #[serde(default)]
    receipt: Option<Receipt>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Receipt {
    notification: i64,
    /// The device of each channel.
    devices: Vec<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Present {
    channels: Vec<String>,
}

#[derive(Serialize)]
struct Seat<'s> {
    channel: &'s str,
    member: &'s str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    channel: String,
    since: i64,
    limit: i64,
}

#[derive(Serialize)]
struct Answer<'m> {
    messages: Vec<Kept<'m>>,
    last: i64,
    gap: bool,
}

#[derive(Serialize)]
struct Kept<'m> {
    id: i64,
    content: &'m RawValue,
    sent: String,
    /// The notification of the push ledger that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    notification: Option<i64>,
}

impl ChannelsTable {
    fn read<T: serde::de::DeserializeOwned>(&self, json: &str) -> Result<T, i32> {
        serde_json::from_str(json).map_err(|error| {
            tracing::error!(
                module = self.module,
                "the channels were asked wrongly: {error}"
            );
            code::ARGUMENT
        })
    }

    fn name(&self, channel: &str) -> Result<String, i32> {
        full_name(&self.module, channel).ok_or_else(|| {
            tracing::error!(
                module = self.module,
                "a channel has a name of 1 to {LONGEST_NAME} bytes"
            );
            code::ARGUMENT
        })
    }

    fn publish(
        &self,
        connection: &mut loggia_sql::Connection,
        to: &str,
        message: &str,
    ) -> Result<i64, i32> {
        let to: To = self.read(to)?;
        self.read::<serde::de::IgnoredAny>(message)?;
        if message.len() > self.channels.settings.load().max_message_bytes {
            return Err(code::LIMIT);
        }
        let mut targets = Vec::with_capacity(to.channels.len());
        for (place, channel) in to.channels.iter().enumerate() {
            let device = |receipt: &Receipt| {
                let device = receipt.devices.get(place)?;
                Some((receipt.notification, *device))
            };
            targets.push(Target {
                channel: self.name(channel)?,
                delivery: to.receipt.as_ref().and_then(device),
            });
        }
        let now_ms = now_ms();
        let published = channel::publish(connection, message, &targets, now_ms);
        published.map_err(|error| self.failed(&error))
    }

    fn end(&self, connection: &mut loggia_sql::Connection, prefix: &str) -> Result<(), i32> {
        let prefix = self.name(prefix)?;
        let now_ms = now_ms();
        channel::end(connection, &prefix, now_ms).map_err(|error| self.failed(&error))
    }

    fn present(&self, call: &CallContext, question: &str) -> Result<String, i32> {
        let question: Present = self.read(question)?;
        let names: Result<Vec<_>, _> = question.channels.iter().map(|one| self.name(one)).collect();
        let mut connection = call.read().map_err(|error| self.failed(&error))?;
        let seats = self.channels.present(&mut connection, &names?);
        let seats = seats.map_err(|error| self.failed(&error))?;
        let seats = seats.iter().map(|(channel, member)| Seat {
            channel: channel.split_once('/').map_or("", |(_, name)| name),
            member,
        });
        serde_json::to_string(&seats.collect::<Vec<_>>()).map_err(|_| code::IO)
    }

    fn history(&self, call: &CallContext, question: &str) -> Result<String, i32> {
        let question: Question = self.read(question)?;
        let channel = self.name(&question.channel)?;
        let limit = question.limit.clamp(1, MOST_MESSAGES);
        let mut connection = call.read().map_err(|error| self.failed(&error))?;
        let found = self
            .channels
            .history(&mut connection, &channel, question.since.max(0), limit)
            .map_err(|error| self.failed(&error))?;
        let mut messages = Vec::with_capacity(found.messages.len());
        for message in &found.messages {
            messages.push(Kept {
                id: message.id,
                content: serde_json::from_str(&message.content).map_err(|_| code::IO)?,
                sent: form::sent(message.created_ms),
                notification: message.targets.iter().find_map(|one| Some(one.delivery?.0)),
            });
        }
        let answer = Answer {
            messages,
            last: found.last,
            gap: found.has_gap,
        };
        serde_json::to_string(&answer).map_err(|_| code::IO)
    }

    /// What a module is told where the database refused.
    fn failed(&self, error: &diesel::result::Error) -> i32 {
        if loggia_sql::is_deadline(error) {
            return code::DEADLINE;
        }
        if loggia_sql::is_busy(error) {
            return code::BUSY;
        }
        tracing::error!(module = self.module, "channels failed: {error}");
        code::DATABASE
    }
}

/// Has the call hand out what it published, when it has ended.
///
/// # Safety
/// `call` must be null or in flight.
unsafe fn hand_out_behind(call: *mut Call, channels: &Arc<Channels>) {
    // SAFETY: promised by the caller.
    if let Some(call) = unsafe { CallContext::from_raw(call) } {
        call.publishes(channels);
    }
}

unsafe extern "C" fn publish(
    context: *mut c_void,
    call: *mut Call,
    connection: *mut Connection,
    to: Str<'_>,
    message: Str<'_>,
    id: *mut i64,
) -> i32 {
    guarded(|| {
        // SAFETY: the context is the table that `provide` made; the module vouches for both texts and for `id`, which
        // may be null, during this function.
        let (channels, to, message, id) = unsafe {
            (
                &*context.cast::<ChannelsTable>(),
                to.text(),
                message.text(),
                id.as_mut(),
            )
        };
        let (Some(to), Some(message)) = (to, message) else {
            return Err(code::ARGUMENT);
        };
        // SAFETY: the module hands over null or a connection that it has acquired and not released.
        let mut connection =
            unsafe { channels.database.share(connection) }.map_err(|_| code::ARGUMENT)?;
        let published = channels.publish(&mut connection, to, message)?;
        if let Some(id) = id {
            *id = published;
        }
        // SAFETY: the call is null or in flight.
        unsafe { hand_out_behind(call, &channels.channels) };
        Ok(())
    })
}

unsafe extern "C" fn end(
    context: *mut c_void,
    call: *mut Call,
    connection: *mut Connection,
    prefix: Str<'_>,
) -> i32 {
    guarded(|| {
        // SAFETY: as in `publish`.
        let (channels, prefix) = unsafe { (&*context.cast::<ChannelsTable>(), prefix.text()) };
        let prefix = prefix.ok_or(code::ARGUMENT)?;
        // SAFETY: as in `publish`.
        let mut connection =
            unsafe { channels.database.share(connection) }.map_err(|_| code::ARGUMENT)?;
        channels.end(&mut connection, prefix)?;
        // SAFETY: as in `publish`.
        unsafe { hand_out_behind(call, &channels.channels) };
        Ok(())
    })
}

unsafe extern "C" fn present(
    context: *mut c_void,
    call: *mut Call,
    question: Str<'_>,
    answer: *mut Sink,
) -> i32 {
    // SAFETY: the module keeps the contract of the table.
    unsafe { ask(context, call, question, answer, ChannelsTable::present) }
}

unsafe extern "C" fn history(
    context: *mut c_void,
    call: *mut Call,
    question: Str<'_>,
    answer: *mut Sink,
) -> i32 {
    // SAFETY: as in `present`.
    unsafe { ask(context, call, question, answer, ChannelsTable::history) }
}

/// Answers a question.
///
/// # Safety
/// The context is the table that `provide` made; the call is null or in flight, the sink null or the module's, and it
/// vouches for the text during this function.
unsafe fn ask(
    context: *mut c_void,
    call: *mut Call,
    question: Str<'_>,
    answer: *mut Sink,
    function: fn(&ChannelsTable, &CallContext, &str) -> Result<String, i32>,
) -> i32 {
    guarded(|| {
        // SAFETY: promised by the caller.
        let (channels, call, question, answer) = unsafe {
            (
                &*context.cast::<ChannelsTable>(),
                CallContext::from_raw(call),
                question.text(),
                answer.as_ref(),
            )
        };
        let (Some(call), Some(question), Some(answer)) = (call, question, answer) else {
            return Err(code::ARGUMENT);
        };
        let found = function(channels, call, question)?;
        // SAFETY: the sink takes its own context, and copies the bytes before it returns.
        unsafe { (answer.write)(answer.context, found.as_ptr(), found.len()) };
        Ok(())
    })
}
