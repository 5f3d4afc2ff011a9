//! Starts the fakes, prints where they are in one JSON line, and serves until its input ends.

use std::io::{Read, Write};

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let fakes = loggia_fakes::Fakes::start()?;
    let mut output = std::io::stdout();
    writeln!(output, "{}", fakes.line())?;
    output.flush()?;
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest)?;
    Ok(())
}
