//! The module in C that stands beside the header: built, loaded and asked.

use loggia::store::testing::TestDatabase;
use loggia_tests::product::Ran;
use loggia_tests::server::Setup;
use loggia_tests::{cc, source_tree};

fn build(setup: &Setup) {
    let source = source_tree().join("sdk/include/example/hello.c");
    cc::shared_library(&source, &setup.library("hello"));
}

#[test]
fn the_example_in_c_is_accepted_by_module_check() {
    let setup = Setup::new(TestDatabase::sqlite());
    build(&setup);
    let library = setup.library("hello").display().to_string();
    let ran = Ran::loggia(["module", "check", &library]).done();
    assert!(ran.stdout.contains("hello"), "{}", ran.stdout);
}

#[test]
fn the_example_in_c_answers_with_its_settings_and_checked_parameters() {
    let setup = Setup::new(TestDatabase::sqlite());
    build(&setup);
    setup.configure("[module.hello]\ngreeting = \"G'day \\\"mate\\\"\"\n");
    let server = setup.serve();
    let greeting = |query: &str| server.api().get(&format!("/get/hello/greeting{query}"));

    let answer = greeting("?name=Ada%20%22L%22&times=2");
    let expected = "G'day \"mate\", Ada \"L\"! G'day \"mate\", Ada \"L\"!";
    assert_eq!(answer.json()["greeting"], expected);
    assert!(
        answer.text().starts_with(r#"{"status":"ok","#),
        "{}",
        answer.text()
    );
    assert_eq!(greeting("").error_code(), "HEL_NMR");
    assert_eq!(greeting("?name=Ada&times=11").error_code(), "REQ_PNV");
    assert!(server.log().contains("hello is ready"), "{}", server.log());
}

#[test]
fn the_example_in_c_counts_in_the_database_and_keeps_the_count() {
    for database in TestDatabase::each() {
        let setup = Setup::new(database);
        build(&setup);
        for expected in 1..=3 {
            let server = setup.serve();
            let visit = server
                .api()
                .post_form("/post/hello/visit", &[("name", "Ada")]);
            assert_eq!(visit.json()["visits"], expected, "{}", visit.text());
        }
    }
}
