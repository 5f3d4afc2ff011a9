//! What a module answered to a command, printed.

use std::fs;
use std::io::{self, Read};

use clap::ArgMatches;
use serde_json::Value;

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::fault::{Fault, Req};
use crate::module::reply::Answer;

/// Prints an answer, or fails with the module's refusal.
pub(super) fn show(
    answered: Result<Answer, Fault>,
    arguments: &ArgMatches,
    output: &mut Output,
) -> Result<(), Failure> {
    match answered.map_err(refusal)? {
        Answer::Members { json, .. } => {
            let members: Value = serde_json::from_slice(&json).map_err(Failure::refused)?;
            output.object(arguments.get_flag("json"), &members)
        }
        Answer::Bytes { status, body, .. } => {
            save(body.as_slice(), arguments, output)?;
            if status < 400 {
                Ok(())
            } else {
                Err(Failure::Refused(format!("status {status}")))
            }
        }
        Answer::File { file, .. } => save(file.reader()?, arguments, output),
        Answer::Stream { .. } => Err(Failure::refused(
            "the answer is a stream, which a command does not follow",
        )),
    }
}

/// To the file that `--output` names, else to standard output.
fn save(mut bytes: impl Read, arguments: &ArgMatches, output: &mut Output) -> Result<(), Failure> {
    match arguments.try_get_one::<String>("output").ok().flatten() {
        Some(file) => Ok(io::copy(&mut bytes, &mut fs::File::create(file)?).map(drop)?),
        None => output.bytes(bytes),
    }
}

/// A parameter that obeys no rule is wrong usage; everything else was refused.
fn refusal(fault: Fault) -> Failure {
    let text = format!("{}: {}", fault.code, fault.description());
    if fault.code == Req::ParameterNotValid.code() {
        Failure::Usage(format!("loggia: {text}"))
    } else {
        Failure::Refused(text)
    }
}
