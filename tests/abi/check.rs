//! The bad modules in C.

use std::path::{Path, PathBuf};

use loggia_tests::{cc, source_tree};

/// Builds one of the modules in `bad/`, under the file name its module's name asks for.
pub(crate) fn built(name: &str, folder: &Path) -> PathBuf {
    let source = source_tree().join(format!("tests/abi/bad/{name}.c"));
    let library = folder.join("bad.so");
    cc::shared_library(&source, &library);
    library
}
