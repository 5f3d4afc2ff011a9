use super::*;
use crate::service::identity::By;

#[test]
fn an_account_is_found_by_id_name_and_address() {
    on_each("", |world| {
        let user = world.user("Somebody");
        let found = |by: By<'_>| {
            world
                .identity
                .find(&world.operator(), by)
                .map(|view| view.id)
        };
        for by in [
            By::Id(user.id),
            By::Username("SOMEBODY"),
            By::Email("somebody@EXAMPLE.test"),
        ] {
            assert_eq!(found(by).unwrap(), user.id, "{by:?}");
        }
        for by in [
            By::Id(4711),
            By::Username("nobody"),
            By::Email("no address"),
        ] {
            assert!(matches!(found(by), Err(IdentityFault::NotFound)), "{by:?}");
        }
        for text in [&user.id.to_string(), "somebody", "somebody@example.test"] {
            assert_eq!(
                world.identity.locate(&world.operator(), text).unwrap().id,
                user.id
            );
        }
    });
}

#[test]
fn a_list_is_searched_without_regard_to_case_or_wildcards() {
    on_each("", |world| {
        for name in ["anna", "bert", "per_cent"] {
            world.user(name);
        }
        let names = |text: &str| -> Vec<String> {
            let found = world.identity.list(&world.operator(), text, 10, 0).unwrap();
            found.into_iter().map(|view| view.username).collect()
        };
        assert_eq!(names(""), ["anna", "bert", "per_cent"]);
        assert_eq!(names("ANN"), ["anna"]);
        assert_eq!(names("some body"), ["anna", "bert", "per_cent"]);
        assert_eq!(names("_"), ["per_cent"]);
        assert_eq!(names("%"), Vec::<String>::new());
        let second = world.identity.list(&world.operator(), "", 1, 1).unwrap();
        assert_eq!(second[0].username, "bert");
    });
}

#[test]
fn two_accounts_never_share_a_name_or_an_address() {
    on_each("", |world| {
        world.user("somebody");
        let twin = |username: &str, email: &str| {
            let new = NewUser {
                username: username.to_owned(),
                email: email.to_owned(),
                name: String::new(),
                password: NewUserPassword::None,
                groups: Vec::new(),
                blocked: false,
            };
            world.identity.create(&world.operator(), &new)
        };
        assert_eq!(code(twin("SOMEBODY", "x@example.test")), "USR_UAX");
        assert_eq!(code(twin("other", "SOMEBODY@example.test")), "USR_EAX");
        assert_eq!(code(twin("a;b", "x@example.test")), "USR_EDR");
        assert_eq!(twin("other", "x@example.test").unwrap().name, "other");
    });
}

#[test]
fn groups_are_named_by_id_or_title_and_may_be_added() {
    on_each("", |world| {
        let operator = world.operator();
        let user = world.user("somebody");
        let customers = world
            .identity
            .create_group(&operator, "Customers", 2)
            .unwrap();
        assert_eq!(customers, 10);
        let found = world.identity.locate_group(&operator, "customers").unwrap();
        assert_eq!(found.id, customers);
        assert_eq!(
            world.identity.locate_group(&operator, "8").unwrap().title,
            "Super Users"
        );
        assert_eq!(
            code(world.identity.locate_group(&operator, "nobodies")),
            "REQ_PNV"
        );
        world
            .identity
            .add_to_group(&operator, user.id, customers)
            .unwrap();
        world
            .identity
            .add_to_group(&operator, user.id, customers)
            .unwrap();
        assert_eq!(
            world.identity.own_groups(&operator, user.id).unwrap(),
            [2, customers]
        );
        world
            .identity
            .remove_from_group(&operator, user.id, customers)
            .unwrap();
        assert!(matches!(
            world
                .identity
                .remove_from_group(&operator, user.id, customers),
            Err(IdentityFault::NotFound)
        ));
        assert!(matches!(
            world.identity.add_to_group(&operator, 4711, customers),
            Err(IdentityFault::NotFound)
        ));
    });
}

#[test]
fn the_operator_sets_a_password_without_the_old_one() {
    on_each("", |world| {
        let user = world.user("somebody");
        let set = |password: &str| {
            world
                .identity
                .reset_password(&world.operator(), user.id, password)
        };
        assert_eq!(code(set("short")), "USR_EDR");
        set("another long password").unwrap();
        assert!(world.log_in("somebody", "another long password").is_ok());
    });
}

#[test]
fn an_id_is_never_given_to_somebody_else() {
    on_each("", |world| {
        let first = world.user("first");
        world
            .identity
            .erase(&world.operator(), first.id, &[])
            .unwrap();
        assert!(world.user("second").id > first.id);
    });
}
