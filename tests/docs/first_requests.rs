//! The requests of the README, on a demo site.

use std::fs;
use std::process::Command;

use loggia_tests::product::Ran;
use loggia_tests::site::Site;
use loggia_tests::source_tree;

/// The address the README writes.
const WRITTEN: &str = "http://127.0.0.1:8080";

#[test]
fn each_first_request_of_the_readme_is_answered() {
    for site in Site::each() {
        let node = site.node();
        let requests = requests();
        assert!(requests.len() >= 6, "{requests:?}");
        for request in requests {
            let line = request.replace(WRITTEN, &node.fact("/url"));
            let mut shell = Command::new("sh");
            shell
                .args(["-c", &line])
                .env("KEY", node.fact("/keys/unlimited"));
            let answer = Ran::command(&mut shell).done();
            let ok = answer.stdout.starts_with(r#"{"status":"ok""#);
            assert!(ok, "{line}\n{}", answer.stdout);
        }
    }
}

/// The lines that begin with curl, joined where they are continued.
fn requests() -> Vec<String> {
    let text = fs::read_to_string(source_tree().join("README.md")).unwrap();
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().filter(|line| line.starts_with("curl "));
    lines.map(str::to_owned).collect()
}
