//! The old site's requests, sent to both.

use std::fs;

use loggia_tests::product::Ran;
use serde_json::Value;

use crate::fixture::Version;
use crate::site::{Site, joomla};

const LOG: &str = "\
192.0.2.1 - - [31/Jan/2027:12:00:00 +0000] \"GET /api/get/content/articles/1?api_key=SECRETSECRET HTTP/1.1\" 200 9 \"-\" \"app\"\n\
192.0.2.1 - - [31/Jan/2027:12:00:01 +0000] \"GET /api/get/content/articles/1?api_key=SECRETSECRET HTTP/1.1\" 200 9 \"-\" \"app\"\n\
192.0.2.1 - - [31/Jan/2027:12:00:02 +0000] \"GET /api/get/content/articles/2 HTTP/1.1\" 200 9 \"-\" \"app\"\n\
192.0.2.1 - - [31/Jan/2027:12:00:03 +0000] \"POST /api/post/user/login HTTP/1.1\" 200 9 \"-\" \"app\"\n\
192.0.2.1 - - [31/Jan/2027:12:00:04 +0000] \"GET /api/put/content/articles?id=1&title=x HTTP/1.1\" 200 9 \"-\" \"app\"\n\
{\"method\":\"GET\",\"uri\":\"/api/get/content/categories?recursive=true\",\"status\":200}\n\
no request at all\n";

fn replay(site: &Site, more: &[&str]) -> (i32, Vec<Value>, String) {
    let log = site.file("access.log");
    fs::write(&log, LOG).expect("the log can be written");
    let words = [
        "replay",
        "--json",
        "--log",
        log.to_str().expect("a plain path"),
    ];
    let ran = Ran::loggia([&words, more].concat());
    let lines = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    (
        ran.status,
        lines.collect(),
        ran.stdout.clone() + &ran.stderr,
    )
}

#[test]
fn answers_that_differ_are_told_by_member_and_value_and_secrets_are_masked() {
    let mut sites = Site::each();
    let (new, old) = (sites.remove(0), Site::each().remove(0));
    let Some(joomla) = joomla(Version::Five) else {
        return;
    };
    old.import(&joomla.url(), &[]);
    new.import(&joomla.url(), &[]);
    let (here, there) = (new.setup.serve(), old.setup.serve());
    let both = ["--against", here.url(), "--old", there.url()];
    let (status, lines, said) = replay(&new, &both);
    assert_eq!(status, 0, "{said}");
    let summary = lines.last().expect("a summary");
    assert_eq!(
        (&summary["sent"], &summary["same"]),
        (&3.into(), &3.into()),
        "{summary}"
    );
    assert_eq!(
        (&summary["repeated"], &summary["writes"]),
        (&1.into(), &2.into())
    );
    assert_eq!(summary["unreadable"], 1);

    new.operator(&["content", "article", "--id", "1", "--title", "Another"])
        .done();
    let (status, lines, said) = replay(&new, &both);
    assert_eq!(status, 1, "{said}");
    assert_eq!(
        lines[0]["target"],
        "/api/get/content/articles/1?api_key=***"
    );
    assert_eq!(lines[0]["differences"][0]["place"], "title");
    assert_eq!(lines[0]["differences"][0]["new"], "\"Another\"");
    assert!(!said.contains("SECRETSECRET"), "{said}");

    let (status, _, said) = replay(&new, &[both.as_slice(), &["--ignore", "title"]].concat());
    assert_eq!(status, 0, "{said}");
}

#[test]
fn without_the_old_site_the_statuses_of_the_log_are_compared() {
    let new = Site::each().remove(0);
    let server = new.setup.serve();
    let (status, lines, said) = replay(&new, &["--against", server.url()]);
    assert_eq!(
        status, 0,
        "a compatible endpoint answers 200 whatever there is: {said}"
    );
    assert_eq!(lines[0]["same"], 3);
    let (status, lines, _) = replay(&new, &["--against", "http://127.0.0.1:1"]);
    assert_eq!(
        (status, &lines.last().expect("a summary")["failed"]),
        (1, &3.into())
    );
}
