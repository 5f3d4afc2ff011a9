//! Publishing to the pages that are connected.

use loggia_abi::{HostChannels, Str, code};
use loggia_sql::Connection;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::call::Call;
use crate::fault::Fault;
use crate::identity::Text;

/// The channels of a module.
#[derive(Clone, Copy)]
pub struct Channels(pub(crate) &'static HostChannels);

/// Somebody who listens.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Listener {
    /// On which channel.
    pub channel: String,
    /// Who, as the stream's answer said.
    pub member: String,
}

/// The deliveries of the push ledger that are accepted once a page was handed the message.
#[derive(Clone, Debug, Serialize)]
pub struct Receipt {
    /// The notification.
    pub notification: i64,
    /// The device of each channel, in their order.
    pub devices: Vec<i64>,
}

/// What was published on a channel and is kept.
#[derive(Debug, Deserialize)]
pub struct History {
    /// The messages, oldest first.
    pub messages: Vec<Kept>,
    /// What to ask for next time: the id of the last message that was looked at.
    pub last: i64,
    /// Whether there were others that are not kept any more.
    pub gap: bool,
}

/// A message that is kept.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    /// Its id.
    pub id: i64,
    /// What was published.
    pub content: Box<RawValue>,
    /// When, as RFC 3339 has it.
    pub sent: String,
    /// The notification of the push ledger that it belongs to.
    #[serde(default, skip_serializing)]
    pub notification: Option<i64>,
}

impl Channels {
    /// Publishes a JSON text to channels in the connection's transaction, and gives the message's id. Pages of this
    /// node are on their way to being told when the call's answer leaves. Publish last: others wait for the end of the
    /// transaction.
    pub fn publish(
        self,
        call: &Call<'_>,
        connection: &mut Connection,
        channels: &[String],
        message: &str,
    ) -> Result<i64, Fault> {
        self.publish_with(call, connection, (channels, None), message)
    }

    /// As [`Channels::publish`], for a notification whose deliveries are in the push ledger.
    pub fn publish_with(
        self,
        call: &Call<'_>,
        connection: &mut Connection,
        (channels, receipt): (&[String], Option<&Receipt>),
        message: &str,
    ) -> Result<i64, Fault> {
        #[derive(Serialize)]
        struct To<'a> {
            channels: &'a [String],
            #[serde(skip_serializing_if = "Option::is_none")]
            receipt: Option<&'a Receipt>,
        }
        let to = serde_json::to_string(&To { channels, receipt }).map_err(Fault::internal)?;
        let mut id = 0;
        // SAFETY: the connection is the host's own and lives during the call, as the handle does; both texts are copied,
        // and `id` lives on this stack.
        fault_of(unsafe {
            (self.0.publish)(
                self.0.context,
                call.raw(),
                connection.as_raw(),
                Str::new(&to),
                Str::new(message),
                &raw mut id,
            )
        })?;
        Ok(id)
    }

    /// Ends the streams of all channels that begin so, once the transaction is committed, and forgets what was
    /// published on them.
    pub fn end(
        self,
        call: &Call<'_>,
        connection: &mut Connection,
        prefix: &str,
    ) -> Result<(), Fault> {
        // SAFETY: as above.
        fault_of(unsafe {
            (self.0.end)(
                self.0.context,
                call.raw(),
                connection.as_raw(),
                Str::new(prefix),
            )
        })
    }

    /// Who listens on some channels, on any node.
    pub fn present(self, call: &Call<'_>, channels: &[String]) -> Result<Vec<Listener>, Fault> {
        let question = serde_json::json!({ "channels": channels }).to_string();
        let mut answer = Text::default();
        let mut sink = answer.sink();
        // SAFETY: the handle lives during the call, the sink on this stack until the function has returned.
        fault_of(unsafe {
            (self.0.present)(
                self.0.context,
                call.raw(),
                Str::new(&question),
                &raw mut sink,
            )
        })?;
        serde_json::from_str(answer.text()).map_err(Fault::internal)
    }

    /// What was published on a channel behind a message, as far as it is kept; at most so many, the oldest first.
    pub fn history(
        self,
        call: &Call<'_>,
        channel: &str,
        since: i64,
        limit: i64,
    ) -> Result<History, Fault> {
        let question = serde_json::json!({ "channel": channel, "since": since, "limit": limit });
        let question = question.to_string();
        let mut answer = Text::default();
        let mut sink = answer.sink();
        // SAFETY: as above.
        fault_of(unsafe {
            (self.0.history)(
                self.0.context,
                call.raw(),
                Str::new(&question),
                &raw mut sink,
            )
        })?;
        serde_json::from_str(answer.text()).map_err(Fault::internal)
    }
}

fn fault_of(result: i32) -> Result<(), Fault> {
    match result {
        code::OK => Ok(()),
        code::DEADLINE => Err(Fault::new("REQ_TMO")),
        code::BUSY => Err(Fault::new("REQ_OVL")),
        code::LIMIT => {
            Err(Fault::new("REQ_BTL").detail("the message is larger than the host allows"))
        }
        other => Err(Fault::internal(format_args!(
            "the channels failed ({other})"
        ))),
    }
}
