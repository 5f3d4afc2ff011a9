//! A module that fails on demand, once it runs: each operation has one defect.

#![expect(clippy::unnecessary_wraps, reason = "every handler answers a result")]

use std::thread;
use std::time::Duration;

use loggia_sdk::prelude::*;

/// The module; it has no state that a failed call could spoil.
pub struct Faulty;

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

#[derive(Serialize, JsonSchema)]
struct Done {}

#[derive(Deserialize, JsonSchema)]
struct Slow {
    /// How long it takes, in milliseconds.
    milliseconds: u32,
}

#[derive(Deserialize, JsonSchema)]
struct Oversize {
    /// How large the answer is, in bytes.
    bytes: usize,
}

#[derive(Serialize, JsonSchema)]
struct Filling {
    filling: String,
}

impl Module for Faulty {
    const NAME: &'static str = "faulty";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = NoSettings;

    fn describe(module: &mut Description<Self>) {
        module.summary("Fails on demand.");
        module
            .operation("get", "fine", fine)
            .summary("Answers")
            .inline();
        module.operation("get", "panic", panic).summary("Panics");
        module
            .operation("get", "slow", slow)
            .summary("Answers late");
        module
            .operation("get", "never", never)
            .summary("Never answers");
        module
            .operation("get", "oversize", oversize)
            .summary("Answers too much");
    }

    fn start(_host: Host, _settings: NoSettings) -> Result<Self, StartError> {
        Ok(Faulty)
    }
}

fn fine(_module: &Faulty, _call: &Call<'_>, _nothing: Nothing) -> Result<Done, Fault> {
    Ok(Done {})
}

fn panic(_module: &Faulty, _call: &Call<'_>, _nothing: Nothing) -> Result<Done, Fault> {
    panic!("as it was told to");
}

fn slow(_module: &Faulty, _call: &Call<'_>, parameters: Slow) -> Result<Done, Fault> {
    thread::sleep(Duration::from_millis(parameters.milliseconds.into()));
    Ok(Done {})
}

fn never(_module: &Faulty, _call: &Call<'_>, _nothing: Nothing) -> Result<Done, Fault> {
    loop {
        thread::park();
    }
}

fn oversize(_module: &Faulty, _call: &Call<'_>, parameters: Oversize) -> Result<Filling, Fault> {
    Ok(Filling {
        filling: "x".repeat(parameters.bytes),
    })
}

loggia_module!(Faulty);
