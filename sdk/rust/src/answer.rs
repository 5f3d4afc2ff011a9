//! What a handler may return, and how it reaches the host.

use std::hash::{DefaultHasher, Hasher};

use loggia_abi::{Reply, Str, Stream, code, covers};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::schema;

/// An answer: the members of an envelope (any `Serialize` structure), a [`File`], a [`Body`] or a [`Redirect`].
pub trait Answer {
    /// The descriptor's `answer`.
    fn describe() -> Value;
    /// Writes it to the host.
    #[doc(hidden)]
    fn send(self, out: &mut Outgoing<'_>) -> Result<(), Fault>;
}

/// The host's end of an answer.
#[doc(hidden)]
pub struct Outgoing<'a> {
    reply: &'a mut Reply,
}

impl<'a> Outgoing<'a> {
    pub(crate) fn new(reply: &'a mut Reply) -> Self {
        Outgoing { reply }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        // SAFETY: the host's function copies the bytes before it returns.
        done(unsafe { (self.reply.write)(self.reply.context, bytes.as_ptr(), bytes.len()) })
    }

    pub(crate) fn header(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        // SAFETY: as above.
        done(unsafe { (self.reply.header)(self.reply.context, Str::new(name), Str::new(value)) })
    }

    fn file(&mut self, key: &str, name: &str) -> Result<(), Fault> {
        // SAFETY: as above.
        let result =
            unsafe { (self.reply.send_file)(self.reply.context, Str::new(key), Str::new(name)) };
        done(result)
    }

    pub(crate) fn stream(&mut self, stream: &Stream<'_>) -> Result<(), Fault> {
        if !covers!(self.reply, Reply, stream, usize) {
            return Err(Fault::internal("this host is too old to open streams"));
        }
        // SAFETY: the host copies the texts before its function returns, and knows it, as its size has just told.
        done(unsafe { (self.reply.stream)(self.reply.context, stream) })
    }

    pub(crate) fn fail(&mut self, fault: &Fault) {
        if let Some(seconds) = fault.retry_after_s {
            // The host refuses a header only where an answer has too many, which a fault has not.
            let _ = self.header("retry-after", &seconds.to_string());
        }
        // SAFETY: as above. The only failure is an unknown code, which the host reports by itself.
        unsafe {
            (self.reply.fail)(
                self.reply.context,
                Str::new(fault.code),
                Str::new(&fault.detail),
            )
        };
    }
}

fn done(result: i32) -> Result<(), Fault> {
    match result {
        code::OK => Ok(()),
        code::LIMIT => Err(Fault::internal("the answer is larger than the host allows")),
        code::NOT_FOUND => Err(Fault::internal("the file to be sent is not in the store")),
        code::BUSY => Err(Fault::new("REQ_OVL")),
        other => Err(Fault::internal(format_args!(
            "the host refused a part of the answer ({other})"
        ))),
    }
}

impl<T: Serialize + JsonSchema> Answer for T {
    fn describe() -> Value {
        json!({ "schema": schema::of::<T>() })
    }

    fn send(self, out: &mut Outgoing<'_>) -> Result<(), Fault> {
        let bytes = serde_json::to_vec(&self).map_err(Fault::internal)?;
        out.write(&bytes)
    }
}

/// The members of an envelope, and the version of what they show: the answer bears an entity tag that begins with it, by
/// which a change can be refused that was made of an older one ([`Call::if_match`](crate::Call::if_match)).
#[derive(Clone, Debug)]
pub struct Versioned<T> {
    /// The version; none where the answer shows no single thing.
    pub version: Option<i64>,
    /// The members.
    pub members: T,
}

impl<T: Serialize + JsonSchema> Answer for Versioned<T> {
    fn describe() -> Value {
        T::describe()
    }

    fn send(self, out: &mut Outgoing<'_>) -> Result<(), Fault> {
        let bytes = serde_json::to_vec(&self.members).map_err(Fault::internal)?;
        send_tag(out, self.version, [bytes.as_slice()])?;
        out.write(&bytes)
    }
}

/// The same for what is counted when it is read: of the first member of this name, a text or a number, the entity tag is
/// not made.
/// Otherwise nobody who has just read it would be told that it is still the same.
#[derive(Clone, Debug)]
pub struct Counted<T> {
    /// The version and the members.
    pub versioned: Versioned<T>,
    /// The name of the member.
    pub count: &'static str,
}

impl<T: Serialize + JsonSchema> Answer for Counted<T> {
    fn describe() -> Value {
        T::describe()
    }

    fn send(self, out: &mut Outgoing<'_>) -> Result<(), Fault> {
        let Versioned { version, members } = self.versioned;
        let bytes = serde_json::to_vec(&members).map_err(Fault::internal)?;
        if version.is_some() {
            let (before, behind) = around(&bytes, self.count);
            send_tag(out, version, [before, behind])?;
        }
        out.write(&bytes)
    }
}

/// What one caller sees of a version another may not, so the tag tells them apart.
fn send_tag<'b>(
    out: &mut Outgoing<'_>,
    version: Option<i64>,
    shown: impl IntoIterator<Item = &'b [u8]>,
) -> Result<(), Fault> {
    let Some(version) = version else {
        return Ok(());
    };
    let mut hasher = DefaultHasher::new();
    for bytes in shown {
        hasher.write(bytes);
    }
    out.header("etag", &format!("\"{version}-{:x}\"", hasher.finish()))
}

/// What stands before and behind the first member of a name and the count that it has. Within another text its quotes
/// would be escaped.
fn around<'b>(json: &'b [u8], name: &str) -> (&'b [u8], &'b [u8]) {
    let start = format!("\"{name}\":").into_bytes();
    let found = json.windows(start.len()).position(|part| part == start);
    let Some(place) = found.map(|place| place + start.len()) else {
        return (json, &[]);
    };
    let (before, rest) = json.split_at(place);
    let is_count = |byte: &u8| matches!(byte, b'"' | b'-') || byte.is_ascii_digit();
    let end = rest.iter().position(|byte| !is_count(byte));
    (before, rest.split_at(end.unwrap_or(0)).1)
}

/// A file of the module's store, sent with ranges and validators.
#[derive(Clone, Debug)]
pub struct File {
    /// Its key in the store.
    pub key: String,
    /// The name for the client.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its entity tag, without quotes, where the module knows a better one than the store's.
    pub etag: Option<String>,
}

impl Answer for File {
    fn describe() -> Value {
        json!({ "media": "application/octet-stream" })
    }

    fn send(self, out: &mut Outgoing<'_>) -> Result<(), Fault> {
        out.header("content-type", &self.media_type)?;
        if let Some(etag) = &self.etag {
            out.header("etag", &format!("\"{etag}\""))?;
        }
        out.file(&self.key, &self.name)
    }
}

/// A body of the module's own making.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// The HTTP status; 0 is 200.
    pub status: u16,
    /// The media type.
    pub media_type: String,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Answer for Body {
    fn describe() -> Value {
        json!({ "media": "*/*" })
    }

    fn send(self, out: &mut Outgoing<'_>) -> Result<(), Fault> {
        out.reply.status = self.status.into();
        out.header("content-type", &self.media_type)?;
        for (name, value) in &self.headers {
            out.header(name, value)?;
        }
        out.write(&self.bytes)
    }
}

/// Sends the client elsewhere.
#[derive(Clone, Debug)]
pub struct Redirect {
    /// 302, 303, 307 or 308.
    pub status: u16,
    /// Where to.
    pub location: String,
}

impl Answer for Redirect {
    fn describe() -> Value {
        json!({ "media": "text/plain" })
    }

    fn send(self, out: &mut Outgoing<'_>) -> Result<(), Fault> {
        out.reply.status = self.status.into();
        out.header("content-type", "text/plain")?;
        out.header("location", &self.location)
    }
}

/// One of several: for a route that sends a file, or says why not, or leads elsewhere.
#[derive(Clone, Debug)]
pub enum Sent {
    /// A file of the module's store.
    File(File),
    /// A body of the module's own making.
    Body(Body),
    /// Another place.
    Redirect(Redirect),
}

impl Answer for Sent {
    fn describe() -> Value {
        json!({ "media": "*/*" })
    }

    fn send(self, out: &mut Outgoing<'_>) -> Result<(), Fault> {
        match self {
            Sent::File(file) => file.send(out),
            Sent::Body(body) => body.send(out),
            Sent::Redirect(redirect) => redirect.send(out),
        }
    }
}
