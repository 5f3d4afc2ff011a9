//! Bodies of requests: JSON and forms.

use loggia::store::testing::TestDatabase;
use serde_json::json;

use crate::fixture::Site;

#[test]
fn content_is_any_json_in_both_encodings() {
    let site = Site::new(TestDatabase::sqlite());
    let application = site.application("Shop");
    let server = site.serve();
    let client = server.root();
    let form = [
        ("app_token", application.token.as_str()),
        ("users", "[1, \"2\"]"),
    ];
    let answer = client.post_form("/api/v1/register/", &form);
    let message = "Users registered with success";
    assert_eq!(
        answer.json(),
        json!({ "result": "Success", "message": message })
    );
    let mut page = application.page(&server, "1");
    for content in [
        json!({ "deep": [{ "er": null }], "text": "Grüße 🎈 \"quoted\"\n" }),
        json!([1, 2]),
        json!(3),
        json!(-1.5),
        json!("hi"),
        json!("Ärger mit Umlauten 🎈"),
        json!(false),
        json!(""),
    ] {
        application.tell(&client, &json!([1]), &content);
        assert_eq!(page.json(), content);
        let body = content.to_string();
        let form = [
            ("app_token", application.token.as_str()),
            ("users", "[1]"),
            ("content", body.as_str()),
        ];
        let answer = client.post_form("/api/v1/notify/", &form).json();
        assert_eq!(answer["result"], "Success");
        assert_eq!(
            answer["message"],
            "Notifications send with success with success"
        );
        assert_eq!(page.json(), content);
    }
    let plain = [
        ("app_token", application.token.as_str()),
        ("users", "[1, 99]"),
        ("conntent", "no {JSON"),
    ];
    assert_eq!(client.post_form("/api/v1/notify", &plain).status, 200);
    assert_eq!(page.json(), json!("no {JSON"));
    let both = json!({
        "app_token": application.token, "users": [1], "conntent": "old", "content": "new",
    });
    assert_eq!(client.post_json("/api/v1/notify/", &both).status, 200);
    assert_eq!(page.json(), json!("new"));
}

#[test]
fn a_pages_form_data_is_a_form_and_a_broken_one_is_refused() {
    let site = Site::new(TestDatabase::sqlite());
    let application = site.application("Shop");
    let server = site.serve();
    let client = server.root();
    let media = "multipart/form-data; boundary=----x7";
    let send = |path: &str, fields: &[(&str, &str)]| {
        let parts = fields.iter().map(|(name, value)| {
            format!(
                "------x7\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
        });
        let body = parts.collect::<String>() + "------x7--\r\n";
        client.send("POST", path, Some(media), body.as_bytes())
    };
    let token = ("app_token", application.token.as_str());
    let registered = send("/api/v1/register/", &[token, ("users", "[1, \"2\"]")]);
    let message = "Users registered with success";
    assert_eq!(
        registered.json(),
        json!({ "result": "Success", "message": message })
    );
    let mut page = application.page(&server, "1");
    let content = json!({ "text": "Grüße 🎈\r\nand more" });
    let told = send(
        "/api/v1/notify/",
        &[token, ("users", "[1]"), ("content", &content.to_string())],
    );
    assert_eq!((told.status, page.json()), (200, content));
    let without = send("/api/v1/notify/", &[("users", "[1]")]);
    assert_eq!(
        (without.status, without.json()["result"].clone()),
        (403, json!("Error"))
    );
    let broken = client.send("POST", "/api/v1/notify/", Some(media), b"------x7\r\n");
    assert_eq!(
        (broken.status, broken.json()["detail"].is_string()),
        (400, true)
    );
    page.hears_nothing();
}
