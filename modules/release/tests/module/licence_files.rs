//! Licence files: who gets one, what it says, and that nobody else can write one.

use std::collections::BTreeMap;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use loggia_testkit::{Answer, TestCall};
use serde_json::{Value, json};

use crate::shop::{CUSTOMERS, STRANGERS, Shop};

fn issue(shop: &Shop, reference: &str, members: &[(&str, Value)]) -> Value {
    let call = shop
        .operator("post", "licences")
        .with("group", "redj")
        .with("user", "member")
        .with("reference", reference);
    let issued = members
        .iter()
        .fold(call, |call, (name, value)| call.with(name, value.clone()))
        .json();
    assert_eq!(issued["status"], "ok", "{issued}");
    issued
}

fn own<'s>(shop: &'s Shop, key: &str) -> TestCall<'s> {
    shop.call("post", "licencefile")
        .with("id", "redj")
        .with("key", key)
}

/// The file's text.
fn text(call: TestCall<'_>) -> String {
    match call.send() {
        Ok(Answer::Bytes { body, headers, .. }) => {
            let is_json = |(name, value): &(String, String)| {
                name == "content-type" && value == "application/vnd.loggia.licence+json"
            };
            assert!(headers.iter().any(is_json), "{headers:?}");
            String::from_utf8(body).expect("the file is UTF-8")
        }
        other => panic!("a file was expected, not {other:?}"),
    }
}

fn public_key(shop: &Shop) -> Value {
    shop.call("get", "licencekey").json()
}

/// Checks a file as the documentation says, and gives what it states.
fn stated(shop: &Shop, text: &str) -> Option<BTreeMap<String, Value>> {
    let key = STANDARD
        .decode(public_key(shop)["public_key"].as_str()?)
        .ok()?;
    let key = VerifyingKey::from_bytes(&key.try_into().ok()?).ok()?;
    let file: Value = serde_json::from_str(text).ok()?;
    let members: BTreeMap<String, Value> = serde_json::from_value(file["licence"].clone()).ok()?;
    let signature = STANDARD.decode(file["signature"].as_str()?).ok()?;
    let signature = Signature::from_slice(&signature).ok()?;
    let canonical = serde_json::to_string(&members).ok()?;
    key.verify_strict(canonical.as_bytes(), &signature).ok()?;
    Some(members)
}

#[test]
fn a_holder_gets_a_file_that_verifies_and_says_what_he_has() {
    for shop in Shop::each() {
        let issued = issue(
            &shop,
            "order-1",
            &[("sites", json!(2)), ("expires", json!("2999-12-31"))],
        );
        let key = issued["key"].as_str().unwrap();
        let file = text(own(&shop, key).with("site", "https://www.Shop.example.com/x"));
        let stated = stated(&shop, &file).expect("the signature holds");
        assert_eq!(stated["format"], "loggia-licence-1");
        assert_eq!(stated["group"], "redj");
        assert_eq!(stated["group_name"], "reDJ");
        assert_eq!(stated["licence"], issued["licence"]);
        assert_eq!(stated["email"], "member@example.org");
        assert_eq!(stated["site"], "shop.example.com");
        assert_eq!(stated["sites"], 2);
        assert_eq!(stated["key_id"], public_key(&shop)["key_id"]);
        assert!(!file.contains(key), "the key is a secret");
        let sites = shop.operator("get", "sites").with("id", "order-1").json();
        assert_eq!(sites["sites"][0]["site"], "shop.example.com");
        let any = text(own(&shop, key).with("email", "Member@example.org"));
        assert_eq!(
            super::licence_files::stated(&shop, &any).unwrap()["site"],
            Value::Null
        );
    }
}

#[test]
fn a_changed_byte_is_noticed_wherever_it_is() {
    let shop = Shop::each().remove(0);
    let key = shop.key();
    let file = text(own(&shop, &key));
    assert!(stated(&shop, &file).is_some());
    let mut noticed = 0;
    for (place, byte) in file
        .bytes()
        .enumerate()
        .filter(|(_, byte)| !byte.is_ascii_whitespace())
    {
        let mut changed = file.clone().into_bytes();
        changed[place] = if byte == b'0' { b'1' } else { b'0' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(
            stated(&shop, &changed).is_none(),
            "place {place} of\n{changed}"
        );
        noticed += 1;
    }
    assert!(noticed > 300);
}

#[test]
fn a_file_ends_with_its_licence_or_before() {
    let end = |settings: Value, expires: Option<&str>| {
        let shop = Shop::with(settings);
        let expires = expires.map(|expires| ("expires", json!(expires)));
        let issued = issue(&shop, "order-1", &expires.into_iter().collect::<Vec<_>>());
        let file = text(own(&shop, issued["key"].as_str().unwrap()));
        let stated = stated(&shop, &file).unwrap();
        (stated["issued"].clone(), stated["expires"].clone())
    };
    let as_licence = end(json!({ "licence_file_days": 0 }), Some("2999-12-31"));
    assert_eq!(as_licence.1, "3000-01-01T00:00:00Z");
    assert_eq!(end(json!({ "licence_file_days": 0 }), None).1, Value::Null);
    let (issued, expires) = end(json!({ "licence_file_days": 30 }), Some("2999-12-31"));
    let time = |value: &Value| {
        let text = value.as_str().expect("a time");
        chrono::DateTime::parse_from_rfc3339(text).expect("a time")
    };
    assert_eq!((time(&expires) - time(&issued)).num_days(), 30);
    let (_, expires) = end(json!({ "licence_file_days": 36_500 }), Some("2050-01-01"));
    assert_eq!(expires, "2050-01-02T00:00:00Z");
}

#[test]
fn who_has_no_right_gets_no_file() {
    for shop in Shop::each() {
        let issued = issue(&shop, "order-1", &[("sites", json!(1))]);
        let key = issued["key"].as_str().unwrap();
        assert_eq!(own(&shop, "LG-WRONG").fault(), "REL_KYI");
        assert_eq!(own(&shop, " ").fault(), "REL_KYR");
        assert_eq!(
            own(&shop, key)
                .with("email", "outsider@example.org")
                .fault(),
            "REL_KYI"
        );
        assert_eq!(own(&shop, key).with("id", "none").fault(), "REL_GNF");
        text(own(&shop, key).with("site", "one.com"));
        assert_eq!(own(&shop, key).with("site", "two.com").fault(), "REL_ALR");
        let named = |id: &str| shop.operator("get", "licencefile").with("id", id);
        assert_eq!(named("order-1").with("site", "two.com").fault(), "REL_ALR");
        assert_eq!(named("order-2").fault(), "REL_LNF");
        let guest = shop
            .call("get", "licencefile")
            .with("id", "order-1")
            .fault();
        assert_eq!(guest, "REQ_AKR", "a number is no right");
        shop.regroup(shop.member, CUSTOMERS, STRANGERS);
        assert_eq!(named("order-1").fault(), "REL_ANA");
        shop.regroup(shop.member, STRANGERS, CUSTOMERS);
        let expired = issue(&shop, "order-3", &[("expires", json!("2020-01-01"))]);
        assert_eq!(
            own(&shop, expired["key"].as_str().unwrap()).fault(),
            "REL_KYE"
        );
        shop.operator("delete", "licences")
            .with("id", "order-1")
            .json();
        assert_eq!(named("order-1").fault(), "REL_KYV");
    }
}

#[test]
fn a_shop_gets_the_file_of_any_licence_by_its_own_number() {
    for shop in Shop::each() {
        let issued = issue(&shop, "order-1", &[]);
        let call = shop
            .call("get", "licencefile")
            .with_key(7, &["licence.manage"])
            .with("id", "order-1");
        let stated = stated(&shop, &text(call)).expect("the signature holds");
        assert_eq!(stated["licence"], issued["licence"]);
    }
}

#[test]
fn a_site_has_one_key_however_many_ask_first() {
    for shop in Shop::each() {
        let keys: Vec<Value> = thread::scope(|scope| {
            let asking: Vec<_> = (0..8).map(|_| scope.spawn(|| public_key(&shop))).collect();
            asking.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
        let (status, pem) = shop.host.route("GET", "/licence-key.pem").text();
        assert_eq!(
            (status, pem.as_str()),
            (200, keys[0]["pem"].as_str().unwrap())
        );
    }
}

#[test]
fn an_operators_own_key_is_used_and_kept_nowhere_else() {
    // The first test vector of RFC 8032.
    let secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let shop = Shop::with(json!({ "signing_key": secret }));
    assert_eq!(
        public_key(&shop)["public_key"],
        "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    );
    assert!(stated(&shop, &text(own(&shop, &shop.key()))).is_some());
    let mut connection = shop
        .host
        .house()
        .pool
        .read(loggia::store::testing::patience())
        .unwrap();
    let kept: i64 = diesel::RunQueryDsl::get_result(
        diesel::dsl::sql::<diesel::sql_types::BigInt>("SELECT COUNT(*) FROM release_signing_key"),
        &mut connection,
    )
    .unwrap();
    assert_eq!(kept, 0);
}
