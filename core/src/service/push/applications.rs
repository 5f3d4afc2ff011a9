//! Applications as the engine needs them: their credentials opened, kept until their row changes.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use diesel::QueryResult;
use loggia_push::{Platform, application, hook};
use loggia_sql::Connection;
use parking_lot::Mutex;

use super::seal::{Seal, SealFault};
use super::vendor;

/// The most applications that one notification goes to.
const MOST: i64 = 10_000;

/// An application, and whether and where it may send.
pub(super) struct Known {
    pub(super) is_enabled: bool,
    /// Where its sending is stopped.
    pub(super) stopped: BTreeSet<Platform>,
    /// Where it has credentials.
    pub(super) platforms: BTreeSet<Platform>,
    /// For the senders.
    pub(super) sender: Arc<vendor::Application>,
    version: i64,
    /// Whether somebody is to be told what becomes of its notifications.
    pub(super) is_hooked: bool,
}

/// Applications by their numbers.
pub(super) type ById = HashMap<i64, Arc<Known>>;

/// What was read of applications.
pub(super) struct Applications {
    seal: Arc<Seal>,
    known: Mutex<ById>,
}

impl Applications {
    pub(super) fn new(seal: Arc<Seal>) -> Self {
        Self {
            seal,
            known: Mutex::default(),
        }
    }

    /// The application of a notification, or all of them where it is for all.
    pub(super) fn of(
        &self,
        connection: &mut Connection,
        application_id: Option<i64>,
    ) -> QueryResult<ById> {
        let rows = match application_id {
            Some(id) => application::by_id(connection, id)?.into_iter().collect(),
            None => application::list(connection, 0, MOST)?,
        };
        let mut known = self.known.lock();
        let mut found = ById::with_capacity(rows.len());
        for row in rows {
            let current = known
                .get(&row.id)
                .filter(|entry| entry.version == row.version);
            let entry = if let Some(entry) = current {
                Arc::clone(entry)
            } else {
                let is_hooked = hook::is_listening(connection, row.id)?;
                Arc::new(self.open(&row, is_hooked))
            };
            known.insert(row.id, Arc::clone(&entry));
            found.insert(row.id, entry);
        }
        Ok(found)
    }

    /// Credentials that cannot be opened are as good as none, but for the word about it in the log.
    fn open(&self, row: &application::Application, is_hooked: bool) -> Known {
        let credentials = self.credentials(row).unwrap_or_else(|fault| {
            tracing::error!(
                application = row.code,
                "its credentials cannot be used: {fault}"
            );
            vendor::Credentials::default()
        });
        let stopped = row.alarms().into_keys().collect();
        Known {
            is_enabled: row.is_enabled(),
            stopped,
            platforms: platforms(&credentials),
            version: row.version,
            is_hooked,
            sender: Arc::new(vendor::Application {
                id: row.id,
                version: row.version,
                code: row.code.clone(),
                is_production: row.status == application::status::PRODUCTION,
                credentials,
            }),
        }
    }

    fn credentials(
        &self,
        row: &application::Application,
    ) -> Result<vendor::Credentials, SealFault> {
        let Some(sealed) = &row.credentials else {
            return Ok(vendor::Credentials::default());
        };
        let text = self.seal.open(&row.public_id, sealed)?;
        serde_json::from_str(&text).map_err(|_| SealFault::Sealed)
    }
}

/// The platforms for which credentials are.
pub(super) fn platforms(credentials: &vendor::Credentials) -> BTreeSet<Platform> {
    let those = [
        (credentials.apns.is_some(), Platform::Ios),
        (credentials.fcm.is_some(), Platform::Android),
        (credentials.web_push.is_some(), Platform::Web),
    ];
    let found = those.into_iter().filter(|(is_there, _)| *is_there);
    found.map(|(_, platform)| platform).collect()
}
