//! The index on this node's disk: where it lies, and up to where it has taken what was written.
//!
//! The folder belongs to one process at a time; where several share it, each has a place of its own in it. An index
//! that cannot be read, or was made by other rules, is thrown away and built anew: it is never the truth.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, TantivyDocument};

use super::index;

/// Counts up with every change of what the index holds.
const FORMAT: u32 = 1;

/// How many processes may share a folder.
const PLACES: u32 = 64;

/// The file that names the index in force.
const CURRENT: &str = "current";

/// What an index was made by, and up to where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Mark {
    format: u32,
    /// The language of texts that name none.
    pub(super) language: String,
    /// The generation of the site's indexes.
    pub(super) generation: i64,
    /// Everything that was written before this epoch is in it.
    pub(super) epoch: i64,
}

impl Mark {
    pub(super) fn new(language: &str, generation: i64) -> Self {
        Mark {
            format: FORMAT,
            language: language.to_owned(),
            generation,
            epoch: 0,
        }
    }

    /// The same at an epoch.
    pub(super) fn at(self, epoch: i64) -> Self {
        Mark { epoch, ..self }
    }

    fn is_by_the_rules_of(&self, other: &Mark) -> bool {
        self.format == other.format
            && self.language == other.language
            && self.generation == other.generation
    }
}

/// A place in the folder, held until this is dropped.
pub(super) struct Home {
    folder: PathBuf,
    _lock: File,
}

impl Home {
    /// Takes the first place that nobody holds.
    pub(super) fn take(folder: &Path) -> io::Result<Self> {
        for place in 0..PLACES {
            let folder = folder.join(place.to_string());
            fs::create_dir_all(&folder)?;
            let lock = File::create(folder.join("lock"))?;
            match lock.try_lock() {
                Ok(()) => {
                    return Ok(Home {
                        folder,
                        _lock: lock,
                    });
                }
                Err(fs::TryLockError::WouldBlock) => {}
                Err(fs::TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::Error::other("every place for an index is taken"))
    }

    /// The index in force where it was made by these rules, else an empty one; and how far it is.
    pub(super) fn open(&self, rules: &Mark) -> tantivy::Result<(Disk, Mark)> {
        match self.open_current(rules) {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(
                    "the search index is built anew, because it cannot be read: {error}"
                );
            }
        }
        let disk = self.create()?;
        self.enforce(&disk)?;
        Ok((disk, rules.clone()))
    }

    fn open_current(&self, rules: &Mark) -> tantivy::Result<Option<(Disk, Mark)>> {
        let Ok(name) = fs::read_to_string(self.folder.join(CURRENT)) else {
            return Ok(None);
        };
        let disk = Disk::open(&self.folder.join(name.trim()))?;
        let mark = disk.mark()?;
        Ok(mark.is_by_the_rules_of(rules).then_some((disk, mark)))
    }

    /// An empty index beside the one in force.
    pub(super) fn create(&self) -> tantivy::Result<Disk> {
        let folder = self
            .folder
            .join(format!("index-{:016x}", rand::random::<u64>()));
        fs::create_dir_all(&folder)?;
        let index = index::builder().create_in_dir(&folder)?;
        Disk::over(index, folder)
    }

    /// Puts an index in force, and removes all others.
    pub(super) fn enforce(&self, disk: &Disk) -> io::Result<()> {
        let name = disk.folder.file_name().unwrap_or_default();
        let unfinished = self.folder.join("current.part");
        fs::write(&unfinished, name.as_encoded_bytes())?;
        File::open(&unfinished)?.sync_all()?;
        fs::rename(&unfinished, self.folder.join(CURRENT))?;
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.is_dir() && path != disk.folder {
                fs::remove_dir_all(&path)?;
            }
        }
        Ok(())
    }
}

/// An index on the disk.
pub(super) struct Disk {
    folder: PathBuf,
    index: Index,
    pub(super) reader: IndexReader,
}

impl Disk {
    fn open(folder: &Path) -> tantivy::Result<Self> {
        let mut index = Index::open_in_dir(folder)?;
        index.set_tokenizers(index::tokenizers());
        if index.schema() != index::FIELDS.schema {
            return Err(tantivy::TantivyError::SchemaError(
                "it has other fields".to_owned(),
            ));
        }
        Disk::over(index, folder.to_owned())
    }

    fn over(index: Index, folder: PathBuf) -> tantivy::Result<Self> {
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        Ok(Disk {
            folder,
            index,
            reader,
        })
    }

    /// How far it is.
    pub(super) fn mark(&self) -> tantivy::Result<Mark> {
        let payload = self.index.load_metas()?.payload;
        let mark = payload.and_then(|text| serde_json::from_str(&text).ok());
        Ok(mark.unwrap_or_default())
    }

    /// Opens it for writing, with so much memory a thread.
    pub(super) fn writer(
        &self,
        threads: usize,
        bytes: usize,
    ) -> tantivy::Result<IndexWriter<TantivyDocument>> {
        let options = tantivy::indexer::IndexWriterOptions::builder()
            .num_worker_threads(threads)
            .memory_budget_per_thread(bytes)
            .num_merge_threads(1)
            .build();
        self.index.writer_with_options(options)
    }
}

/// Makes what was written durable, together with how far that is.
pub(super) fn commit(
    writer: &mut IndexWriter<TantivyDocument>,
    mark: &Mark,
) -> tantivy::Result<()> {
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&serde_json::to_string(mark)?);
    prepared.commit().map(drop)
}

/// The indexes of all places of a folder, with how far they are, for whoever only looks at them.
pub(super) fn all(folder: &Path) -> Vec<(PathBuf, tantivy::Result<(Disk, Mark)>)> {
    let places = (0..PLACES).map(|place| folder.join(place.to_string()));
    let current = places.filter_map(|place| {
        let name = fs::read_to_string(place.join(CURRENT)).ok()?;
        Some(place.join(name.trim()))
    });
    let opened = current.map(|path| {
        let found = Disk::open(&path).and_then(|disk| {
            let mark = disk.mark()?;
            Ok((disk, mark))
        });
        (path, found)
    });
    opened.collect()
}

/// Whether some process has an index open.
pub(super) fn is_held(index: &Path) -> bool {
    let lock = index.parent().map(|place| File::open(place.join("lock")));
    let tried = lock.and_then(Result::ok).map(|lock| lock.try_lock_shared());
    matches!(tried, Some(Err(fs::TryLockError::WouldBlock)))
}
