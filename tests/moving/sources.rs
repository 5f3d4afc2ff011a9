//! The same site from a server of either kind and from a dump.

use std::fs;

use crate::database::Database;
use crate::fixture::{Version, rows, tables};
use crate::site::{Site, joomla, same};

#[test]
fn a_dump_gives_the_same_as_the_server_it_was_made_of() {
    for version in Version::ALL {
        for (site, other) in Site::each().into_iter().zip(Site::each()) {
            let Some(joomla) = joomla(version) else {
                return;
            };
            site.import(&joomla.url(), &[]);
            let dump = other.file("joomla.sql");
            fs::write(&dump, joomla.dump()).expect("the dump can be written");
            other.import(dump.to_str().expect("a plain path"), &[]);
            same(&site.content(), &other.content());
        }
    }
}

#[test]
fn a_site_on_postgresql_gives_the_same_as_one_on_mariadb() {
    for (site, other) in Site::each().into_iter().zip(Site::each()) {
        let (Some(joomla), Some(postgresql)) = (joomla(Version::Five), Database::postgresql())
        else {
            return;
        };
        postgresql.run(&tables(Version::Five, false));
        postgresql.run(&rows(Version::Five, false).replace("\\\\", "\\"));
        site.import(&joomla.url(), &[]);
        other.import(&postgresql.url(), &[]);
        same(&site.content(), &other.content());
    }
}

#[test]
fn what_is_no_joomla_site_is_refused_in_a_sentence_without_its_password() {
    let site = Site::each().remove(0);
    let refused = |source: &str, more: &[&str]| {
        let words = ["import", "joomla", "--database", source];
        let ran = site.operator(&[&words, more].concat());
        assert_eq!(ran.status, 1, "{}", ran.stdout);
        assert!(!ran.stderr.contains("s3cret"), "{}", ran.stderr);
        ran.stderr
    };
    assert!(refused("mysql://joomla:s3cret@127.0.0.1:1/joomla", &[]).contains("the MySQL server"));
    assert!(refused("mysql://joomla:s3cret@[", &[]).contains("cannot be read"));
    assert!(
        refused("postgres://joomla:s3cret@127.0.0.1:1/joomla", &[])
            .contains("the PostgreSQL server")
    );
    assert!(refused("oracle://joomla:s3cret@127.0.0.1/joomla", &[]).contains("mysql://USER"));
    assert!(refused("/nowhere.sql", &[]).contains("/nowhere.sql"));
    if let Some(joomla) = joomla(Version::Five) {
        let error = refused(&joomla.url(), &["--prefix", "abc_"]);
        assert!(
            error.contains("there are no tables abc_users and abc_usergroups; name its prefix by --prefix: jos_"),
            "{error}"
        );
    }
}
