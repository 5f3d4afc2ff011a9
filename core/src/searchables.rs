//! What modules offer to the search, asked of them: for comparing and repairing.
//!
//! A module that hands in documents says so by the operation `get/searchables` with the scope [`SCOPE`], which pages
//! through everything that it would hand in. The host calls it as the operator.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::House;
use crate::endpoint::caller::Caller;
use crate::endpoint::direct::DirectCall;
use crate::module::binding::Given;
use crate::module::reply::Answer;
use crate::service::search::audit::{self, Differences};

/// The scope of the operation.
const SCOPE: &str = "search";
const RESOURCE: &str = "searchables";

/// The entries of a page.
const PAGE: i64 = 1000;

impl House {
    /// Compares what each module would hand in with what it has handed in, and where `repairs` is set makes that so.
    /// The modules must have been loaded.
    pub fn check_searchables(
        &self,
        repairs: bool,
    ) -> Result<BTreeMap<String, Differences>, String> {
        let mut all = BTreeMap::new();
        for slot in self.dispatcher.registry.modules() {
            let offers = slot.serving().is_ok_and(|instance| {
                let operations = &instance.descriptor().operations;
                operations
                    .iter()
                    .any(|one| one.resource == RESOURCE && one.scope.as_deref() == Some(SCOPE))
            });
            if offers {
                let name = slot.name.as_str();
                let mut pager = |after: Option<&str>| self.searchables(name, after);
                let found = audit::module(&self.pool, name, &mut pager, repairs);
                let found = found.map_err(|reason| format!("module {name}: {reason}"))?;
                all.insert(name.to_owned(), found);
            }
        }
        Ok(all)
    }

    fn searchables(&self, module: &str, after: Option<&str>) -> Result<Vec<u8>, String> {
        let mut members = vec![("limit".to_owned(), Given::Json(PAGE.into()))];
        members.extend(after.map(|after| ("after".to_owned(), Given::Text(after.to_owned()))));
        let call = DirectCall {
            caller: Caller::operator(),
            action: "get".to_owned(),
            module: module.to_owned(),
            resource: RESOURCE.to_owned(),
            members,
            base_url: String::new(),
            client_address: None,
            headers: Vec::new(),
            session: Arc::default(),
        };
        match self.dispatcher.direct(call) {
            Ok(Answer::Members { json, .. }) => Ok(json),
            Ok(Answer::Bytes { .. } | Answer::File { .. } | Answer::Stream { .. }) => {
                Err("it answers with no page".to_owned())
            }
            Err(fault) => Err(fault.description().into_owned()),
        }
    }
}
