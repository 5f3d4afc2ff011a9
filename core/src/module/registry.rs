//! The modules that serve: loaded, replaced and kept out by name.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use parking_lot::Mutex;
use serde_json::{Map, Value};

use super::descriptor::Descriptor;
use super::instance::{Bounds, Instance};
use super::library::Library;
use super::{journal, probe};
use crate::fault::{Fault, Req};
use crate::service::files::FileStore;
use crate::service::hub::{Hub, InstanceFacts};

/// So many panics within the window keep a module out.
const PANICS_TO_QUARANTINE: u64 = 5;
const PANIC_WINDOW: Duration = Duration::from_mins(1);

/// Brings a module's tables up to date, or says why they are not.
pub type Migrator = Box<dyn Fn(&Descriptor) -> Result<(), String> + Send + Sync>;

/// What the registry needs of the rest of the house.
pub struct Surroundings {
    /// The services for instances.
    pub hub: Hub,
    /// The file store, for answers that are files.
    pub files: Arc<FileStore>,
    /// Brings a module's tables up to date.
    pub migrate: Migrator,
    /// Where private copies are made; each lives for a moment.
    pub scratch: PathBuf,
    /// The crash journal.
    pub journal: PathBuf,
    /// The program that probes a library before it is opened here; none in tests.
    pub prober: Option<PathBuf>,
}

/// What the operator sets for one module.
#[derive(Clone, Debug)]
pub struct ModuleRules {
    /// The module's own settings.
    pub values: Map<String, Value>,
    /// The bounds of its calls.
    pub bounds: Bounds,
}

/// All modules.
pub struct Registry {
    surroundings: Surroundings,
    slots: ArcSwap<HashMap<String, Arc<Slot>>>,
    /// One change at a time.
    changing: Mutex<()>,
}

/// The place of one module, whatever instance is in it.
pub struct Slot {
    /// The module's name.
    pub name: String,
    /// Its file; empty for a module linked into this program.
    pub path: PathBuf,
    instance: ArcSwapOption<Instance>,
    trouble: ArcSwapOption<String>,
    panics: Arc<AtomicU64>,
    window: Mutex<(Instant, u64)>,
}

/// What an operator sees of a module.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct ModuleState {
    /// The name.
    pub name: String,
    /// The module's version, where an instance is there.
    pub version: Option<String>,
    /// The instance's generation.
    pub generation: Option<u64>,
    /// Why it does not serve.
    pub trouble: Option<String>,
    /// Calls that wait.
    pub waiting: usize,
    /// Threads lost in calls that never ended.
    pub lost_threads: usize,
    /// Panics since it was loaded.
    pub panics: u64,
}

impl Slot {
    fn new(name: &str, path: &Path) -> Self {
        Slot {
            name: name.to_owned(),
            path: path.to_owned(),
            instance: ArcSwapOption::empty(),
            trouble: ArcSwapOption::empty(),
            panics: Arc::default(),
            window: Mutex::new((Instant::now(), 0)),
        }
    }

    /// The instance that serves.
    pub fn serving(&self) -> Result<Arc<Instance>, Fault> {
        match self.instance.load_full() {
            Some(instance) => Ok(instance),
            None if self.trouble.load().is_some() => Err(Req::Overloaded
                .fault()
                .detail("the module is out of service")),
            None => Err(Req::ModuleNotFound.fault()),
        }
    }

    /// Called after a call that panicked: too many within a minute take the module out of service.
    pub fn note_panic(&self) {
        let now = self.panics.load(Ordering::Relaxed);
        let mut window = self.window.lock();
        if window.0.elapsed() > PANIC_WINDOW {
            *window = (Instant::now(), now.saturating_sub(1));
        }
        if now - window.1 >= PANICS_TO_QUARANTINE && self.instance.load().is_some() {
            self.take_out(format!(
                "{PANICS_TO_QUARANTINE} panics within a minute; reload it to try again"
            ));
        }
    }

    /// How many of its calls have panicked.
    pub fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }

    fn take_out(&self, reason: String) {
        tracing::error!(
            module = self.name,
            "module {} is out of service: {reason}",
            self.name
        );
        self.trouble.store(Some(Arc::new(reason)));
        self.end();
    }

    /// Lets the instance end once its calls have.
    fn end(&self) {
        if let Some(old) = self.instance.swap(None) {
            old.drain();
        }
    }

    fn put(&self, instance: Instance) {
        *self.window.lock() = (Instant::now(), self.panics());
        let old = self.instance.swap(Some(Arc::new(instance)));
        self.trouble.store(None);
        if let Some(old) = old {
            old.drain();
        }
    }

    /// What an operator sees.
    pub fn state(&self) -> ModuleState {
        let instance = self.instance.load_full();
        ModuleState {
            name: self.name.clone(),
            version: instance
                .as_ref()
                .map(|instance| instance.descriptor().version.clone()),
            generation: instance.as_ref().map(|instance| instance.generation),
            trouble: self.trouble.load_full().map(|reason| reason.to_string()),
            waiting: instance.as_ref().map_or(0, |instance| instance.waiting()),
            lost_threads: instance
                .as_ref()
                .map_or(0, |instance| instance.lost_threads()),
            panics: self.panics(),
        }
    }
}

impl Registry {
    /// Without modules.
    pub fn new(surroundings: Surroundings) -> Self {
        Registry {
            surroundings,
            slots: ArcSwap::default(),
            changing: Mutex::new(()),
        }
    }

    /// The module of a name or alias.
    pub fn slot(&self, name: &str) -> Option<Arc<Slot>> {
        self.slots.load().get(name).cloned()
    }

    /// Every module once, in the order of names.
    pub fn modules(&self) -> Vec<Arc<Slot>> {
        let slots = self.slots.load();
        let mut modules: Vec<Arc<Slot>> = slots
            .iter()
            .filter(|(name, slot)| **name == slot.name)
            .map(|(_, slot)| Arc::clone(slot))
            .collect();
        modules.sort_by(|a, b| a.name.cmp(&b.name));
        modules
    }

    /// Loads a library under its file's name. A module that fails keeps its place, with the reason in it.
    pub fn load(&self, path: &Path, rules: &ModuleRules) -> Result<u64, String> {
        let _changing = self.changing.lock();
        let name = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default()
            .to_owned();
        let crashes = journal::crashes(&self.surroundings.journal, &name);
        let opened = if crashes >= journal::CRASHES_TO_QUARANTINE {
            Err(format!(
                "it ended this server {crashes} times; reload it to try again"
            ))
        } else {
            self.open(path, &name)
        };
        let slot = Arc::new(Slot::new(&name, path));
        let entered = opened
            .and_then(|library| self.start(library, rules, &slot))
            .and_then(|instance| self.enter(&slot, instance));
        entered.inspect_err(|reason| {
            slot.take_out(reason.clone());
            let mut slots = HashMap::clone(&self.slots.load());
            slots.insert(name, slot);
            self.slots.store(Arc::new(slots));
        })
    }

    /// Takes a module that is linked into this program.
    pub fn load_linked(&self, library: Library, rules: &ModuleRules) -> Result<u64, String> {
        let _changing = self.changing.lock();
        let slot = Arc::new(Slot::new(&library.descriptor.module, Path::new("")));
        let instance = self.start(library, rules, &slot)?;
        self.enter(&slot, instance)
    }

    /// Starts a new instance beside the old one and lets it take its place. At any failure the old one
    /// serves on.
    pub fn reload(&self, name: &str, rules: &ModuleRules) -> Result<u64, String> {
        let _changing = self.changing.lock();
        let slot = self
            .slot(name)
            .ok_or_else(|| format!("no module {name} is loaded"))?;
        journal::forgive(&self.surroundings.journal, &slot.name)
            .map_err(|error| format!("the crash journal could not be written: {error}"))?;
        let library = self.open(&slot.path, &slot.name)?;
        let names = self.names_free(&library.descriptor, &slot)?;
        let instance = self.start(library, rules, &slot)?;
        let generation = instance.generation;
        slot.put(instance);
        self.publish(&slot, names);
        Ok(generation)
    }

    /// Lets one module end under all its names: new calls do not find it, the last ones run out.
    pub fn remove(&self, name: &str) {
        let _changing = self.changing.lock();
        if let Some(slot) = self.slot(name) {
            self.publish(&slot, Vec::new());
            slot.end();
        }
    }

    /// Lets every module end, as [`Registry::remove`] does.
    pub fn close(&self) {
        let slots = self.slots.swap(Arc::default());
        for slot in slots.values() {
            slot.end();
        }
    }

    fn enter(&self, slot: &Arc<Slot>, instance: Instance) -> Result<u64, String> {
        let names = self.names_free(instance.descriptor(), slot)?;
        let generation = instance.generation;
        slot.put(instance);
        self.publish(slot, names);
        Ok(generation)
    }

    /// The names of a module, unless another has one of them.
    fn names_free(&self, descriptor: &Descriptor, slot: &Slot) -> Result<Vec<String>, String> {
        let names: Vec<String> = std::iter::once(&descriptor.module)
            .chain(&descriptor.aliases)
            .cloned()
            .collect();
        let slots = self.slots.load();
        for name in &names {
            if let Some(other) = slots.get(name).filter(|other| other.name != slot.name) {
                return Err(format!(
                    "module {} wants the name {name}, which module {} has",
                    slot.name, other.name
                ));
            }
        }
        Ok(names)
    }

    fn publish(&self, slot: &Arc<Slot>, names: Vec<String>) {
        let mut slots = HashMap::clone(&self.slots.load());
        slots.retain(|_, other| other.name != slot.name);
        slots.extend(names.into_iter().map(|name| (name, Arc::clone(slot))));
        self.slots.store(Arc::new(slots));
    }

    fn open(&self, path: &Path, name: &str) -> Result<Library, String> {
        if let Some(prober) = &self.surroundings.prober {
            probe::in_child(prober, path)?;
        }
        let library =
            Library::open(path, &self.surroundings.scratch).map_err(|error| error.to_string())?;
        if library.descriptor.module != name {
            let own = library.descriptor.module.clone();
            library.close();
            return Err(format!(
                "{} holds the module {own}; name the file {own}.so",
                path.display()
            ));
        }
        Ok(library)
    }

    fn start(
        &self,
        library: Library,
        rules: &ModuleRules,
        slot: &Slot,
    ) -> Result<Instance, String> {
        let descriptor = &library.descriptor;
        let settings = complete(descriptor, &rules.values)?;
        (self.surroundings.migrate)(descriptor)?;
        let facts = InstanceFacts {
            module: descriptor.module.clone(),
            settings,
        };
        let wanted = descriptor
            .services
            .iter()
            .map(|wanted| (wanted.id.as_str(), wanted.version));
        let services = self.surroundings.hub.instance(&facts, wanted)?;
        let files = Arc::clone(&self.surroundings.files);
        Instance::start(
            library,
            services,
            files,
            rules.bounds,
            Arc::clone(&slot.panics),
        )
    }
}

/// The module's settings with the defaults of its schema; unknown members are refused by name.
fn complete(descriptor: &Descriptor, given: &Map<String, Value>) -> Result<String, String> {
    let known = descriptor.settings["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    if let Some(unknown) = given.keys().find(|name| !known.contains_key(*name)) {
        let names: Vec<&str> = known.keys().map(String::as_str).collect();
        let names = if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        };
        return Err(format!(
            "[module.{}] has no setting {unknown}; it has {names}",
            descriptor.module
        ));
    }
    let mut settings = Map::new();
    for (name, schema) in &known {
        if let Some(value) = given.get(name).or_else(|| schema.get("default")) {
            settings.insert(name.clone(), value.clone());
        }
    }
    Ok(Value::Object(settings).to_string())
}
