//! What was written for open pages: published on the channels of their devices in the transaction that settles their
//! rows. From then on the channels settle them: as accepted when a page was handed the message, as expired where none
//! came while it was kept.

use std::collections::{BTreeMap, HashSet};

use diesel::QueryResult;
use loggia_sql::Connection;

use super::vendor::{Answer, Outcome};
use crate::service::channels::of_device;
use crate::store::channel::{self, Target};

/// Publishes what the answers say, for those devices that are still this node's.
pub(super) fn publish(
    connection: &mut Connection,
    notification_id: i64,
    answers: &[Answer],
    (held, application): (&HashSet<i64>, impl Fn(i64) -> Option<i64>),
    now_ms: i64,
) -> QueryResult<()> {
    let mut messages: BTreeMap<&str, Vec<Target>> = BTreeMap::new();
    for answer in answers {
        let device = answer.device_id;
        if let Outcome::Posted { content, .. } = &answer.outcome
            && held.contains(&device)
            && let Some(application) = application(device)
        {
            let target = Target {
                channel: of_device(application, device),
                delivery: Some((notification_id, device)),
            };
            messages.entry(content).or_default().push(target);
        }
    }
    for (content, targets) in messages {
        channel::publish(connection, content, &targets, now_ms)?;
    }
    Ok(())
}

/// Whether something is to be published.
pub(super) fn is_any(answers: &[Answer]) -> bool {
    let mut outcomes = answers.iter().map(|answer| &answer.outcome);
    outcomes.any(|outcome| matches!(outcome, Outcome::Posted { .. }))
}
