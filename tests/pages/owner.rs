//! What belongs to whom: an application is its owner's, and its lists are nobody else's.

use loggia::store::testing::TestDatabase;
use serde_json::json;

use crate::fixture::{Application, Site, text};

const MORE: &str =
    "[[endpoint]]\nname = \"own\"\npath = \"/own\"\naccess = \"user\"\nstatus = \"semantic\"\n";

#[test]
fn users_and_notifications_are_listed_to_the_owner_alone() {
    for database in TestDatabase::each() {
        let site = Site::with(database, "0", MORE);
        let password = "correct horse battery staple";
        for name in ["ada", "bob"] {
            let email = format!("{name}@example.org");
            site.operate(&[
                "user",
                "create",
                name,
                "--email",
                &email,
                "--password",
                password,
            ]);
        }
        let server = site.serve();
        let client = server.root();
        let [ada, bob] = ["ada", "bob"].map(|name| {
            let form = [("username", name), ("password", password)];
            let session = client.post_form("/own/post/user/login", &form).json();
            text(&session["session_id"])
        });
        let get = |session: &str, resource: &str, query: &str| {
            client.get(&format!(
                "/own/get/pushback/{resource}?session_id={session}&{query}"
            ))
        };
        let make = json!({ "name": "Shop", "session_id": ada });
        let made = client.post_json("/own/post/pushback/application", &make);
        assert_eq!(made.status, 200, "{}", made.text());
        let application = Application::of(&made.json());
        application.register(&client, &json!([1, 2]));
        application.tell(&client, &json!([1]), &json!("hello"));
        for (resource, member, count) in [
            ("clients", "clients", 2),
            ("notifications", "notifications", 1),
        ] {
            let id = format!("id={}", application.id);
            let own = get(&ada, resource, &id);
            assert_eq!(
                own.json()[member].as_array().map(Vec::len),
                Some(count),
                "{}",
                own.text()
            );
            let others = get(&bob, resource, &id);
            assert_eq!(
                (others.status, text(&others.json()["error_code"])),
                (403, "PBK_NOT".to_owned())
            );
            assert_eq!(get("", resource, &id).status, 401, "nobody in particular");
        }
        let listed = get(&bob, "applications", "").json();
        assert_eq!(listed["applications"], json!([]));
        let mine = get(&ada, "applications", "");
        assert!(mine.text().contains("Shop") && !mine.text().contains(&application.token));
        let charge = json!({ "id": application.id, "key": 1, "session_id": ada });
        let charged = client.post_json("/own/put/pushback/application", &charge);
        assert_eq!(
            charged.status, 400,
            "somebody else's key is not his to use up"
        );
    }
}
