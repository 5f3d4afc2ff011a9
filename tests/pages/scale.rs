//! Many pages at once: what one costs, and how soon all of them are told.

use std::fs;
use std::time::Instant;

use loggia::store::testing::TestDatabase;
use loggia_tests::rounds;
use serde_json::json;

use crate::fixture::Site;
use crate::socket::Page;

/// The resident memory of a process.
fn resident_bytes(process: u32) -> u64 {
    let status =
        fs::read_to_string(format!("/proc/{process}/status")).expect("a process has a status");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .expect("its memory");
    let number = line
        .split_whitespace()
        .nth(1)
        .and_then(|number| number.parse::<u64>().ok());
    number.expect("a number of kibibytes") * 1024
}

#[test]
fn an_idle_page_costs_little_and_one_message_reaches_all_of_them_soon() {
    let count = rounds(1_000, 15_000);
    let site = Site::new(TestDatabase::sqlite());
    let application = site.application("Shop");
    let server = site.serve();
    let client = server.root();
    application.register(&client, &json!([1]));
    let mut pages: Vec<Page> = (0..100).map(|_| application.page(&server, "1")).collect();
    let before = resident_bytes(server.process());
    pages.extend((100..count).map(|_| application.page(&server, "1")));
    let each = (resident_bytes(server.process()) - before) / u64::from(count - 100);
    println!("{count} idle pages: {each} bytes resident each");
    assert!(each < 24 * 1024, "an idle page costs {each} bytes");
    let start = Instant::now();
    application.tell(&client, &json!([1]), &json!("all"));
    for page in &mut pages {
        assert_eq!(page.text(), "\"all\"");
    }
    println!("{count} pages were told within {:?}", start.elapsed());
    // The reader takes its time too, and both are built without optimisation.
    assert!(
        start.elapsed().as_millis() < u128::from(1_000 + count / 2),
        "{:?}",
        start.elapsed()
    );
}
