//! The modules of this house: their libraries, and how they are loaded, renewed and ended.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::House;
use crate::module::instance::Bounds;
use crate::module::registry::{ModuleRules, ModuleState};
use crate::module::resident;
use crate::settings::{Settings, SettingsErrors, check_module};

/// The largest answer of a module that is not a file.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

impl House {
    /// Loads every library in the settings' folders. What fails stays out, is told by `unready`, and given
    /// back with its reason.
    pub fn load_modules(&self) -> Vec<String> {
        let settings = self.settings.load();
        let mut failed = Vec::new();
        for path in libraries(&settings) {
            let name = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or_default();
            if settings.module(name).enabled
                && let Err(reason) = self
                    .dispatcher
                    .registry
                    .load(&path, &rules(&settings, name))
            {
                tracing::error!("module {name} is not loaded: {reason}");
                failed.push(format!("module {name}: {reason}"));
            }
        }
        failed
    }

    /// Loads one library of the settings' folders, for a command that needs no other.
    pub fn load_module(&self, name: &str) -> Result<u64, String> {
        let settings = self.settings.load();
        let of_name = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem == name);
        let path = libraries(&settings).into_iter().find(of_name);
        let path = path.ok_or_else(|| format!("there is no module {name}"))?;
        let registry = &self.dispatcher.registry;
        registry.load(&path, &rules(&settings, name))
    }

    /// Tells the operator which endpoints do not answer for a module although their settings have it: it shows
    /// what no public endpoint may show.
    pub fn warn_of_withheld(&self) {
        let table = self.table.load();
        for slot in self.dispatcher.registry.modules() {
            let Ok(instance) = slot.serving() else {
                continue;
            };
            let withheld = table.withheld(instance.descriptor());
            if !withheld.is_empty() {
                tracing::warn!(
                    module = slot.name,
                    "module {} serves only endpoints that ask for a key or are private; it does not answer on: {}",
                    slot.name,
                    withheld.join(", ")
                );
            }
        }
    }

    /// What becomes of each module.
    pub fn module_states(&self) -> Vec<ModuleState> {
        let modules = self.dispatcher.registry.modules();
        modules.iter().map(|slot| slot.state()).collect()
    }

    /// Starts a new instance of a module beside the old one, or the first one of a library that is new in
    /// the folders; gives its generation.
    pub fn reload_module(&self, name: &str) -> Result<u64, String> {
        let generation = self.renew_module(name);
        resident::release_code();
        generation
    }

    fn renew_module(&self, name: &str) -> Result<u64, String> {
        let settings = self.settings.load();
        if !settings.module(name).enabled {
            return Err(format!("[module.{name}] says enabled = false"));
        }
        let registry = &self.dispatcher.registry;
        let generation = if registry.slot(name).is_none() {
            self.load_module(name)?
        } else {
            registry.reload(name, &rules(&settings, name))?
        };
        let failed = self.settle_searchables()?;
        if failed.is_empty() {
            return Ok(generation);
        }
        Err(failed.join("; "))
    }

    /// Puts new settings in force, with the modules that they concern: those whose settings changed start
    /// anew, those that are not enabled any more end, libraries that are new in the folders are loaded.
    /// Settings that a module does not take change nothing; a module that does not start with its new ones
    /// serves on with the old.
    pub fn change(&self, settings: Settings) -> Result<(), String> {
        let registry = &self.dispatcher.registry;
        let (staying, leaving): (Vec<_>, Vec<_>) = registry
            .modules()
            .into_iter()
            .partition(|slot| settings.module(&slot.name).enabled);
        let problems: Vec<_> = staying
            .iter()
            .filter_map(|slot| Some((slot, slot.serving().ok()?)))
            .flat_map(|(slot, one)| check_module(&settings, &slot.name, &one.descriptor().settings))
            .collect();
        if !problems.is_empty() {
            return Err(SettingsErrors { problems }.to_string());
        }
        let old = self.settings.load_full();
        self.apply(settings);
        for slot in &leaving {
            registry.remove(&slot.name);
        }
        let new = self.settings.load_full();
        let changed = staying.iter().map(|slot| slot.name.clone());
        let changed = changed.filter(|name| old.module(name) != new.module(name));
        let names = libraries(&new).into_iter().filter_map(|path| stem(&path));
        let fresh = names.filter(|name| {
            new.module(name).enabled && staying.iter().all(|slot| slot.name != *name)
        });
        self.renew(changed.chain(fresh))
    }

    /// Starts modules anew, after the settings; the error names those that failed.
    fn renew(&self, names: impl Iterator<Item = String>) -> Result<(), String> {
        let failed: Vec<String> = names
            .filter_map(|name| {
                let reason = self.renew_module(&name).err()?;
                Some(format!("module {name}: {reason}"))
            })
            .collect();
        resident::release_code();
        if failed.is_empty() {
            return Ok(());
        }
        Err(format!(
            "the settings are in force, but {}",
            failed.join("; ")
        ))
    }
}

/// The name of a module by its file.
fn stem(path: &Path) -> Option<String> {
    Some(path.file_stem()?.to_str()?.to_owned())
}

/// The libraries in the settings' folders; of two with one name the first folder's counts.
pub fn libraries(settings: &Settings) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in settings.modules.search() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            tracing::warn!("the module folder {} cannot be read", folder.display());
            continue;
        };
        let mut paths: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        paths.sort();
        for path in paths {
            let is_library = path.extension().is_some_and(|extension| extension == "so");
            let is_new = found
                .iter()
                .all(|known| known.file_name() != path.file_name());
            if is_library && is_new {
                found.push(path);
            }
        }
    }
    found
}

/// What the settings say of a module.
pub fn rules(settings: &Settings, name: &str) -> ModuleRules {
    let module = settings.module(name);
    let bounds = Bounds {
        threads: module.threads,
        queue: module.queue,
        deadline: Duration::from_millis(module.deadline_ms),
        max_answer_bytes: MAX_ANSWER_BYTES,
    };
    ModuleRules {
        values: module.values.json().clone(),
        bounds,
    }
}
