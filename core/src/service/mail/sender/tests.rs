//! Mail on its way out: real conversations with small servers on the loopback, on both databases.

mod encryption;
mod smtp;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;
use crate::service::mail::{Draft, Health, queue};
use crate::settings::{Secret, Settings};
use crate::store::mail_queue::{Listed, list};
use crate::store::testing::TestDatabase;
use smtp::{Conversation, Script, Server};

/// Without pauses between attempts, so that no test has to wait for one.
fn settings(text: &str, folder: &Path) -> Mail {
    let text = format!("[mail]\nfrom = \"Example <noreply@example.test>\"\n{text}");
    let settings = Settings::parse(&text, &folder.join("endpoints.toml")).unwrap();
    Mail {
        retry_ms: 0,
        ..settings.mail
    }
}

fn by_smtp(server: &Server, more: &str) -> Mail {
    let (host, port) = ("127.0.0.1", server.port());
    let smtp = format!("host = \"{host}\"\nport = {port}\ntimeout_ms = 5000\n{more}");
    settings(
        &format!("transport = \"smtp\"\nattempts = 3\n[mail.smtp]\n{smtp}"),
        Path::new("/nowhere"),
    )
}

fn node(pool: &Pool, settings: &Mail, name: &str) -> Shared {
    Shared {
        pool: pool.clone(),
        node: name.to_owned(),
        way: Mutex::new(Arc::new(Way::new(settings).unwrap())),
        orders: Mutex::default(),
        ordered: Condvar::new(),
    }
}

fn put(pool: &Pool, to: &str, subject: &str) {
    let draft = Draft {
        to: to.to_owned(),
        subject: subject.to_owned(),
        text: "Hello,\n.\nthis line follows a single dot.\n".to_owned(),
        account_id: None,
    };
    queue(&mut pool.write(soon()).unwrap(), &draft, now_ms()).unwrap();
}

fn listed(pool: &Pool) -> Vec<Listed> {
    list(&mut pool.read(soon()).unwrap(), None, 100).unwrap()
}

fn states(pool: &Pool) -> Vec<String> {
    listed(pool).into_iter().map(|mail| mail.state).collect()
}

fn on_each(test: impl Fn(&Pool)) {
    for database in TestDatabase::each() {
        test(&database.migrated_pool());
    }
}

#[test]
fn a_queued_mail_reaches_the_server_with_the_account_of_the_settings() {
    on_each(|pool| {
        let server = Server::start(vec![Script::Accept]);
        let mail = by_smtp(
            &server,
            "tls = \"none\"\nuser = \"loggia\"\npassword = \"s3cret\"\n",
        );
        put(pool, "somebody@example.test", "Grüße");
        node(pool, &mail, "one").send_due().unwrap();
        assert_eq!(states(pool), ["sent"]);
        let Conversation {
            commands, message, ..
        } = server.conversations().remove(0);
        assert!(commands[0].starts_with("EHLO "), "{commands:?}");
        // The base64 form of \0loggia\0s3cret.
        assert_eq!(commands[1], "AUTH PLAIN AGxvZ2dpYQBzM2NyZXQ=");
        assert!(
            commands[2].starts_with("MAIL FROM:<noreply@example.test>"),
            "{commands:?}"
        );
        assert!(
            commands[3].starts_with("RCPT TO:<somebody@example.test>"),
            "{commands:?}"
        );
        assert_eq!(commands[4], "DATA");
        assert!(
            message.contains("Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n"),
            "{message}"
        );
        assert!(message.contains("\r\n..\r\nthis line follows"), "{message}");
    });
}

#[test]
fn what_the_server_cannot_take_now_is_sent_later() {
    on_each(|pool| {
        let server = Server::start(vec![Script::Later, Script::HangUp, Script::Accept]);
        let mail = by_smtp(&server, "tls = \"none\"\n");
        put(pool, "somebody@example.test", "Hello");
        let node = node(pool, &mail, "one");
        while states(pool) == ["waiting"] {
            node.send_due().unwrap();
        }
        assert_eq!(states(pool), ["sent"]);
        assert_eq!(listed(pool)[0].attempts, 3);
        let ids: Vec<_> = server
            .conversations()
            .into_iter()
            .filter_map(|talk| {
                let line = talk
                    .message
                    .lines()
                    .find(|line| line.starts_with("Message-ID:"))?;
                Some(line.to_owned())
            })
            .collect();
        assert_eq!(ids.len(), 1);
    });
}

#[test]
fn what_the_server_refuses_for_good_is_given_up_and_seen() {
    on_each(|pool| {
        let server = Server::start(vec![Script::Never, Script::Accept]);
        let mail = by_smtp(&server, "tls = \"none\"\n");
        put(pool, "somebody@example.test", "Hello");
        node(pool, &mail, "one").send_due().unwrap();
        let given_up = listed(pool).remove(0);
        assert_eq!((given_up.state.as_str(), given_up.attempts), ("failed", 1));
        assert!(given_up.last_error.unwrap().contains("550"));
        let health = Health::read(&mut pool.read(soon()).unwrap()).unwrap();
        assert_eq!(health.complaint().as_deref(), Some("mail was given up: 1"));
        let again = mail_queue::retry(&mut pool.write(soon()).unwrap(), given_up.id, now_ms());
        assert!(again.unwrap());
        node(pool, &mail, "one").send_due().unwrap();
        assert_eq!(states(pool), ["sent"]);
    });
}

#[test]
fn a_mail_is_given_up_after_the_attempts_of_the_settings() {
    on_each(|pool| {
        let server = Server::start(vec![Script::Later, Script::Later, Script::Later]);
        put(pool, "somebody@example.test", "Hello");
        let node = node(pool, &by_smtp(&server, "tls = \"none\"\n"), "one");
        while states(pool) == ["waiting"] {
            node.send_due().unwrap();
        }
        let given_up = listed(pool).remove(0);
        assert_eq!((given_up.state.as_str(), given_up.attempts), ("failed", 3));
        assert!(given_up.finished_ms.is_some());
    });
}

#[test]
fn nothing_is_said_in_the_clear_where_encryption_is_asked_for() {
    for tls in ["starttls", "implicit"] {
        on_each(|pool| {
            let server = Server::start(vec![Script::Accept]);
            let secret = "user = \"loggia\"\npassword = \"s3cret\"\n";
            let mail = by_smtp(&server, &format!("tls = \"{tls}\"\n{secret}"));
            put(pool, "somebody@example.test", "Hello");
            let node = node(pool, &mail, "one");
            let claimed = node.claim().unwrap().unwrap();
            node.send(&node.way.lock().clone(), &claimed).unwrap();
            assert_eq!(states(pool), ["waiting"]);
            for talk in server.conversations() {
                let said = talk.commands.join("\n") + &talk.message;
                assert!(
                    !said.contains("AUTH") && !said.contains("MAIL"),
                    "{tls}: {said}"
                );
            }
        });
    }
}

#[test]
fn many_nodes_send_each_mail_once() {
    on_each(|pool| {
        const MAILS: usize = 40;
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("sendmail");
        let log = folder.path().join("log");
        let line = format!(
            "#!/bin/sh\ncat >/dev/null\necho \"$@\" >>{}\n",
            log.display()
        );
        std::fs::write(&script, line).unwrap();
        std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
        let text = format!("transport = \"sendmail\"\nsendmail = {script:?}\n");
        let mail = settings(&text, folder.path());
        for number in 0..MAILS {
            put(pool, &format!("n{number}@example.test"), "Hello");
        }
        std::thread::scope(|scope| {
            for name in ["one", "two", "three"] {
                let mail = &mail;
                scope.spawn(move || node(pool, mail, name).send_due().unwrap());
            }
        });
        assert!(states(pool).iter().all(|state| state == "sent"));
        let sent = std::fs::read_to_string(log).unwrap();
        for number in 0..MAILS {
            let to = format!("n{number}@example.test");
            assert_eq!(
                sent.lines().filter(|line| line.ends_with(&to)).count(),
                1,
                "{to}"
            );
        }
    });
}

#[test]
fn a_sendmail_that_refuses_is_asked_again() {
    on_each(|pool| {
        let text = "transport = \"sendmail\"\nsendmail = \"/bin/false\"\nattempts = 2\n";
        put(pool, "somebody@example.test", "Hello");
        let node = node(pool, &settings(text, Path::new("/nowhere")), "one");
        while states(pool) == ["waiting"] {
            node.send_due().unwrap();
        }
        assert_eq!(
            (states(pool), listed(pool)[0].attempts),
            (vec!["failed".to_owned()], 2)
        );
    });
}

#[test]
fn the_mail_of_a_node_that_died_is_unknown_unless_a_double_does_no_harm() {
    on_each(|pool| {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(Vec::new());
        let smtp = by_smtp(&server, "tls = \"none\"\n");
        let die = |to: &str| {
            put(pool, to, "Hello");
            let mut connection = pool.write(soon()).unwrap();
            mail_queue::claim(&mut connection, "dead", now_ms(), now_ms() - 1)
                .unwrap()
                .unwrap()
        };
        let lost = die("one@example.test");
        node(pool, &smtp, "alive").send_due().unwrap();
        assert_eq!(states(pool), ["unknown"]);
        // The dead one was only slow: what it knows is better than nothing.
        let mut connection = pool.write(soon()).unwrap();
        assert!(mail_queue::finish(&mut connection, &lost, now_ms(), Outcome::Sent).unwrap());
        drop(connection);
        assert_eq!(states(pool), ["sent"]);
        let lost = die("two@example.test");
        let file = settings("transport = \"file\"\noutbox = \"outbox\"\n", folder.path());
        node(pool, &file, "alive").send_due().unwrap();
        assert_eq!(states(pool), ["sent", "sent"]);
        let mut connection = pool.write(soon()).unwrap();
        let late = Outcome::GivenUp { error: "too late" };
        assert!(!mail_queue::finish(&mut connection, &lost, now_ms(), late).unwrap());
        drop(connection);
        let left = std::fs::read_dir(folder.path().join("outbox"))
            .unwrap()
            .count();
        assert_eq!(left, 1);
    });
}

#[test]
fn a_mail_in_a_transaction_that_is_rolled_back_was_never_there() {
    on_each(|pool| {
        let draft = Draft {
            to: "somebody@example.test".to_owned(),
            subject: "Hello".to_owned(),
            text: String::new(),
            account_id: None,
        };
        let mut connection = pool.write(soon()).unwrap();
        let rolled_back: Result<(), diesel::result::Error> = connection.transaction(|connection| {
            queue(connection, &draft, now_ms()).unwrap();
            Err(diesel::result::Error::RollbackTransaction)
        });
        assert!(rolled_back.is_err());
        drop(connection);
        assert_eq!(listed(pool).len(), 0);
    });
}

#[test]
fn the_running_sender_sends_by_new_settings_and_ends_when_told() {
    on_each(|pool| {
        let folder = tempfile::tempdir().unwrap();
        let broken = settings(
            "transport = \"sendmail\"\nsendmail = \"/bin/false\"\n",
            folder.path(),
        );
        let file = settings("transport = \"file\"\noutbox = \"outbox\"\n", folder.path());
        let sender = Sender::start(pool.clone(), &broken, "one").unwrap();
        sender.configure(&file).unwrap();
        put(pool, "somebody@example.test", "Hello");
        sender.wake();
        let until = soon();
        while states(pool) != ["sent"] {
            assert!(Instant::now() < until, "{:?}", listed(pool));
            std::thread::yield_now();
        }
        assert!(sender.stop(Duration::from_secs(10)));
        let left = std::fs::read_dir(folder.path().join("outbox"))
            .unwrap()
            .count();
        assert_eq!(left, 1);
    });
}

#[test]
fn pauses_grow_up_to_a_bound() {
    let folder = Path::new("/nowhere");
    let mut way = Way::new(&settings("transport = \"file\"\n", folder)).unwrap();
    way.retry_ms = 30_000;
    let pauses: Vec<i64> = (1..=4).map(|attempt| way.pause_ms(attempt)).collect();
    assert_eq!(pauses, [30_000, 60_000, 120_000, 240_000]);
    assert_eq!(way.pause_ms(1_000), LONGEST_PAUSE_MS);
}

#[test]
fn settings_that_cannot_work_are_refused_without_showing_a_secret() {
    let good = settings(
        "transport = \"smtp\"\n[mail.smtp]\nhost = \"x.test\"\n",
        Path::new("/nowhere"),
    );
    let refused = |mail: Mail| match Way::new(&mail) {
        Ok(_) => panic!("the settings are accepted"),
        Err(fault) => fault.to_string(),
    };
    let mut bad_sender = good.clone();
    bad_sender.from = "nobody".to_owned();
    assert_eq!(refused(bad_sender), "mail.from is not an e-mail address");
    let mut bad_url = good.clone();
    bad_url.smtp.url = Some(Secret::new("http://u:s3cret@x.test"));
    assert_eq!(
        refused(bad_url),
        "mail.smtp.url is not an smtp:// or smtps:// URL"
    );
    let mut no_server = good;
    no_server.smtp.host = None;
    assert_eq!(refused(no_server), "mail.smtp needs a url or a host");
}
