use super::*;
use crate::service::identity::{AccountChange, By, Listing};

fn names(world: &World, listing: Listing) -> (i64, Vec<String>) {
    let listed = world.identity.page(&world.operator(), listing).unwrap();
    let json = serde_json::to_value(&listed).unwrap();
    let names = json["accounts"].as_array().unwrap().iter();
    let names = names.map(|account| account["username"].as_str().unwrap().to_owned());
    (listed.total, names.collect())
}

#[test]
fn accounts_are_listed_by_id_a_page_at_a_time_and_blocked_ones_where_asked() {
    on_each("", |world| {
        for name in ["cecily", "ada", "berta"] {
            world.user(name);
        }
        let blocked = world.user("dora").id;
        let operator = world.operator();
        world.identity.block(&operator, blocked).unwrap();
        let all = Listing::default();
        assert_eq!(
            names(world, all),
            (3, ["cecily", "ada", "berta"].map(String::from).to_vec())
        );
        let page = Listing {
            limit: Some(2),
            offset: 1,
            blocked: true,
        };
        assert_eq!(
            names(world, page),
            (4, vec!["ada".to_owned(), "berta".to_owned()])
        );
        let none = Listing {
            limit: Some(0),
            ..all
        };
        assert_eq!(names(world, none), (3, Vec::new()));
    });
}

#[test]
fn an_account_is_changed_in_what_is_given_and_a_new_password_ends_its_sessions() {
    on_each("", |world| {
        let user = world.user("ada").id;
        let session = world.session(user);
        let change = |change: AccountChange| {
            let operator = world.operator();
            world.identity.change_account(&operator, user, &change)
        };
        let renamed = change(AccountChange {
            username: Some(" Lovelace ".to_owned()),
            email: Some("Ada@Example.Test".to_owned()),
            ..AccountChange::default()
        });
        let renamed = renamed.unwrap();
        assert_eq!(
            (&*renamed.username, &*renamed.email, &*renamed.name),
            ("Lovelace", "Ada@example.test", "Some Body")
        );
        assert!(world.identity.resolve(&session).unwrap().is_some());
        let hash = world.identity.hash_password("another long password");
        change(AccountChange {
            password_hash: Some(hash.unwrap()),
            ..AccountChange::default()
        })
        .unwrap();
        assert!(world.identity.resolve(&session).unwrap().is_none());
        assert!(world.log_in("lovelace", "another long password").is_ok());
        assert_eq!(world.mails().len(), 1, "its owner is told");
    });
}

#[test]
fn what_another_account_has_or_no_account_may_have_is_refused() {
    on_each("", |world| {
        let user = world.user("ada").id;
        world.user("grace");
        let change = |member: &str, value: &str| {
            let change = serde_json::json!({ member: value });
            let change: AccountChange = serde_json::from_value(change).unwrap();
            let operator = world.operator();
            code(world.identity.change_account(&operator, user, &change))
        };
        assert_eq!(change("username", "GRACE"), "USR_UAX");
        assert_eq!(change("email", "Grace@example.test"), "USR_EAX");
        assert_eq!(change("name", "  "), "USR_NMR");
        assert_eq!(change("username", "a;b"), "USR_EDR");
        assert_eq!(change("email", "nobody"), "USR_EDR");
        assert_eq!(change("language", "en_GB"), "USR_EDR");
        assert_eq!(code(world.identity.hash_password("short")), "USR_EDR");
        let own = AccountChange {
            username: Some("ADA".to_owned()),
            email: Some("ada@example.test".to_owned()),
            ..AccountChange::default()
        };
        let operator = world.operator();
        let kept = world.identity.change_account(&operator, user, &own);
        assert_eq!(kept.unwrap().username, "ADA");
        let nobody = world.identity.change_account(&operator, 999, &own);
        assert!(matches!(
            nobody,
            Err(IdentityFault::NotFound | IdentityFault::Refused(_))
        ));
        let found = world.identity.find(&operator, By::Username("ada"));
        assert_eq!(found.unwrap().id, user);
    });
}
