use super::*;
use crate::store::accounts;

#[test]
fn the_right_password_gives_the_account_whatever_the_case_of_the_name() {
    on_each("", |world| {
        let made = world.user("Jürgen");
        let found = world.log_in("jÜRGEN ", PASSWORD).unwrap();
        assert_eq!(found.id, made.id);
        assert_eq!(found.username, "Jürgen");
        assert_eq!(found.groups, [1, 2]);
        assert_eq!(found.view_levels, [1, 2]);
    });
}

#[test]
fn a_wrong_password_an_unknown_name_and_no_password_are_refused_alike() {
    on_each("", |world| {
        world.user("somebody");
        let new = NewUser {
            username: "imported".to_owned(),
            email: "imported@example.test".to_owned(),
            name: String::new(),
            password: NewUserPassword::None,
            groups: Vec::new(),
            blocked: false,
        };
        world.identity.create(&world.operator(), &new).unwrap();
        for (username, password) in [
            ("somebody", "wrong"),
            ("somebody", ""),
            ("nobody", PASSWORD),
            ("imported", ""),
            ("", ""),
        ] {
            let refusal = world.log_in(username, password).unwrap_err();
            assert_eq!(refusal.to_string(), "refused with USR_LIF", "{username}");
        }
    });
}

#[test]
fn only_who_knows_the_password_hears_that_an_account_is_blocked() {
    on_each("", |world| {
        let user = world.user("somebody");
        world.identity.block(&world.operator(), user.id).unwrap();
        assert_eq!(code(world.log_in("somebody", PASSWORD)), "USR_UNE");
        assert_eq!(code(world.log_in("somebody", "wrong")), "USR_LIF");
        world.identity.unblock(&world.operator(), user.id).unwrap();
        assert!(world.log_in("somebody", PASSWORD).is_ok());
    });
}

#[test]
fn a_hash_from_joomla_is_replaced_when_its_owner_logs_in() {
    on_each("", |world| {
        let new = NewUser {
            username: "moved".to_owned(),
            email: "moved@example.test".to_owned(),
            name: String::new(),
            password: NewUserPassword::Hash("$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0".to_owned()),
            groups: vec![3],
            blocked: false,
        };
        let moved = world.identity.create(&world.operator(), &new).unwrap();
        assert_eq!(code(world.log_in("moved", "test12346")), "USR_LIF");
        for _ in 0..2 {
            assert!(world.log_in("moved", "test12345").is_ok());
        }
        let mut connection = Connections::read(&world.pool).unwrap();
        let stored = accounts::by_id(&mut connection, moved.id).unwrap().unwrap();
        assert!(stored.password_hash.starts_with("$argon2id$"));
    });
}

#[test]
fn guesses_at_one_account_are_limited_from_wherever_they_come() {
    on_each("throttle.login_failures_per_account = 3\n", |world| {
        world.user("somebody");
        let slot = SessionSlot::new(None);
        for number in 1..=3 {
            let caller = world.from(&format!("192.0.2.{number}"), &slot);
            assert_eq!(
                code(world.identity.authenticate(&caller, "somebody", "wrong")),
                "USR_LIF"
            );
        }
        let caller = world.from("192.0.2.9", &slot);
        assert_eq!(
            code(world.identity.authenticate(&caller, "somebody", PASSWORD)),
            "REQ_RLM"
        );
        assert_eq!(
            code(
                world
                    .other_node()
                    .authenticate(&caller, "SOMEBODY", PASSWORD)
            ),
            "REQ_RLM"
        );
        world.pass(901_000);
        assert!(
            world
                .identity
                .authenticate(&caller, "somebody", PASSWORD)
                .is_ok()
        );
    });
}

#[test]
fn names_that_nobody_has_are_throttled_like_any_other() {
    on_each("throttle.login_failures_per_account = 2\n", |world| {
        assert_eq!(code(world.log_in("nobody", "x")), "USR_LIF");
        assert_eq!(code(world.log_in("nobody", "x")), "USR_LIF");
        assert_eq!(code(world.log_in("nobody", "x")), "REQ_RLM");
    });
}

#[test]
fn who_is_right_begins_anew() {
    on_each("throttle.login_failures_per_account = 3\n", |world| {
        world.user("somebody");
        for _ in 0..5 {
            assert_eq!(code(world.log_in("somebody", "wrong")), "USR_LIF");
            assert_eq!(code(world.log_in("somebody", "wrong")), "USR_LIF");
            assert!(world.log_in("somebody", PASSWORD).is_ok());
        }
    });
}

#[test]
fn one_address_may_not_try_many_accounts() {
    on_each("throttle.login_failures_per_address = 3\n", |world| {
        world.user("somebody");
        let slot = SessionSlot::new(None);
        let caller = world.from("2001:db8::1", &slot);
        for _ in 0..10 {
            assert!(
                world
                    .identity
                    .authenticate(&caller, "somebody", PASSWORD)
                    .is_ok()
            );
        }
        for name in ["a1", "a2", "a3"] {
            assert_eq!(
                code(world.identity.authenticate(&caller, name, "x")),
                "USR_LIF"
            );
        }
        let neighbour = world.from("2001:db8::2", &slot);
        assert_eq!(
            code(
                world
                    .identity
                    .authenticate(&neighbour, "somebody", PASSWORD)
            ),
            "REQ_RLM"
        );
        let other = world.from("198.51.100.1", &slot);
        assert!(
            world
                .identity
                .authenticate(&other, "somebody", PASSWORD)
                .is_ok()
        );
    });
}

#[test]
fn guesses_made_at_the_same_time_are_counted_one_by_one() {
    on_each("throttle.login_failures_per_account = 5\n", |world| {
        world.user("somebody");
        let looked_at = AtomicI64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..4 {
                        if code(world.log_in("somebody", "wrong")) == "USR_LIF" {
                            looked_at.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(looked_at.load(Ordering::Relaxed), 5);
    });
}
