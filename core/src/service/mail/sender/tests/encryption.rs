//! Mail by TLS: an authority of the test's own, servers with its certificates, and whom the sender believes.

use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;

use super::smtp::Protection;
use super::*;

/// An authority that nobody else believes, and the file that names it.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let issuer = CertifiedIssuer::self_signed(parameters, key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("authority.pem"), issuer.pem()).unwrap();
        Authority { issuer, folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// A server's side with a certificate for a name.
    fn server_of(&self, name: &str) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let parameters = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key);
        Arc::new(config.unwrap())
    }
}

/// The settings' word for a kind of protection, and the server's side of it.
type Kind = (&'static str, fn(Arc<ServerConfig>) -> Protection);

const KINDS: [Kind; 2] = [
    ("starttls", Protection::Starttls),
    ("implicit", Protection::Implicit),
];

/// The sender's settings, by the name that the certificate must have.
fn believing(server: &Server, tls: &str, authority: Option<&Authority>) -> Mail {
    let authorities = authority.map_or_else(String::new, |authority| {
        format!("authorities = {:?}\n", authority.file())
    });
    let mut mail = by_smtp(
        server,
        &format!("tls = \"{tls}\"\nuser = \"loggia\"\npassword = \"s3cret\"\n{authorities}"),
    );
    mail.smtp.host = Some("localhost".to_owned());
    mail
}

/// Sends one mail and gives what the server heard and how the mail stands.
fn send_one(pool: &Pool, server: Server, mail: &Mail) -> (Vec<Conversation>, Listed) {
    put(pool, "somebody@example.test", "Hello");
    let node = node(pool, mail, "one");
    let claimed = node.claim().unwrap().unwrap();
    let way = Arc::clone(&node.way.lock());
    if let Err(fault) = attempt(&way, &claimed) {
        assert_eq!(fault.kind, "the mail server's encryption failed");
    }
    node.send(&way, &claimed).unwrap();
    (server.conversations(), listed(pool).remove(0))
}

#[test]
fn a_mail_is_sent_by_tls_to_a_server_of_an_authority_that_the_settings_name() {
    let authority = Authority::new();
    for (tls, protection) in KINDS {
        on_each(|pool| {
            let protection = protection(authority.server_of("localhost"));
            let server = Server::start_protected(vec![Script::Accept], protection);
            let mail = believing(&server, tls, Some(&authority));
            let (talks, sent) = send_one(pool, server, &mail);
            assert_eq!(sent.state, "sent", "{tls}: {:?}", sent.last_error);
            let talk = &talks[0];
            let clear: Vec<&str> = talk.in_the_clear.iter().map(|line| &line[..4]).collect();
            let wanted: &[&str] = if tls == "starttls" {
                &["EHLO", "STAR"]
            } else {
                &[]
            };
            assert_eq!(clear, wanted, "{tls}");
            let encrypted = talk.commands.join("\n");
            assert!(
                encrypted.contains("AUTH PLAIN AGxvZ2dpYQBzM2NyZXQ="),
                "{encrypted}"
            );
            assert!(
                talk.message.contains("Subject: Hello\r\n"),
                "{}",
                talk.message
            );
        });
    }
}

#[test]
fn a_server_whose_certificate_is_not_believed_or_is_anothers_hears_nothing() {
    let (authority, other) = (Authority::new(), Authority::new());
    let cases = [
        ("of nobody's authority", None, "localhost"),
        ("of another authority", Some(&other), "localhost"),
        ("of another server", Some(&authority), "mail.example.test"),
    ];
    for (tls, protection) in KINDS {
        for (case, believed, name) in cases {
            on_each(|pool| {
                let protection = protection(authority.server_of(name));
                let server = Server::start_protected(vec![Script::Accept], protection);
                let mail = believing(&server, tls, believed);
                let (talks, kept) = send_one(pool, server, &mail);
                assert_eq!(kept.state, "waiting", "{tls}, {case}");
                let error = kept.last_error.unwrap();
                assert!(error.contains("certificate"), "{tls}, {case}: {error}");
                for talk in talks {
                    assert!(
                        talk.commands.is_empty(),
                        "{tls}, {case}: {:?}",
                        talk.commands
                    );
                }
            });
        }
    }
}

#[test]
fn a_file_of_authorities_that_cannot_be_used_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    let refused = || {
        let text = format!(
            "transport = \"smtp\"\n[mail.smtp]\nhost = \"x.test\"\nauthorities = {file:?}\n"
        );
        match Way::new(&settings(&text, folder.path())) {
            Ok(_) => panic!("the settings are accepted"),
            Err(fault) => fault.to_string(),
        }
    };
    let begin = format!("mail.smtp.authorities: {}: ", file.display());
    assert!(refused().starts_with(&begin), "{}", refused());
    std::fs::write(&file, "nothing\n").unwrap();
    assert_eq!(
        refused(),
        begin.clone() + "there is no certificate in PEM in it"
    );
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    std::fs::write(&file, broken).unwrap();
    assert_eq!(refused(), begin + "its certificates cannot be read");
}
