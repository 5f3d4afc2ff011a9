use std::sync::Mutex;

use serde_json::{Value, json};

use super::*;
use crate::service::identity::{Person, PersonalData};

/// A keeper that remembers what it was asked, and may be out of order.
struct Notes {
    asked: Arc<Mutex<Vec<String>>>,
    is_broken: bool,
}

impl PersonalData for Notes {
    fn name(&self) -> &'static str {
        "notes"
    }

    fn export(&self, person: &Person) -> Result<Value, String> {
        Ok(json!({ "of": person.username }))
    }

    fn erase(&self, person: &Person) -> Result<(), String> {
        self.asked.lock().unwrap().push(person.email.clone());
        if self.is_broken {
            return Err("the notes are on fire".to_owned());
        }
        Ok(())
    }
}

type Keepers = Vec<Box<dyn PersonalData>>;

fn notes(is_broken: bool) -> (Keepers, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::default();
    let notes = Notes {
        asked: Arc::clone(&asked),
        is_broken,
    };
    (vec![Box::new(notes)], asked)
}

#[test]
fn an_export_holds_everything_about_one_person_and_no_secret() {
    on_each("", |world| {
        let (user, other) = (world.user("somebody"), world.user("other"));
        let session = world.session(user.id);
        world.session(other.id);
        world
            .identity
            .reset(&world.operator(), "somebody@example.test")
            .unwrap();
        let (keepers, _) = notes(false);
        let export = world
            .identity
            .export(&world.operator(), user.id, &keepers)
            .unwrap();
        assert_eq!(export["account"]["username"], "somebody");
        assert_eq!(export["groups"][0]["title"], "Registered");
        assert_eq!(export["sessions"].as_array().unwrap().len(), 1);
        assert_eq!(export["tokens"][0]["purpose"], "reset");
        assert_eq!(export["mails"][0]["recipient"], "somebody@example.test");
        assert_eq!(export["notes"], json!({ "of": "somebody" }));
        let text = export.to_string();
        for secret in ["$argon2", "other", &session] {
            assert!(!text.contains(secret), "{secret}");
        }
    });
}

#[test]
fn an_erasure_leaves_nothing_of_the_person_and_all_of_the_others() {
    on_each("", |world| {
        let (user, other) = (world.user("somebody"), world.user("other"));
        world.session(user.id);
        for email in ["somebody@example.test", "other@example.test"] {
            world.identity.reset(&world.operator(), email).unwrap();
        }
        let (keepers, asked) = notes(false);
        world
            .identity
            .erase(&world.operator(), user.id, &keepers)
            .unwrap();
        assert_eq!(*asked.lock().unwrap(), ["somebody@example.test"]);
        assert!(matches!(
            world.identity.export(&world.operator(), user.id, &keepers),
            Err(IdentityFault::NotFound)
        ));
        let mails = world.mails();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].0, "other@example.test");
        let export = world
            .identity
            .export(&world.operator(), other.id, &keepers)
            .unwrap();
        assert_eq!(export["tokens"].as_array().unwrap().len(), 1);
        assert!(world.user("somebody").id > other.id);
    });
}

#[test]
fn an_erasure_that_a_keeper_cannot_follow_leaves_the_account_to_be_erased_again() {
    on_each("", |world| {
        let user = world.user("somebody");
        let (broken, _) = notes(true);
        assert!(matches!(
            world.identity.erase(&world.operator(), user.id, &broken),
            Err(IdentityFault::Failed(_))
        ));
        assert!(world.log_in("somebody", PASSWORD).is_ok());
        world
            .identity
            .erase(&world.operator(), user.id, &[])
            .unwrap();
        assert_eq!(code(world.log_in("somebody", PASSWORD)), "USR_LIF");
    });
}
