//! What the module tells the host of itself.

use loggia_sdk::prelude::*;
use loggia_site::records::SCOPE;

use crate::operation::{change, field, person, profile, records, searchables, users};
use crate::{Profiles, Settings, faults};

const WRITE: &str = "profiles.write";
const MANAGE: &str = "profiles.manage";
/// The scope by which the host exports and erases the data of a person.
const PERSON: &str = "person";

impl Module for Profiles {
    const NAME: &'static str = "profiles";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn describe(module: &mut Description<Self>) {
        module
            .summary("Profiles of the site's people, for endpoints with keys and private ones.")
            .alias("comprofiler")
            .service(service::ACCOUNTS)
            .service(service::DATABASE)
            .service(service::IDENTITY)
            .service(service::SEARCH)
            .faults(&faults::TABLE)
            .migration(
                "0001_profiles",
                include_str!("../../../migrations/profiles/0001_profiles/up.sql"),
                include_str!("../../../migrations/profiles/0001_profiles/down.sql"),
            );
        describe_contract(module);
        describe_fields(module);
        describe_data(module);
    }

    fn start(_host: Host, settings: Settings) -> Result<Self, StartError> {
        Ok(Profiles { settings })
    }
}

fn describe_contract(module: &mut Description<Profiles>) {
    module
        .operation("get", "users", users::get)
        .summary("Lists the site's people.")
        .contract()
        .private();
    module
        .operation("get", "profile", profile::get)
        .summary("Shows one person's profile.")
        .contract()
        .private()
        .raises(&["CBP_UNF"]);
    module
        .operation("put", "profile", change::put)
        .summary("Changes a person's account and fields.")
        .contract()
        .writes()
        .slow()
        .private()
        .members()
        .scope(WRITE)
        .raises(&[
            "CBP_UNF", "CBP_ANA", "CBP_UAX", "CBP_EAX", "CBP_FNA", "REQ_PNV",
        ]);
}

fn describe_fields(module: &mut Description<Profiles>) {
    module
        .operation("get", "fields", field::get)
        .summary("Lists the fields that profiles have on this endpoint.")
        .private();
    module
        .operation("put", "fields", field::put)
        .summary("Adds a field, or changes one.")
        .writes()
        .private()
        .scope(MANAGE)
        .raises(&["CBP_FNA", "CBP_NAX"])
        .command(
            "profiles field",
            "loggia profiles field cb_color --title Colour --type select --values red --values blue",
            &["name"],
        );
    module
        .operation("delete", "fields", field::delete)
        .summary("Deletes a field with everything that stands in it.")
        .writes()
        .private()
        .scope(MANAGE)
        .raises(&["CBP_FNA"]);
}

fn describe_data(module: &mut Description<Profiles>) {
    module
        .operation("get", "searchables", searchables::get)
        .summary("Gives what the search may find, a page at a time.")
        .private()
        .scope(loggia_sdk::search::SCOPE);
    module
        .operation("get", "person", person::export)
        .summary("Gives everything the module keeps of one account.")
        .private()
        .scope(PERSON);
    module
        .operation("delete", "person", person::erase)
        .summary("Deletes everything the module keeps of one account.")
        .writes()
        .private()
        .scope(PERSON);
    module
        .operation("get", "records", records::get)
        .summary("Gives fields and profiles as records, for moving out.")
        .private()
        .scope(SCOPE);
    module
        .operation("put", "records", records::put)
        .summary("Takes records with their ids, for moving in.")
        .writes()
        .slow()
        .private()
        .scope(SCOPE);
    module
        .operation("delete", "records", records::delete)
        .summary("Deletes records that are gone where they came from.")
        .writes()
        .private()
        .scope(SCOPE);
}
