//! Who keeps data of persons beside the account itself: the access log, the keys, and the modules.
//!
//! A module that keeps such data says so by two operations with the scope [`SCOPE`], each with the parameter
//! `user`: `get/person` answers with everything about that account, `delete/person` erases it, and does
//! nothing the second time. The host calls them as the operator.

use std::time::{Duration, Instant};

use diesel::QueryResult;
use loggia_sql::Connection;
use serde_json::{Map, Value, json};

use crate::app::House;
use crate::endpoint::caller::Caller;
use crate::endpoint::direct::DirectCall;
use crate::module::binding::Given;
use crate::module::reply::Answer;
use crate::service::identity::{Outcome, Person, PersonalData};
use crate::store::{Pool, access_log, keys};

/// The scope of the operations by which a module exports and erases a person's data.
pub const SCOPE: &str = "person";
const RESOURCE: &str = "person";

impl House {
    /// Everything that is stored about a person. The modules must have been loaded.
    pub fn export_person(&self, user: i64) -> Outcome<Value> {
        let operator = self.identity.operator();
        self.identity.export(&operator, user, &self.keepers())
    }

    /// Erases a person. The modules must have been loaded.
    pub fn erase_person(&self, user: i64) -> Outcome<()> {
        let operator = self.identity.operator();
        self.identity.erase(&operator, user, &self.keepers())
    }

    fn keepers(&self) -> Vec<Box<dyn PersonalData + '_>> {
        let mut keepers: Vec<Box<dyn PersonalData + '_>> =
            vec![Box::new(AccessLog(&self.pool)), Box::new(Keys(&self.pool))];
        for slot in self.dispatcher.registry.modules() {
            let keeps = slot.serving().is_ok_and(|instance| {
                let operations = &instance.descriptor().operations;
                operations
                    .iter()
                    .any(|one| one.resource == RESOURCE && one.scope.as_deref() == Some(SCOPE))
            });
            if keeps {
                let name = slot.name.clone();
                keepers.push(Box::new(Module { house: self, name }));
            }
        }
        keepers
    }
}

/// The requests of a person that were logged.
struct AccessLog<'h>(&'h Pool);

impl PersonalData for AccessLog<'_> {
    fn name(&self) -> &'static str {
        "access_log"
    }

    fn export(&self, person: &Person) -> Result<Value, String> {
        let filter = access_log::Filter {
            user_id: Some(person.id),
            ..access_log::Filter::default()
        };
        let mut rows = Vec::new();
        told(access_log::export(&mut reader(self.0)?, &filter, |row| {
            rows.push(json!(row));
            true
        }))?;
        Ok(rows.into())
    }

    fn erase(&self, person: &Person) -> Result<(), String> {
        told(access_log::forget_account(&mut writer(self.0)?, person.id)).map(drop)
    }
}

/// The keys that are bound to a person. They are revoked, not freed: a key without a person would open more.
struct Keys<'h>(&'h Pool);

impl Keys<'_> {
    fn of(&self, person: &Person) -> Result<Vec<keys::Listed>, String> {
        let filter = keys::Filter {
            user_id: Some(person.id),
            ..keys::Filter::default()
        };
        told(keys::list(&mut reader(self.0)?, &filter))
    }
}

impl PersonalData for Keys<'_> {
    fn name(&self) -> &'static str {
        "api_keys"
    }

    fn export(&self, person: &Person) -> Result<Value, String> {
        Ok(json!(self.of(person)?))
    }

    fn erase(&self, person: &Person) -> Result<(), String> {
        let revoked = keys::Change {
            state: Some(keys::State::Revoked),
            comment: Some(String::new()),
            ..keys::Change::default()
        };
        for listed in self.of(person)? {
            told(keys::change(&mut writer(self.0)?, listed.key.id, &revoked))?;
        }
        Ok(())
    }
}

/// What a module keeps.
struct Module<'h> {
    house: &'h House,
    name: String,
}

impl Module<'_> {
    fn call(&self, action: &str, person: &Person) -> Result<Value, String> {
        let call = DirectCall {
            caller: Caller::operator(),
            action: action.to_owned(),
            module: self.name.clone(),
            resource: RESOURCE.to_owned(),
            members: vec![("user".to_owned(), Given::Json(person.id.into()))],
            base_url: String::new(),
            client_address: None,
            headers: Vec::new(),
            session: std::sync::Arc::default(),
        };
        match self.house.dispatcher.direct(call) {
            Ok(Answer::Members { json, .. }) => {
                serde_json::from_slice(&json).map_err(|error| error.to_string())
            }
            Ok(Answer::Bytes { .. } | Answer::File { .. } | Answer::Stream { .. }) => {
                Ok(Value::Object(Map::new()))
            }
            Err(fault) => Err(fault.description().into_owned()),
        }
    }
}

impl PersonalData for Module<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn export(&self, person: &Person) -> Result<Value, String> {
        self.call("get", person)
    }

    fn erase(&self, person: &Person) -> Result<(), String> {
        self.call("delete", person).map(drop)
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

pub(crate) fn reader(pool: &Pool) -> Result<Connection, String> {
    told(pool.read(soon()))
}

pub(crate) fn writer(pool: &Pool) -> Result<Connection, String> {
    told(pool.write(soon()))
}

pub(crate) fn told<T>(result: QueryResult<T>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::identity::{NewUser, NewUserPassword};
    use crate::settings::Settings;
    use crate::store::access_log::{AccessEntry, AccessKind, Row};
    use crate::store::testing::TestDatabase;

    fn house(folder: &std::path::Path, database: &TestDatabase) -> House {
        let text = format!(
            "[database]\nurl = {:?}\n[files]\nurl = \"files\"\n",
            database.address()
        );
        let settings = Settings::parse(&text, &folder.join("endpoints.toml")).unwrap();
        House::open(settings, None).unwrap()
    }

    fn user(house: &House, username: &str) -> i64 {
        let new = NewUser {
            username: username.to_owned(),
            email: format!("{username}@example.test"),
            name: String::new(),
            password: NewUserPassword::None,
            groups: Vec::new(),
            blocked: false,
        };
        let operator = house.identity.operator();
        house.identity.create(&operator, &new).unwrap().id
    }

    fn leave_traces(house: &House, user_id: i64) {
        let mut connection = writer(&house.pool).unwrap();
        let draft = keys::Draft {
            user_id,
            comment: "for a person".to_owned(),
            state: keys::State::Published,
            ..keys::Draft::default()
        };
        keys::create(&mut connection, &draft).unwrap();
        let entry = AccessEntry {
            endpoint: "free".into(),
            access: AccessKind::Free,
            request_ms: 1,
            error_code: None,
            user_id,
            key: None,
            action: "get".into(),
            module: "user".into(),
            resource: "profile".into(),
            duration_us: 1,
            request_id: "1".into(),
            client_address: Some([192, 0, 2, 1].into()),
            http_status: 200,
        };
        let row = Row::new(entry, false);
        access_log::insert(&mut connection, "node", std::iter::once(&row)).unwrap();
    }

    #[test]
    fn keys_and_log_rows_are_exported_and_lose_the_person() {
        for database in TestDatabase::each() {
            let folder = tempfile::tempdir().unwrap();
            let house = house(folder.path(), &database);
            let (somebody, other) = (user(&house, "somebody"), user(&house, "other"));
            leave_traces(&house, somebody);
            leave_traces(&house, other);
            let export = house.export_person(somebody).unwrap();
            assert_eq!(export["access_log"].as_array().unwrap().len(), 1);
            assert_eq!(export["access_log"][0]["client_address"], "192.0.2.1");
            assert_eq!(export["api_keys"][0]["comment"], "for a person");
            house.erase_person(somebody).unwrap();
            let states = keys::list(&mut reader(&house.pool).unwrap(), &keys::Filter::default())
                .unwrap()
                .into_iter()
                .map(|listed| (listed.key.state, listed.key.comment))
                .collect::<Vec<_>>();
            assert_eq!(states[0], (keys::State::Revoked, String::new()));
            assert_eq!(states[1].0, keys::State::Published);
            let mut logged = Vec::new();
            let mut connection = reader(&house.pool).unwrap();
            access_log::export(&mut connection, &access_log::Filter::default(), |row| {
                logged.push((row.user_id, row.client_address.clone()));
                true
            })
            .unwrap();
            drop(connection);
            assert_eq!(
                logged,
                [(0, String::new()), (other, "192.0.2.1".to_owned())]
            );
            house.close();
        }
    }
}
