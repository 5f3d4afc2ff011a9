//! Writing as accounts do: drafts, states, the trash, revisions, and the same request twice.

use loggia_testkit::TestCall;
use serde_json::{Value, json};

use crate::library::{MEMBERS, Shop, id_of, items, names, one, with};

impl Shop {
    fn as_author(&self, action: &str, resource: &str) -> TestCall<'_> {
        self.host.call(action, resource).as_user(self.author)
    }

    fn as_publisher(&self, action: &str, resource: &str, id: i64) -> Value {
        let call = self.host.call(action, resource).as_user(self.publisher);
        call.with("id", id).json()
    }

    fn draft(&self, more: &Value) -> i64 {
        let post = self.as_author("post", "items").with("app", self.app);
        let answer = with(post.with("type", "product"), more).json();
        id_of(&answer).unwrap_or_else(|| panic!("{answer}"))
    }

    fn revisions(&self, id: i64) -> Vec<Value> {
        let call = self.as_author("get", "revisions").with("id", id);
        call.json()["revisions"]
            .as_array()
            .expect("revisions")
            .clone()
    }
}

#[test]
fn an_authors_item_is_unpublished_until_a_publisher_says_otherwise() {
    for shop in Shop::each() {
        let lamps = shop.category("Lamps", 0, &json!({}));
        let id = shop.draft(&json!({ "name": "Mine", "categories": [lamps] }));
        assert_eq!(shop.item(id).fault(), "ZOO_INF");
        assert_eq!(shop.own(id, shop.author, 1).fault(), "ZOO_INF");
        assert_eq!(shop.own(id, shop.other_author, 0).fault(), "ZOO_INF");
        let own = one(shop.own(id, shop.author, 0));
        assert_eq!(
            (&own["state"], &own["created_by"]),
            (&json!("0"), &json!(shop.author.to_string()))
        );
        let drafts = |user: i64| names(&items(shop.items(0).as_user(user).with("state", 0)));
        assert_eq!(drafts(shop.author), (vec!["Mine".to_owned()], 1));
        assert_eq!(drafts(shop.other_author), (vec![], 0));
        assert_eq!(drafts(shop.editor), (vec!["Mine".to_owned()], 1));
        assert_eq!(
            shop.as_author("post", "publish").with("id", id).fault(),
            "ZOO_ANA"
        );
        assert_eq!(shop.as_publisher("post", "publish", id)["status"], "ok");
        assert_eq!(
            one(shop.item(id))["modified_by"],
            shop.publisher.to_string()
        );
        assert_eq!(items(shop.items(lamps))["total"], 1);
        assert_eq!(
            shop.as_author("post", "unpublish").with("id", id).fault(),
            "ZOO_ANA"
        );
        assert_eq!(shop.as_publisher("post", "archive", id)["status"], "ok");
        assert_eq!(shop.item(id).fault(), "ZOO_INF");
    }
}

#[test]
fn what_is_deleted_lies_in_the_trash_until_it_is_taken_back_or_deleted_again() {
    for shop in Shop::each() {
        let id = shop.draft(&json!({ "name": "Mine" }));
        let delete = |user: i64| {
            shop.host
                .call("delete", "items")
                .as_user(user)
                .with("id", id)
        };
        assert_eq!(delete(shop.other_author).fault(), "ZOO_INF");
        assert_eq!(delete(shop.author).json()["status"], "ok");
        let trash =
            |user: i64| items(shop.items(0).as_user(user).with("state", -2))["total"].clone();
        assert_eq!(
            (trash(shop.author), trash(shop.other_author)),
            (json!(1), json!(0))
        );
        assert_eq!(delete(shop.author).fault(), "ZOO_ANA");
        let back = shop.as_author("post", "unpublish").with("id", id).json();
        assert_eq!(back["status"], "ok");
        assert_eq!(trash(shop.author), 0);
        assert_eq!(delete(shop.author).json()["status"], "ok");
        let first = shop.revisions(id).pop().expect("a revision");
        let restored = shop
            .as_author("post", "restore")
            .with("id", first["id"].clone())
            .json();
        assert_eq!(restored["status"], "ok", "{restored}");
        assert_eq!(one(shop.own(id, shop.author, 0))["state"], "0");
        assert_eq!(delete(shop.editor).json()["status"], "ok");
        assert_eq!(delete(shop.manager).json()["status"], "ok");
        assert_eq!(delete(shop.manager).fault(), "ZOO_INF");
        assert_eq!(
            shop.as_author("get", "revision")
                .with("id", first["id"].clone())
                .fault(),
            "ZOO_RNF"
        );
    }
}

#[test]
fn a_revision_tells_what_has_changed_and_can_be_made_the_present_again() {
    for shop in Shop::each() {
        let lamps = shop.category("Lamps", 0, &json!({}));
        let first = json!({ "name": "First", "categories": [lamps], "elements": { "price": 1, "about": "a\nb" } });
        let id = shop.draft(&first);
        let change =
            json!({ "id": id, "name": "Second", "elements": { "price": null, "about": "a\nc" } });
        let changed = with(shop.as_author("put", "items"), &change).json();
        assert_eq!(changed["status"], "ok", "{changed}");
        let revisions = shop.revisions(id);
        let acts: Vec<&Value> = revisions.iter().map(|one| &one["act"]).collect();
        assert_eq!(acts, ["change", "create"]);
        assert_eq!(revisions[0]["user"], shop.author.to_string());
        let show = shop
            .as_author("get", "revision")
            .with("id", revisions[0]["id"].clone())
            .json();
        let members: Vec<&Value> = show["changes"]
            .as_array()
            .expect("changes")
            .iter()
            .map(|one| &one["member"])
            .collect();
        assert_eq!(
            members,
            ["name", "elements.about", "elements.price"],
            "{show}"
        );
        assert!(
            show["changes"][1]["diff"]
                .as_str()
                .unwrap()
                .contains("-b\n+c"),
            "{show}"
        );
        assert_eq!(show["against"], revisions[1]["id"]);
        let oldest = shop
            .as_author("get", "revision")
            .with("id", revisions[1]["id"].clone())
            .json();
        assert_eq!(
            (&oldest["against"], &oldest["content"]["name"]),
            (&Value::Null, &json!("First"))
        );
        let restore = shop
            .as_author("post", "restore")
            .with("id", revisions[1]["id"].clone());
        assert_eq!(restore.header("if-match", "\"1-x\"").fault(), "REQ_PCF");
        shop.host
            .call("delete", "categories")
            .as_operator()
            .with("id", lamps)
            .json();
        let restore = shop
            .as_author("post", "restore")
            .with("id", revisions[1]["id"].clone())
            .json();
        assert_eq!(restore["status"], "ok", "{restore}");
        let shown = one(shop.own(id, shop.author, 0));
        assert_eq!(
            (&shown["name"], &shown["primary_category"]),
            (&json!("First"), &json!("0"))
        );
        assert_eq!(shown["elements"][0]["data"]["0"]["value"], 1);
        let other = shop.host.call("get", "revision").as_user(shop.other_author);
        assert_eq!(
            other.with("id", revisions[1]["id"].clone()).fault(),
            "ZOO_RNF"
        );
    }
}

#[test]
fn a_revision_neither_shows_nor_takes_back_what_its_reader_does_not_see() {
    for shop in Shop::each() {
        let mine = shop.category("Mine", 0, &json!({}));
        let theirs = shop.category("Theirs", 0, &json!({ "access": 6 }));
        let elements = json!({ "price": { "type": "number", "name": "Price" }, "cost": { "type": "number", "name": "Cost", "access": 6 } });
        shop.type_of("Product", &elements);
        let id = shop
            .draft(&json!({ "name": "Lamp", "categories": [mine], "elements": { "price": 1 } }));
        let price = |price: i64, cost: i64| {
            let elements = json!({ "price": price, "cost": cost });
            shop.saved(
                "items",
                &json!({ "id": id, "categories": [mine, theirs], "elements": elements }),
            )
        };
        price(2, 20);
        price(3, 30);
        let revision = shop.revisions(id)[1]["id"].clone();
        let shown = shop
            .as_author("get", "revision")
            .with("id", revision.clone());
        let shown = shown.json();
        assert_eq!(shown["content"]["categories"], json!([mine]));
        assert_eq!(shown["changes"][0]["member"], "elements.price");
        assert!(!shown.to_string().contains("cost"), "{shown}");
        let whole = shop.host.call("get", "revision").as_operator();
        let whole = whole.with("id", revision.clone()).json();
        assert_eq!(whole["content"]["elements"]["cost"]["0"]["value"], 20);
        let restored = shop
            .as_author("post", "restore")
            .with("id", revision)
            .json();
        assert_eq!(restored["status"], "ok", "{restored}");
        let kept = shop.host.call("get", "records").as_operator();
        let kept = kept.with("kind", "item").json()["records"][0].clone();
        assert_eq!(kept["categories"], json!([mine, theirs]));
        let value = |name: &str| kept["elements"][name]["0"]["value"].clone();
        assert_eq!((value("price"), value("cost")), (json!(2), json!(30)));
    }
}

#[test]
fn only_so_many_revisions_are_kept_as_the_settings_say() {
    for shop in Shop::each_with(&json!({ "revisions": 2 })) {
        let id = shop.draft(&json!({ "name": "a" }));
        for name in ["b", "c", "d"] {
            let put = shop
                .as_author("put", "items")
                .with("id", id)
                .with("name", name);
            assert_eq!(put.json()["status"], "ok");
        }
        let revisions = shop.revisions(id);
        let versions: Vec<&Value> = revisions.iter().map(|one| &one["version"]).collect();
        assert_eq!(versions, [4, 3]);
    }
}

#[test]
fn a_request_with_an_idempotency_key_adds_once() {
    for shop in Shop::each() {
        let post = |key: &str, name: &str| {
            let post = shop.as_author("post", "items").with("app", shop.app);
            let post = post.with("type", "product").with("name", name);
            post.header("idempotency-key", key)
        };
        let first = post("k1", "a").json();
        assert_eq!(post("k1", "a").json(), first);
        assert_eq!(post("k1", "b").fault(), "REQ_IKU");
        assert_ne!(post("k2", "a").json()["id"], first["id"]);
        let drafts = items(shop.items(0).as_user(shop.author).with("state", 0));
        assert_eq!(drafts["total"], 2);
        let aliases: Vec<&Value> = drafts["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| &item["alias"])
            .collect();
        assert_eq!(aliases, ["a", "a-2"]);
        let with_alias = post("k3", "a").with("alias", "a");
        assert_eq!(with_alias.fault(), "ZOO_AAX");
    }
}

#[test]
fn a_writer_cannot_reach_what_he_cannot_see() {
    for shop in Shop::each() {
        let members = shop.category("Members", 0, &json!({ "access": MEMBERS }));
        let managers = shop.category("Managers", 0, &json!({ "access": 6 }));
        let closed = shop.category("Closed", 0, &json!({ "state": 0 }));
        let id = shop.draft(&json!({ "name": "Mine", "categories": [members] }));
        for unseen in [managers, closed, 99999] {
            let put = shop.as_author("put", "items").with("id", id);
            assert_eq!(
                put.with("categories", json!([unseen])).fault(),
                "ZOO_CNF",
                "{unseen}"
            );
        }
        let put = shop.as_author("put", "items").with("id", id);
        assert_eq!(put.with("access", 6).fault(), "REQ_PNV");
        // What others have put it into stays when the author sorts it anew.
        shop.saved(
            "items",
            &json!({ "id": id, "categories": [members, managers] }),
        );
        let put = shop.as_author("put", "items").with("id", id);
        assert_eq!(put.with("categories", json!([])).json()["status"], "ok");
        let records = shop
            .host
            .call("get", "records")
            .as_operator()
            .with("kind", "item")
            .json();
        assert_eq!(records["records"][0]["categories"], json!([managers]));
        // An alias that is taken by something hidden is told as taken, and nothing else of it.
        shop.product("Secret", &[], &json!({ "state": 0 }));
        let put = shop
            .as_author("put", "items")
            .with("app", shop.app)
            .with("name", "Secret");
        assert_eq!(put.with("type", "product").fault(), "ZOO_AAX");
    }
}

#[test]
fn the_types_are_shown_to_those_who_write() {
    for shop in Shop::each() {
        let types = |call: TestCall<'_>| call.with("app", shop.app).json();
        let shown = types(shop.as_author("get", "types"));
        assert_eq!(shown["types"][0]["identifier"], "product");
        assert_eq!(shown["types"][0]["elements"]["price"]["name"], "Full Price");
        let member = shop.get("types").as_user(shop.member).with("app", shop.app);
        assert_eq!(member.fault(), "ZOO_ANA");
    }
}
