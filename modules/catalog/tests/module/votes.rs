//! Voting: one vote a person, changed and taken back, for what he sees.

use loggia_testkit::TestCall;
use serde_json::{Value, json};

use crate::library::{Shop, one};

fn vote(shop: &Shop, item: i64, value: i64) -> TestCall<'_> {
    let vote = shop.host.call("post", "votes").with("id", item);
    vote.with("value", value)
}

/// What everybody is shown of the votes for an item.
fn stars(shop: &Shop, item: i64) -> Value {
    let elements = one(shop.item(item))["elements"].clone();
    let elements = elements.as_array().expect("a list").iter();
    let mut stars = elements.filter(|element| element["type"] == "rating");
    stars
        .next()
        .map_or(Value::Null, |stars| stars["data"].clone())
}

#[test]
fn everybody_has_one_vote_and_may_change_it_and_take_it_back() {
    for shop in Shop::each() {
        let item = shop.product("Lamp", &[], &json!({}));
        assert_eq!(stars(&shop, item), Value::Null);
        let version = shop.item(item).answer_header("etag");
        let version = version.map(|tag| tag.split('-').next().map(str::to_owned));
        for (voter, value, mean, votes) in [
            (shop.member, 5, 5.0, 1),
            (shop.author, 2, 3.5, 2),
            (shop.member, 4, 3.0, 2),
            (shop.member, 4, 3.0, 2),
        ] {
            let answer = vote(&shop, item, value).as_user(voter).json();
            let said = (&answer["value"], &answer["votes"], &answer["own"]);
            assert_eq!(
                said,
                (&json!(mean), &json!(votes), &json!(value)),
                "{answer}"
            );
            assert_eq!(stars(&shop, item), json!({ "value": mean, "votes": votes }));
        }
        let take_back = || {
            let call = shop.host.call("delete", "votes").with("id", item);
            call.as_user(shop.member).json()
        };
        for _ in 0..2 {
            assert_eq!(take_back()["own"], Value::Null);
            assert_eq!(stars(&shop, item), json!({ "value": 2.0, "votes": 1 }));
        }
        // Votes are no part of an item's versions.
        let now = shop.item(item).answer_header("etag");
        assert_eq!(
            now.map(|tag| tag.split('-').next().map(str::to_owned)),
            version
        );
    }
}

#[test]
fn a_vote_is_for_what_one_sees_within_the_stars_that_there_are() {
    for shop in Shop::each() {
        let item = shop.product("Lamp", &[], &json!({}));
        let draft = shop.product("Draft", &[], &json!({ "state": 0 }));
        let as_member = |item: i64, value: i64| vote(&shop, item, value).as_user(shop.member);
        assert_eq!(as_member(draft, 3).fault(), "ZOO_INF");
        assert_eq!(as_member(99999, 3).fault(), "ZOO_INF");
        for value in [0, 6] {
            assert_eq!(as_member(item, value).fault(), "REQ_PNV", "{value}");
        }
        let of = |element: &str| as_member(item, 3).with("element", element);
        assert_eq!(of("price").fault(), "REQ_PNV");
        assert_eq!(of("stars").json()["votes"], 1);
        let by_key = vote(&shop, item, 3).with_key(1, &["catalog.write"]);
        assert_eq!(by_key.fault(), "ZOO_ANA");
        assert_eq!(stars(&shop, item)["votes"], 1);
    }
}

#[test]
fn guests_vote_where_the_settings_say_so_once_from_an_address() {
    for shop in Shop::each() {
        let item = shop.product("Lamp", &[], &json!({}));
        assert_eq!(vote(&shop, item, 3).from("192.0.2.1").fault(), "REQ_AUR");
    }
    for shop in Shop::each_with(&json!({ "guest_votes": true })) {
        let item = shop.product("Lamp", &[], &json!({}));
        let from = |address: &str, value: i64| vote(&shop, item, value).from(address).json();
        assert_eq!(from("192.0.2.1", 5)["votes"], 1);
        assert_eq!(from("192.0.2.1", 1)["votes"], 1);
        assert_eq!(from("192.0.2.2", 2)["value"], 1.5);
        let kept = shop.host.call("get", "records").as_operator();
        let kept = kept.with("kind", "vote").json();
        assert!(!kept.to_string().contains("192.0.2"), "{kept}");
    }
}

#[test]
fn a_revision_takes_no_votes_back_and_they_stay_without_their_voters() {
    for shop in Shop::each() {
        let item = shop.product("Lamp", &[], &json!({ "elements": { "price": 1 } }));
        assert_eq!(vote(&shop, item, 4).as_user(shop.member).json()["votes"], 1);
        shop.saved("items", &json!({ "id": item, "elements": { "price": 2 } }));
        vote(&shop, item, 2).as_user(shop.author).json();
        let revisions = shop.host.call("get", "revisions").as_operator();
        let revisions = revisions.with("id", item).json()["revisions"].clone();
        let first = revisions[1]["id"].clone();
        let restored = shop.host.call("post", "restore").as_operator();
        assert_eq!(restored.with("id", first).json()["status"], "ok");
        assert_eq!(stars(&shop, item), json!({ "value": 3.0, "votes": 2 }));
        let house = shop.host.house();
        let export = house.export_person(shop.member).expect("an export");
        let export = serde_json::to_string(&export).expect("JSON");
        assert!(export.contains("\"element\":\"stars\""), "{export}");
        house.erase_person(shop.member).expect("it can be erased");
        assert_eq!(stars(&shop, item), json!({ "value": 3.0, "votes": 2 }));
        let kept = shop.host.call("get", "records").as_operator();
        let kept = kept.with("kind", "vote").json();
        assert_eq!(kept["records"][0]["user_id"], 0, "{kept}");
    }
}
