//! Several nodes on one database.

use std::time::Instant;

use loggia::store::testing::TestDatabase;
use loggia_tests::wait::within;
use serde_json::json;

use crate::fixture::{PATIENCE, Site, text};

const MORE: &str = "[[endpoint]]\nname = \"operator\"\npath = \"/operator\"\naccess = \"key\"\nstatus = \"semantic\"\n";

#[test]
fn what_is_posted_to_one_node_reaches_pages_of_another_once_and_in_order() {
    let Some(database) = TestDatabase::postgresql() else {
        println!("NOT RUN: nodes share a PostgreSQL database, and LOGGIA_TEST_POSTGRES names none");
        return;
    };
    let site = Site::with(database, "0", MORE);
    let application = site.application("Shop");
    let key = text(&site.operate(&["key", "create", "--scope", "pushback"])["key"]);
    let (here, there) = (site.serve(), site.serve());
    application.register(&here.root(), &json!([1, 2]));
    let mut pages = [application.page(&here, "1"), application.page(&there, "1")];
    let owner = here.root().with_key(&key);
    let two = application.page(&there, "2");
    within(PATIENCE, "the other node's page is known here", || {
        application.connected(&owner) == ["1", "2"]
    });
    for number in 0..50 {
        let node = if number % 2 == 0 { &here } else { &there };
        application.tell(&node.root(), &json!([1]), &json!(number));
    }
    for page in &mut pages {
        for number in 0..50 {
            assert_eq!(page.json(), json!(number));
        }
        page.hears_nothing();
    }
    let start = Instant::now();
    application.tell(&here.root(), &json!([1]), &json!("quick"));
    assert_eq!(pages[1].text(), "\"quick\"");
    // Told by NOTIFY: whoever only looks comes up to a second later.
    assert!(start.elapsed().as_millis() < 900, "{:?}", start.elapsed());
    two.close();
    within(PATIENCE, "its leaving is known here", || {
        application.connected(&owner) == ["1"]
    });
}
