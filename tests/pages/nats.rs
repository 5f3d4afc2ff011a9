//! Nodes that tell one another by a real NATS server.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use loggia::store::testing::TestDatabase;
use loggia_tests::evidence;
use loggia_tests::nats::Nats;
use loggia_tests::server::Server;
use loggia_tests::wait::within;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::json;
use tempfile::TempDir;

use crate::creds::Operator;
use crate::fixture::{Application, PATIENCE, Site};
use crate::socket::Page;

/// How long it may take until nodes that connect again by themselves have done it.
const AT_LENGTH: Duration = Duration::from_mins(1);
/// By what the NATS server lets the nodes in.
const PASSWORD: &str = "a-word-of-nats";
/// What a user of NATS needs, as docs/operating.md says.
const SUBJECTS: [&str; 2] = ["site.loggia_push", "site.loggia_channel"];

#[expect(
    clippy::print_stdout,
    reason = "a test that does not run says so in the runner's own lines"
)]
fn database() -> Option<TestDatabase> {
    let database = TestDatabase::postgresql();
    if database.is_none() {
        println!("NOT RUN: nodes share a PostgreSQL database, and LOGGIA_TEST_POSTGRES names none");
    }
    database
}

/// Settings of a NATS server with one user, who may publish and hear some subjects.
fn user_of(publishes: &[&str], hears: &[&str]) -> String {
    format!(
        "authorization {{ users: [ {{ user: loggia, password: \"{PASSWORD}\",\n\
         permissions: {{ publish: {publishes:?}, subscribe: {hears:?} }} }} ] }}\n"
    )
}

/// The user's address with a password.
fn url(scheme: &str, nats: &Nats, password: &str) -> String {
    evidence::credential(password);
    format!("{scheme}://loggia:{password}@{}", nats.address())
}

/// A site, two nodes of it, and a page at the other one.
struct Pair {
    site: Site,
    application: Application,
    here: Server,
    there: Server,
    page: Page,
}

impl Pair {
    /// With these settings of `[notices]`, one a line.
    fn new(database: TestDatabase, notices: &str) -> Self {
        let site = site(database, notices);
        let application = site.application("Shop");
        let (here, there) = (site.serve(), site.serve());
        application.register(&here.root(), &json!([1]));
        let page = application.page(&there, "1");
        Pair {
            site,
            application,
            here,
            there,
            page,
        }
    }

    /// Posts on one node, and the page of the other has it.
    fn tell(&mut self, text: &str) {
        let told = json!(text);
        self.application.tell(&self.here.root(), &json!([1]), &told);
        assert_eq!(self.page.json(), told);
    }

    /// The same, and it went by NATS.
    fn tell_by(&mut self, nats: &Nats, text: &str) {
        within(AT_LENGTH, "both nodes listen to both subjects", || {
            SUBJECTS.iter().all(|one| nats.delivered(one).len() == 2)
        });
        let count = || nats.delivered(SUBJECTS[1]).iter().sum::<u64>();
        let before = count();
        self.tell(text);
        within(PATIENCE, "the other node was told", || count() > before);
    }

    /// Sends by the operator's command, to nobody.
    fn send_by_command(&self) {
        for words in [
            ["push", "app", "shop", "--name", "Shop"].as_slice(),
            &["push", "send", "--app", "shop", "--title", "Hello"],
        ] {
            self.site.operate(words);
        }
    }

    fn logs(&self) -> [String; 2] {
        [self.here.log(), self.there.log()]
    }
}

fn site(database: TestDatabase, notices: &str) -> Site {
    let more = format!("[notices]\nnats_subject = \"site\"\n{notices}");
    Site::with(database, "0", &more)
}

/// The lines of a log that say why others are heard late.
fn reasons(log: &str) -> Vec<&str> {
    let late = log
        .lines()
        .filter_map(|line| line.split_once("what other nodes tell is heard late: "));
    late.map(|(_, reason)| reason).collect()
}

/// Waits until a node says that others are heard late, and why.
fn says(node: &Server, reason: &str) {
    within(PATIENCE, reason, || {
        reasons(&node.log())
            .iter()
            .any(|one| one.starts_with(reason))
    });
}

#[test]
fn nodes_tell_one_another_as_a_user_of_two_subjects_and_the_database_tells_nothing() {
    let Some(database) = database() else { return };
    let listener = database.pool().listener(&["loggia_channel", "loggia_push"]);
    let mut listener = listener
        .expect("it is PostgreSQL")
        .expect("it can be reached");
    let nats = Nats::start(&user_of(&SUBJECTS, &SUBJECTS));
    let notices = format!("nats_url = \"{}\"\n", url("nats", &nats, PASSWORD));
    let mut pair = Pair::new(database, &notices);
    pair.tell_by(&nats, "told");
    let heard = listener.wait(Duration::from_millis(100), || false);
    assert_eq!(heard.expect("it listens"), Vec::<String>::new());
    for log in pair.logs() {
        assert!(
            log.contains("what other nodes tell is heard by NATS"),
            "{log}"
        );
        assert_eq!(reasons(&log), Vec::<&str>::new(), "{log}");
        assert!(!log.contains(PASSWORD), "{log}");
        assert!(!log.contains(&nats.address()), "{log}");
    }
}

#[test]
fn a_command_tells_the_nodes_what_it_has_entered() {
    let Some(database) = database() else { return };
    let nats = Nats::start(&user_of(&SUBJECTS, &SUBJECTS));
    let notices = format!("nats_url = \"{}\"\n", url("nats", &nats, PASSWORD));
    let pair = Pair::new(database, &notices);
    let delivered = || nats.delivered(SUBJECTS[0]);
    within(PATIENCE, "both nodes listen", || delivered().len() == 2);
    let before = delivered().iter().sum::<u64>();
    pair.send_by_command();
    within(PATIENCE, "both nodes were told", || {
        delivered().iter().sum::<u64>() >= before + 2
    });
}

#[test]
fn nothing_is_lost_while_the_nats_server_is_away_and_the_nodes_come_back() {
    let Some(database) = database() else { return };
    let mut nats = Nats::start(&user_of(&SUBJECTS, &SUBJECTS));
    let notices = format!("nats_url = \"{}\"\n", url("nats", &nats, PASSWORD));
    let mut pair = Pair::new(database, &notices);
    pair.tell_by(&nats, "told");
    nats.stop();
    for node in [&pair.here, &pair.there] {
        says(node, "the NATS server is away");
    }
    pair.tell("found");
    pair.send_by_command();
    nats.start_again();
    pair.tell_by(&nats, "told again");
    for log in pair.logs() {
        assert_eq!(reasons(&log), ["the NATS server is away"], "{log}");
    }
}

#[test]
fn a_token_does_as_well_and_one_server_of_several_is_enough() {
    let Some(database) = database() else { return };
    let nats = Nats::start(&format!("authorization {{ token: \"{PASSWORD}\" }}\n"));
    evidence::credential(PASSWORD);
    let own = nats.address();
    let notices = format!("nats_url = \"nats://127.0.0.1:1, nats://{PASSWORD}@{own}\"\n");
    let mut pair = Pair::new(database, &notices);
    pair.tell_by(&nats, "told");
    for log in pair.logs() {
        assert!(!log.contains(PASSWORD), "{log}");
    }
}

/// An authority, and what it has signed.
struct Authority {
    folder: TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(parameters, key).expect("an authority");
        let folder = TempDir::with_prefix("loggia-authority-").expect("a temporary folder");
        Authority { folder, issuer }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("a file can be written");
        path
    }

    /// The file for who is to believe it.
    fn file(&self) -> PathBuf {
        self.write("authority.pem", &self.issuer.pem())
    }

    /// Settings of a NATS server that shows a certificate of this authority.
    fn settings(&self) -> String {
        let key = KeyPair::generate().expect("a key");
        let parameters = CertificateParams::new(["127.0.0.1".to_owned()]).expect("a name");
        let certificate = parameters.signed_by(&key, &self.issuer).expect("it signs");
        let certificate = self.write("server.pem", &certificate.pem());
        let key = self.write("key.pem", &key.serialize_pem());
        let (certificate, key) = (certificate.display(), key.display());
        format!("tls {{ cert_file: \"{certificate}\", key_file: \"{key}\" }}\n")
    }
}

#[test]
fn nodes_speak_tls_with_a_nats_server_of_the_authority_in_the_settings_and_with_no_other() {
    let Some(database) = database() else { return };
    let authority = Authority::new();
    let nats = Nats::start(&(user_of(&SUBJECTS, &SUBJECTS) + &authority.settings()));
    let url = url("tls", &nats, PASSWORD);
    let with = |file: PathBuf| {
        let file = file.display();
        format!("nats_url = \"{url}\"\nnats_authorities = \"{file}\"\n")
    };
    let mut pair = Pair::new(database, &with(authority.file()));
    pair.tell_by(&nats, "told");
    for (file, reason) in [
        (
            Authority::new().file(),
            "the certificate of the NATS server is not trusted",
        ),
        (
            PathBuf::from("nothing.pem"),
            "`nats_authorities` cannot be used",
        ),
    ] {
        let other = site(TestDatabase::postgresql().expect("as before"), &with(file));
        says(&other.serve(), reason);
        assert_eq!(nats.delivered(SUBJECTS[0]).len(), 2);
    }
}

#[test]
fn nodes_come_in_by_a_file_of_credentials_and_another_operators_are_refused() {
    let Some(database) = database() else { return };
    let operator = Operator::new();
    let nats = Nats::start(&operator.settings());
    let folder = TempDir::with_prefix("loggia-creds-").expect("a temporary folder can be made");
    let notices = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::write(&file, text).expect("a file can be written");
        let (own, file) = (nats.address(), file.display());
        format!("nats_url = \"nats://{own}\"\nnats_credentials = \"{file}\"\n")
    };
    let own = operator.credentials(&SUBJECTS);
    let mut pair = Pair::new(database, &notices("own.creds", &own.file()));
    pair.tell_by(&nats, "told");
    for log in pair.logs() {
        assert!(!own.is_told_in(&log), "{log}");
    }
    let strange = Operator::new().credentials(&SUBJECTS);
    for (name, text, reason) in [
        (
            "strange.creds",
            strange.file(),
            "the NATS server does not let this node in",
        ),
        (
            "broken.creds",
            "nobody".to_owned(),
            "`nats_credentials` cannot be read",
        ),
    ] {
        let other = site(
            TestDatabase::postgresql().expect("as before"),
            &notices(name, &text),
        );
        let node = other.serve();
        says(&node, reason);
        assert!(!strange.is_told_in(&node.log()), "{}", node.log());
    }
}

#[test]
fn a_wrong_password_is_said_once_and_everything_is_found_by_looking() {
    let Some(database) = database() else { return };
    let nats = Nats::start(&user_of(&SUBJECTS, &SUBJECTS));
    let wrong = "another-word-of-nats";
    let notices = format!("nats_url = \"{}\"\n", url("nats", &nats, wrong));
    let mut pair = Pair::new(database, &notices);
    pair.tell("found");
    let before = nats.visits();
    within(PATIENCE, "the nodes go on asking", || {
        nats.visits() > before + 5
    });
    for log in pair.logs() {
        let reason = "the NATS server does not let this node in";
        let told = reasons(&log).into_iter().filter(|one| *one == reason);
        assert_eq!(told.count(), 1, "{log}");
        assert!(!log.contains(wrong), "{log}");
        assert!(!log.contains("async_nats"), "{log}");
    }
}

#[test]
fn what_the_user_may_not_do_at_the_nats_server_is_in_the_log() {
    let Some(database) = database() else { return };
    let nats = Nats::start(&user_of(&SUBJECTS[..1], &SUBJECTS[..1]));
    let notices = format!("nats_url = \"{}\"\n", url("nats", &nats, PASSWORD));
    let mut pair = Pair::new(database, &notices);
    let denied = |what: &str| format!("the NATS server says: Permissions Violation for {what}");
    let subject = "\"site.loggia_channel\"";
    for node in [&pair.here, &pair.there] {
        says(node, &denied(&format!("Subscription to {subject}")));
    }
    pair.tell("found");
    says(&pair.here, &denied(&format!("Publish to {subject}")));
}
