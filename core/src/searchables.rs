//! What modules offer to the search, asked of them: for comparing and repairing.
//!
//! A module that hands in documents says so by the operation `get/searchables` with the scope [`SCOPE`], which pages
//! through everything that it would hand in. The host calls it as the operator.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::app::House;
use crate::endpoint::caller::Caller;
use crate::endpoint::direct::DirectCall;
use crate::module::binding::Given;
use crate::module::descriptor::Descriptor;
use crate::module::reply::Answer;
use crate::personal_data::{reader, told, writer};
use crate::service::search::audit::{self, Differences};
use crate::service::secret;
use crate::store::search_module;

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
            if slot
                .serving()
                .is_ok_and(|instance| offers(instance.descriptor()))
            {
                let found = self.check_module(&slot.name, repairs)?;
                all.insert(slot.name.clone(), found);
            }
        }
        Ok(all)
    }

    /// Has private modules hand in what differs by another version or other settings than last time, before anybody
    /// searches: what could be found by the old ones may be none of his business now. Of a module that fails to, nothing
    /// is found until it is asked again; the answer says which those are and why.
    pub fn settle_searchables(&self) -> Result<Vec<String>, String> {
        let mut failed = Vec::new();
        for slot in self.dispatcher.registry.modules() {
            let Ok(instance) = slot.serving() else {
                continue;
            };
            let descriptor = instance.descriptor();
            if !descriptor.is_private() || !offers(descriptor) {
                continue;
            }
            let name = slot.name.as_str();
            let rules = self.rules(name, &descriptor.version);
            let known = told(search_module::rules(&mut reader(&self.pool)?, name))?;
            if known.as_ref() == Some(&rules) {
                continue;
            }
            let found = match self.check_module(name, true) {
                Ok(found) => found,
                Err(reason) => {
                    self.hide(name)?;
                    failed.push(format!(
                        "{reason}; the search finds nothing of it until a reload succeeds"
                    ));
                    continue;
                }
            };
            let mut connection = writer(&self.pool)?;
            told(search_module::set_rules(&mut connection, name, &rules))?;
            tracing::info!(
                module = name,
                "module {name} has handed in anew what the search may find: {} of {} entries differed",
                found.missing + found.different + found.surplus,
                found.entries
            );
        }
        Ok(failed)
    }

    /// Takes out of the search whatever a module has handed in.
    fn hide(&self, module: &str) -> Result<(), String> {
        told(search_module::forget(&mut writer(&self.pool)?, module))?;
        let nothing = &mut |_: Option<&str>| Ok(br#"{"entries":[]}"#.to_vec());
        audit::module(&self.pool, module, nothing, true).map(drop)
    }

    /// What decides what a module hands in; its settings as a digest, because there may be secrets in them.
    fn rules(&self, module: &str, version: &str) -> String {
        let settings = self.settings.load();
        let module = settings.module(module);
        let values = Value::Object(module.values.json().clone()).to_string();
        let digest = URL_SAFE_NO_PAD.encode(secret::digest(&values));
        format!("{version} {digest}")
    }

    fn check_module(&self, module: &str, repairs: bool) -> Result<Differences, String> {
        let mut pager = |after: Option<&str>| self.searchables(module, after);
        let found = audit::module(&self.pool, module, &mut pager, repairs);
        found.map_err(|reason| format!("module {module}: {reason}"))
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

/// Whether a module hands in anything.
fn offers(descriptor: &Descriptor) -> bool {
    descriptor
        .operations
        .iter()
        .any(|one| one.resource == RESOURCE && one.scope.as_deref() == Some(SCOPE))
}
