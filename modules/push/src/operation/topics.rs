//! Topics: what devices are subscribed to.

use loggia_push::topic;
use loggia_sdk::prelude::*;
use loggia_site::page::last_of_full;

use crate::{Push, bounds, named};

/// The most topics of one page.
const MOST: i64 = 1000;

/// Parameters of `get/topics`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct GetTopics {
    /// The application's code or id.
    #[schemars(length(max = 255), extend("x-missing" = "PSH_ANS"))]
    app: String,
    /// Behind which topic the page begins.
    #[schemars(length(max = 255))]
    after: Option<String>,
    /// How many a page has, at most 1000.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<i64>,
}

/// A topic.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Topic {
    /// Its name.
    topic: String,
    /// How many devices are subscribed to it.
    devices: i64,
}

/// A page of topics.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Topics {
    /// The topics, by their names.
    topics: Vec<Topic>,
    /// Behind which topic the next page begins; `null` at the end.
    next: Option<String>,
}

/// Lists the topics of an application.
pub(crate) fn get(_push: &Push, call: &Call<'_>, given: GetTopics) -> Result<Topics, Fault> {
    let connection = &mut call.database()?;
    let application = named::application(connection, &given.app)?;
    let limit = given.limit.unwrap_or(MOST);
    let after = given.after.unwrap_or_default();
    let found = topic::list(connection, application.id, &after, limit)?;
    let next = last_of_full(&found, limit).map(|(topic, _)| topic.clone());
    let topics = found
        .into_iter()
        .map(|(topic, devices)| Topic { topic, devices });
    Ok(Topics {
        topics: topics.collect(),
        next,
    })
}

/// A device and topics.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Subscription {
    /// The device's number or id.
    #[schemars(length(max = 100), extend("x-missing" = "PSH_DUN"))]
    device: String,
    /// The topics, each of 1 to 255 characters.
    #[schemars(length(min = 1, max = 200))]
    topics: Vec<String>,
}

/// What a device is subscribed to.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Subscribed {
    /// The device's number.
    device_id: i64,
    /// All its topics.
    topics: Vec<String>,
}

/// Subscribes a device.
pub(crate) fn subscribe(
    _push: &Push,
    call: &Call<'_>,
    given: Subscription,
) -> Result<Subscribed, Fault> {
    let now_ms = call.host().clock().now_ms();
    change(call, &given, |connection, device, topics| {
        let device = (device.application_id, device.id);
        topic::subscribe(connection, device, topics, now_ms).map(drop)
    })
}

/// Ends subscriptions of a device.
pub(crate) fn unsubscribe(
    _push: &Push,
    call: &Call<'_>,
    given: Subscription,
) -> Result<Subscribed, Fault> {
    change(call, &given, |connection, device, topics| {
        topic::unsubscribe(connection, device.id, topics).map(drop)
    })
}

fn change(
    call: &Call<'_>,
    given: &Subscription,
    apply: impl FnOnce(
        &mut loggia_sql::Connection,
        &loggia_push::Device,
        &[&str],
    ) -> diesel::QueryResult<()>,
) -> Result<Subscribed, Fault> {
    bounds::list("topics", &given.topics, 200)?;
    let topics: Vec<&str> = given.topics.iter().map(|topic| topic.trim()).collect();
    if topics.iter().any(|topic| !is_topic(topic)) {
        return Err(Fault::parameter(
            "topics",
            "each must have 1 to 255 characters",
        ));
    }
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        let device = named::own_device(call, connection, &given.device)?;
        apply(connection, &device, &topics)?;
        let all = topic::of_devices(connection, &[device.id])?;
        Ok(Subscribed {
            device_id: device.id,
            topics: all.into_iter().map(|(_, topic)| topic).collect(),
        })
    })
}

/// Whether a text can be a topic.
pub(crate) fn is_topic(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= 255 && !text.contains('\0')
}
