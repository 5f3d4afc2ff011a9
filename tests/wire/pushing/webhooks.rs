//! Webhooks as they are kept: who may have one, where it may lie, and that its secret is shown once.

use serde_json::json;

use super::lab::Lab;
use super::receiver::Receiver;

#[test]
fn a_webhook_is_kept_with_a_secret_that_is_shown_once() {
    for lab in Lab::each("") {
        let receiver = Receiver::start();
        assert_eq!(lab.api().get("/get/push/webhooks?app=shop").status, 404);
        let given = json!({ "app": "shop", "url": receiver.url(), "events": ["gone", "refused"] });
        let made = lab.done("PUT", "/put/push/webhooks", &given);
        let secret = made["secret"].as_str().expect("a secret").to_owned();
        assert!(secret.starts_with("whsec_"), "{made}");
        let shown = lab.get("/get/push/webhooks?app=shop");
        assert_eq!(shown["events"], json!(["refused", "gone"]));
        assert!(!shown.to_string().contains("whsec_"), "{shown}");
        let told = lab.operate(&["push", "webhook", "shop"]);
        assert_eq!(told["url"], json!(receiver.url()));
        // What is not named stays, and so does the secret.
        let changed = json!({ "app": "shop", "events": ["opened"] });
        let changed = lab.done("PUT", "/put/push/webhooks", &changed);
        assert_eq!(
            (&changed["secret"], &changed["webhook"]["url"]),
            (&json!(null), &told["url"])
        );
        let renewed = lab.operate(&["push", "webhook-set", "shop", "--new-secret", "true"]);
        assert_ne!(renewed["secret"], json!(secret));
        let own = format!("whsec_{}", "QUJD".repeat(10));
        let given = json!({ "app": "shop", "secret": own });
        let made = lab.done("PUT", "/put/push/webhooks", &given);
        assert!(!made.to_string().contains(&own), "{made}");
        let gone = lab.done("DELETE", "/delete/push/webhooks", &json!({ "app": "shop" }));
        assert_eq!(gone["app"], "shop");
        assert_eq!(lab.api().get("/get/push/webhooks?app=shop").status, 404);
    }
}

#[test]
fn a_webhook_lies_where_calls_may_go_and_is_set_by_who_manages() {
    for lab in Lab::each("") {
        let refusal = |given: serde_json::Value| {
            let answer = lab.send("PUT", "/put/push/webhooks", &given);
            assert_eq!(answer.status, 400, "{}", answer.text());
            answer.text()
        };
        for (url, rule) in [
            (
                "http://shop.example.org/push",
                "url: the address is not https",
            ),
            ("https://10.0.0.1/push", "url: the address is private"),
            ("shop", "url: is not an address"),
            (
                "https://me:word@shop.example.org/",
                "url: the address has no plain host",
            ),
        ] {
            let told = refusal(json!({ "app": "shop", "url": url }));
            assert!(told.contains(rule), "{told}");
        }
        let told = refusal(json!({ "app": "shop" }));
        assert!(told.contains("url: must be given"), "{told}");
        let url = "https://shop.example.org/push";
        let told = refusal(json!({ "app": "shop", "url": url, "secret": "whsec_c2hvcnQ=" }));
        assert!(told.contains("secret: must be"), "{told}");
        assert!(!told.contains("c2hvcnQ"), "{told}");
        let hidden = json!({ "app": "shop", "credentials": { "webhook": { "url": url } } });
        let answer = lab.send("PUT", "/put/push/credentials", &hidden);
        assert!(
            answer.text().contains("put/push/webhooks"),
            "{}",
            answer.text()
        );
        let weak = lab.operate(&["key", "create", "--scope", "push.send"]);
        let weak = weak["key"].as_str().expect("a key").to_owned();
        let weak = lab.server().api().with_key(&weak);
        assert!(weak.get("/get/push/webhooks?app=shop").status >= 400);
        assert!(weak.get("/get/push/events?app=shop").status >= 400);
    }
}
