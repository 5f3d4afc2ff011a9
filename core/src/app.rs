//! The house: every room with what it needs, built from the settings.

mod modules;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use diesel::connection::SimpleConnection;
use loggia_sql::Dialect;

use crate::endpoint::access::Access;
use crate::endpoint::admission::Admission;
use crate::endpoint::dispatch::Dispatcher;
use crate::endpoint::table::Table;
use crate::http::in_flight::InFlight;
use crate::metrics::{Metrics, Observed};
use crate::module::descriptor::{Descriptor, MigrationText};
use crate::module::registry::{Migrator, Registry, Surroundings};
use crate::module::{journal, reaper};
use crate::service::DatabaseService;
use crate::service::channels::{Channels, ChannelsService};
use crate::service::clock::ClockService;
use crate::service::database::SharedDatabase;
use crate::service::files::{FileStore, FilesService, Refusal};
use crate::service::hub::{Hub, Provider};
use crate::service::identity::{AccountsService, Identity, IdentityService};
use crate::service::keys::KeysService;
use crate::service::log::LogService;
use crate::service::mail::{self, MailService, Sender, SetupFault};
use crate::service::outgoing::Guard;
use crate::service::push::vendor::{TrustFault, VendorSettings, VendorSettingsFault, Vendors};
use crate::service::push::{Push, PushService, PushSettings, PushSettingsFault};
use crate::service::search::{Search, SearchService};
use crate::service::settings::SettingsService;
use crate::settings::{self, DatabaseTarget, Settings, SettingsErrors, Synchronous};
use crate::store::migration::migrate;
use crate::store::notices::{self, Bell, Hearer, Notices};
use crate::store::{Durability, OpenError, Options, Pool};
use crate::store::{Migration, MigrationError};
use crate::store::{channel, core_migrations, mail_queue};

pub use modules::{libraries, rules};

/// How long the house's own work waits for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the end of the server waits for the mail in hand.
const MAIL_PATIENCE: Duration = Duration::from_secs(1);

/// How long the end of the server waits for pushes under way.
const PUSH_PATIENCE: Duration = Duration::from_secs(3);

/// Everything a request or a command may need.
pub struct House {
    /// The settings in force.
    pub settings: ArcSwap<Settings>,
    /// The published paths in force.
    pub table: ArcSwap<Table>,
    /// The way of every request.
    pub dispatcher: Dispatcher,
    /// The file store.
    pub files: Arc<FileStore>,
    /// The counters.
    pub metrics: Metrics,
    /// Accounts, groups and sessions.
    pub identity: Arc<Identity>,
    /// The search over what all modules offer.
    pub search: Arc<Search>,
    /// What modules publish to connected pages.
    pub channels: Arc<Channels>,
    /// What sends push notifications.
    pub push: Arc<Push>,
    /// Whoever sends mail, once this process serves.
    mail: OnceLock<Sender>,
    /// What hears other nodes, once this process serves.
    notices: parking_lot::Mutex<Option<Notices>>,
    /// What is rung for other nodes, where they are not told by the database.
    bell: Bell,
    /// The database.
    pub pool: Pool,
    /// The requests in flight.
    pub in_flight: InFlight,
}

/// Why the house could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// Its schema.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// The way mail leaves.
    #[error("mail cannot leave: {0}")]
    Mail(#[from] SetupFault),
    /// The way pushes leave.
    #[error("[module.push] {0}")]
    Push(#[from] PushSettingsFault),
    /// Where the vendors are.
    #[error("[module.push] {0}")]
    Vendors(#[from] VendorSettingsFault),
    /// Whom the vendors' servers are believed by.
    #[error("[module.push] root_certificates: {0}")]
    Trust(#[from] TrustFault),
    /// A folder or file.
    #[error("{what}: {error}")]
    File {
        /// What could not be opened.
        what: String,
        /// How it failed.
        error: io::Error,
    },
}

impl House {
    /// Opens database and file store and puts the rooms together; no module is loaded yet.
    pub fn open(settings: Settings, prober: Option<PathBuf>) -> Result<Self, AppError> {
        let pool = open_pool(&settings)?;
        migrate(&pool, &core_migrations())?;
        let files = Arc::new(open_files(&settings)?);
        let identity = Arc::new(Identity::new(pool.clone(), &settings));
        let search = Arc::new(Search::new(
            pool.clone(),
            files.own_folder().join(".search"),
            &settings.search.language,
        ));
        let channels = Arc::new(Channels::new(pool.clone(), &settings.channels));
        let push = Arc::new(open_push(&pool, &settings)?);
        push.publish_by(Arc::clone(&channels));
        let bell = Bell::default();
        if settings.notices.nats_url.is_some() && pool.dialect() == Dialect::Postgresql {
            channels.ring_by(bell.clone());
            push.ring_by(bell.clone());
        }
        let surroundings = Surroundings {
            hub: Hub::new(providers(
                &pool, &files, &identity, &search, &channels, &push,
            )),
            files: Arc::clone(&files),
            migrate: migrator(&pool),
            scratch: files.own_folder().join(".modules"),
            journal: files.own_folder().join(".crashes"),
            prober,
        };
        let registry = Arc::new(Registry::new(surroundings));
        let dispatcher = Dispatcher {
            registry,
            admission: Admission::new(Arc::clone(&identity)),
            pool: pool.clone(),
        };
        let table = ArcSwap::from_pointee(Table::new(&settings, None));
        Ok(House {
            settings: ArcSwap::from_pointee(settings),
            table,
            dispatcher,
            files,
            metrics: Metrics::default(),
            identity,
            search,
            channels,
            push,
            mail: OnceLock::new(),
            notices: parking_lot::Mutex::default(),
            bell,
            pool,
            in_flight: InFlight::default(),
        })
    }

    /// Asks whoever keeps the files whether the settings hold. What passes by itself is no mistake in them.
    pub fn check_files(&self) -> Result<(), SettingsErrors> {
        let settings = self.settings.load();
        let (place, text, help) = match self.files.check() {
            Ok(()) => return Ok(()),
            Err(Refusal::Silent(text)) => {
                tracing::warn!("stored files cannot be read or written at present: {text}");
                return Ok(());
            }
            Err(Refusal::Bucket) => (
                "/files/url",
                "the server has no such bucket".to_owned(),
                "make the bucket, or write the name of one that is there",
            ),
            Err(Refusal::Keys(text)) => (
                "/files/s3/access_key",
                text,
                "write the keys of an account that may list, read, write and delete in this bucket",
            ),
            Err(Refusal::Server(text)) => (
                "/files/s3/endpoint",
                text,
                "write the `endpoint` and the `region` of an S3 server under [files.s3]",
            ),
        };
        Err(settings.problem(place, text, Some(help.to_owned())).into())
    }

    /// Notes crashes of modules in the journal, from here on. Only a server does: it is for the whole process.
    pub fn watch_crashes(&self) -> Result<(), AppError> {
        let path = self.files.own_folder().join(".crashes");
        journal::open(&path).map_err(|error| AppError::File {
            what: "the crash journal".to_owned(),
            error,
        })
    }

    /// Begins to send mail, under the name of this node. Only a server does.
    pub fn begin_mail(&self, node: &str) -> Result<(), AppError> {
        let sender = Sender::start(self.pool.clone(), &self.settings.load().mail, node)?;
        let _ = self.mail.set(sender);
        Ok(())
    }

    /// Begins to hear what other nodes tell. Only a server does.
    ///
    /// # Errors
    /// Where no thread can be started.
    pub fn begin_hearing(&self) -> io::Result<()> {
        let (channels, push) = (Arc::clone(&self.channels), Arc::clone(&self.push));
        let hearers = vec![
            Hearer {
                notice: channel::NOTICE,
                hear: Box::new(move || channels.hear()),
            },
            Hearer {
                notice: loggia_push::wake::NOTICE,
                hear: Box::new(move || push.wake()),
            },
        ];
        let settings = self.settings.load();
        let notices = Notices::begin(&self.pool, &settings.notices, &self.bell, hearers)?;
        *self.notices.lock() = notices;
        Ok(())
    }

    /// Puts new settings in force. What only a start can change stays as it was.
    pub fn apply(&self, settings: Settings) {
        let table = Table::new(&settings, Some(&self.table.load()));
        self.table.store(Arc::new(table));
        self.identity.configure(&settings);
        self.channels.configure(&settings.channels);
        match PushSettings::read(settings.module("push").values.json()) {
            Ok(push) => self.push.configure(push),
            Err(fault) => tracing::error!("push goes on by the former settings: {fault}"),
        }
        if let Some(sender) = self.mail.get()
            && let Err(fault) = sender.configure(&settings.mail)
        {
            tracing::error!("mail leaves by the former settings: {fault}");
        }
        self.settings.store(Arc::new(settings));
    }

    /// The mails that wait to be sent: recipient, subject, text.
    pub fn queued_mail(&self) -> diesel::QueryResult<Vec<(String, String, String)>> {
        let mut connection = self.pool.read(Instant::now() + PATIENCE)?;
        mail_queue::waiting(&mut connection)
    }

    /// Why this node should not be sent requests; empty where it should.
    pub async fn unready(&self) -> Vec<String> {
        let modules = self.dispatcher.registry.modules();
        let mut reasons: Vec<String> = modules
            .iter()
            .filter_map(|slot| Some(format!("module {}: {}", slot.name, slot.state().trouble?)))
            .collect();
        let pool = self.pool.clone();
        let answered = tokio::task::spawn_blocking(move || {
            let deadline = Instant::now() + Duration::from_secs(2);
            pool.read(deadline)
                .is_ok_and(|mut connection| connection.batch_execute("SELECT 1").is_ok())
        });
        if !answered.await.unwrap_or(false) {
            reasons.push("the database does not answer".to_owned());
        }
        reasons
    }

    /// What is counted, as Prometheus reads it.
    pub fn render_metrics(&self) -> String {
        let access = self.dispatcher.admission.access();
        self.metrics.render(&Observed {
            table: &self.table.load(),
            modules: self.module_states(),
            dropped_rows: access.map(Access::dropped_rows),
            in_flight: self.in_flight.count(),
        })
    }

    /// What is wrong with the mail queue, if anything.
    pub async fn mail_complaint(&self) -> Option<String> {
        let pool = self.pool.clone();
        let read = tokio::task::spawn_blocking(move || {
            let mut connection = pool.read(Instant::now() + Duration::from_secs(2)).ok()?;
            mail::Health::read(&mut connection).ok()?.complaint()
        });
        read.await.ok().flatten()
    }

    /// Ends every module; to be called when no request is in flight.
    pub fn close(&self) {
        drop(self.notices.lock().take());
        notices::tell(&self.settings.load().notices, &self.bell);
        if let Some(sender) = self.mail.get()
            && !sender.stop(MAIL_PATIENCE)
        {
            tracing::warn!("a mail was under way when the server ended; its fate is unknown");
        }
        if !self.push.close(PUSH_PATIENCE) {
            tracing::warn!("pushes were under way when the server ended; their fate is unknown");
        }
        self.dispatcher.registry.close();
        self.channels.close();
        self.search.close();
        reaper::wait();
    }
}

fn open_pool(settings: &Settings) -> Result<Pool, OpenError> {
    let database = &settings.database;
    let options = Options {
        readers: database.readers,
        connections: database.pool_size,
        durability: match database.synchronous {
            Synchronous::Full => Durability::Full,
            Synchronous::Normal => Durability::Normal,
        },
        patience: Duration::from_millis(database.acquire_timeout_ms),
        notifies: settings.notices.nats_url.is_none(),
    };
    match &database.target {
        DatabaseTarget::Sqlite(path) => Pool::open(&path.to_string_lossy(), options),
        DatabaseTarget::Postgresql(url) => Pool::open(url.expose(), options),
    }
}

fn open_push(pool: &Pool, settings: &Settings) -> Result<Push, AppError> {
    let values = &settings.module("push").values;
    let own = PushSettings::read(values.json())?;
    let folder = settings.path.parent().unwrap_or(Path::new("."));
    let vendors = open_vendors(settings)?;
    Ok(Push::new(
        pool.clone(),
        own,
        Box::new(vendors),
        folder.to_owned(),
    ))
}

/// Those who carry messages, by `[module.push]`: what is wrong with that is found without a database.
pub(crate) fn open_vendors(settings: &Settings) -> Result<Vendors, AppError> {
    let values = &settings.module("push").values;
    let timeout = Duration::from_millis(settings.outgoing.timeout_ms);
    let vendors = VendorSettings::read(values.json(), timeout)?;
    let mut outgoing = settings.outgoing.clone();
    outgoing.allow.extend(&vendors.allow);
    Ok(Vendors::new(vendors, &Guard::new(&outgoing))?)
}

fn open_files(settings: &Settings) -> Result<FileStore, AppError> {
    FileStore::open(&settings.files).map_err(|error| {
        let folder = match &settings.files.store {
            settings::FileStore::Folder(folder) => folder,
            settings::FileStore::Bucket { .. } => &settings.files.scratch,
        };
        let what = format!("the file store {}", folder.display());
        AppError::File { what, error }
    })
}

fn providers(
    pool: &Pool,
    files: &Arc<FileStore>,
    identity: &Arc<Identity>,
    search: &Arc<Search>,
    channels: &Arc<Channels>,
    push: &Arc<Push>,
) -> Vec<Box<dyn Provider>> {
    let database = Arc::new(DatabaseService::new(pool.clone()));
    vec![
        Box::new(LogService),
        Box::new(SettingsService),
        Box::new(ClockService),
        Box::new(FilesService(Arc::clone(files))),
        Box::new(AccountsService(Arc::clone(identity))),
        Box::new(IdentityService(Arc::clone(identity))),
        Box::new(MailService::new(pool.clone(), Arc::clone(&database))),
        Box::new(SearchService::new(
            Arc::clone(search),
            Arc::clone(&database),
        )),
        Box::new(ChannelsService::new(
            Arc::clone(channels),
            Arc::clone(&database),
        )),
        Box::new(KeysService::default()),
        Box::new(PushService::new(Arc::clone(push), Arc::clone(&database))),
        Box::new(SharedDatabase(database)),
    ]
}

fn migrator(pool: &Pool) -> Migrator {
    let pool = pool.clone();
    Box::new(move |descriptor| {
        let steps: Vec<Migration> = descriptor
            .migrations
            .iter()
            .map(|step| migration(descriptor, step))
            .collect();
        if steps.is_empty() {
            return Ok(());
        }
        migrate(&pool, &steps)
            .map(drop)
            .map_err(|error| error.to_string())
    })
}

fn migration(descriptor: &Descriptor, step: &MigrationText) -> Migration {
    Migration {
        owner: descriptor.module.clone().into(),
        name: step.name.clone().into(),
        up: step.up.clone().into(),
        down: step.down.clone().into(),
    }
}
