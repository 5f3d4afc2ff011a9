//! What the tests are told by the environment.

use std::path::PathBuf;
use std::process::Command;

/// Where the tests find what was made for them.
pub(crate) struct Environment {
    /// `LOGGIA_TEST_POSTGRES`: a database server on which the tests may make databases.
    pub(crate) postgres: String,
    /// `LOGGIA_TEST_MARIADB`: another one, in which they may make Joomla sites.
    pub(crate) mariadb: String,
    /// `LOGGIA_TEST_S3`: a bucket in which the tests may make objects.
    pub(crate) s3: String,
    /// `LOGGIA_DIST`: the release tree.
    pub(crate) dist: PathBuf,
    /// `LOGGIA_EVIDENCE`: where the tests leave logs and credentials.
    pub(crate) evidence: PathBuf,
    /// Where insta writes down which snapshots were compared.
    pub(crate) snapshots: PathBuf,
}

impl Environment {
    /// Hands it to a runner of tests.
    pub(crate) fn apply(&self, runner: &mut Command) {
        runner
            .env("LOGGIA_TEST_POSTGRES", &self.postgres)
            .env("LOGGIA_TEST_MARIADB", &self.mariadb)
            .env("LOGGIA_TEST_S3", &self.s3)
            .env("LOGGIA_DIST", &self.dist)
            .env("LOGGIA_EVIDENCE", &self.evidence)
            // A snapshot that differs fails, and nothing is written into the tree.
            .env("INSTA_UPDATE", "no")
            .env("INSTA_SNAPSHOT_REFERENCES_FILE", &self.snapshots);
    }
}
