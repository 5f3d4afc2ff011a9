//! Watching the modules' files, where the operator asks for it: a changed library is loaded by itself.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::app::House;

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What of a file tells that it is another one.
type Mark = (SystemTime, u64);

/// Looks until it is dropped; a file counts as changed once it has stayed the same from one look to the next,
/// so that a copy in progress is not loaded.
pub async fn watch(house: Arc<House>) {
    let mut loaded = marks(&house);
    let mut seen = loaded.clone();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let now = marks(&house);
        for (name, (_, mark)) in &now {
            let has_settled = seen.get(name).is_some_and(|(_, before)| before == mark);
            let is_loaded = loaded.get(name).is_some_and(|(_, before)| before == mark);
            if has_settled && !is_loaded {
                reload(&house, name).await;
            }
        }
        let settled = now
            .iter()
            .filter(|(name, mark)| seen.get(*name) == Some(*mark));
        loaded.extend(settled.map(|(name, mark)| (name.clone(), mark.clone())));
        seen = now;
    }
}

async fn reload(house: &Arc<House>, name: &str) {
    let (house, module) = (Arc::clone(house), name.to_owned());
    let reloaded = tokio::task::spawn_blocking(move || house.reload_module(&module)).await;
    match reloaded {
        Ok(Ok(generation)) => tracing::info!(generation, "module {name} was changed and is loaded"),
        Ok(Err(reason)) => tracing::error!("module {name} was changed and is not loaded: {reason}"),
        Err(_) => tracing::error!("module {name} was changed and is not loaded"),
    }
}

fn marks(house: &House) -> HashMap<String, (PathBuf, Mark)> {
    let modules = house.dispatcher.registry.modules();
    let mark = |path: &PathBuf| {
        let facts = path.metadata().ok()?;
        Some((facts.modified().ok()?, facts.len()))
    };
    modules
        .iter()
        .filter_map(|slot| Some((slot.name.clone(), (slot.path.clone(), mark(&slot.path)?))))
        .collect()
}
