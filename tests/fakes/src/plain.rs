//! HTTP/1.1, for clients that speak no more, and for the control of the fakes.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

use crate::book::Action;
use crate::server::{Reply, Request as Read, Service};

/// Takes connections without TLS until the runtime ends.
pub(crate) async fn serve<S: Service>(listener: TcpListener, service: Arc<S>) {
    while let Ok((tcp, _)) = listener.accept().await {
        let service = Arc::clone(&service);
        tokio::spawn(async move {
            service.book().connected();
            let _ = tcp.set_nodelay(true);
            serve_one(tcp, service).await;
        });
    }
}

/// Serves one connection.
pub(crate) async fn serve_one<T, S>(stream: T, service: Arc<S>)
where
    T: AsyncRead + AsyncWrite + Unpin,
    S: Service,
{
    let answer = service_fn(|request| answer(request, Arc::clone(&service)));
    // A connection that breaks is the client's affair.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}

async fn answer<S: Service>(
    request: Request<Incoming>,
    service: Arc<S>,
) -> Result<Response<Full<Bytes>>, Cut> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
    let request = Read {
        path: head.uri.path().to_owned(),
        headers: head.headers,
        body,
        is_certified: false,
    };
    let reply = service.answer(&request);
    let latency = service.book().manner.lock().latency_ms;
    tokio::time::sleep(reply.delay + std::time::Duration::from_millis(latency)).await;
    match reply.action {
        Action::Answer => response(reply).ok_or(Cut),
        Action::Stall => std::future::pending::<Result<_, Infallible>>()
            .await
            .map_err(|_| Cut),
        Action::Reset | Action::Refuse | Action::GoAway | Action::Cut => Err(Cut),
    }
}

fn response(reply: Reply) -> Option<Response<Full<Bytes>>> {
    let response = Response::builder().status(reply.status);
    let mut response = response.body(Full::new(reply.body)).ok()?;
    *response.headers_mut() = reply.headers;
    Some(response)
}

/// The connection is cut.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("cut as the script says")
    }
}

impl std::error::Error for Cut {}
