//! One person's data: handed out, and gone.

use crate::shop::Shop;

#[test]
fn licences_and_sites_are_exported_and_erased_with_their_owner() {
    for shop in Shop::each() {
        let issue = |user: &str, reference: &str| {
            let issued = shop
                .operator("post", "licences")
                .with("group", "redj")
                .with("user", user)
                .with("reference", reference)
                .json();
            issued["key"].as_str().unwrap().to_owned()
        };
        let key = issue("member", "order-1");
        let kept = issue("outsider", "order-2");
        let on_site = shop
            .claim("validate", "redj", &key)
            .with("site", "shop-of-one.com");
        assert_eq!(on_site.json()["status"], "ok");
        let house = shop.host.house();
        let export = house.export_person(shop.member).unwrap();
        let licences = &export["release"]["licences"];
        assert_eq!(licences.as_array().unwrap().len(), 1, "{export}");
        assert_eq!(licences[0]["reference"], "order-1");
        assert_eq!(licences[0]["used_on"][0]["site"], "shop-of-one.com");
        assert!(!export.to_string().contains(&key), "an export shows no key");
        house.erase_person(shop.member).unwrap();
        assert_eq!(shop.claim("validate", "redj", &key).fault(), "REL_KYI");
        let list = shop.operator("get", "licences").json();
        assert_eq!(list["total"], 1, "{list}");
        assert_eq!(list["licences"][0]["reference"], "order-2");
        assert!(!kept.is_empty());
        let person = shop.call("get", "person").with("user", shop.outsider);
        assert_ne!(person.json()["status"], "ok", "only the operator may ask");
    }
}
