//! The commands that modules declare, as a part of the command line.
//!
//! Core knows none of them by name: words, arguments, help and examples come from the descriptors.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint};

use crate::module::descriptor::{self, Descriptor, Operation, Parameter, ParameterKind};

/// Options that every declared command has beside its parameters.
const COMMON: [&str; 3] = ["config", "json", "output"];

/// Puts the commands of these modules onto the line. A word that the line has already stays as it is.
pub(super) fn add(mut line: Command, descriptors: &[Descriptor]) -> Command {
    for descriptor in descriptors {
        for command in &descriptor.commands {
            let taken = |word: &String| {
                line.find_subcommand(word)
                    .is_some_and(|known| !is_declared(known))
            };
            if command.path.first().is_some_and(|word| !taken(word)) {
                line = place(line, &command.path, command, descriptor);
            }
        }
    }
    line
}

/// Whether a command of the line was declared by a module.
fn is_declared(command: &Command) -> bool {
    command.get_subcommand_help_heading() == Some(HEADING)
}

const HEADING: &str = "Commands of modules";

fn place(
    line: Command,
    path: &[String],
    command: &descriptor::Command,
    of: &Descriptor,
) -> Command {
    let Some((word, rest)) = path.split_first() else {
        return line;
    };
    if line.find_subcommand(word).is_some() {
        return line.mut_subcommand(word, |known| place_or_fill(known, rest, command, of));
    }
    let fresh = Command::new(word.clone()).subcommand_help_heading(HEADING);
    line.subcommand(place_or_fill(fresh, rest, command, of))
}

fn place_or_fill(
    line: Command,
    rest: &[String],
    command: &descriptor::Command,
    of: &Descriptor,
) -> Command {
    if rest.is_empty() {
        return fill(line, command, of);
    }
    let line = line
        .about(about(&of.summary))
        .subcommand_required(true)
        .arg_required_else_help(true);
    place(line, rest, command, of)
}

/// A summary as the host's own commands have theirs: without a full stop.
fn about(summary: &str) -> String {
    summary.trim_end_matches('.').to_owned()
}

/// Gives a command its help and its arguments.
fn fill(line: Command, command: &descriptor::Command, of: &Descriptor) -> Command {
    let Some(operation) = operation(of, command) else {
        return line;
    };
    let summary = command.summary.as_ref().unwrap_or(&operation.summary);
    let mut line = line.about(about(summary)).args(common(operation));
    if !command.example.is_empty() {
        line = line.after_help(format!("Example: {}", command.example));
    }
    let parameters = operation
        .parameters
        .iter()
        .filter(|one| !COMMON.contains(&one.name.as_str()));
    parameters.fold(line, |line, parameter| {
        line.arg(argument(parameter, &command.positional))
    })
}

fn common(operation: &Operation) -> Vec<Arg> {
    let config = Arg::new("config")
        .long("config")
        .value_name("FILE")
        .default_value("endpoints.toml");
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue);
    let mut common = vec![
        config
            .value_hint(ValueHint::FilePath)
            .help("The site's settings"),
        json.help("Answers with one line of JSON"),
    ];
    if operation.answer.media.is_some() {
        let output = Arg::new("output").long("output").value_name("FILE");
        let output = output.value_hint(ValueHint::FilePath);
        common.push(output.help("Where the file goes; standard output else"));
    }
    common
}

fn argument(parameter: &Parameter, positional: &[String]) -> Arg {
    let name = parameter.name.clone();
    let long = name.replace('_', "-");
    let place = positional.iter().position(|one| *one == name);
    let mut argument = Arg::new(name.clone())
        .help(help(parameter))
        .required(parameter.required);
    argument = match place {
        Some(place) => argument.index(place + 1),
        None => argument.long(long),
    };
    argument = argument.value_name(name.to_uppercase());
    match parameter.kind {
        ParameterKind::Boolean => argument
            .num_args(usize::from(place.is_some())..=1)
            .default_missing_value("true")
            .value_parser(["true", "false"]),
        ParameterKind::List => argument.action(ArgAction::Append),
        ParameterKind::File => argument.value_hint(ValueHint::FilePath),
        ParameterKind::Integer | ParameterKind::Number => argument.allow_negative_numbers(true),
        ParameterKind::Text
            if !parameter.rules.choices.is_empty() && !parameter.rules.falls_back =>
        {
            argument.value_parser(PossibleValuesParser::new(parameter.rules.choices.clone()))
        }
        ParameterKind::Text | ParameterKind::Object => argument,
    }
}

fn help(parameter: &Parameter) -> String {
    let about = about(parameter.about.as_deref().unwrap_or_default());
    match parameter.kind {
        ParameterKind::List => format!("{about} (may be given several times)")
            .trim()
            .to_owned(),
        ParameterKind::Object => format!("{about} (a JSON object)").trim().to_owned(),
        _ => about,
    }
}

fn operation<'a>(of: &'a Descriptor, command: &descriptor::Command) -> Option<&'a Operation> {
    let (action, resource) = &command.operation;
    of.operations
        .iter()
        .find(|one| one.action == *action && one.resource == *resource)
}

/// The declared command that was written, with its arguments.
pub(super) struct Written<'a> {
    pub(super) descriptor: &'a Descriptor,
    pub(super) operation: &'a Operation,
    pub(super) arguments: ArgMatches,
}

/// Finds what was written among the declared commands.
pub(super) fn find<'a>(matches: &ArgMatches, descriptors: &'a [Descriptor]) -> Option<Written<'a>> {
    let (mut words, mut deepest) = (Vec::new(), matches);
    while let Some((word, inner)) = deepest.subcommand() {
        words.push(word.to_owned());
        deepest = inner;
    }
    let declared = descriptors
        .iter()
        .flat_map(|of| of.commands.iter().map(move |command| (of, command)));
    let (descriptor, command) = declared
        .into_iter()
        .find(|(_, command)| command.path == words)?;
    let operation = operation(descriptor, command)?;
    Some(Written {
        descriptor,
        operation,
        arguments: deepest.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESCRIPTOR: &str = r#"{"module":"demo","version":"1","summary":"Sells things.","operations":[
        {"action":"post","resource":"publish","summary":"Publishes a file.","parameters":[
            {"name":"file","type":"file","required":true,"about":"The file."},
            {"name":"group_id","type":"integer","required":true,"about":"The group."},
            {"name":"tags","type":"list","about":"Tags."},
            {"name":"beta","type":"boolean","about":"Not for everybody."},
            {"name":"kind","type":"text","schema":{"enum":["a","b"]},"about":"The kind."}]}],
        "commands":[{"path":["demo","publish"],"example":"loggia demo publish x.zip --group-id 1",
            "operation":["post","publish"],"positional":["file"]}]}"#;

    fn line() -> (Command, Vec<Descriptor>) {
        let descriptors = vec![Descriptor::read(DESCRIPTOR).unwrap()];
        (add(Command::new("loggia"), &descriptors), descriptors)
    }

    #[test]
    fn a_declared_command_has_help_from_its_descriptor() {
        let (mut line, _) = line();
        let command = line
            .find_subcommand_mut("demo")
            .and_then(|demo| demo.find_subcommand_mut("publish"));
        insta::assert_snapshot!(command.unwrap().render_long_help());
    }

    #[test]
    fn a_declared_command_is_found_with_its_arguments() {
        let (line, descriptors) = line();
        let words = [
            "loggia",
            "demo",
            "publish",
            "x.zip",
            "--group-id",
            "-1",
            "--beta",
            "--tags",
            "a",
            "--tags",
            "b",
        ];
        let matches = line.try_get_matches_from(words).unwrap();
        let written = find(&matches, &descriptors).unwrap();
        assert_eq!(written.operation.resource, "publish");
        assert_eq!(written.arguments.get_one::<String>("beta").unwrap(), "true");
        assert_eq!(
            written
                .arguments
                .get_many::<String>("tags")
                .unwrap()
                .count(),
            2
        );
    }

    #[test]
    fn a_module_cannot_take_a_word_of_the_hosts() {
        let descriptors = vec![Descriptor::read(DESCRIPTOR).unwrap()];
        let own = Command::new("loggia").subcommand(Command::new("demo").about("The host's."));
        let line = add(own, &descriptors);
        assert_eq!(
            line.find_subcommand("demo")
                .unwrap()
                .get_subcommands()
                .count(),
            0
        );
    }
}
