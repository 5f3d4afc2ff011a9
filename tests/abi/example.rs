//! The module in C that stands beside the header.

use loggia_tests::{cc, source_tree};

#[test]
fn the_example_in_c_builds_without_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("hello.so");
    cc::shared_library(&source_tree().join("sdk/include/example/hello.c"), &library);
    assert!(library.exists());
}
