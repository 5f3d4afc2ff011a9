//! The steps of every module's schema, up and down, on both databases.

use std::fs;

use loggia::module::library::Library;
use loggia::store::migration::{Migration, migrate, revert};
use loggia::store::testing::{TestDatabase, schema};
use loggia_tests::product;

/// The owner and the steps of each module of the release tree.
fn modules() -> Vec<(String, Vec<Migration>)> {
    let scratch = tempfile::tempdir().unwrap();
    let folder = product::dist().join("lib/loggia/modules");
    let paths = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let descriptors = paths.map(|path| Library::open(&path, scratch.path()).unwrap().descriptor);
    descriptors
        .map(|descriptor| {
            let owner = descriptor.module;
            let steps = descriptor.migrations.into_iter().map(|step| Migration {
                owner: owner.clone().into(),
                name: step.name.into(),
                up: step.up.into(),
                down: step.down.into(),
            });
            let steps = steps.collect();
            (owner, steps)
        })
        .collect()
}

#[test]
fn each_step_of_each_module_can_be_taken_back_and_done_again() {
    for (module, steps) in modules() {
        for database in TestDatabase::each() {
            let pool = database.migrated_pool();
            for count in 0..steps.len() {
                let before = schema(&pool);
                migrate(&pool, &steps[..=count]).unwrap();
                let after = schema(&pool);
                revert(&pool, &steps[count..=count]).unwrap();
                assert_eq!(
                    schema(&pool),
                    before,
                    "{module}: {} down",
                    steps[count].name
                );
                migrate(&pool, &steps[..=count]).unwrap();
                assert_eq!(
                    schema(&pool),
                    after,
                    "{module}: {} again",
                    steps[count].name
                );
            }
        }
    }
}
