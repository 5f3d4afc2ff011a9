use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::*;

/// What is said about each of several files, each below its text.
fn refusals(files: &[&str]) -> String {
    let mut said = String::new();
    for file in files {
        let errors = Settings::parse(file, Path::new("endpoints.toml")).unwrap_err();
        write!(
            said,
            "--- endpoints.toml\n{file}\n--- is refused\n{errors}\n\n"
        )
        .unwrap();
    }
    said
}

fn parsed(file: &str) -> Settings {
    Settings::parse(file, Path::new("site/endpoints.toml")).unwrap()
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_name() {
    insta::assert_snapshot!(refusals(&[
        "[server]\nlisten = \"127.0.0.1:80\"\nlimits.max_body_byte = 4\n",
        "[servr]\nlisten = \"127.0.0.1:80\"\n",
        "[database]\nzzz = 1\n",
        "[[endpoint]]\nname = \"a\"\npath = \"/a\"\nacces = \"free\"\n[endpoint.limits]\ndeadline = 4\n",
        "name = \"x\"\n",
    ]));
}

#[test]
fn a_value_of_the_wrong_type_is_refused_with_what_to_write() {
    insta::assert_snapshot!(refusals(&[
        "[server]\nworkers = \"two\"\nlisten = 8080\nhosts = \"localhost\"\nlimits = 4\n",
        "[[endpoint]]\nname = \"a\"\npath = \"/a\"\ntrace = \"yes\"\nmodules = 3\ncors = \"*\"\nroutes = [\"a\", 7]\n",
        "[log]\nlevel = 1979-05-27\n[accounts]\nregistration = 1.5\n",
        "[mail]\nfrom = { environment = \"FROM\" }\n",
        "endpoint = 4\nmodule = 5\n",
        "endpoint = [4]\n[module]\nrelease = 5\n",
        "[endpoint]\nname = \"a\"\n",
    ]));
}

#[test]
fn a_value_out_of_its_bounds_is_refused_with_the_bounds() {
    insta::assert_snapshot!(refusals(&[
        "[server]\nworkers = 100_000\n[server.limits]\nmax_json_depth = 0\nkeep_alive_ms = -1\n",
        "[accounts]\ndefault_group = 0\nsession_lifetime_s = 99999999999999999999\n",
    ]));
}

#[test]
fn an_unknown_word_is_refused_with_the_words_there_are() {
    insta::assert_snapshot!(refusals(&[
        "[[endpoint]]\nname = \"a\"\npath = \"/a\"\naccess = \"keys\"\nstatus = \"rest\"\nmodules = \"user\"\n",
        "[database]\nsynchronous = \"FULL\"\n[quota]\nmode = \"exact\"\n[log]\nformat = \"xml\"\n",
        "[mail]\ntransport = \"stmp\"\n[accounts]\nactivation = \"mail\"\n",
    ]));
}

#[test]
fn addresses_and_paths_are_refused_with_an_example() {
    insta::assert_snapshot!(refusals(&[
        "[server]\nlisten = \"localhost\"\npublic_url = \"example.org\"\nhosts = [\"https://a.org\", \"b.org:80\"]\ntrusted_proxies = [\"10.0.0.0/40\"]\n",
        "[server]\npublic_url = \"https://example.org/?a=b\"\n[outgoing]\nallow = [\"intranet\"]\n",
        "[files]\nurl = \"ftp://bucket\"\n[modules]\nfolders = [\"\"]\n[log]\nlevel = \"info,loggia=loud\"\n",
        "[mail]\nfrom = \"nobody\"\n[accounts]\nreset_url = \"https://example.org/reset\"\n",
        "[[endpoint]]\nname = \"a\"\npath = \"/a\"\ncors = [\"https://a.org/\", \"a.org\"]\n",
    ]));
}

#[test]
fn a_bucket_is_refused_with_what_is_missing_or_wrong() {
    insta::assert_snapshot!(refusals(&[
        "[files]\nurl = \"s3://my-packages/loggia\"\n",
        "[files]\nurl = \"s3://my-packages\"\n[files.s3]\nsecret_key = \"hunter2\"\n",
        "[files]\nurl = \"s3://My_Packages\"\n[files.s3]\naccess_key = \"a\"\nsecret_key = { env = \"LOGGIA_NO_SUCH_VARIABLE\" }\n",
        "[files]\nurl = \"s3://my-packages/a b\"\n[files.s3]\naccess_key = \"a\"\nsecret_key = \"hunter2\"\nendpoint = \"http://me:hunter2@s3.example.org/my-packages\"\nregion = \"eu central\"\n",
        "[files]\nurl = \"packages\"\n[files.s3]\naccess_key = \"a\"\nsecretkey = \"hunter2\"\n",
    ]));
}

#[test]
fn a_bucket_is_named_by_url_and_its_keys_are_not_shown() {
    let settings = parsed(
        "[files]\nurl = \"s3://my-packages/a/b/\"\n[files.s3]\nendpoint = \"http://127.0.0.1:9000\"\n\
         access_key = \"a\"\nsecret_key = \"hunter2\"\n",
    );
    let (bucket, prefix) = ("my-packages".to_owned(), "a/b".to_owned());
    assert_eq!(settings.files.store, FileStore::Bucket { bucket, prefix });
    let shown = settings.effective_toml();
    assert!(shown.contains("url = \"s3://my-packages/a/b\""), "{shown}");
    assert!(!shown.contains("hunter2"));
}

#[test]
fn names_and_paths_that_clash_are_refused_with_the_other_line() {
    insta::assert_snapshot!(refusals(&[
        "[[endpoint]]\nname = \"a\"\npath = \"/a\"\n\n[[endpoint]]\nname = \"a\"\npath = \"/a\"\n",
        "[[endpoint]]\nname = \"a b\"\npath = \"a//b/\"\n[[endpoint]]\nname = \"default-request\"\npath = \"/a?b\"\n",
        "[[endpoint]]\nname = \"a\"\npath = \"/healthz\"\n[[endpoint]]\nname = \"b\"\npath = \"/metrics/x\"\n[[endpoint]]\nname = \"c\"\npath = \"/index.php\"\n",
        "[[endpoint]]\naccess = \"free\"\n",
        "[module.get]\n[module.\"A b\"]\n",
    ]));
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    insta::assert_snapshot!(refusals(&[
        "[[endpoint]]\nname = \"a\"\npath = \"/a\"\naccess = \"free\"\nprivate = true\n",
        "[[endpoint]]\nname = \"a\"\npath = \"/a\"\nmodules = []\n",
        "[default_request]\nforce_ssl = true\n[[endpoint]]\nname = \"a\"\npath = \"/a\"\nforce_ssl = true\n",
        "[mail]\ntransport = \"smtp\"\n",
        "[mail.smtp]\nurl = \"smtp://mail.example.org\"\nport = 25\n",
        "[mail.smtp]\nhost = \"mail.example.org\"\nuser = \"a\"\n",
    ]));
}

#[test]
fn a_refusal_never_shows_a_secret() {
    insta::assert_snapshot!(refusals(&[
        "[mail.smtp]\npasswort = \"hunter2\"\npassword = 4711\n",
        "[mail.smtp]\nurl = \"http://me:hunter2@mail.example.org\"\n",
        "[database]\nurl = \"mysql://me:hunter2@db/x\"\n",
        "[mail]\nfrom = { env = \"LOGGIA_NO_SUCH_VARIABLE\" }\n[mail.smtp]\npassword = { file = \"no/such/file\" }\n",
        "[module.release]\nseed = { env = \"LOGGIA_NO_SUCH_VARIABLE\" }\n",
        "[server]\nlisten = { env = \"PATH\" }\n",
    ]));
}

#[test]
fn a_text_that_is_no_toml_is_refused_with_its_place() {
    insta::assert_snapshot!(refusals(&[
        "[server\nlisten = 1\n",
        "[server]\nlisten = \n[log]\nlevel = \"info\n",
        "[log]\nlevel = \"info\"\nlevel = \"warn\"\n",
    ]));
}

#[test]
fn a_file_that_is_not_there_is_refused_with_what_to_do() {
    let errors = Settings::load(Path::new("no/such/endpoints.toml")).unwrap_err();
    insta::assert_snapshot!(errors.to_string());
}

#[test]
fn a_problem_found_later_shows_the_line_of_its_value() {
    let settings = parsed("[module.release]\nseed = 4\n[module.release.store]\nurl = \"x\"\n");
    let help = Some("write a text".to_owned());
    let there = settings.problem("/module/release/store/url", "no store", help);
    let parent = settings.problem("/module/release/missing", "`missing` is needed", None);
    let nowhere = settings.problem("/endpoint/0", "no such endpoint", None);
    insta::assert_snapshot!(format!("{there}\n\n{parent}\n\n{nowhere}"));
}

#[test]
fn an_empty_file_means_the_defaults() {
    let defaults: toml::Table = toml::from_str(DEFAULTS).unwrap();
    let mut written = serde_json::to_value(&defaults).unwrap();
    let endpoint = written["endpoint"].take();
    let module = written["module"].take();
    let mut settings =
        Settings::parse("[[endpoint]]\nname = \"a\"\npath = \"/a\"\n", Path::new("")).unwrap();
    settings.path = PathBuf::new();
    let mut read = settings.effective();
    remove_absent(&mut read);
    let mut first = read["endpoint"][0].take();
    remove_absent(&mut first);
    first
        .as_object_mut()
        .unwrap()
        .retain(|key, _| !["name", "path"].contains(&key.as_str()));
    assert_eq!(first, endpoint);
    let mut other = serde_json::to_value(settings.module("other")).unwrap();
    remove_absent(&mut other);
    assert_eq!(other, module);
    for value in [&mut read, &mut written] {
        value
            .as_object_mut()
            .unwrap()
            .retain(|key, _| !["endpoint", "module"].contains(&key.as_str()));
    }
    assert_eq!(read, written);
}

fn remove_absent(value: &mut Value) {
    if let Value::Object(members) = value {
        members.retain(|_, member| !member.is_null());
        members.values_mut().for_each(remove_absent);
    }
}

#[test]
fn the_defaults_name_every_key_there_is() {
    let everything = include_str!("../default.toml")
        .lines()
        .map(|line| {
            let bare = line.strip_prefix("# ").unwrap_or(line);
            let is_key = bare.split_once(" = ").is_some_and(|(key, _)| {
                key.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            });
            if is_key { bare } else { line }
        })
        .collect::<Vec<_>>()
        .join("\n");
    let written: toml::Table = toml::from_str(&everything).unwrap();
    let written = serde_json::to_value(written).unwrap();
    let settings = parsed("[[endpoint]]\nname = \"a\"\npath = \"/a\"\n");
    let mut shown = settings.effective();
    shown["endpoint"] = shown["endpoint"][0].take();
    shown["module"] = serde_json::to_value(settings.module("any")).unwrap();
    assert_eq!(keys(&shown), keys(&written));
}

fn keys(value: &Value) -> Value {
    match value {
        Value::Object(members) if members.contains_key("file") => Value::Null,
        Value::Object(members) => {
            let mut sorted: Vec<_> = members
                .iter()
                .map(|(key, value)| (key, keys(value)))
                .collect();
            sorted.sort_by_key(|(key, _)| (*key).clone());
            sorted
                .into_iter()
                .map(|(key, value)| (key.clone(), value))
                .collect()
        }
        _ => Value::Null,
    }
}

#[test]
fn relative_paths_start_from_the_folder_of_the_file() {
    let settings =
        parsed("[database]\nurl = \"sqlite:data/x.db\"\n[mail]\noutbox = \"/var/out\"\n");
    assert_eq!(
        settings.database.target,
        DatabaseTarget::Sqlite("site/data/x.db".into())
    );
    assert_eq!(settings.files.store, FileStore::Folder("site/files".into()));
    assert_eq!(settings.mail.outbox, Path::new("/var/out"));
}

#[test]
fn texts_may_come_from_files_and_are_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("word"), "hunter2\n").unwrap();
    let content = "[server]\nnode = { file = \"word\" }\n[mail.smtp]\nhost = \"m\"\nuser = \"u\"\npassword = { file = \"word\" }\n\
                   [module.release]\nseed = { file = \"word\" }\n";
    let settings = Settings::parse(content, &folder.path().join("endpoints.toml")).unwrap();
    assert_eq!(settings.server.node.as_deref(), Some("hunter2"));
    assert_eq!(
        settings.mail.smtp.password.as_ref().unwrap().expose(),
        "hunter2"
    );
    assert_eq!(
        settings.module("release").values.json()["seed"],
        json!("hunter2")
    );
    assert!(
        !settings.effective_toml().contains("hunter2"),
        "{}",
        settings.effective_toml()
    );
    assert!(!format!("{:?}", settings.module("release")).contains("hunter2"));
}

#[test]
fn a_password_in_the_database_url_is_not_shown() {
    let settings = parsed("[database]\nurl = \"postgres://me:hunter2@db/site?sslmode=require\"\n");
    assert_eq!(
        settings.effective()["database"]["url"],
        json!("postgres://me:secret@db/site")
    );
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[test]
fn an_endpoint_says_what_it_publishes() {
    let settings = parsed(
        "[server]\ntrusted_proxies = [\"10.0.0.1\"]\n[[endpoint]]\nname = \"shop\"\npath = \"/api/shop\"\naccess = \"free\"\n\
         modules = [\"user\"]\nroutes = [\"release\"]\ncors = [\"https://a.org\"]\nforce_ssl = true\nstatus = \"semantic\"\n\
         personal_data = [\"email\"]\nlimits = { max_body_bytes = 10, deadline_ms = 20 }\n[module.release]\nthreads = 2\nstore = { path = \"x\" }\n",
    );
    insta::assert_snapshot!(settings.effective_toml());
    assert!(settings.endpoint("shop").unwrap().modules.contains("user"));
    assert!(
        !settings
            .endpoint("shop")
            .unwrap()
            .modules
            .contains("release")
    );
    assert_eq!(settings.module("release").threads, 2);
    assert_eq!(settings.module("user").threads, 8);
}

#[test]
fn the_sample_file_is_a_good_one() {
    let settings = parsed(include_str!("../../../endpoints.toml"));
    let published: Vec<_> = settings
        .endpoint
        .iter()
        .map(|endpoint| endpoint.path.as_str())
        .collect();
    assert_eq!(published, ["/api/free", "/api/user", "/api/key", "/api/v1"]);
}

#[test]
fn a_modules_settings_are_held_against_its_schema() {
    let schema = json!({
        "properties": {
            "seed": {"type": "string", "minLength": 4},
            "sites": {"type": "integer", "minimum": 0, "maximum": 9},
            "mode": {"$ref": "#/$defs/Mode"},
            "note": {"type": ["string", "null"]},
            "store": {"properties": {"path": {"type": "string"}, "depth": {}}, "required": ["depth"]},
            "hosts": {"type": "array", "items": {"type": "string"}},
        },
        "$defs": {"Mode": {"oneOf": [{"const": "a"}, {"const": "b"}]}},
    });
    let bad = parsed(
        "[module.m]\nseed = \"abc\"\nsites = 12\nmode = \"c\"\nnote = 4\nsede = 1\nhosts = [\"a\", 2]\n\
         [module.m.store]\npath = true\npth = \"x\"\n",
    );
    let problems = check_module(&bad, "m", &schema);
    insta::assert_snapshot!(SettingsErrors { problems });
    let good = parsed(
        "[module.m]\nseed = \"abcd\"\nsites = 9\nmode = \"b\"\nhosts = [\"a\"]\nthreads = 2\n",
    );
    assert_eq!(check_module(&good, "m", &schema), []);
}
