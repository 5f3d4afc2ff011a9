//! `loggia.settings`: the operator's settings of one module.

use std::ffi::{CStr, c_void};

use loggia_abi::{HostSettings, Str};

use super::hub::{InstanceFacts, Provider, Table};

/// The service.
pub struct SettingsService;

struct SettingsTable {
    table: HostSettings,
    _json: Box<str>,
}

impl Provider for SettingsService {
    fn id(&self) -> &'static CStr {
        c"loggia.settings"
    }

    fn version(&self) -> u32 {
        1
    }

    fn provide(&self, instance: &InstanceFacts) -> Box<dyn Table> {
        let json = instance.settings.clone().into_boxed_str();
        // SAFETY: the text's heap bytes do not move and live as long as the table beside them.
        let text: Str<'static> = unsafe { std::mem::transmute(Str::new(&json)) };
        let size = u32::try_from(size_of::<HostSettings>()).unwrap_or(0);
        Box::new(SettingsTable {
            table: HostSettings {
                size,
                version: 1,
                json: text,
            },
            _json: json,
        })
    }
}

impl Table for SettingsTable {
    fn pointer(&self) -> *const c_void {
        (&raw const self.table).cast()
    }
}
