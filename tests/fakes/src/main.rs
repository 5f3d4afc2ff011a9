//! Starts the fakes, prints where they are in one JSON line, and serves until its input ends.

use std::io::{Read, Write};

use tracing::subscriber::{NoSubscriber, set_global_default};

/// As in the server that is measured against them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    // As long as nobody says that nobody listens, the HTTP/2 crate writes down what it does for the log.
    set_global_default(NoSubscriber::new())?;
    let fakes = loggia_fakes::Fakes::start()?;
    let mut output = std::io::stdout();
    writeln!(output, "{}", fakes.line())?;
    output.flush()?;
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest)?;
    Ok(())
}
