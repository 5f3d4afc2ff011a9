//! What the operator does for one person and for one mail, on the built product.

use loggia_tests::site::{Node, Site};
use loggia_tests::wait::soon;
use serde_json::Value;

use crate::fixture::{self, licence_key, operate};

/// The messages of a state.
fn mails(site: &Site, state: &str) -> Vec<Value> {
    let listed = operate(site, &["mail", "list", "--state", state]);
    listed.as_array().expect("a list").clone()
}

fn remind(node: &Node) {
    let path = format!(
        "/get/user/remind?email={}",
        node.fact("/users/member/email")
    );
    assert_eq!(node.endpoint("free").get(&path).json()["status"], "ok");
}

#[test]
fn a_mail_that_was_given_up_says_why_and_is_sent_again_on_demand() {
    for site in Site::each() {
        let node = site.node();
        let to_file = "transport = \"file\"";
        let nowhere = "transport = \"sendmail\"\nsendmail = \"/bin/false\"\nattempts = 1";
        fixture::replace(&site, to_file, nowhere);
        site.operator(&["reload"]).done();
        remind(&node);
        soon(|| !mails(&site, "failed").is_empty());
        let [mail] = &mails(&site, "failed")[..] else {
            panic!("one mail was expected");
        };
        assert_eq!(
            mail["recipient"],
            node.fact("/users/member/email").as_str(),
            "{mail}"
        );
        assert!(
            mail["reason"].as_str().is_some_and(|why| !why.is_empty()),
            "{mail}"
        );
        let text = site.operator(&["mail", "list"]).done().stdout;
        assert!(
            text.contains(mail["reason"].as_str().unwrap_or("no reason")),
            "{text}"
        );

        fixture::replace(&site, nowhere, to_file);
        site.operator(&["reload"]).done();
        let id = mail["id"].to_string();
        operate(&site, &["mail", "retry", &id]);
        soon(|| {
            mails(&site, "sent")
                .iter()
                .any(|sent| sent["id"] == mail["id"])
        });
        let again = fixture::refused(site.operator(&["mail", "retry", &id]));
        assert_eq!(again.status, 1, "{}", again.stderr);
        node.stop();
    }
}

#[test]
fn an_export_has_what_modules_keep_of_a_person_and_an_erasure_takes_it() {
    for site in Site::each() {
        let node = site.node();
        let licence = licence_key(&node);
        let group = node.fact("/release/group");
        let email = node.fact("/users/member/email");
        let validate = || {
            let form = [("email", email.as_str()), ("key", licence.as_str())];
            let path = format!("/post/release/validate/{group}");
            node.endpoint("free").post_form(&path, &form)
        };
        assert_eq!(validate().json()["status"], "ok");

        let exported = site.operator(&["user", "export", "member"]).done().json();
        assert_eq!(exported["account"]["email"], email.as_str());
        let licences = exported["release"]["licences"].as_array();
        assert!(
            licences.is_some_and(|licences| !licences.is_empty()),
            "{exported}"
        );

        operate(&site, &["user", "delete", "member"]);
        soon(|| validate().error_code() == "REL_KYI");
        let gone = fixture::refused(site.operator(&["user", "export", "member"]));
        assert_eq!(gone.status, 1, "{}", gone.stderr);
        let listed = operate(&site, &["licence", "list"]).to_string();
        assert!(!listed.contains(&licence), "{listed}");
        node.stop();
    }
}
