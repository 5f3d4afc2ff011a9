//! Stored files in a bucket of an S3 server, which several nodes share.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use object_store::{ObjectMeta, ObjectStore as _, ObjectStoreExt as _, PutMode, PutOptions};

use super::objects::{Objects, Refusal, part_bytes};
use super::store::{Store, is_path};
use super::stored::{Object, Place, Stored};
use crate::settings::Files;

/// The files as objects of the bucket, each by its path.
#[derive(Debug)]
pub(super) struct Bucket(Arc<Objects>);

impl Bucket {
    /// The bucket of the settings, with a folder for what has to lie on the disk.
    pub(super) fn open(files: &Files, fetched: &Path) -> io::Result<Self> {
        Ok(Bucket(Arc::new(Objects::open(files, fetched)?)))
    }
}

impl Store for Bucket {
    /// A request that holds only where no object has the name refuses a path that is taken.
    fn add(&self, path: &str, file: &Path) -> io::Result<()> {
        let (inner, target) = (&self.0, self.0.name(path));
        let mut file = File::open(file)?;
        let length = file.metadata()?.len();
        let result = if length <= part_bytes() {
            let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
            file.read_to_end(&mut bytes)?;
            let store = Arc::clone(&inner.store);
            inner.wait(async move {
                let options = PutOptions::from(PutMode::Create);
                store.put_opts(&target, bytes.into(), options).await
            })
        } else {
            inner.add_in_parts(target, &mut file)
        };
        match result {
            // The path is new, so that what is not there is the bucket.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(io::Error::other(error.to_string()))
            }
            result => result.map(drop),
        }
    }

    fn find(&self, path: &str) -> io::Result<Stored> {
        let (store, name) = (Arc::clone(&self.0.store), self.0.name(path));
        let facts = self.0.wait(async move { store.head(&name).await })?;
        let object = Object {
            bucket: Arc::clone(&self.0),
            path: path.to_owned(),
            size: facts.size,
            tag: facts.e_tag.unwrap_or_default(),
        };
        Ok(Stored {
            size: facts.size,
            modified: facts.last_modified.into(),
            place: Place::Object(object),
        })
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let (store, name) = (Arc::clone(&self.0.store), self.0.name(path));
        match self.0.wait(async move { store.delete(&name).await }) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let objects = self.0.objects();
        let found: Vec<_> = self.0.wait(async move { objects.try_collect().await })?;
        let start = self.0.name("");
        let path = |object: ObjectMeta| {
            let path = object.location.as_ref().strip_prefix(start.as_ref())?;
            let path = path.trim_start_matches('/').to_owned();
            is_path(&path).then_some(path)
        };
        let mut paths: Vec<_> = found.into_iter().filter_map(path).collect();
        paths.sort();
        Ok(paths)
    }

    fn on_disk(&self, _path: &str) -> Option<PathBuf> {
        None
    }

    #[cfg(test)]
    fn everything(&self) -> io::Result<usize> {
        let objects = self.0.objects();
        let found: Vec<_> = self.0.wait(async move { objects.try_collect().await })?;
        Ok(found.len())
    }

    fn check(&self) -> Result<(), Refusal> {
        self.0.check()
    }
}
