use super::*;
use crate::service::identity::CACHE_MS;

fn is_live(identity: &Identity, id: &str) -> bool {
    identity.resolve(id).unwrap().is_some()
}

#[test]
fn a_session_is_its_owners_with_all_his_rights_on_every_node() {
    on_each("", |world| {
        let user = world.user("somebody");
        let id = world.session(user.id);
        for node in [&world.identity, &world.other_node()] {
            let session = node.resolve(&id).unwrap().unwrap();
            assert_eq!(session.principal.user, user.id);
            assert_eq!(*session.principal.groups, [1, 2]);
            assert_eq!(*session.principal.view_levels, [1, 2]);
        }
        assert!(world.identity.remembered(&id).is_some());
        assert!(!is_live(&world.identity, ""));
        assert!(!is_live(&world.identity, "made-up"));
    });
}

#[test]
fn a_session_that_is_used_does_not_end_and_one_that_is_not_does() {
    on_each("session_lifetime_s = 600\n", |world| {
        let user = world.user("somebody");
        let (used, idle) = (world.session(user.id), world.session(user.id));
        for _ in 0..10 {
            world.pass(300_000);
            assert!(is_live(&world.identity, &used));
        }
        assert!(!is_live(&world.identity, &idle));
        world.pass(600_000);
        assert!(!is_live(&world.identity, &used));
    });
}

#[test]
fn a_call_within_a_minute_writes_nothing() {
    on_each("", |world| {
        let user = world.user("somebody");
        let id = world.session(user.id);
        let expires_ms = || world.identity.resolve(&id).unwrap().unwrap().expires_ms;
        let at_first = expires_ms();
        world.pass(59_000);
        assert_eq!(expires_ms(), at_first);
        world.pass(2_000);
        assert!(expires_ms() > at_first);
    });
}

#[test]
fn log_out_ends_the_session_here_at_once_and_elsewhere_within_a_second() {
    on_each("", |world| {
        let user = world.user("somebody");
        let id = world.session(user.id);
        let other = world.other_node();
        assert!(is_live(&other, &id) && is_live(&world.identity, &id));
        let slot = SessionSlot::new(Some(id.clone()));
        let caller = world.from("192.0.2.1", &slot);
        world.identity.close_session(&caller).unwrap();
        assert_eq!(slot.change(), Some(SessionChange::Closed));
        assert!(!is_live(&world.identity, &id));
        world.pass(CACHE_MS);
        assert!(!is_live(&other, &id));
        assert!(matches!(
            world.identity.close_session(&caller),
            Err(IdentityFault::NotFound)
        ));
    });
}

#[test]
fn a_guest_has_no_session_to_end() {
    on_each("", |world| {
        let slot = SessionSlot::new(None);
        let caller = world.from("192.0.2.1", &slot);
        assert!(matches!(
            world.identity.close_session(&caller),
            Err(IdentityFault::NotFound)
        ));
        assert_eq!(slot.change(), None);
    });
}

#[test]
fn all_sessions_end_with_the_password_with_blocking_and_with_the_account() {
    type Deed = fn(&World, i64);
    let deeds: [Deed; 3] = [
        |world, user| {
            let new = "another long password";
            world
                .identity
                .change_password(&world.operator(), user, PASSWORD, new)
                .unwrap();
        },
        |world, user| world.identity.block(&world.operator(), user).unwrap(),
        |world, user| world.identity.erase(&world.operator(), user, &[]).unwrap(),
    ];
    for deed in deeds {
        on_each("", |world| {
            let (user, bystander) = (world.user("somebody"), world.user("bystander"));
            let sessions = [world.session(user.id), world.session(user.id)];
            let kept = world.session(bystander.id);
            let other = world.other_node();
            assert!(
                sessions
                    .iter()
                    .all(|id| is_live(&world.identity, id) && is_live(&other, id))
            );
            deed(world, user.id);
            assert!(sessions.iter().all(|id| !is_live(&world.identity, id)));
            world.pass(CACHE_MS);
            assert!(sessions.iter().all(|id| !is_live(&other, id)));
            assert!(is_live(&other, &kept));
        });
    }
}

#[test]
fn nobody_opens_a_session_for_an_account_that_is_blocked_or_gone() {
    on_each("", |world| {
        let user = world.user("somebody");
        world.identity.block(&world.operator(), user.id).unwrap();
        for id in [user.id, 4711] {
            assert!(matches!(
                world.identity.open_session(&world.operator(), id),
                Err(IdentityFault::NotFound)
            ));
        }
    });
}

#[test]
fn a_change_of_groups_is_seen_in_a_running_session() {
    on_each("", |world| {
        let user = world.user("somebody");
        let id = world.session(user.id);
        let groups = || {
            world
                .identity
                .resolve(&id)
                .unwrap()
                .unwrap()
                .principal
                .groups
                .to_vec()
        };
        assert_eq!(groups(), [1, 2]);
        world
            .identity
            .add_to_group(&world.operator(), user.id, 4)
            .unwrap();
        assert_eq!(groups(), [1, 2, 3, 4]);
        world
            .identity
            .remove_from_group(&world.operator(), user.id, 4)
            .unwrap();
        assert_eq!(groups(), [1, 2]);
    });
}

#[test]
fn only_the_digest_of_a_session_is_stored() {
    on_each("", |world| {
        let user = world.user("somebody");
        let id = world.session(user.id);
        let mut connection = Connections::read(&world.pool).unwrap();
        let stored = crate::store::sessions::of_account(&mut connection, user.id).unwrap();
        assert_eq!(stored.len(), 1);
        assert_ne!(stored[0].id_hash, id.as_bytes());
        assert_eq!(stored[0].id_hash.len(), 32);
    });
}

#[test]
fn a_guest_is_in_the_groups_of_guests() {
    on_each("", |world| {
        let guest = world.identity.guest().unwrap();
        assert_eq!(
            (guest.user, &*guest.groups, &*guest.view_levels),
            (0, &[1, 9][..], &[1, 5][..])
        );
    });
}

#[test]
fn a_key_bound_to_an_account_has_its_rights_until_it_is_blocked() {
    on_each("", |world| {
        let user = world.user("somebody");
        let principal = world.identity.principal(user.id).unwrap().unwrap();
        assert_eq!(
            (&*principal.username, &*principal.groups),
            ("somebody", &[1, 2][..])
        );
        world.identity.block(&world.operator(), user.id).unwrap();
        assert_eq!(world.identity.principal(user.id).unwrap(), None);
        assert_eq!(world.identity.principal(4711).unwrap(), None);
    });
}

#[test]
fn who_has_a_session_does_not_get_another_until_it_ends() {
    on_each("", |world| {
        let user = world.user("somebody");
        let slot = SessionSlot::new(Some(world.session(user.id)));
        let caller = world.from("192.0.2.1", &slot);
        assert_eq!(
            code(world.identity.open_session(&caller, user.id)),
            "USR_ALI"
        );
        world.identity.close_session(&caller).unwrap();
        assert!(world.identity.open_session(&caller, user.id).is_ok());
    });
}
