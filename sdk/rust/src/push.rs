//! The engine that sends notifications.

use loggia_abi::{HostPush, Str, code};
use loggia_sql::Connection;
use serde::Deserialize;

use crate::call::Call;
use crate::fault::Fault;
use crate::identity::ask;

/// The engine. What it sends are rows of the host's tables, which the crate `loggia-push` writes.
#[derive(Clone, Copy)]
pub struct Push(pub(crate) &'static HostPush);

/// What one run of the scheduler came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Run {
    /// To how many devices it would have sent at most.
    pub batch_size: i64,
    /// To how many it sent.
    pub sent: i64,
    /// How many of those the vendors took.
    pub success: i64,
    /// How many they did not take, for now or for good.
    pub failure: i64,
}

/// What an application has now.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Kept {
    /// For which platforms there are credentials.
    pub platforms: Vec<String>,
    /// The public key that pages hand to browsers.
    pub web_push_public_key: Option<String>,
    /// The secret that was made for the application's webhook, shown this once.
    #[serde(default)]
    pub webhook_secret: Option<String>,
}

/// Why credentials were not kept.
#[derive(Debug)]
pub enum CredentialsFault {
    /// They are none; the text names the member and the rule.
    Refused(String),
    /// The application is not there.
    NotFound,
    /// The host failed.
    Failed(Fault),
}

impl Push {
    /// Has the engine look for what is to be sent, when the call has ended.
    pub fn wake(self, call: &Call<'_>) {
        // SAFETY: the handle lives during the call.
        let _ = unsafe { (self.0.wake)(self.0.context, call.raw()) };
    }

    /// Sends what is due to so many devices, or to as many as the settings say, and waits for the answers. The caller
    /// holds no connection for writing meanwhile.
    pub fn run(self, call: &Call<'_>, batch_size: Option<i64>) -> Result<Run, Fault> {
        let most = batch_size.unwrap_or(0);
        // SAFETY: the handle lives during the call, the sink until the function has returned.
        let text = ask(|sink| unsafe { (self.0.run)(self.0.context, call.raw(), most, sink) })
            .map_err(|(result, _)| fault_of(result))?;
        serde_json::from_str(&text).map_err(Fault::internal)
    }

    /// Checks an application's credentials, a JSON object with `apns`, `fcm`, `web_push`, or takes them away; seals them
    /// and keeps them in the transaction of the connection. A pair of keys is made where `web_push` names none. An object
    /// with the member `webhook` alone sets the application's webhook, and leaves the credentials as they are.
    pub fn set_credentials(
        self,
        connection: &mut Connection,
        application: i64,
        credentials: Option<&str>,
    ) -> Result<Kept, CredentialsFault> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Refusal {
            fault: String,
        }
        let text = Str::new(credentials.unwrap_or_default());
        // SAFETY: the connection is the host's own and lives during the call; the text is copied, and the sink lives
        // until the function has returned.
        let answer = ask(|sink| unsafe {
            (self.0.set_credentials)(self.0.context, connection.as_raw(), application, text, sink)
        });
        match answer {
            Ok(text) => serde_json::from_str(&text)
                .map_err(|error| CredentialsFault::Failed(Fault::internal(error))),
            Err((code::REFUSED, text)) => {
                let answer: Refusal = serde_json::from_str(&text).unwrap_or_default();
                Err(CredentialsFault::Refused(answer.fault))
            }
            Err((code::NOT_FOUND, _)) => Err(CredentialsFault::NotFound),
            Err((result, _)) => Err(CredentialsFault::Failed(fault_of(result))),
        }
    }
}

fn fault_of(result: i32) -> Fault {
    match result {
        code::DEADLINE => Fault::new("REQ_TMO"),
        code::BUSY => Fault::new("REQ_OVL"),
        other => Fault::internal(format_args!("the push engine failed ({other})")),
    }
}
