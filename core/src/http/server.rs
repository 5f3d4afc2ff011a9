//! The web server: listening, serving, and ending without dropping a call.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::guard::{self, GuardContext};
use actix_web::http::header::ACCEPT_ENCODING;
use actix_web::middleware::Compress;
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};

use super::intake;
use crate::app::House;

/// A server that listens.
pub struct Listening {
    /// Where it listens, with the port that was chosen.
    pub address: SocketAddr,
    server: actix_web::dev::Server,
}

/// Listens at the settings' address.
pub fn listen(house: Data<House>) -> io::Result<Listening> {
    let settings = house.settings.load();
    let limits = settings.server.limits.clone();
    let workers = match settings.server.workers {
        0 => std::thread::available_parallelism().map_or(2, usize::from),
        workers => workers,
    };
    let listen = settings.server.listen;
    drop(settings);
    let server = HttpServer::new(move || {
        // Only who can read compressed answers pays for the layer that makes them.
        let compressed = web::scope("")
            .guard(guard::fn_guard(reads_compressed))
            .wrap(Compress::default())
            .default_service(web::to(intake::answer));
        App::new()
            .app_data(house.clone())
            .service(compressed)
            .default_service(web::to(intake::answer))
    })
    .workers(workers)
    .max_connections(limits.max_connections.div_ceil(workers))
    .client_request_timeout(Duration::from_millis(limits.header_timeout_ms))
    .keep_alive(Duration::from_millis(limits.keep_alive_ms))
    .shutdown_timeout(limits.drain_ms.div_ceil(1000))
    .disable_signals()
    .bind(listen)?;
    let address = server.addrs().first().copied().unwrap_or(listen);
    Ok(Listening {
        address,
        server: server.run(),
    })
}

fn reads_compressed(request: &GuardContext<'_>) -> bool {
    request.head().headers().contains_key(ACCEPT_ENCODING)
}

impl Listening {
    /// Serves until `end` resolves; then takes no more connections, lets the calls in flight end for as long
    /// as the settings allow, and closes what is idle.
    pub async fn run(self, house: Data<House>, end: impl Future<Output = ()>) -> io::Result<()> {
        let handle = self.server.handle();
        let serving = actix_web::rt::spawn(self.server);
        end.await;
        handle.pause().await;
        let drain = Duration::from_millis(house.settings.load().server.limits.drain_ms);
        house.channels.end_all();
        let quiet = async { tokio::join!(house.in_flight.none(), house.channels.none()) };
        if tokio::time::timeout(drain, quiet).await.is_err() {
            tracing::warn!("calls were still in flight when the time to drain was over");
        }
        handle.stop(false).await;
        serving.await.map_err(io::Error::other)?
    }
}
