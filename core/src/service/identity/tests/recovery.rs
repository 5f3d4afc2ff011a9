use super::*;

const NEW: &str = "another long password";

#[test]
fn a_reminder_tells_the_user_name_to_the_address_alone() {
    on_each("", |world| {
        world.user("somebody");
        world
            .identity
            .remind(&world.operator(), "SOMEBODY@example.test")
            .unwrap();
        let mails = world.mails();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].0, "somebody@example.test");
        assert!(mails[0].2.contains("    somebody\n"));
    });
}

#[test]
fn an_unknown_and_a_blocked_address_get_the_same_answer_and_no_mail() {
    on_each("", |world| {
        let blocked = world.user("blocked");
        world.identity.block(&world.operator(), blocked.id).unwrap();
        for email in ["nobody@example.test", "blocked@example.test"] {
            assert!(world.identity.remind(&world.operator(), email).is_ok());
            assert!(world.identity.reset(&world.operator(), email).is_ok());
        }
        assert_eq!(world.mails(), []);
    });
}

#[test]
fn only_a_malformed_address_is_told() {
    on_each("", |world| {
        for email in ["", "somebody", "a@b@c", "somebody@"] {
            assert_eq!(
                code(world.identity.remind(&world.operator(), email)),
                "USR_RRF"
            );
            assert_eq!(
                code(world.identity.reset(&world.operator(), email)),
                "USR_RRF"
            );
        }
    });
}

#[test]
fn the_token_of_the_mail_sets_a_new_password_once() {
    on_each("", |world| {
        world.user("somebody");
        world
            .identity
            .reset(&world.operator(), "somebody@example.test")
            .unwrap();
        let token = world.mailed_token();
        let confirm = |token: &str, password: &str| {
            world
                .identity
                .confirm_reset(&world.operator(), token, password)
        };
        assert_eq!(code(confirm("made up", NEW)), "USR_RRF");
        assert_eq!(code(confirm(&token, "short")), "USR_EDR");
        confirm(&token, NEW).unwrap();
        assert_eq!(code(confirm(&token, NEW)), "USR_RRF");
        assert_eq!(code(world.log_in("somebody", PASSWORD)), "USR_LIF");
        assert!(world.log_in("somebody", NEW).is_ok());
        assert_eq!(world.mails()[0].1, "Your password at Example was changed");
    });
}

#[test]
fn of_two_who_use_a_token_at_once_one_succeeds() {
    on_each("", |world| {
        world.user("somebody");
        world
            .identity
            .reset(&world.operator(), "somebody@example.test")
            .unwrap();
        let token = world.mailed_token();
        let succeeded = AtomicI64::new(0);
        std::thread::scope(|scope| {
            for number in 0..4 {
                let (succeeded, token) = (&succeeded, &token);
                scope.spawn(move || {
                    let password = format!("{NEW} {number}");
                    let caller = world.operator();
                    if world
                        .identity
                        .confirm_reset(&caller, token, &password)
                        .is_ok()
                    {
                        succeeded.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(succeeded.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_new_password_voids_the_other_tokens_and_ends_the_wait_after_wrong_guesses() {
    on_each("throttle.login_failures_per_account = 1\n", |world| {
        world.user("somebody");
        world
            .identity
            .reset(&world.operator(), "somebody@example.test")
            .unwrap();
        let unused = world.mailed_token();
        world
            .identity
            .reset(&world.operator(), "somebody@example.test")
            .unwrap();
        let token = world.mailed_token();
        assert_eq!(code(world.log_in("somebody", "wrong")), "USR_LIF");
        assert_eq!(code(world.log_in("somebody", PASSWORD)), "REQ_RLM");
        world
            .identity
            .confirm_reset(&world.operator(), &token, NEW)
            .unwrap();
        assert_eq!(
            code(
                world
                    .identity
                    .confirm_reset(&world.operator(), &unused, NEW)
            ),
            "USR_RRF"
        );
        assert!(world.log_in("somebody", NEW).is_ok());
    });
}

#[test]
fn nobodys_mailbox_is_flooded() {
    on_each("throttle.mails_per_email = 2\n", |world| {
        world.user("somebody");
        for email in ["somebody@example.test", "nobody@example.test"] {
            assert!(world.identity.reset(&world.operator(), email).is_ok());
            assert!(world.identity.remind(&world.operator(), email).is_ok());
            assert_eq!(
                code(world.identity.reset(&world.operator(), email)),
                "REQ_RLM"
            );
        }
        assert_eq!(world.mails().len(), 2);
        world.pass(901_000);
        assert!(
            world
                .identity
                .reset(&world.operator(), "somebody@example.test")
                .is_ok()
        );
    });
}

#[test]
fn a_mail_that_cannot_be_queued_is_told() {
    on_each("", |world| {
        world.user("somebody");
        let mut connection = Connections::write(&world.pool).unwrap();
        diesel::connection::SimpleConnection::batch_execute(
            &mut connection,
            "ALTER TABLE \"mail_queue\" RENAME TO \"gone\"",
        )
        .unwrap();
        drop(connection);
        let refused = world
            .identity
            .reset(&world.operator(), "somebody@example.test");
        assert_eq!(code(refused), "USR_RRE");
    });
}

#[test]
fn neither_tokens_nor_passwords_are_stored_as_they_are() {
    on_each("", |world| {
        let user = world.user("somebody");
        world
            .identity
            .reset(&world.operator(), "somebody@example.test")
            .unwrap();
        let token = world.mailed_token();
        let mut connection = Connections::read(&world.pool).unwrap();
        let export = crate::store::accounts::by_id(&mut connection, user.id)
            .unwrap()
            .unwrap();
        assert!(!export.password_hash.contains(PASSWORD));
        let mails = crate::store::mail_queue::list(&mut connection, None, 10).unwrap();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].state, "sent");
        assert!(!format!("{mails:?}").contains(&token));
    });
}
