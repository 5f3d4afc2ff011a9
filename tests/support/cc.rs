//! Compiling C against `loggia.h`, as an author of a module would.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::source_tree;

/// The strict dialects in which the header has to compile alone: compiler, standard, language.
pub const DIALECTS: [(&str, &str, &str); 4] = [
    ("cc", "-std=c11", "c"),
    ("cc", "-std=c17", "c"),
    ("c++", "-std=c++11", "c++"),
    ("c++", "-std=c++20", "c++"),
];

const STRICT: [&str; 5] = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wshadow"];

/// The folder of `loggia.h`.
pub fn include_folder() -> PathBuf {
    source_tree().join("sdk/include")
}

/// Runs a C or C++ compiler with every warning an error and `loggia.h` in reach.
pub fn compile(compiler: &str, standard: &str, arguments: &[&Path]) -> Output {
    Command::new(compiler)
        .arg(standard)
        .args(STRICT)
        .arg("-I")
        .arg(include_folder())
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{compiler} cannot be started: {error}"))
}

/// Builds a shared library from one C file.
///
/// # Panics
/// Where the compiler refuses it; its words are in the message.
pub fn shared_library(source: &Path, library: &Path) {
    let options: [&Path; 4] = [
        Path::new("-shared"),
        Path::new("-fPIC"),
        Path::new("-fvisibility=hidden"),
        Path::new("-o"),
    ];
    let arguments = [&options[..], &[library, source]].concat();
    expect_success(source, &compile("cc", "-std=c11", &arguments));
}

/// Builds a program from one C file and gives what it prints.
///
/// # Panics
/// Where it does not compile or fails.
pub fn run_program(source: &Path, program: &Path) -> String {
    let arguments = [Path::new("-o"), program, source];
    expect_success(source, &compile("cc", "-std=c11", &arguments));
    let output = Command::new(program)
        .output()
        .unwrap_or_else(|error| panic!("{} cannot be started: {error}", program.display()));
    expect_success(program, &output);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Panics with what the program said, unless it succeeded.
pub fn expect_success(subject: &Path, output: &Output) {
    assert!(
        output.status.success(),
        "{}: {}\n{}",
        subject.display(),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}
