//! The demo site's own `endpoints.toml`.

use std::io;
use std::path::Path;

use super::DemoError;
use super::file::write_private;
use crate::settings::{DatabaseTarget, Settings};

/// The name of the settings in the folder.
pub(super) const FILE: &str = "endpoints.toml";

/// Where LoopBack's routes are mounted.
pub(super) const LOOPBACK: &str = "/lb/api";

/// The endpoint that is there so that a key can be good elsewhere only.
pub(super) const PARTNER: &str = "partner";

const TEXT: &str = r#"# The demo site. Change it as you like: `loggia demo` uses it as it stands.

[database]
url = {database}

[files]
url = "files"

[mail]
transport = "file"
from = "Loggia demo <demo@example.org>"
outbox = "outbox"

[accounts]
registration = true
activation = "none"

# A demo is tried from one address, by people and by tools; a real site keeps the defaults.
[accounts.throttle]
login_failures_per_account = 20
login_failures_per_address = 2000
registrations_per_address = 2000
mails_per_email = 50
window_s = 60

[[endpoint]]
name = "free"
path = "/api/free"
access = "free"
trace = true

[[endpoint]]
name = "user"
path = "/api/user"
access = "user"
trace = true

[[endpoint]]
name = "key"
path = "/api/key"
access = "key"
personal_data = ["email"]
trace = true

# Real HTTP statuses, and the modern form of requests.
[[endpoint]]
name = "semantic"
path = "/api/semantic"
access = "free"
status = "semantic"
trace = true
cors = true

# What Joomla's updater reads.
[[endpoint]]
name = "updates"
path = "/updates"
access = "free"
modules = []
routes = ["release"]
trace = true

# LoopBack's push component, as its clients know it.
[[endpoint]]
name = "loopback"
path = "{loopback}"
access = "key"
modules = []
routes = ["loopback"]
trace = true
cors = true

# What `POST /notify/ID` of LoopBack's routes sends where a request has no body: the sample of the component.
[module.loopback.notify]
expirationInterval = 3600
badge = -1
sound = "ping.aiff"
alert = "📧 ✉ Hello"
messageFrom = "Ray"

# The paths of PushBack, for pages and for the back end of a site.
[[endpoint]]
name = "pushback"
path = "/"
access = "free"
status = "semantic"
modules = []
routes = ["pushback"]
trace = true
cors = true

[[endpoint]]
name = "partner"
path = "/api/partner"
access = "key"
modules = ["release"]
trace = true
"#;

/// Writes the settings of a new site.
pub(super) fn write(path: &Path, database: Option<&str>) -> io::Result<()> {
    let database = toml::Value::from(database.unwrap_or("sqlite:loggia.db")).to_string();
    let text = TEXT.replace("{database}", &database);
    write_private(path, text.replace("{loopback}", LOOPBACK).as_bytes())
}

/// A folder has one database; another would know nothing of its accounts and keys.
pub(super) fn check_database(path: &Path, wanted: Option<&str>) -> Result<(), DemoError> {
    let Some(wanted) = wanted else { return Ok(()) };
    let settings = Settings::load(path)?;
    let is_same = match &settings.database.target {
        DatabaseTarget::Postgresql(url) => url.expose() == wanted,
        DatabaseTarget::Sqlite(file) => {
            let wanted = wanted.strip_prefix("sqlite:").unwrap_or(wanted);
            settings.folder().join(wanted) == *file
        }
    };
    if is_same {
        return Ok(());
    }
    Err(DemoError::OtherSite(format!(
        "{} is a site on another database; leave --database out, or name another folder",
        path.display()
    )))
}
