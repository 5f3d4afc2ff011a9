//! The services of the host, and what of them one module instance is given.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use loggia_abi::{Host, MINOR};

/// A service that can make a table for an instance.
pub trait Provider: Send + Sync {
    /// The id that modules ask for.
    fn id(&self) -> &'static CStr;
    /// The version of the table.
    fn version(&self) -> u32;
    /// The table for one instance of a module.
    fn provide(&self, instance: &InstanceFacts) -> Box<dyn Table>;
}

/// What a service may know of the instance it serves.
#[derive(Clone, Debug)]
pub struct InstanceFacts {
    /// The module's name.
    pub module: String,
    /// Its settings, complete, as JSON.
    pub settings: String,
}

/// A table that lives as long as its instance.
pub trait Table: Send + Sync {
    /// The C structure.
    fn pointer(&self) -> *const c_void;
}

/// All services.
#[derive(Default)]
pub struct Hub {
    providers: Vec<Box<dyn Provider>>,
}

impl Hub {
    /// With these services.
    pub fn new(providers: Vec<Box<dyn Provider>>) -> Self {
        Hub { providers }
    }

    /// Makes the tables that an instance declared; says which one the host does not have.
    pub fn instance<'w>(
        &self,
        facts: &InstanceFacts,
        wanted: impl IntoIterator<Item = (&'w str, u32)>,
    ) -> Result<Box<InstanceServices>, String> {
        let mut tables = Vec::new();
        for (id, version) in wanted {
            let provider = self
                .providers
                .iter()
                .find(|known| known.id().to_bytes() == id.as_bytes());
            let Some(provider) = provider.filter(|known| known.version() >= version) else {
                return Err(format!(
                    "it wants the service {id} in version {version}, which this host does not have"
                ));
            };
            tables.push((provider.id(), provider.version(), provider.provide(facts)));
        }
        Ok(InstanceServices::new(tables))
    }
}

/// The services of one instance, behind the `lg_host` it is started with.
pub struct InstanceServices {
    host: Host,
    tables: Vec<(&'static CStr, u32, Box<dyn Table>)>,
}

// SAFETY: the raw pointer in `host` points at this very structure, whose tables are `Send` and `Sync`.
unsafe impl Send for InstanceServices {}
// SAFETY: as above.
unsafe impl Sync for InstanceServices {}

impl InstanceServices {
    #[expect(
        clippy::unnecessary_box_returns,
        reason = "the C structure in it points at the box"
    )]
    fn new(tables: Vec<(&'static CStr, u32, Box<dyn Table>)>) -> Box<Self> {
        let size = u32::try_from(size_of::<Host>()).unwrap_or(0);
        let host = Host {
            size,
            minor: MINOR,
            context: ptr::null_mut(),
            service: ask,
        };
        let mut services = Box::new(InstanceServices { host, tables });
        services.host.context = (&raw mut *services).cast();
        services
    }

    /// What the instance is started with; valid as long as this box.
    pub fn host(&self) -> *const Host {
        &raw const self.host
    }
}

unsafe extern "C" fn ask(context: *mut c_void, id: *const c_char, version: u32) -> *const c_void {
    if context.is_null() || id.is_null() {
        return ptr::null();
    }
    // SAFETY: the context is the box behind `host`, which outlives the instance; the id ends in NUL.
    let (services, id) = unsafe { (&*context.cast::<InstanceServices>(), CStr::from_ptr(id)) };
    let found = services
        .tables
        .iter()
        .find(|(known, offered, _)| *known == id && *offered >= version);
    found.map_or(ptr::null(), |(_, _, table)| table.pointer())
}

/// A table that all instances share.
pub struct Shared<T>(pub std::sync::Arc<T>, pub fn(&T) -> *const c_void);

impl<T: Send + Sync> Table for Shared<T> {
    fn pointer(&self) -> *const c_void {
        (self.1)(&self.0)
    }
}
