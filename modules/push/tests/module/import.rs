//! Tokens out of files.

use serde_json::json;

use crate::shop::{Shop, tokens};

#[test]
fn a_table_with_names_is_taken_line_by_line() {
    for shop in Shop::each() {
        let text = "token,user,topics,platform\n\"a,b\",ada,news sport,ios\nc,,,\nd,bob,,symbian\n";
        let import = shop
            .post("import")
            .with("app", "shop")
            .with("platform", "android");
        let answer = import.with_file("file", text.as_bytes()).json();
        assert_eq!(
            (&answer["registered"], &answer["refused"]),
            (&json!(2), &json!(1)),
            "{answer}"
        );
        assert_eq!(answer["errors"][0]["line"], 4);
        let listed = shop.get("devices").json();
        assert_eq!(tokens(&listed), ["a,b", "c"]);
        assert_eq!(listed["devices"][0]["topics"], json!(["news", "sport"]));
        assert_eq!(listed["devices"][1]["platform"], "android");
    }
}

#[test]
fn an_object_a_line_is_taken_too_and_a_second_time_changes_nothing() {
    for shop in Shop::each() {
        let text = "{\"token\":\"a\",\"platform\":\"ios\",\"user_id\":7}\n\n{\"token\":\n{\"token\":\"b\",\"platform\":\"web\"}\n";
        for _ in 0..2 {
            let import = shop
                .post("import")
                .with("app", "shop")
                .with_file("file", text.as_bytes());
            let answer = import.json();
            assert_eq!(
                (&answer["registered"], &answer["refused"]),
                (&json!(2), &json!(1)),
                "{answer}"
            );
            assert_eq!(answer["errors"][0]["line"], 3);
        }
        let listed = shop.get("devices").json();
        let mut users: Vec<_> = listed["devices"].as_array().unwrap().iter().collect();
        users.sort_by_key(|one| one["token"].as_str());
        let users: Vec<_> = users
            .iter()
            .map(|one| (&one["token"], &one["user_id"]))
            .collect();
        assert_eq!(
            users,
            [(&json!("a"), &json!(7)), (&json!("b"), &json!(null))]
        );
    }
}

#[test]
fn a_table_without_tokens_is_refused_whole() {
    for shop in Shop::each() {
        let import = shop
            .post("import")
            .with("app", "shop")
            .with_file("file", b"name\na\n");
        assert_eq!(import.fault(), "REQ_PNV");
    }
}
