//! The ledger: claims, answers, dead nodes, and that everything adds up.

use diesel::RunQueryDsl as _;
use loggia_push::claim::{self, Claim, Verdict};
use loggia_push::delivery::{self, State};
use loggia_push::device::{self, status as device_status};
use loggia_push::notification::{self, NewNotification, Notification, status, unknown_policy};
use loggia_push::settle::{self, Orphan, Retired, Settled};
use loggia_push::{Audience, Platform, Registration, alarm, registration, retention};
use loggia_sql::Connection;

use crate::support::{NOW, application, on_each};

const NODE: i64 = 7;

/// An application with so many devices, and a notification to all.
fn site(connection: &mut Connection, devices: usize, policy: &str) -> Notification {
    let shop = application(connection, "shop");
    for at in 0..devices {
        let token = format!("token-{at}");
        registration::register(
            connection,
            &Registration::new(shop.id, Platform::Ios, &token),
            NOW,
        )
        .unwrap();
    }
    let audience = Audience::All.text();
    let new = NewNotification {
        unknown_policy: policy,
        ..NewNotification::new(Some(shop.id), &audience, r#"{"title":"x"}"#, NOW)
    };
    notification::create(connection, &new, NOW).unwrap()
}

fn take(connection: &mut Connection, id: i64, limit: i64, now_ms: i64) -> Claim {
    claim::claim(connection, (id, NODE), limit, now_ms, &mut |_, _| {
        Verdict::Send
    })
    .unwrap()
    .expect("the notification is due")
}

fn settled(device_id: i64, state: State) -> Settled<'static> {
    Settled {
        device_id,
        state,
        reason: None,
        vendor_id: None,
        next_attempt_ms: None,
        was_sent: true,
    }
}

fn ids(claim: &Claim) -> Vec<i64> {
    claim.devices.iter().map(|one| one.target.id).collect()
}

/// The notification, after a look at whether its counters are what the ledger has.
fn checked(connection: &mut Connection, id: i64) -> Notification {
    let one = notification::by_id(connection, id).unwrap().unwrap();
    let counted = [
        (State::Queued, one.queued),
        (State::Sent, one.sent),
        (State::Accepted, one.accepted),
        (State::Refused, one.refused),
        (State::Gone, one.gone),
        (State::Expired, one.expired),
        (State::Skipped, one.skipped),
        (State::Unknown, one.unknown),
    ];
    for (state, count) in counted {
        let rows = delivery::of_notification(connection, id, Some(state), 0, 1_000).unwrap();
        assert_eq!(i64::try_from(rows.len()).unwrap(), count, "{state:?}");
    }
    let all = delivery::of_notification(connection, id, None, 0, 1_000).unwrap();
    assert_eq!(i64::try_from(all.len()).unwrap(), one.deliveries());
    one
}

#[test]
fn devices_are_taken_in_turn_and_the_notification_completes_when_all_are_settled() {
    on_each(|connection| {
        let id = site(connection, 5, unknown_policy::RESEND).id;
        assert_eq!(claim::due(connection, NOW, 10).unwrap(), [id]);
        let first = take(connection, id, 3, NOW);
        assert!(first.has_more && first.fence > 0);
        let second = take(connection, id, 3, NOW);
        assert!(!second.has_more && second.fence > first.fence);
        let mut all = ids(&first);
        all.extend(ids(&second));
        assert_eq!(all.len(), 5);
        assert!(all.is_sorted());
        let one = checked(connection, id);
        assert_eq!(
            (one.status, one.sent, one.attempts),
            (status::RUNNING, 5, 5)
        );
        assert_eq!(one.due_ms, Some(NOW + 1_000));
        for claimed in [&first, &second] {
            let outcomes: Vec<_> = ids(claimed)
                .into_iter()
                .map(|id| Settled {
                    vendor_id: Some("their \"name\""),
                    ..settled(id, State::Accepted)
                })
                .collect();
            let key = (id, claimed.fence);
            let written = settle::settle(connection, key, &outcomes, true, NOW + 5).unwrap();
            assert_eq!(written, outcomes.len());
        }
        let row = delivery::find(connection, id, all[0]).unwrap().unwrap();
        assert_eq!(row.vendor_id.as_deref(), Some("their \"name\""));
        assert_eq!(settle::orphans(connection, None, 0, 10).unwrap(), []);
        let rest = take(connection, id, 3, NOW + 5);
        assert!(rest.devices.is_empty());
        let one = checked(connection, id);
        assert_eq!(
            (one.status, one.accepted, one.due_ms),
            (status::COMPLETED, 5, None)
        );
        assert_eq!(claim::due(connection, i64::MAX, 10).unwrap(), [0; 0]);
        let mut devices = vec![device::by_id(connection, all[0]).unwrap().unwrap()];
        device::count_pushes(connection, &mut devices).unwrap();
        assert_eq!(
            (devices[0].push_hits, devices[0].last_push_ms),
            (1, Some(NOW + 5))
        );
    });
}

#[test]
fn a_transient_failure_is_tried_again_at_its_time_and_not_before() {
    on_each(|connection| {
        let id = site(connection, 2, unknown_policy::RESEND).id;
        let first = take(connection, id, 10, NOW);
        let [one, two] = ids(&first)[..] else {
            panic!()
        };
        let later = Settled {
            reason: Some("busy"),
            next_attempt_ms: Some(NOW + 60_000),
            ..settled(one, State::Queued)
        };
        let outcomes = [later, settled(two, State::Accepted)];
        settle::settle(connection, (id, first.fence), &outcomes, true, NOW).unwrap();
        let known = checked(connection, id);
        assert_eq!((known.queued, known.accepted), (1, 1));
        assert!(take(connection, id, 10, NOW + 1_000).devices.is_empty());
        assert_eq!(checked(connection, id).due_ms, Some(NOW + 60_000));
        let again = take(connection, id, 10, NOW + 60_000);
        assert_eq!((ids(&again), again.devices[0].attempts), (vec![one], 2));
        let outcomes = [settled(one, State::Refused)];
        settle::settle(connection, (id, again.fence), &outcomes, true, NOW).unwrap();
        take(connection, id, 10, NOW + 60_000);
        let known = checked(connection, id);
        assert_eq!(
            (known.status, known.refused, known.attempts),
            (status::COMPLETED, 1, 3)
        );
    });
}

#[test]
fn unlocking_frees_what_a_dead_node_holds_of_this_notification_and_nothing_else() {
    on_each(|connection| {
        let id = site(connection, 3, unknown_policy::RESEND).id;
        let audience = Audience::All.text();
        let new = NewNotification::new(None, &audience, r#"{"title":"y"}"#, NOW);
        let other = notification::create(connection, &new, NOW).unwrap().id;
        take(connection, id, 2, NOW);
        take(connection, other, 2, NOW);
        let enter = format!(
            "INSERT INTO node (id, name, version, started_ms, heartbeat_ms, first_command, modules) \
             VALUES ({NODE}, 'one', '0', {NOW}, {NOW}, 0, '[]')"
        );
        diesel::sql_query(enter).execute(connection).unwrap();
        settle::unlock(connection, id, NOW, NOW).unwrap();
        assert_eq!(checked(connection, id).sent, 2, "its node lives");
        settle::unlock(connection, id, NOW + 1, NOW).unwrap();
        let freed = checked(connection, id);
        assert_eq!((freed.sent, freed.queued, freed.unknowns), (0, 2, 2));
        assert_eq!(checked(connection, other).sent, 2);
    });
}

#[test]
fn what_a_dead_node_had_is_unknown_and_sent_again_or_held() {
    for (policy, queued, unknown) in [(unknown_policy::RESEND, 2, 0), (unknown_policy::HOLD, 0, 2)]
    {
        on_each(|connection| {
            let id = site(connection, 3, policy).id;
            let dead = take(connection, id, 10, NOW);
            let all = ids(&dead);
            let outcomes = [settled(all[0], State::Accepted)];
            settle::settle(connection, (id, dead.fence), &outcomes, false, NOW).unwrap();
            let orphans = settle::orphans(connection, None, 0, 10).unwrap();
            let orphan = Orphan {
                reason: "the node that sent it has ended",
                id: dead.fence,
                notification_id: id,
                node_id: NODE,
            };
            assert_eq!(orphans, std::slice::from_ref(&orphan));
            assert_eq!(settle::recover(connection, &orphan, NOW).unwrap(), 2);
            assert_eq!(settle::recover(connection, &orphan, NOW).unwrap(), 0);
            let known = checked(connection, id);
            assert_eq!(
                (known.accepted, known.queued, known.unknown),
                (1, queued, unknown)
            );
            assert_eq!(known.unknowns, 2);
            // The node lives after all and knows what became of one of them.
            let late = [settled(all[1], State::Accepted)];
            assert_eq!(
                settle::settle(connection, (id, dead.fence), &late, true, NOW).unwrap(),
                1
            );
            let known = checked(connection, id);
            assert_eq!((known.accepted, known.queued + known.unknown), (2, 1));
            let again = take(connection, id, 10, NOW);
            assert_eq!(
                again.devices.len(),
                usize::from(policy == unknown_policy::RESEND)
            );
            // Somebody else has taken the other one: it is too late for an answer.
            let late = [settled(all[2], State::Accepted)];
            let written = settle::settle(connection, (id, dead.fence), &late, true, NOW).unwrap();
            assert_eq!(written, usize::from(policy == unknown_policy::HOLD));
            checked(connection, id);
        });
    }
}

#[test]
fn a_broken_connection_makes_a_delivery_unknown_and_a_held_one_is_sent_by_hand() {
    on_each(|connection| {
        let id = site(connection, 2, unknown_policy::HOLD).id;
        let first = take(connection, id, 10, NOW);
        let outcomes: Vec<_> = ids(&first)
            .into_iter()
            .map(|id| Settled {
                next_attempt_ms: Some(NOW + 1),
                ..settled(id, State::Unknown)
            })
            .collect();
        settle::settle(connection, (id, first.fence), &outcomes, true, NOW).unwrap();
        take(connection, id, 10, NOW);
        let known = checked(connection, id);
        assert_eq!(
            (known.unknown, known.unknowns, known.status),
            (2, 2, status::COMPLETED)
        );
        let one = ids(&first)[..1].to_vec();
        let sent = delivery::resend(connection, id, State::Unknown, Some(&one), NOW).unwrap();
        assert_eq!(sent, 1);
        assert_eq!(ids(&take(connection, id, 10, NOW)), one);
        assert_eq!(checked(connection, id).unknown, 1);
        assert_eq!(
            delivery::resend(connection, id, State::Accepted, None, NOW).unwrap(),
            0
        );
    });
}

#[test]
fn what_was_withheld_was_not_sent() {
    on_each(|connection| {
        let id = site(connection, 1, unknown_policy::HOLD).id;
        let first = take(connection, id, 10, NOW);
        let back = Settled {
            next_attempt_ms: Some(NOW),
            was_sent: false,
            ..settled(first.devices[0].target.id, State::Queued)
        };
        settle::settle(connection, (id, first.fence), &[back], true, NOW).unwrap();
        let known = checked(connection, id);
        assert_eq!((known.queued, known.attempts, known.unknowns), (1, 0, 0));
        assert_eq!(take(connection, id, 10, NOW).devices[0].attempts, 1);
    });
}

#[test]
fn whoever_is_not_to_be_told_has_a_row_that_says_why() {
    on_each(|connection| {
        let id = site(connection, 3, unknown_policy::HOLD).id;
        let mut verdicts = vec![
            Verdict::Later {
                at_ms: NOW + 50,
                reason: "quiet hours",
            },
            Verdict::Skip("opted out"),
            Verdict::Send,
        ];
        let taken = claim::claim(connection, (id, NODE), 10, NOW, &mut |_, _| {
            verdicts.pop().unwrap()
        });
        let taken = taken.unwrap().unwrap();
        assert_eq!(taken.devices.len(), 1);
        let known = checked(connection, id);
        assert_eq!((known.sent, known.skipped, known.queued), (1, 1, 1));
        assert_eq!(known.due_ms, Some(NOW + 50));
        let rows = delivery::of_notification(connection, id, None, 0, 10).unwrap();
        let reasons: Vec<_> = rows.iter().map(|row| row.reason.as_deref()).collect();
        assert_eq!(reasons, [None, Some("opted out"), Some("quiet hours")]);
        let device = device::by_id(connection, rows[1].device_id)
            .unwrap()
            .unwrap();
        let why = delivery::why(connection, &known, &device).unwrap();
        assert_eq!(why.explanation, "it was not to be sent: opted out");
    });
}

#[test]
fn what_is_out_of_date_is_not_sent_but_in_the_ledger() {
    on_each(|connection| {
        let shop = application(connection, "shop");
        registration::register(
            connection,
            &Registration::new(shop.id, Platform::Web, "a"),
            NOW,
        )
        .unwrap();
        let audience = Audience::All.text();
        let new = NewNotification {
            expires_ms: Some(NOW - 1),
            ..NewNotification::new(Some(shop.id), &audience, "{}", NOW)
        };
        let id = notification::create(connection, &new, NOW).unwrap().id;
        assert_eq!(take(connection, id, 10, NOW).devices.len(), 0);
        let known = checked(connection, id);
        assert_eq!((known.expired, known.status), (1, status::COMPLETED));
    });
}

#[test]
fn a_device_that_is_gone_retires_unless_it_registered_since() {
    on_each(|connection| {
        let id = site(connection, 2, unknown_policy::HOLD).id;
        let all = ids(&take(connection, id, 10, NOW));
        let gone = |device_id, since_ms| Retired {
            device_id,
            reason: "Unregistered",
            since_ms,
        };
        let retired = [gone(all[0], NOW - 1), gone(all[1], NOW + 1)];
        assert_eq!(settle::retire(connection, &retired, NOW + 9).unwrap(), 1);
        let status =
            |connection: &mut Connection, id| device::by_id(connection, id).unwrap().unwrap();
        assert_eq!(status(connection, all[0]).status, device_status::ACTIVE);
        let other = status(connection, all[1]);
        assert_eq!(other.status, device_status::RETIRED);
        assert_eq!(other.retired_ms, Some(NOW + 9));
        assert_eq!(other.retired_reason.as_deref(), Some("Unregistered"));
    });
}

#[test]
fn what_is_forgotten_still_counts_at_its_device() {
    on_each(|connection| {
        let id = site(connection, 2, unknown_policy::HOLD).id;
        let claim = take(connection, id, 10, NOW);
        let outcomes: Vec<_> = ids(&claim)
            .into_iter()
            .map(|id| settled(id, State::Accepted))
            .collect();
        settle::settle(connection, (id, claim.fence), &outcomes, true, NOW).unwrap();
        take(connection, id, 10, NOW);
        assert!(!retention::prune(connection, NOW).unwrap());
        let mut rounds = 0;
        while retention::prune(connection, NOW + 1).unwrap() {
            rounds += 1;
        }
        assert_eq!(rounds, 2);
        assert_eq!(notification::by_id(connection, id).unwrap(), None);
        let mut devices = vec![device::by_id(connection, ids(&claim)[0]).unwrap().unwrap()];
        device::count_pushes(connection, &mut devices).unwrap();
        assert_eq!(
            (devices[0].push_hits, devices[0].last_push_ms),
            (1, Some(NOW))
        );
    });
}

#[test]
fn a_paused_notification_is_not_taken_and_a_deleted_device_is_skipped() {
    on_each(|connection| {
        let id = site(connection, 1, unknown_policy::HOLD).id;
        let first = take(connection, id, 10, NOW);
        let device = first.devices[0].target.id;
        let back = Settled {
            next_attempt_ms: Some(NOW),
            ..settled(device, State::Queued)
        };
        settle::settle(connection, (id, first.fence), &[back], true, NOW).unwrap();
        notification::set_status(connection, id, status::PAUSED, NOW).unwrap();
        assert_eq!(claim::due(connection, NOW, 10).unwrap(), [0; 0]);
        let none = claim::claim(connection, (id, NODE), 10, NOW, &mut |_, _| Verdict::Send);
        assert!(none.unwrap().is_none());
        device::delete(connection, &[device]).unwrap();
        notification::set_status(connection, id, status::SCHEDULED, NOW).unwrap();
        take(connection, id, 10, NOW);
        let known = checked(connection, id);
        assert_eq!((known.skipped, known.status), (1, status::COMPLETED));
    });
}

#[test]
fn what_waits_for_the_end_of_an_alarm_goes_on_also_behind_a_pause() {
    on_each(|connection| {
        let made = site(connection, 1, unknown_policy::HOLD);
        let (id, shop) = (made.id, made.application_id.unwrap());
        assert!(
            alarm::raise(connection, shop, Platform::Ios, "InvalidProviderToken", NOW).unwrap()
        );
        assert!(!alarm::raise(connection, shop, Platform::Ios, "again", NOW).unwrap());
        claim::claim(connection, (id, NODE), 10, NOW, &mut |_, _| {
            Verdict::Later {
                at_ms: alarm::PARKED_MS,
                reason: "stopped",
            }
        })
        .unwrap();
        assert_eq!(checked(connection, id).due_ms, Some(alarm::PARKED_MS));
        notification::set_status(connection, id, status::PAUSED, NOW).unwrap();
        assert!(alarm::end(connection, shop, Some(Platform::Ios), NOW).unwrap());
        assert!(!alarm::end(connection, shop, None, NOW).unwrap());
        assert_eq!(checked(connection, id).due_ms, None);
        notification::set_status(connection, id, status::SCHEDULED, NOW).unwrap();
        assert_eq!(take(connection, id, 10, NOW).devices.len(), 1);
    });
}
