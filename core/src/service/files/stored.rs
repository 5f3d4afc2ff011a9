//! A stored file that was found, and the ways to read it.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::stream::Stream;

use super::objects::Objects;

/// A stored file, found and ready to be read.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its size in bytes.
    pub size: u64,
    /// When it was stored.
    pub modified: SystemTime,
    /// Where it is.
    pub place: Place,
}

/// Where a stored file is.
#[derive(Clone, Debug)]
pub enum Place {
    /// On this machine's disk.
    Disk(PathBuf),
    /// In the bucket.
    Object(Object),
}

/// A file in the bucket.
#[derive(Clone, Debug)]
pub struct Object {
    pub(super) bucket: Arc<Objects>,
    pub(super) path: String,
    pub(super) size: u64,
    /// The server's own validator of these bytes.
    pub(super) tag: String,
}

impl Stored {
    /// Reads it from its first byte. Blocks, so that it is for threads that may.
    pub fn reader(&self) -> io::Result<Box<dyn Read + Send>> {
        match &self.place {
            Place::Disk(path) => Ok(Box::new(File::open(path)?)),
            Place::Object(object) => object.bucket.reader(&object.path, object.size),
        }
    }

    /// Where it can be opened on this machine, fetched from the bucket if need be. Blocks.
    pub(super) fn local_path(&self) -> io::Result<PathBuf> {
        match &self.place {
            Place::Disk(path) => Ok(path.clone()),
            Place::Object(object) => {
                let Object {
                    bucket, path, tag, ..
                } = object;
                bucket.fetched(path, tag, object.size)
            }
        }
    }
}

impl Object {
    /// Reads some of its bytes, piece by piece, never more than a few pieces ahead of whoever takes them.
    pub async fn read(
        &self,
        range: Range<u64>,
    ) -> io::Result<impl Stream<Item = io::Result<Bytes>> + use<>> {
        let pieces = Objects::pieces(Arc::clone(&self.bucket), self.path.clone(), range).await?;
        Ok(futures_util::stream::unfold(
            pieces,
            |mut pieces| async move { Some((pieces.recv().await?, pieces)) },
        ))
    }
}
