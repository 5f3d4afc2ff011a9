//! Streams on the wire: websockets and server-sent events.
//!
//! A stream is the body of its answer and nothing else: it has no task, no timer and no buffer of its own, and is
//! polled by its connection alone. A page that is silent costs what its connection costs.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::heard::{Frame, Frames};
use super::{answer, header};
use crate::app::House;
use crate::fault::Req;
use crate::service::channels::form::{self, Kind, close};
use crate::service::channels::outlet::Next;
use crate::service::channels::{Place, Wanted};
use actix_http::ws::hash_key;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, UPGRADE,
};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::Stream;

/// How much of what a client sends is looked at before its connection gives way to others.
const PIECES_AT_ONCE: usize = 16;

/// Keeps a proxy from collecting what has to be sent at once.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Whether a request wants its connection to become a websocket; then it has no body that ends.
pub(super) fn is_upgrade(headers: &HeaderMap) -> bool {
    header::text(headers, UPGRADE).is_some_and(|name| name.eq_ignore_ascii_case("websocket"))
}

/// Answers with a stream that was let in.
pub(super) async fn respond(
    request: &HttpRequest,
    payload: Option<Payload>,
    house: &House,
    wanted: Wanted,
    headers: Vec<(String, String)>,
) -> HttpResponse {
    if request.method() == Method::HEAD {
        return answer::empty(StatusCode::OK).finish();
    }
    let channels = Arc::clone(&house.channels);
    let asked = wanted.clone();
    // It waits for the database, which no worker may.
    let opened = tokio::task::spawn_blocking(move || channels.open(&asked)).await;
    let place = match opened {
        Ok(Ok(Some(place))) => place,
        Ok(Ok(None)) | Err(_) => return answer::route_fault(None, &Req::Overloaded.fault()),
        Ok(Err(error)) => {
            tracing::error!("a stream could not be opened: {error}");
            return answer::route_fault(None, &Req::Overloaded.fault());
        }
    };
    let mut response = match wanted.form.kind {
        Kind::Websocket => websocket(request, payload, place, wanted.protocol.as_deref()),
        Kind::Events => events(place),
    };
    for (name, value) in &headers {
        header::append(&mut response, name, value);
    }
    response
}

fn websocket(
    request: &HttpRequest,
    payload: Option<Payload>,
    place: Place,
    protocol: Option<&str>,
) -> HttpResponse {
    let key = request.headers().get(SEC_WEBSOCKET_KEY);
    let accept = hash_key(key.map(HeaderValue::as_bytes).unwrap_or_default());
    let mut builder = HttpResponse::build(StatusCode::SWITCHING_PROTOCOLS);
    builder.upgrade("websocket");
    if let Ok(accept) = HeaderValue::from_bytes(&accept) {
        builder.insert_header((SEC_WEBSOCKET_ACCEPT, accept));
    }
    if let Some(protocol) = protocol {
        builder.insert_header((SEC_WEBSOCKET_PROTOCOL, protocol));
    }
    builder.body(Streaming {
        place,
        incoming: payload.map(Incoming::new),
        has_ended: false,
    })
}

fn events(place: Place) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header((UNBUFFERED, "no"))
        .body(Streaming {
            place,
            incoming: None,
            has_ended: false,
        })
}

/// The body of an answer that is a stream.
struct Streaming {
    place: Place,
    incoming: Option<Incoming>,
    has_ended: bool,
}

impl MessageBody for Streaming {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let Streaming {
            place, incoming, ..
        } = &mut *self;
        if let Some(incoming) = incoming {
            match incoming.poll(context, place) {
                Heard::Nothing => {}
                Heard::Ping(payload) => {
                    return Poll::Ready(Some(Ok(form::pong_frame(&payload))));
                }
                Heard::End(code) => {
                    self.has_ended = true;
                    return Poll::Ready(code.map(|code| Ok(form::close_frame(code))));
                }
            }
        }
        match self.place.outlet.poll_next(context) {
            Poll::Ready(Next::Send(bytes)) => Poll::Ready(Some(Ok(bytes))),
            Poll::Ready(Next::End(code)) => {
                self.has_ended = true;
                let is_websocket = self.place.outlet.form.kind == Kind::Websocket;
                Poll::Ready(is_websocket.then(|| Ok(form::close_frame(code))))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

/// What a client of a websocket sends. Nothing of it means anything but that it is there.
struct Incoming {
    payload: Payload,
    frames: Frames,
}

/// What was heard of a client.
enum Heard {
    /// Nothing that has to be answered.
    Nothing,
    /// It asks whether the server is there.
    Ping(Bytes),
    /// It is gone, or goes and is to be told with this code.
    End(Option<u16>),
}

impl Incoming {
    fn new(payload: Payload) -> Self {
        Incoming {
            payload,
            frames: Frames::default(),
        }
    }

    fn poll(&mut self, context: &mut Context<'_>, place: &Place) -> Heard {
        for _ in 0..PIECES_AT_ONCE {
            match self.decode(place) {
                Heard::Nothing => {}
                heard => return heard,
            }
            match Pin::new(&mut self.payload).poll_next(context) {
                Poll::Ready(Some(Ok(bytes))) => self.frames.receive(&bytes),
                Poll::Ready(Some(Err(_)) | None) => return Heard::End(None),
                Poll::Pending => return Heard::Nothing,
            }
        }
        context.waker().wake_by_ref();
        Heard::Nothing
    }

    /// Reads the frames that are there, up to one that has to be answered.
    fn decode(&mut self, place: &Place) -> Heard {
        while let Some(frame) = self.frames.next() {
            match frame {
                Frame::Ping(payload) => {
                    place.outlet.heard();
                    return Heard::Ping(payload);
                }
                Frame::Close => return Heard::End(Some(close::NORMAL)),
                Frame::Other => place.outlet.heard(),
                Frame::Broken => return Heard::End(Some(close::PROTOCOL)),
            }
        }
        Heard::Nothing
    }
}
