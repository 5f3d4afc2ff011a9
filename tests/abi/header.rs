//! `loggia.h` compiles alone, as C and as C++, and equals the Rust types.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use loggia_tests::cc;

use crate::layout::{Entry, constants, structures};

#[test]
fn the_header_compiles_alone_in_every_dialect() {
    let folder = tempfile::tempdir().unwrap();
    for (compiler, standard, language) in cc::DIALECTS {
        let source = folder.path().join(format!("alone.{language}"));
        fs::write(&source, "#include \"loggia.h\"\n#include \"loggia.h\"\n").unwrap();
        let output = cc::compile(compiler, standard, &[Path::new("-fsyntax-only"), &source]);
        cc::expect_success(Path::new(standard), &output);
    }
}

#[test]
fn the_header_and_the_rust_types_have_the_same_layout_and_constants() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("layout.c");
    let entries: Vec<Entry> = structures().into_iter().chain(constants()).collect();
    fs::write(&source, program(&entries)).unwrap();
    let printed = cc::run_program(&source, &folder.path().join("layout"));

    let in_c: BTreeMap<&str, i64> = printed
        .lines()
        .map(|line| line.rsplit_once('=').unwrap())
        .map(|(expression, number)| (expression, number.parse().unwrap()))
        .collect();
    let in_rust: BTreeMap<&str, i64> = entries
        .iter()
        .map(|entry| (entry.expression.as_str(), entry.value))
        .collect();
    assert_eq!(in_c, in_rust);
}

#[test]
fn the_header_names_no_constant_that_rust_does_not_have() {
    let header = fs::read_to_string(cc::include_folder().join("loggia.h")).unwrap();
    let known: Vec<String> = constants()
        .into_iter()
        .map(|entry| entry.expression)
        .collect();
    let assigned = header
        .lines()
        .flat_map(|line| line.split(['{', ',']))
        .filter_map(|part| part.trim().split_once(" = "))
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("LG_"));
    for name in assigned {
        assert!(known.iter().any(|one| one == name), "{name} is only in C");
    }
}

/// A C program that prints `expression=number` for each entry.
fn program(entries: &[Entry]) -> String {
    let mut text = String::from("#include <stdio.h>\n#include \"loggia.h\"\nint main(void) {\n");
    for Entry { expression, .. } in entries {
        writeln!(
            text,
            "  printf(\"%s=%lld\\n\", \"{expression}\", (long long)({expression}));"
        )
        .unwrap();
    }
    text.push_str("  return 0;\n}\n");
    text
}
