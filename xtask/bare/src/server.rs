//! What Loggia is measured against: the same web framework with nothing around it.
//!
//! `loggia-bare FOLDER` serves `/bytes/N`, a constant of N bytes, and the folder below `/files`. The first line on
//! standard output is its address.

use std::io::{self, Write};

use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer};

/// The largest constant.
const LARGEST: usize = 1 << 20;

#[actix_web::main]
async fn main() -> io::Result<()> {
    let folder = std::env::args_os()
        .nth(1)
        .ok_or_else(|| io::Error::other("usage: loggia-bare FOLDER"))?;
    let constant = Bytes::from(vec![b'x'; LARGEST]);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(constant.clone()))
            .route("/bytes/{count}", web::get().to(bytes))
            .service(actix_files::Files::new("/files", &folder))
    })
    .bind(("127.0.0.1", 0))?;
    for address in server.addrs() {
        writeln!(io::stdout(), "http://{address}")?;
    }
    server.run().await
}

/// A slice of the constant: no copy, no allocation.
async fn bytes(constant: web::Data<Bytes>, count: web::Path<usize>) -> HttpResponse {
    let body = constant.slice(..count.into_inner().min(LARGEST));
    HttpResponse::Ok()
        .content_type("application/json")
        .body(body)
}
