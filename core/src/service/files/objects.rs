//! The objects in a bucket of an S3 server.
//!
//! The client is asynchronous and modules are not, so it runs on a small runtime of its own, and whoever is
//! no task there waits for what it says.

mod cache;
mod client;

use std::fs::File;
use std::future::Future;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::aws::AmazonS3;
use object_store::path::Path as ObjectPath;
use object_store::{
    CopyMode, CopyOptions, GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt,
};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{Receiver, channel};

use crate::service::secret;
use crate::settings::{FileStore, Files};
use cache::Cache;
pub use client::Refusal;
use client::said;

/// What is sent in one request, and the length of the parts of what is longer.
const PART_BYTES: usize = 8 << 20;
/// How many pieces of a file are read ahead of whoever takes them.
const PIECES_AHEAD: usize = 2;
/// Where parts are put together; no stored file has such a path.
const UNFINISHED: &str = ".unfinished";

/// A bucket, and what all names of its objects begin with.
#[derive(Debug)]
pub(super) struct Objects {
    pub(super) store: Arc<AmazonS3>,
    prefix: String,
    cache: Cache,
    runtime: Option<Runtime>,
}

impl Objects {
    /// Makes a client for the bucket of the settings, with a folder for what has to lie on the disk.
    pub(super) fn open(files: &Files, fetched: &Path) -> io::Result<Self> {
        let FileStore::Bucket { bucket, prefix } = &files.store else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("bucket")
            .enable_all()
            .build()?;
        Ok(Objects {
            store: Arc::new(client::connect(&files.s3, bucket)?),
            prefix: prefix.clone(),
            cache: Cache::new(fetched)?,
            runtime: Some(runtime),
        })
    }

    /// The name of a stored file's object.
    pub(super) fn name(&self, path: &str) -> ObjectPath {
        let parts = self.prefix.split('/').chain(path.split('/'));
        parts.collect()
    }

    /// Lets the runtime do something and waits for it, on whatever thread.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = object_store::Result<T>> + Send + 'static,
    ) -> io::Result<T> {
        let (sender, receiver) = sync_channel(1);
        self.runtime()?.spawn(async move {
            // Nobody waits any more where the caller's thread is gone.
            let _ = sender.send(work.await);
        });
        let result = receiver.recv().map_err(io::Error::other)?;
        result.map_err(|error| said(&error))
    }

    fn runtime(&self) -> io::Result<&Runtime> {
        let ended = || io::Error::other("the file store has ended");
        self.runtime.as_ref().ok_or_else(ended)
    }

    /// Puts a long file together beside the others, a part in memory at a time, and names it when it is whole.
    pub(super) fn add_in_parts(
        &self,
        target: ObjectPath,
        file: &mut File,
    ) -> io::Result<object_store::PutResult> {
        let unfinished = self.name(&format!("{UNFINISHED}/{}", secret::random_token()));
        let (store, name) = (Arc::clone(&self.store), unfinished.clone());
        let mut upload = self.wait(async move { store.put_multipart(&name).await })?;
        loop {
            let mut part = Vec::with_capacity(PART_BYTES);
            let sent = file.by_ref().take(part_bytes()).read_to_end(&mut part);
            if sent? == 0 {
                break;
            }
            upload = self.wait(async move {
                match upload.put_part(part.into()).await {
                    Ok(()) => Ok(upload),
                    Err(error) => {
                        // The first failure is the one worth telling.
                        let _ = upload.abort().await;
                        Err(error)
                    }
                }
            })?;
        }
        let store = Arc::clone(&self.store);
        self.wait(async move {
            let put = upload.complete().await?;
            let mode = CopyOptions::new().with_mode(CopyMode::Create);
            let named = store.copy_opts(&unfinished, &target, mode).await;
            let removed = store.delete(&unfinished).await;
            named.and(removed).map(|()| put)
        })
    }

    /// All objects below the prefix, the unfinished too.
    pub(super) fn objects(&self) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        let start = self.name("");
        let prefix = (!start.as_ref().is_empty()).then_some(start);
        self.store.list(prefix.as_ref())
    }

    /// Begins to read a part of a file; the pieces come through a short queue.
    pub(super) async fn pieces(
        inner: Arc<Self>,
        path: String,
        range: Range<u64>,
    ) -> io::Result<Receiver<io::Result<Bytes>>> {
        let (store, name) = (Arc::clone(&inner.store), inner.name(&path));
        let (sender, receiver) = channel(PIECES_AHEAD);
        let begin = inner.runtime()?.spawn(async move {
            let mut stream = begin(&store, &name, range).await?;
            tokio::spawn(async move {
                while let Some(piece) = stream.next().await {
                    let piece = piece.map_err(|error| said(&error));
                    if sender.send(piece).await.is_err() {
                        // The client has gone.
                        return;
                    }
                }
            });
            Ok(())
        });
        let begun: object_store::Result<()> = begin.await.map_err(io::Error::other)?;
        begun.map_err(|error| said(&error))?;
        Ok(receiver)
    }

    /// Reads a whole file on a thread that may block.
    pub(super) fn reader(
        self: &Arc<Self>,
        path: &str,
        size: u64,
    ) -> io::Result<Box<dyn Read + Send>> {
        let (store, name) = (Arc::clone(&self.store), self.name(path));
        let stream = if size == 0 {
            None
        } else {
            Some(self.wait(async move { begin(&store, &name, 0..size).await })?)
        };
        Ok(Box::new(Reader {
            inner: Arc::clone(self),
            stream,
            piece: Bytes::new(),
        }))
    }

    /// A file of this machine with the bytes of a file that has this validator.
    pub(super) fn fetched(
        self: &Arc<Self>,
        path: &str,
        tag: &str,
        size: u64,
    ) -> io::Result<PathBuf> {
        self.cache.get(path, tag, || self.reader(path, size))
    }

    /// Asks for one object, whichever is the first.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let gone = |error: io::Error| Refusal::Silent(error.to_string());
        let mut objects = self.objects();
        let first = async move { Ok(objects.next().await.transpose()) };
        match self.wait(first).map_err(gone)? {
            Ok(_) => Ok(()),
            Err(error) => Err(Refusal::of(&error)),
        }
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // The last holder may be a task, which must not wait for the threads of a runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

type Pieces = BoxStream<'static, object_store::Result<Bytes>>;

/// An empty range cannot be asked for.
async fn begin(
    store: &AmazonS3,
    name: &ObjectPath,
    range: Range<u64>,
) -> object_store::Result<Pieces> {
    let options = GetOptions::new().with_range(Some(GetRange::Bounded(range)));
    Ok(store.get_opts(name, options).await?.into_stream())
}

/// Pieces as a reader; the runtime fetches one when it is wanted.
struct Reader {
    inner: Arc<Objects>,
    stream: Option<Pieces>,
    piece: Bytes,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            let Some(mut stream) = self.stream.take() else {
                return Ok(0);
            };
            let next = async move { Ok((stream.next().await.transpose()?, stream)) };
            let (piece, stream) = self.inner.wait(next)?;
            let Some(piece) = piece else { return Ok(0) };
            (self.piece, self.stream) = (piece, Some(stream));
        }
        let length = buffer.len().min(self.piece.len());
        buffer[..length].copy_from_slice(&self.piece.split_to(length));
        Ok(length)
    }
}

pub(super) fn part_bytes() -> u64 {
    u64::try_from(PART_BYTES).unwrap_or(u64::MAX)
}
