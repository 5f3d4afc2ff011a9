//! Who is there, and how soon it is noticed that he is not.

use std::time::Duration;

use loggia::store::testing::TestDatabase;
use loggia_tests::wait::within;
use serde_json::json;

use crate::fixture::{Site, text};
use crate::socket::Page;

const MORE: &str = "[[endpoint]]\nname = \"operator\"\npath = \"/operator\"\naccess = \"key\"\nstatus = \"semantic\"\n\n\
    [channels]\nping_ms = 300\nping_timeout_ms = 600\n";

#[test]
fn a_page_that_leaves_or_falls_silent_is_noticed_and_one_that_answers_stays() {
    for database in TestDatabase::each() {
        let site = Site::with(database, "0", MORE);
        let application = site.application("Shop");
        let key = text(&site.operate(&["key", "create", "--scope", "pushback"])["key"]);
        let server = site.serve();
        let (client, owner) = (server.root(), server.root().with_key(&key));
        application.register(&client, &json!([1, 2, 3]));
        let (closing, silent) = (
            application.page(&server, "1"),
            application.page(&server, "2"),
        );
        let mut staying = application.page(&server, "3");
        assert_eq!(application.connected(&owner), ["1", "2", "3"]);
        closing.close();
        within(
            Duration::from_secs(1),
            "the page that closed is offline",
            || !application.connected(&owner).contains(&"1".to_owned()),
        );
        // Nothing is read from here on, so no ping is answered; to the server that is a network that was cut.
        let held = silent.into_stream();
        staying.stay(Duration::from_secs(2));
        assert_eq!(application.connected(&owner), ["3"]);
        drop(held);
        application.tell(&client, &json!([3]), &json!("still"));
        assert_eq!(staying.text(), "\"still\"");
        let dropped = application.page(&server, "2");
        drop(dropped);
        within(
            Duration::from_secs(1),
            "the page whose connection broke is offline",
            || application.connected(&owner) == ["3"],
        );
    }
}

#[test]
fn a_user_with_two_pages_is_there_until_the_second_leaves() {
    let site = Site::with(TestDatabase::sqlite(), "0", MORE);
    let application = site.application("Shop");
    let key = text(&site.operate(&["key", "create", "--scope", "pushback"])["key"]);
    let server = site.serve();
    let owner = server.root().with_key(&key);
    application.register(&server.root(), &json!([1]));
    let pages: [Page; 2] = std::array::from_fn(|_| application.page(&server, "1"));
    let [first, second] = pages;
    first.close();
    assert_eq!(application.connected(&owner), ["1"]);
    second.close();
    within(Duration::from_secs(1), "he is offline", || {
        application.connected(&owner).is_empty()
    });
}
