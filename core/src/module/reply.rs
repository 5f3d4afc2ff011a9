//! The host's side of an answer: what a module writes, checked and within bounds.

use std::ffi::c_void;
use std::sync::Arc;

use loggia_abi::reply::{stream_flags, stream_kind};
use loggia_abi::{Reply as AbiReply, Str, Stream, code};
use serde::de::IgnoredAny;

use super::binding::fault_named;
use super::descriptor::Descriptor;
use crate::fault::{Fault, Req};
use crate::service::channels::form::{Form, Kind};
use crate::service::channels::{Wanted, full_name};
use crate::service::files::{FileStore, Stored, code_of};
use crate::service::guard::guarded;

/// The longest name of who listens.
const LONGEST_MEMBER: usize = 200;

/// What a call was answered with.
#[derive(Debug)]
pub enum Answer {
    /// The members of an envelope, as one JSON object.
    Members {
        /// The object's text.
        json: Vec<u8>,
        /// Headers such as `etag`.
        headers: Vec<(String, String)>,
    },
    /// A body of the module's own.
    Bytes {
        /// The HTTP status.
        status: u16,
        /// Headers, the content type among them.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// A file of the store.
    File {
        /// The file.
        file: Stored,
        /// The name for the client.
        name: String,
        /// Headers, the content type among them.
        headers: Vec<(String, String)>,
    },
    /// What is published on a channel from now on.
    Stream {
        /// The stream.
        wanted: Wanted,
        /// Headers.
        headers: Vec<(String, String)>,
    },
}

/// One call's answer in the making.
pub(crate) struct Writing<'a> {
    descriptor: &'a Descriptor,
    files: &'a Arc<FileStore>,
    limit: usize,
    body: Vec<u8>,
    headers: Vec<(String, String)>,
    file: Option<(Stored, String)>,
    stream: Option<Wanted>,
    fault: Option<Fault>,
    too_large: bool,
}

impl<'a> Writing<'a> {
    pub(crate) fn new(descriptor: &'a Descriptor, files: &'a Arc<FileStore>, limit: usize) -> Self {
        Writing {
            descriptor,
            files,
            limit,
            body: Vec::new(),
            headers: Vec::new(),
            file: None,
            stream: None,
            fault: None,
            too_large: false,
        }
    }

    /// The structure for the module, which borrows this one.
    pub(crate) fn as_abi(&mut self) -> AbiReply {
        AbiReply {
            size: u32::try_from(size_of::<AbiReply>()).unwrap_or(0),
            status: 0,
            context: std::ptr::from_mut(self).cast(),
            write,
            header,
            send_file,
            fail,
            stream,
        }
    }

    /// What the module wrote, after `handle` answered `result`.
    pub(crate) fn finish(self, result: i32, status: u32, is_route: bool) -> Result<Answer, Fault> {
        let module = &self.descriptor.module;
        if self.too_large {
            tracing::error!(module, "the answer is larger than {} bytes", self.limit);
            return Err(Req::InternalError.fault());
        }
        match result {
            code::OK => {}
            code::BUSY => return Err(Req::Overloaded.fault()),
            code::DEADLINE => return Err(Req::DeadlinePassed.fault()),
            other => {
                tracing::error!(module, "the call failed with {other}");
                return Err(Req::InternalError.fault());
            }
        }
        if let Some(fault) = self.fault {
            return Err(with_wait(fault, &self.headers));
        }
        let headers = self.headers;
        if let Some((file, name)) = self.file {
            return Ok(Answer::File {
                file,
                name,
                headers,
            });
        }
        if let Some(wanted) = self.stream {
            if is_route {
                return Ok(Answer::Stream { wanted, headers });
            }
            tracing::error!(module, "only a route can answer with a stream");
            return Err(Req::InternalError.fault());
        }
        if is_route || headers.iter().any(|(name, _)| name == "content-type") {
            let status = u16::try_from(status)
                .ok()
                .filter(|status| (200..=599).contains(status))
                .unwrap_or(200);
            return Ok(Answer::Bytes {
                status,
                headers,
                body: self.body,
            });
        }
        let is_object = self.body.first() == Some(&b'{')
            && serde_json::from_slice::<IgnoredAny>(&self.body).is_ok();
        if !is_object {
            tracing::error!(module, "the answer is not one JSON object");
            return Err(Req::InternalError.fault());
        }
        Ok(Answer::Members {
            json: self.body,
            headers,
        })
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), i32> {
        if self.body.len() + bytes.len() > self.limit {
            self.too_large = true;
            return Err(code::LIMIT);
        }
        self.body.extend_from_slice(bytes);
        Ok(())
    }

    fn set_header(&mut self, name: &str, value: &str) -> Result<(), i32> {
        let name_is_token =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let value_is_text = value.len() <= 4096 && !value.bytes().any(|b| b < b' ' || b == 0x7f);
        if !name_is_token || !value_is_text || self.headers.len() >= 32 {
            return Err(code::ARGUMENT);
        }
        self.headers
            .push((name.to_ascii_lowercase(), value.to_owned()));
        Ok(())
    }

    fn set_file(&mut self, key: &str, name: &str) -> Result<(), i32> {
        let file = self.files.find(&self.descriptor.module, key);
        self.file = Some((file.map_err(code_of)?, name.to_owned()));
        Ok(())
    }

    fn set_stream(&mut self, stream: &Stream<'_>) -> Result<(), i32> {
        // SAFETY: the module vouches for the texts during `handle`.
        let texts = unsafe {
            (
                stream.channel.text(),
                stream.member.text(),
                stream.protocol.text(),
            )
        };
        let (Some(channel), Some(member), Some(protocol)) = texts else {
            return Err(code::ARGUMENT);
        };
        let kind = match stream.kind {
            stream_kind::WEBSOCKET => Kind::Websocket,
            stream_kind::EVENTS => Kind::Events,
            _ => return Err(code::ARGUMENT),
        };
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if member.len() > LONGEST_MEMBER || !protocol.bytes().all(is_word) {
            return Err(code::ARGUMENT);
        }
        let has = |flag| stream.flags & flag != 0;
        self.stream = Some(Wanted {
            form: Form {
                kind,
                has_envelope: has(stream_flags::ENVELOPE),
                is_typed: has(stream_flags::TYPED),
            },
            channel: full_name(&self.descriptor.module, channel).ok_or(code::ARGUMENT)?,
            member: member.to_owned(),
            protocol: (!protocol.is_empty()).then(|| protocol.to_owned()),
            since: has(stream_flags::REPLAY).then_some(stream.since),
            wants_position: has(stream_flags::ENVELOPE) && has(stream_flags::POSITION),
        });
        Ok(())
    }

    fn set_fault(&mut self, code: &str, detail: &str) {
        let known = fault_named(&self.descriptor.faults, code);
        let fault = known.unwrap_or_else(|| {
            tracing::error!(
                module = self.descriptor.module,
                "the fault {code:?} is not declared"
            );
            Req::InternalError.fault()
        });
        self.fault = Some(fault.detail(detail));
    }
}

/// A module says by the header of that name when another try may succeed.
fn with_wait(fault: Fault, headers: &[(String, String)]) -> Fault {
    let header = headers.iter().rfind(|(name, _)| name == "retry-after");
    match header.and_then(|(_, value)| value.parse().ok()) {
        Some(seconds) => fault.retry_after(seconds),
        None => fault,
    }
}

/// Runs one of the reply's functions.
///
/// # Safety
/// The context is the `Writing` behind `as_abi`, used by the one thread that answers the call.
unsafe fn with(
    context: *mut c_void,
    body: impl FnOnce(&mut Writing<'_>) -> Result<(), i32>,
) -> i32 {
    guarded(|| {
        // SAFETY: promised by the caller.
        let writing = unsafe { context.cast::<Writing<'_>>().as_mut() };
        body(writing.ok_or(code::ARGUMENT)?)
    })
}

unsafe extern "C" fn write(context: *mut c_void, bytes: *const u8, len: usize) -> i32 {
    if bytes.is_null() && len > 0 {
        return code::ARGUMENT;
    }
    // SAFETY: the boundary's contract: `len` readable bytes, and the context of this call's reply; the
    // pointer is replaced where there is nothing to read.
    unsafe {
        let bytes = if len == 0 {
            &[]
        } else {
            std::slice::from_raw_parts(bytes, len)
        };
        with(context, |writing| writing.append(bytes))
    }
}

unsafe extern "C" fn header(context: *mut c_void, name: Str<'_>, value: Str<'_>) -> i32 {
    // SAFETY: the boundary's contract for both texts and the context; so in each function below.
    unsafe {
        let texts = (name.text(), value.text());
        let (Some(name), Some(value)) = texts else {
            return code::ARGUMENT;
        };
        with(context, |writing| writing.set_header(name, value))
    }
}

unsafe extern "C" fn send_file(context: *mut c_void, key: Str<'_>, file_name: Str<'_>) -> i32 {
    // SAFETY: as in `header`.
    unsafe {
        let texts = (key.text(), file_name.text());
        let (Some(key), Some(name)) = texts else {
            return code::ARGUMENT;
        };
        with(context, |writing| writing.set_file(key, name))
    }
}

unsafe extern "C" fn fail(context: *mut c_void, code: Str<'_>, detail: Str<'_>) -> i32 {
    // SAFETY: as in `header`.
    unsafe {
        let texts = (code.text(), detail.text());
        let (Some(code), Some(detail)) = texts else {
            return code::ARGUMENT;
        };
        with(context, |writing| {
            writing.set_fault(code, detail);
            Ok(())
        })
    }
}

unsafe extern "C" fn stream(context: *mut c_void, stream: *const Stream<'_>) -> i32 {
    // SAFETY: the module vouches for the structure, null or as large as this host's, and for the context.
    unsafe {
        let Some(stream) = stream.as_ref() else {
            return code::ARGUMENT;
        };
        if (stream.size as usize) < size_of::<Stream<'_>>() {
            return code::ABI;
        }
        with(context, |writing| writing.set_stream(stream))
    }
}
