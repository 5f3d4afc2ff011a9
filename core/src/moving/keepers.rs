//! Who keeps records: the host, and every module that has the operations for it.

use serde_json::{Value, json};

use super::keeper::{Keeper, Kind, Page, Put};
use super::own::Own;
use super::record::Record;
use super::{MovingError, Outcome};
use crate::app::House;
use crate::endpoint::caller::Caller;
use crate::endpoint::direct::DirectCall;
use crate::module::binding::Given;
use crate::module::reply::Answer;

/// The scope of the operations by which a module gives and takes records.
pub const SCOPE: &str = "records";
const RESOURCE: &str = "records";

/// Everybody who keeps records: the host first, for all others name its accounts and groups. The modules must have
/// been loaded.
pub fn keepers(house: &House) -> Vec<Box<dyn Keeper + '_>> {
    let mut keepers: Vec<Box<dyn Keeper + '_>> = vec![Box::new(Own::new(house))];
    for slot in house.dispatcher.registry.modules() {
        let Ok(instance) = slot.serving() else {
            continue;
        };
        let operations = &instance.descriptor().operations;
        let has = |action: &str| {
            operations.iter().any(|one| {
                one.action == action
                    && one.resource == RESOURCE
                    && one.scope.as_deref() == Some(SCOPE)
            })
        };
        if has("get") && has("put") {
            keepers.push(Box::new(Module {
                house,
                name: slot.name.clone(),
                deletes: has("delete"),
            }));
        }
    }
    keepers
}

/// A module, asked as the operator.
struct Module<'h> {
    house: &'h House,
    name: String,
    deletes: bool,
}

impl Module<'_> {
    fn call(&self, action: &str, members: Vec<(&str, Value)>) -> Outcome<Value> {
        let members = members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Given::Json(value)));
        let call = DirectCall {
            caller: Caller::operator(),
            action: action.to_owned(),
            module: self.name.clone(),
            resource: RESOURCE.to_owned(),
            members: members.collect(),
            base_url: String::new(),
            client_address: None,
            headers: Vec::new(),
            session: std::sync::Arc::default(),
        };
        let what = format!("{} {action}/{RESOURCE}", self.name);
        match self.house.dispatcher.direct(call) {
            Ok(Answer::Members { json, .. }) => {
                serde_json::from_slice(&json).map_err(MovingError::of(&what))
            }
            Ok(Answer::Bytes { .. } | Answer::File { .. } | Answer::Stream { .. }) => {
                Err(MovingError::new(format!("{what} answered with a file")))
            }
            Err(fault) => Err(MovingError::new(format!("{what}: {}", fault.description()))),
        }
    }

    fn read<T: serde::de::DeserializeOwned>(&self, answer: Value) -> Outcome<T> {
        serde_json::from_value(answer).map_err(MovingError::of(&self.name))
    }
}

impl Keeper for Module<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn kinds(&self) -> Outcome<Vec<Kind>> {
        let answer = self.call("get", Vec::new())?;
        let names: Vec<String> = self.read(answer["kinds"].clone())?;
        let kind = |name| Kind {
            name,
            is_secret: false,
        };
        Ok(names.into_iter().map(kind).collect())
    }

    fn page(&self, kind: &str, after: i64, limit: usize) -> Outcome<Page> {
        let members = vec![
            ("kind", kind.into()),
            ("after", after.into()),
            ("limit", limit.into()),
        ];
        let answer = self.call("get", members)?;
        self.read(answer)
    }

    fn put(&self, kind: &str, records: &[Record]) -> Outcome<Put> {
        let members = vec![("kind", kind.into()), ("records", json!(records))];
        let answer = self.call("put", members)?;
        self.read(answer)
    }

    fn delete(&self, kind: &str, ids: &[i64]) -> Outcome<Option<u64>> {
        if !self.deletes {
            return Ok(None);
        }
        let answer = self.call("delete", vec![("kind", kind.into()), ("ids", json!(ids))])?;
        Ok(answer["deleted"].as_u64())
    }
}
