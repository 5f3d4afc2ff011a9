//! `loggia module check FILE`: each bad library is refused with its one fault, by a process that survives it.

use std::fs;
use std::path::{Path, PathBuf};

use loggia_tests::product::{Ran, loggia};
use loggia_tests::{cc, source_tree};

/// What has to be said of each bad module in C.
const BAD: [(&str, &[&str]); 13] = [
    (
        "other_major_symbol",
        &["loggia_module_v1", "another major version"],
    ),
    ("other_major_field", &["version 2.", "host speaks 1."]),
    ("newer_host", &["99", "host speaks 1."]),
    ("short_table", &["1."]),
    ("no_symbol", &["loggia_module_v1", "no Loggia module"]),
    ("unresolved", &["made_elsewhere"]),
    ("null_table", &["does not run on a host of version 1."]),
    ("no_json", &["descriptor"]),
    ("other_name", &["names", "differ"]),
    ("reserved_name", &["get"]),
    ("start_refuses", &["did not start"]),
    ("undeclared_service", &["did not start"]),
    ("unknown_service", &["loggia.oracle"]),
];

/// Builds one of the modules in `bad/`, under the file name its module's name asks for.
pub(crate) fn built(name: &str, folder: &Path) -> PathBuf {
    let source = source_tree().join(format!("tests/abi/bad/{name}.c"));
    let library = folder.join("bad.so");
    cc::shared_library(&source, &library);
    library
}

/// Checks a library, and sees that nothing of it is left where temporary files go.
fn check(library: &Path) -> Ran {
    let temporary = tempfile::tempdir().unwrap();
    let mut command = loggia();
    command.args(["module", "check"]).arg(library);
    let ran = Ran::command(command.env("TMPDIR", temporary.path()));
    let left: Vec<_> = fs::read_dir(temporary.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    ran
}

fn assert_refused(library: &Path, words: &[&str]) {
    let ran = check(library);
    assert_eq!(ran.status, 1, "{}{}", ran.stdout, ran.stderr);
    for word in words {
        assert!(
            ran.stderr.contains(word),
            "{word:?} is not in {:?}",
            ran.stderr
        );
    }
}

#[test]
fn a_module_without_a_fault_is_accepted_without_any_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let ran = check(&built("none", folder.path())).done();
    assert!(ran.stdout.contains("bad"), "{}", ran.stdout);
}

#[test]
fn each_bad_module_is_refused_with_its_one_fault() {
    for (name, words) in BAD {
        let folder = tempfile::tempdir().unwrap();
        assert_refused(&built(name, folder.path()), words);
    }
}

#[test]
fn a_library_that_crashes_while_it_is_opened_is_refused_by_a_process_that_lives_on() {
    let folder = tempfile::tempdir().unwrap();
    assert_refused(
        &built("crash_on_open", folder.path()),
        &["ends the process"],
    );
}

#[test]
fn a_truncated_library_is_refused_wherever_it_was_cut() {
    let folder = tempfile::tempdir().unwrap();
    let library = built("none", folder.path());
    let whole = fs::read(&library).unwrap();
    for tenths in 1..10 {
        fs::write(&library, &whole[..whole.len() * tenths / 10]).unwrap();
        assert_refused(&library, &["bad.so"]);
    }
}

#[test]
fn a_file_that_is_no_library_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("bad.so");
    for bytes in [&b""[..], b"#!/bin/sh\necho hello\n", &[0; 4096]] {
        fs::write(&library, bytes).unwrap();
        assert_refused(&library, &["not a library that can be loaded here"]);
    }
}

#[test]
fn a_file_that_is_not_there_is_refused_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    assert_refused(&folder.path().join("nowhere.so"), &["nowhere.so"]);
}

#[test]
fn a_library_for_another_processor_is_refused() {
    const MACHINE: std::ops::Range<usize> = 18..20;
    const EM_S390: u16 = 22;
    let folder = tempfile::tempdir().unwrap();
    let library = built("none", folder.path());
    let mut bytes = fs::read(&library).unwrap();
    bytes[MACHINE].copy_from_slice(&EM_S390.to_le_bytes());
    fs::write(&library, bytes).unwrap();
    assert_refused(&library, &["not a library that can be loaded here"]);
}
