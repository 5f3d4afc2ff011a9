//! The command line: a file a noun, facts on standard output, everything else on standard error.
//!
//! Exit status 0 is done, 1 is refused, failed or not found, 2 is wrong usage or configuration.

mod archive;
mod check;
mod declared;
mod demo;
mod export;
mod failure;
mod generate;
mod import;
mod key;
mod log;
mod mail;
mod migrate;
mod module;
mod moving;
mod openapi;
mod output;
mod progress;
mod reload;
mod replay;
mod search;
mod secret_input;
mod serve;
mod shown;
mod site;
mod time;
mod user;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use declared::Declared;
use failure::Failure;
use output::Output;

/// A server for loadable modules, with access, quotas, logs and accounts of its own.
#[derive(Parser)]
#[command(
    name = "loggia",
    version,
    propagate_version = true,
    disable_help_subcommand = true
)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Check),
    Key(key::Key),
    Log(log::Log),
    Mail(mail::Mail),
    Demo(demo::Demo),
    Export(export::Export),
    Import(import::Import),
    Migrate(migrate::Migrate),
    Module(module::Module),
    Openapi(openapi::Openapi),
    Reload(reload::Reload),
    Replay(replay::Replay),
    Search(search::Search),
    User(user::User),
    Backup(archive::Backup),
    Restore(archive::Restore),
    Serve(serve::Serve),
    #[command(hide = true)]
    Completions(generate::Completions),
    #[command(hide = true)]
    Man(generate::Man),
}

/// Runs one command line.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let mut output = Output::standard();
    let result = run_line(&arguments, &mut output);
    match result.and_then(|()| output.finish()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run_line(arguments: &[OsString], output: &mut Output) -> Result<(), Failure> {
    if let Some(own) = own_command(arguments) {
        return own?.command.run(output, Line::command());
    }
    let declared = Declared::of_line(arguments);
    let line = declared.add_to(Line::command());
    let matches = line.clone().try_get_matches_from(arguments)?;
    match declared.run(&matches, output) {
        Some(result) => result,
        None => Line::from_arg_matches(&matches)?.command.run(output, line),
    }
}

/// A command of the host's own, read; none where modules have a say: in theirs, in help, and in what is made
/// of the whole line. So the host's commands need no library.
fn own_command(arguments: &[OsString]) -> Option<Result<Line, Failure>> {
    let word = arguments.get(1)?.to_str()?;
    let line = Line::command();
    let known = line.find_subcommand(word)?;
    if known.is_hide_set() {
        return None;
    }
    let matches = line.try_get_matches_from(arguments);
    Some(
        matches
            .and_then(|matches| Line::from_arg_matches(&matches))
            .map_err(Failure::from),
    )
}

impl Command {
    fn run(self, output: &mut Output, line: clap::Command) -> Result<(), Failure> {
        match self {
            Self::Check(check) => check.run(output),
            Self::Key(key) => key.run(output),
            Self::Log(log) => log.run(output),
            Self::Demo(demo) => demo.run(output),
            Self::Export(export) => export.run(output),
            Self::Import(import) => import.run(output),
            Self::Migrate(migrate) => migrate.run(output),
            Self::Mail(mail) => mail.run(output),
            Self::Module(module) => module.run(output),
            Self::Openapi(openapi) => openapi.run(output),
            Self::Reload(reload) => reload.run(output),
            Self::Replay(replay) => replay.run(output),
            Self::Search(search) => search.run(output),
            Self::User(user) => user.run(output),
            Self::Backup(backup) => backup.run(output),
            Self::Restore(restore) => restore.run(output),
            Self::Serve(serve) => serve.run(),
            Self::Completions(completions) => completions.run(output, line),
            Self::Man(man) => man.run(line),
        }
    }
}

/// Says something to the person at the terminal, beside the facts.
fn note(text: &str) {
    // A standard error that is closed leaves nobody to tell.
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command that does something, with its words.
    fn leaves(command: &clap::Command, words: &str, found: &mut Vec<(String, clap::Command)>) {
        let words = format!("{words} {}", command.get_name());
        if !command.has_subcommands() && !command.is_hide_set() {
            found.push((words.trim_start().to_owned(), command.clone()));
        }
        for inner in command.get_subcommands() {
            leaves(inner, &words, found);
        }
    }

    #[test]
    fn every_command_has_help_with_an_example_of_itself() {
        let mut found = Vec::new();
        leaves(&Line::command(), "", &mut found);
        for (words, command) in found {
            let help = command.clone().render_long_help().to_string();
            assert!(
                help.contains(&format!("Example: {words}")),
                "{words} has no example:\n{help}"
            );
            assert!(
                command.get_about().is_some(),
                "{words} does not say what it does"
            );
        }
    }

    #[test]
    fn the_line_is_in_order() {
        Line::command().debug_assert();
    }
}
