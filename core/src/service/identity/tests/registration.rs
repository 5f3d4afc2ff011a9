use super::*;
use crate::service::identity::{Registration, Standing};

/// Makes one member of a registration wrong.
type Spoil = fn(&mut Registration);

fn wanted() -> Registration {
    Registration {
        username: "newcomer".to_owned(),
        password: PASSWORD.to_owned(),
        email: "Newcomer@Example.test".to_owned(),
        name: "New Comer".to_owned(),
    }
}

fn register(world: &World, wanted: &Registration) -> Outcome<Standing> {
    world.identity.register(&world.operator(), wanted)
}

#[test]
fn nobody_registers_where_it_is_switched_off() {
    on_each("registration = false\n", |world| {
        assert_eq!(code(register(world, &wanted())), "USR_RNA");
    });
}

#[test]
fn an_account_without_activation_can_be_used_at_once() {
    on_each("registration = true\nactivation = \"none\"\n", |world| {
        assert_eq!(register(world, &wanted()).unwrap(), Standing::Enabled);
        let account = world.log_in("newcomer", PASSWORD).unwrap();
        assert_eq!(account.name, "New Comer");
        assert_eq!(account.email, "Newcomer@example.test");
        assert_eq!(account.groups, [1, 2]);
        let mails = world.mails();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].0, "Newcomer@example.test");
        assert_eq!(mails[0].1, "Your account at Example");
    });
}

#[test]
fn what_is_missing_wrong_or_taken_is_told_by_its_code() {
    on_each("registration = true\nactivation = \"none\"\n", |world| {
        register(world, &wanted()).unwrap();
        let other = Registration {
            username: "other".to_owned(),
            email: "other@example.test".to_owned(),
            ..wanted()
        };
        let spoilt: [(Spoil, &str); 11] = [
            (|it| it.username.clear(), "USR_UNR"),
            (|it| it.username = "  ".to_owned(), "USR_UNR"),
            (|it| it.password.clear(), "USR_PWR"),
            (|it| it.email.clear(), "USR_EMR"),
            (|it| it.name = " ".to_owned(), "USR_NMR"),
            (|it| it.username = "NEWCOMER".to_owned(), "USR_UAX"),
            (
                |it| it.email = "newcomer@example.TEST".to_owned(),
                "USR_EAX",
            ),
            (|it| it.email = "no address".to_owned(), "USR_EDR"),
            (|it| it.password = "short".to_owned(), "USR_EDR"),
            (|it| it.username = "<b>".to_owned(), "USR_EDR"),
            (|it| it.name = "a\r\nBcc: b".to_owned(), "USR_EDR"),
        ];
        for (spoil, expected) in spoilt {
            let mut wanted = other.clone();
            spoil(&mut wanted);
            assert_eq!(code(register(world, &wanted)), expected, "{wanted:?}");
        }
        assert!(register(world, &other).is_ok());
    });
}

#[test]
fn of_many_who_want_the_same_name_one_gets_it() {
    on_each("registration = true\nactivation = \"none\"\n", |world| {
        let got = AtomicI64::new(0);
        std::thread::scope(|scope| {
            for number in 0..8 {
                let got = &got;
                scope.spawn(move || {
                    let email = format!("n{number}@example.test");
                    match register(world, &Registration { email, ..wanted() }) {
                        Ok(_) => got.fetch_add(1, Ordering::Relaxed),
                        refused => {
                            assert_eq!(code(refused), "USR_UAX");
                            0
                        }
                    }
                });
            }
        });
        assert_eq!(got.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn the_token_of_the_mail_enables_the_account_once() {
    on_each("registration = true\nactivation = \"self\"\n", |world| {
        assert_eq!(register(world, &wanted()).unwrap(), Standing::AwaitsOwner);
        assert_eq!(code(world.log_in("newcomer", PASSWORD)), "USR_UNE");
        let token = world.mailed_token();
        assert_eq!(
            code(world.identity.activate(&world.operator(), "made up")),
            "USR_EDR"
        );
        let standing = world.identity.activate(&world.operator(), &token).unwrap();
        assert_eq!(standing, Standing::Enabled);
        assert!(world.log_in("newcomer", PASSWORD).is_ok());
        assert_eq!(
            code(world.identity.activate(&world.operator(), &token)),
            "USR_EDR"
        );
    });
}

#[test]
fn a_token_is_good_for_its_time_only() {
    on_each("registration = true\ntoken_lifetime_s = 3600\n", |world| {
        register(world, &wanted()).unwrap();
        let token = world.mailed_token();
        world.pass(3_600_000);
        assert_eq!(
            code(world.identity.activate(&world.operator(), &token)),
            "USR_EDR"
        );
    });
}

#[test]
fn an_administrator_decides_after_the_address_was_confirmed() {
    let settings = "registration = true\nactivation = \"admin\"\n\
                    activation_url = \"https://example.test/activate?token={token}\"\n";
    on_each(settings, |world| {
        let admin = NewUser {
            username: "admin".to_owned(),
            email: "admin@example.test".to_owned(),
            name: "The Admin".to_owned(),
            password: NewUserPassword::Plain(PASSWORD.to_owned()),
            groups: vec![8],
            blocked: false,
        };
        world.identity.create(&world.operator(), &admin).unwrap();
        let follow = |standing: Standing| {
            let link = world.mailed_token();
            let token = link
                .strip_prefix("https://example.test/activate?token=")
                .unwrap();
            let reached = world.identity.activate(&world.operator(), token).unwrap();
            assert_eq!(reached, standing);
        };
        assert_eq!(register(world, &wanted()).unwrap(), Standing::AwaitsOwner);
        follow(Standing::AwaitsAdministrator);
        assert_eq!(code(world.log_in("newcomer", PASSWORD)), "USR_UNE");
        follow(Standing::Enabled);
        assert!(world.log_in("newcomer", PASSWORD).is_ok());
        let last = world.mails();
        assert_eq!(last.len(), 1);
        assert_eq!(last[0].0, "Newcomer@example.test");
    });
}

#[test]
fn an_operator_who_blocks_an_account_voids_its_token() {
    on_each("registration = true\n", |world| {
        register(world, &wanted()).unwrap();
        let token = world.mailed_token();
        let account = world
            .identity
            .locate(&world.operator(), "newcomer")
            .unwrap();
        world.identity.block(&world.operator(), account.id).unwrap();
        assert_eq!(
            code(world.identity.activate(&world.operator(), &token)),
            "USR_EDR"
        );
    });
}

#[test]
fn one_address_may_not_register_without_end() {
    on_each(
        "registration = true\nthrottle.registrations_per_address = 2\n",
        |world| {
            let slot = SessionSlot::new(None);
            let caller = world.from("192.0.2.1", &slot);
            for number in 0..3 {
                let one = Registration {
                    username: format!("newcomer{number}"),
                    email: format!("newcomer{number}@example.test"),
                    ..wanted()
                };
                let registered = world.identity.register(&caller, &one);
                if number < 2 {
                    assert!(registered.is_ok());
                } else {
                    assert_eq!(code(registered), "REQ_RLM");
                }
            }
        },
    );
}
