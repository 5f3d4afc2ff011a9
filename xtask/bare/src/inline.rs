//! `loggia-inline hello.so` prints how many nanoseconds one inline call of the module in C takes: from the values of
//! the parameters, through the boundary and back, to the checked answer.

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use loggia::app::{House, rules};
use loggia::module::binding::Bound;
use loggia::module::instance::{Instance, Invocation, RequestFacts};
use loggia::service::context::CallContext;
use loggia::settings::Settings;

/// The module, and the place of `get/hello/greeting` in it.
const MODULE: &str = "hello";
const GREETING: usize = 0;

/// Batches, of which the middle one counts, and the calls in each.
const BATCHES: usize = 11;
const CALLS: u32 = 200_000;

fn main() -> Result<(), Box<dyn Error>> {
    let library = std::env::args_os()
        .nth(1)
        .map(PathBuf::from)
        .ok_or("usage: loggia-inline LIBRARY")?;
    let folder = tempfile::tempdir()?;
    let settings = Settings::parse("", &folder.path().join("endpoints.toml"))?;
    let rules = rules(&settings, MODULE);
    let house = House::open(settings, None)?;
    house.dispatcher.registry.load(&library, &rules)?;
    let slot = house
        .dispatcher
        .registry
        .slot(MODULE)
        .ok_or("no such module")?;
    let instance = slot
        .serving()
        .map_err(|fault| fault.description().into_owned())?;
    let invocation = Invocation {
        index: GREETING,
        values: vec![Bound::Text("Ada".to_owned()), Bound::Integer(1)],
        context: CallContext::new(house.dispatcher.pool.clone(), "", MODULE),
        facts: RequestFacts::default(),
    };
    let mut batches = Vec::with_capacity(BATCHES);
    for _ in 0..BATCHES {
        batches.push(nanoseconds(&instance, &invocation)?);
    }
    batches.sort_by(f64::total_cmp);
    writeln!(io::stdout(), "{:.1}", batches[BATCHES / 2])?;
    drop((invocation, instance));
    house.close();
    Ok(())
}

/// The mean of one batch.
fn nanoseconds(instance: &Instance, invocation: &Invocation) -> Result<f64, String> {
    let start = Instant::now();
    for _ in 0..CALLS {
        let answer = instance.call_here(invocation);
        std::hint::black_box(answer.map_err(|fault| fault.description().into_owned())?);
    }
    Ok(start.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS))
}
