//! The built program on the command line: what it prints where, and its exit status.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with settings and an empty folder of modules in it.
struct Site(TempDir);

impl Site {
    fn new(settings: &str) -> Self {
        let folder = TempDir::with_prefix("loggia-cli-").unwrap();
        std::fs::create_dir(folder.path().join("modules")).unwrap();
        let settings = format!("{settings}[modules]\nfolders = [\"modules\"]\n");
        std::fs::write(folder.path().join("endpoints.toml"), settings).unwrap();
        Self(folder)
    }

    fn run(&self, line: &str) -> Run {
        run_in(self.0.path(), line)
    }
}

/// What a command left behind.
#[derive(Debug)]
struct Run {
    status: Option<i32>,
    facts: String,
    said: String,
}

fn run_in(folder: &Path, line: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loggia"));
    let output = command
        .args(line.split_whitespace())
        .current_dir(folder)
        .output()
        .unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = output;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run {
        status: status.code(),
        facts: text(stdout),
        said: text(stderr),
    }
}

const SHOP: &str = "[[endpoint]]\nname = \"shop\"\npath = \"/api/shop\"\naccess = \"free\"\n";

#[test]
fn check_prints_what_each_endpoint_publishes() {
    let run = Site::new(SHOP).run("check --json");
    assert_eq!(run.status, Some(0), "{run:?}");
    let facts: serde_json::Value = serde_json::from_str(&run.facts).unwrap();
    assert_eq!(facts["endpoints"][0]["path"], "/api/shop");
    assert_eq!(facts["endpoints"][1]["name"], "default-request");
}

#[test]
fn wrong_settings_are_status_2_and_say_the_line_on_standard_error() {
    let run = Site::new("[server]\nlisten = 80\n").run("check");
    assert_eq!(run.status, Some(2));
    assert_eq!(run.facts, "");
    assert!(
        run.said.starts_with("endpoints.toml:2:10: "),
        "{}",
        run.said
    );
}

#[test]
fn a_wrong_line_is_status_2_and_help_is_status_0() {
    let site = Site::new("");
    let wrong = site.run("chekc");
    assert_eq!((wrong.status, wrong.facts.as_str()), (Some(2), ""));
    let help = site.run("check --help");
    assert_eq!((help.status, help.said.as_str()), (Some(0), ""));
    assert!(
        help.facts.contains("Example: loggia check"),
        "{}",
        help.facts
    );
}

#[test]
fn migrate_brings_the_tables_up_to_date_once() {
    let site = Site::new("");
    assert_eq!(site.run("migrate --check").status, Some(1));
    assert_eq!(site.run("migrate").status, Some(0));
    let again = site.run("migrate --check --json");
    assert_eq!(again.status, Some(0), "{again:?}");
    assert!(
        again.facts.contains("\"name\":\"0030_node\""),
        "{}",
        again.facts
    );
}

#[test]
fn a_reload_without_a_running_node_is_refused() {
    let run = Site::new("").run("reload");
    assert_eq!(run.status, Some(1));
    assert_eq!(run.said, "loggia: no node of this site is running\n");
}

#[test]
fn completions_and_manual_are_the_programs_own_words() {
    let site = Site::new("");
    assert!(site.run("completions bash").facts.contains("loggia"));
    assert_eq!(site.run("man pages").status, Some(0));
    let page = std::fs::read_to_string(site.0.path().join("pages/loggia-check.1")).unwrap();
    assert!(page.contains("Example: loggia check"), "{page}");
}

#[test]
fn accounts_are_made_shown_changed_and_erased() {
    let site = Site::new("");
    let json = |line: &str| -> serde_json::Value {
        let run = site.run(&format!("{line} --json"));
        assert_eq!(run.status, Some(0), "{line}: {run:?}");
        serde_json::from_str(&run.facts).unwrap()
    };
    let ada = json("user create ada --email ada@example.org --group Author");
    assert_eq!(ada["groups"], serde_json::json!([3]));
    assert_eq!(ada["password"].as_str().unwrap().len(), 20);
    let again = site.run("user create ADA --email other@example.org");
    assert_eq!(
        (again.status, again.said.as_str()),
        (Some(1), "loggia: USR_UAX: the user name is taken\n")
    );
    let groups = json("user groups ada@example.org --add 2 --remove Author");
    assert_eq!(groups["groups"], serde_json::json!([2]));
    assert_eq!(json("user groups")[0]["title"], "Public");
    assert_eq!(json("user block ada")["blocked"], true);
    assert_eq!(json("user list example.org")[0]["blocked"], true);
    std::fs::write(site.0.path().join("word"), "a new one!\n").unwrap();
    let changed = json("user password ada --password-file word");
    assert!(changed.get("password").is_none(), "{changed}");
    assert!(
        site.run("user export ada")
            .facts
            .contains("ada@example.org")
    );
    assert_eq!(json("user delete ada")["deleted"], true);
    let gone = site.run("user block ada");
    assert_eq!(
        (gone.status, gone.said.as_str()),
        (Some(1), "loggia: there is no such account\n")
    );
}

impl Site {
    /// What a command prints with `--json`.
    fn facts(&self, line: &str) -> serde_json::Value {
        let run = self.run(&format!("{line} --json"));
        assert_eq!(run.status, Some(0), "{line}: {run:?}");
        serde_json::from_str(&run.facts).unwrap()
    }
}

#[test]
fn a_key_is_shown_once_and_can_be_changed_rotated_and_revoked() {
    let site = Site::new(SHOP);
    let made =
        site.facts("key create --daily 5 --endpoint shop --scope release.manage --comment Shop");
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with(made["prefix"].as_str().unwrap()), "{made}");
    let shown = site.run(&format!(
        "key show {} --json",
        made["prefix"].as_str().unwrap()
    ));
    assert!(!shown.facts.contains(key), "{}", shown.facts);
    let changed = site.facts("key change 1 --daily 9 --default-request");
    assert_eq!(changed["daily_requests"], 9);
    assert_eq!(changed["endpoints"], serde_json::json!(["shop"]));
    assert_eq!(changed["default_request"], true);
    assert!(site.facts("key change 1 --endpoint all")["endpoints"].is_null());
    let rotated = site.facts("key rotate 1 --overlap 1h");
    assert_ne!(rotated["key"], made["key"]);
    assert_eq!(rotated["secrets"].as_array().unwrap().len(), 2);
    assert_eq!(site.facts("key revoke 1")["state"], "revoked");
    assert_eq!(
        site.facts("key list --state published"),
        serde_json::json!([])
    );
    assert_eq!(site.run("key rotate 1").status, Some(1));
}

#[test]
fn a_key_for_an_endpoint_that_is_not_there_is_refused_with_the_nearest_name() {
    let run = Site::new(SHOP).run("key create --endpoint shpo");
    assert_eq!(run.status, Some(1));
    assert_eq!(
        run.said,
        "loggia: the site has no endpoint `shpo`; did you mean `shop`?\n"
    );
}

#[test]
fn keys_of_jbackend_are_imported_all_or_none() {
    let site = Site::new(SHOP);
    let table = site.0.path().join("keys.csv");
    std::fs::write(
        &table,
        "key,daily_requests,comment\nAB12CD34EF56GH78IJ90,7,Old\nshort,0,\n",
    )
    .unwrap();
    let imported = site.facts("key import keys.csv --endpoint shop");
    assert_eq!(imported[0]["guessable"], false);
    assert_eq!(imported[1]["guessable"], true);
    std::fs::write(&table, "NEW4CD34EF56GH78IJ90\nab12cd34ef56gh78ij90\n").unwrap();
    let again = site.run("key import keys.csv");
    assert_eq!(again.status, Some(1));
    assert_eq!(
        again.said,
        "loggia: line 2: this key is here already; nothing was imported\n"
    );
    assert_eq!(site.facts("key list").as_array().unwrap().len(), 2);
}

#[test]
fn an_empty_log_has_a_heading_and_numbers() {
    let site = Site::new(SHOP);
    let csv = site.run("log export");
    assert!(
        csv.facts.starts_with("id,endpoint,") && csv.facts.lines().count() == 1,
        "{csv:?}"
    );
    assert_eq!(site.run("log export --format ndjson").facts, "");
    assert_eq!(site.run("log tail --no-follow").status, Some(0));
    let numbers = site.facts("log stats");
    assert_eq!(
        (&numbers["endpoints_active"], &numbers["total"]),
        (&2.into(), &0.into())
    );
}

#[test]
fn a_backup_is_restored_into_an_empty_site() {
    let site = Site::new(SHOP);
    site.facts("user create ada --email ada@example.org");
    let summary = site.facts("backup all.zip");
    let other = Site::new(SHOP);
    let archive = site.0.path().join("all.zip");
    let line = format!("restore {}", archive.display());
    assert_eq!(other.facts(&line), summary);
    assert_eq!(other.facts("user list")[0]["username"], "ada");
    let again = other.run(&line);
    assert_eq!(again.status, Some(1));
    assert!(again.said.contains("is not empty"), "{}", again.said);
}

#[test]
fn a_file_that_is_no_module_is_told_with_its_reason() {
    let site = Site::new("");
    let library = site.0.path().join("modules/bad.so");
    std::fs::write(&library, "no library").unwrap();
    let run = site.run("module check modules/bad.so");
    assert_eq!((run.status, run.facts.as_str()), (Some(1), ""));
    assert!(
        run.said
            .contains("is not a library that can be loaded here"),
        "{}",
        run.said
    );
    let list = site.facts("module list");
    assert_eq!(list["modules"][0]["name"], "bad");
    assert!(list["modules"][0]["trouble"].is_string(), "{list}");
    let check = site.run("check");
    assert_eq!(check.status, Some(1));
    assert!(
        check.said.starts_with("loggia: module bad: "),
        "{}",
        check.said
    );
    assert_eq!(site.run("module check nothing").status, Some(1));
}

#[test]
fn a_module_that_is_not_there_is_told_with_the_line_that_names_it() {
    let site = Site::new("[[endpoint]]\nname = \"a\"\npath = \"/a\"\nmodules = [\"shop\"]\n");
    let run = site.run("check");
    assert_eq!(run.status, Some(2));
    assert!(
        run.said
            .starts_with("endpoints.toml:4:12: the site has no module `shop`"),
        "{}",
        run.said
    );
}

#[test]
fn a_new_module_is_a_crate_with_nothing_left_to_fill_in() {
    let site = Site::new("");
    let made = site.facts("module new web_shop");
    for file in made["files"].as_array().unwrap() {
        let path = site.0.path().join(file.as_str().unwrap());
        let text = std::fs::read_to_string(path).unwrap();
        assert!(!text.contains("@NAME@") && !text.contains("@TYPE@") && !text.contains("@SDK@"));
    }
    let source = std::fs::read_to_string(site.0.path().join("web_shop/src/lib.rs")).unwrap();
    assert!(source.contains("loggia_module!(WebShop);"));
    assert_eq!(site.run("module new web_shop").status, Some(1));
    assert_eq!(site.run("module new Web").status, Some(2));
}

#[test]
fn the_openapi_document_of_an_endpoint_is_printed() {
    let site = Site::new(SHOP);
    let run = site.run("openapi --endpoint shop");
    assert_eq!(run.status, Some(0), "{run:?}");
    let document: serde_json::Value = serde_json::from_str(&run.facts).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(
        site.run("openapi --endpoint shpo").said,
        "loggia: the site has no endpoint `shpo`; did you mean `shop`?\n"
    );
}
