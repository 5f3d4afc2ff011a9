//! A scheduler that is killed while it sends leaves its notification locked, and the operator unlocks it.

use loggia_fakes::{Action, Answer as Scripted};
use loggia_tests::wait::until;
use serde_json::{Value, json};

use super::lab::{Lab, ios};

/// Sends only when it is asked to, to three devices at a time.
const BY_REQUEST: &str = "scheduler = \"request\"\nbatch_size = 3\n";

/// The notification after the operator's command.
fn unlocked(lab: &Lab, id: i64) -> Value {
    let shown = lab.operate(&["push", "unlock", &id.to_string()]);
    shown["notifications"][0].clone()
}

#[test]
fn what_a_killed_scheduler_left_locked_is_unlocked_by_hand_and_sent_to_the_end() {
    for mut lab in Lab::each(BY_REQUEST) {
        let stall = Scripted {
            action: Action::Stall,
            times: Some(0),
            ..Scripted::default()
        };
        lab.fakes.apns_sandbox().book().script("*", vec![stall]);
        lab.devices(&ios(1..=5));
        let (id, _) = lab.notify(&json!({ "app": "shop", "title": "Hello" }));
        let scheduler = lab.api();
        let hanging = std::thread::spawn(move || {
            // It is killed before it can answer.
            scheduler.try_send("GET", "/get/push/scheduler", None, &[])
        });
        until(|| lab.notification(id)["deliveries"]["sent"] == 3);
        until(|| lab.fakes.apns_sandbox().book().counts().seen == 3);
        lab.kill();
        assert!(hanging.join().expect("it asks").is_err());
        // No node is there that could find out by itself. A dead one is known after five seconds.
        until(|| unlocked(&lab, id)["deliveries"]["sent"] == 0);
        let free = unlocked(&lab, id);
        assert_eq!(
            (
                &free["state"],
                &free["deliveries"]["queued"],
                &free["deliveries"]["unknowns"]
            ),
            (&json!("running"), &json!(3), &json!(3)),
            "{free}"
        );
        lab.fakes.apns_sandbox().book().forget();
        lab.start();
        let sent = || lab.get("/get/push/scheduler")["sent"].clone();
        assert_eq!((sent(), sent(), sent()), (json!(3), json!(2), json!(0)));
        let done = lab.notification(id);
        assert_eq!(
            (&done["state"], &done["deliveries"]["accepted"]),
            (&json!("completed"), &json!(5)),
            "{done}"
        );
        let counts = lab.fakes.apns_sandbox().book().counts();
        assert_eq!(
            (counts.accepted, counts.distinct, counts.doubled),
            (5, 5, 0)
        );
    }
}
