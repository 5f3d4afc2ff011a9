//! The host that a test stands its module in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use loggia::app::House;
use loggia::module::instance::Bounds;
use loggia::module::library::Library;
use loggia::module::registry::ModuleRules;
use loggia::service::identity::{NewUser, NewUserPassword};
use loggia::settings::Settings;
use loggia::store::testing::TestDatabase;
use loggia_abi::EntryFunction;
use serde_json::{Map, Value};
use tempfile::TempDir;

use crate::call::{TestCall, TestRoute};

/// A host with one module in it, over a fresh database and an empty file store.
pub struct TestHost {
    house: House,
    module: String,
    folder: TempDir,
    _database: TestDatabase,
}

impl TestHost {
    /// Over a fresh SQLite database.
    pub fn sqlite(entry: EntryFunction) -> Self {
        Self::with(TestDatabase::sqlite(), entry, Map::new())
    }

    /// Over each kind of database there is: SQLite always, PostgreSQL where `LOGGIA_TEST_POSTGRES` names a
    /// server.
    pub fn each(entry: EntryFunction) -> Vec<Self> {
        TestDatabase::each()
            .into_iter()
            .map(|database| Self::with(database, entry, Map::new()))
            .collect()
    }

    /// As [`TestHost::each`], for calls that have no more time than this.
    pub fn each_within(entry: EntryFunction, deadline: Duration) -> Vec<Self> {
        TestDatabase::each()
            .into_iter()
            .map(|database| Self::stand(database, entry, Map::new(), deadline))
            .collect()
    }

    /// Over a database, with settings for the module.
    ///
    /// # Panics
    /// Where the module does not start: that is what the test wants to know.
    pub fn with(
        database: TestDatabase,
        entry: EntryFunction,
        settings: Map<String, Value>,
    ) -> Self {
        Self::stand(database, entry, settings, Duration::from_secs(10))
    }

    fn stand(
        database: TestDatabase,
        entry: EntryFunction,
        settings: Map<String, Value>,
        deadline: Duration,
    ) -> Self {
        keep_the_log_apart();
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let house =
            House::open(site(folder.path(), database.address()), None).expect("the house opens");
        let library =
            Library::linked(entry, Path::new("the test")).expect("the module fits this host");
        let module = library.descriptor.module.clone();
        let bounds = Bounds {
            threads: 4,
            queue: 64,
            deadline,
            max_answer_bytes: 16 * 1024 * 1024,
        };
        let rules = ModuleRules {
            values: settings,
            bounds,
        };
        house
            .dispatcher
            .registry
            .load_linked(library, &rules)
            .expect("the module starts");
        TestHost {
            house,
            module,
            folder,
            _database: database,
        }
    }

    /// The house, for what this kit has no word for.
    pub fn house(&self) -> &House {
        &self.house
    }

    /// The host's folder: its settings, file store and outbox.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A call of one of the module's operations, as a guest at first.
    pub fn call(&self, action: &str, resource: &str) -> TestCall<'_> {
        TestCall::new(&self.house, &self.module, action, resource)
    }

    /// A request of one of the module's routes, as a guest at first.
    pub fn route(&self, method: &str, path: &str) -> TestRoute<'_> {
        TestRoute::new(&self.house, &self.module, method, path)
    }

    /// Makes an account in the given groups and gives its id.
    pub fn account(&self, username: &str, password: &str, groups: &[i64]) -> i64 {
        let identity = &self.house.identity;
        let new = NewUser {
            username: username.to_owned(),
            email: format!("{username}@example.org"),
            name: String::new(),
            password: NewUserPassword::Plain(password.to_owned()),
            groups: groups.to_vec(),
            blocked: false,
        };
        identity
            .create(&identity.operator(), &new)
            .expect("the account can be made")
            .id
    }

    /// The files of the mails that were sent so far, oldest first. Mail is sent by a thread of the server,
    /// which this kit does not run; call [`TestHost::queued_mail`] for what a call queued.
    pub fn outbox(&self) -> PathBuf {
        self.folder.path().join("outbox")
    }

    /// The mails that calls have queued: recipient, subject, text.
    pub fn queued_mail(&self) -> Vec<(String, String, String)> {
        self.house
            .queued_mail()
            .expect("the mail queue can be read")
    }
}

/// Host and linked module share one `tracing`. Were the module's the first to set where its lines go, the
/// host's log service would write to itself.
fn keep_the_log_apart() {
    let nowhere = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    // A test that has set its own is served as well by that.
    let _ = tracing::dispatcher::set_global_default(nowhere);
}

impl Drop for TestHost {
    fn drop(&mut self) {
        self.house.close();
    }
}

fn site(folder: &Path, database: &str) -> Settings {
    let file = folder.join("endpoints.toml");
    let text = format!(
        "[database]\nurl = {database:?}\n[files]\nurl = \"files\"\n[mail]\ntransport = \"file\"\n\
         outbox = \"outbox\"\n[accounts]\nregistration = true\n"
    );
    std::fs::write(&file, text).expect("the settings can be written");
    match Settings::load(&file) {
        Ok(settings) => settings,
        Err(errors) => panic!("the test kit's settings are wrong:\n{errors}"),
    }
}
