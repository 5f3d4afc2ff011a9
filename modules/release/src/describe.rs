//! What the module tells the host of itself.

use loggia_sdk::prelude::*;

use crate::operation::{
    download, feeds, group, keys, licence, licence_file, list, package, person, product, publish,
    sites, validate, why, yank,
};
use crate::{Release, Settings, faults};

const MANAGE: &str = "release.manage";
const LICENCES: &str = "licence.manage";
/// The scope by which the host exports and erases the data of a person.
const PERSON: &str = "person";

/// What a claim on a group or package can be refused with.
const CLAIM: [&str; 5] = ["REL_KYI", "REL_KYE", "REL_KYV", "REL_ANA", "REL_ALR"];

impl Module for Release {
    const NAME: &'static str = "release";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn describe(module: &mut Description<Self>) {
        module
            .summary("Licences, packages and Joomla update feeds.")
            .service(service::DATABASE)
            .service(service::FILES)
            .service(service::IDENTITY)
            .service(service::MAIL)
            .faults(&faults::descriptions())
            .migration(
                "0001_release",
                include_str!("../../../migrations/release/0001_release/up.sql"),
                include_str!("../../../migrations/release/0001_release/down.sql"),
            )
            .migration(
                "0002_signing_key",
                include_str!("../../../migrations/release/0002_signing_key/up.sql"),
                include_str!("../../../migrations/release/0002_signing_key/down.sql"),
            );
        describe_contract(module);
        describe_feeds(module);
        describe_management(module);
        describe_licences(module);
        describe_licence_files(module);
    }

    fn start(_host: Host, settings: Settings) -> Result<Self, StartError> {
        Release::new(settings)
    }
}

fn describe_contract(module: &mut Description<Release>) {
    module
        .operation("post", "keybyemail", keys::by_email)
        .summary("Mails the licence key of a package group to the account's address.")
        .contract()
        .raises(&["REL_GNS", "REL_EMR", "REL_GNF"]);
    module
        .operation("post", "keybyauth", keys::by_auth)
        .summary("Gives the licence key of a package group to whoever knows the password.")
        .contract()
        .raises(&[
            "REL_GNS", "REL_UNR", "REL_PWR", "REL_GNF", "REL_LIF", "REL_ANA", "REL_KYE", "REL_KYV",
        ]);
    module
        .operation("post", "validate", validate::validate)
        .summary("Checks a licence key for a package group.")
        .cached()
        .contract()
        .raises(&[&["REL_GNS", "REL_EMR", "REL_KYR", "REL_GNF"][..], &CLAIM].concat());
    module
        .operation("post", "verify", validate::verify)
        .summary("Checks a licence key for a package, before it is downloaded.")
        .cached()
        .contract()
        .raises(
            &[
                &["REL_PNS", "REL_EMR", "REL_KYR", "REL_PNF", "REL_YNK"][..],
                &CLAIM,
            ]
            .concat(),
        );
    module
        .operation("post", "download", download::download)
        .summary("Sends a package file.")
        .contract()
        .media("application/octet-stream")
        .raises(
            &[
                &["REL_PNS", "REL_KYR", "REL_PNF", "REL_YNK", "REL_FNA"][..],
                &CLAIM,
            ]
            .concat(),
        );
}

fn describe_feeds(module: &mut Description<Release>) {
    module
        .route("GET", "/extension/{product}.xml", feeds::extension)
        .summary("The updates of a product, for Joomla's updater.")
        .cached();
    module
        .route("GET", "/collection.xml", feeds::collection)
        .summary("All products, for Joomla's updater.")
        .cached();
    module
        .route("GET", "/changelog/{product}.xml", feeds::changelog)
        .summary("What changed in each version of a product, for Joomla's updater.")
        .cached();
    module
        .route("GET", "/download/{package}/{file_name}", download::route)
        .summary("A package file, where the updates lead to.");
}

fn describe_management(module: &mut Description<Release>) {
    module
        .operation("put", "group", group::put)
        .summary("Adds a package group, or changes its name and user groups.")
        .writes()
        .scope(MANAGE)
        .raises(&["REL_GNS"])
        .command(
            "release group",
            "loggia release group redj --name reDJ --user-groups 2,8",
            &["id"],
        );
    module
        .operation("put", "product", product::put)
        .summary("Changes a product's package group, name and description.")
        .writes()
        .scope(MANAGE)
        .raises(&["REL_PNS", "REL_PNF", "REL_GNF"])
        .command(
            "release product",
            "loggia release product com_redj --group redj",
            &["id"],
        );
    module
        .operation("put", "package", package::put)
        .summary("Changes where a package runs and what is said of it, never its file.")
        .writes()
        .scope(MANAGE)
        .raises(&["REL_PNS", "REL_PNF", "REL_PRF"])
        .command(
            "release package",
            "loggia release package com_redj_1_9_0 --platform 4.4-7.*",
            &["id"],
        );
    module
        .operation("post", "publish", publish::publish)
        .summary("Publishes a package file after checking that every site it claims would take it.")
        .writes()
        .slow()
        .scope(MANAGE)
        .raises(&["REL_PRF", "REL_PAX", "REL_GNF"])
        .command(
            "release publish",
            "loggia release publish com_redj-1.9.0.zip --group redj --platform 4.4-6.*",
            &["file"],
        );
    module
        .operation("post", "yank", yank::yank)
        .summary("Takes a package back with a reason, or gives it again.")
        .writes()
        .scope(MANAGE)
        .raises(&["REL_PNS", "REL_PNF"])
        .command(
            "release yank",
            "loggia release yank com_redj_1_9_0 --reason \"It breaks the search.\"",
            &["id"],
        );
    module
        .operation("get", "packages", list::list)
        .summary("Lists groups, products and packages.")
        .scope(MANAGE)
        .raises(&["REL_GNF", "REL_PNF"])
        .command("release list", "loggia release list --group redj", &[]);
    module
        .operation("get", "why", why::why)
        .summary("Tells which rule offers a site an update, or refuses it.")
        .scope(MANAGE)
        .raises(&["REL_PNS", "REL_PNF"])
        .command(
            "release why",
            "loggia release why com_redj --joomla 5.2.1 --php 8.2 --key LG-...",
            &["id"],
        );
}

fn describe_licences(module: &mut Description<Release>) {
    module
        .operation("post", "licences", licence::issue)
        .summary("Issues a licence, once for each reference.")
        .writes()
        .scope(LICENCES)
        .raises(&["REL_GNS", "REL_UNR", "REL_GNF", "REL_UNF", "REL_RAU", "REL_FUL"])
        .command(
            "licence issue",
            "loggia licence issue --group redj --user jane --expires 2027-01-31 --reference order-17",
            &[],
        );
    module
        .operation("put", "licences", licence::renew)
        .summary("Changes the end of a licence, its number of sites and its note.")
        .writes()
        .scope(LICENCES)
        .raises(&["REL_LNF", "REL_KYV"])
        .command(
            "licence renew",
            "loggia licence renew 17 --expires 2028-01-31",
            &["id"],
        );
    module
        .operation("delete", "licences", licence::revoke)
        .summary("Takes a licence back for good.")
        .writes()
        .scope(LICENCES)
        .raises(&["REL_LNF"])
        .command(
            "licence revoke",
            "loggia licence revoke 17 --reason \"Paid back.\"",
            &["id"],
        );
    module
        .operation("get", "licences", licence::list)
        .summary("Lists licences in the order they were issued.")
        .scope(LICENCES)
        .raises(&["REL_GNF", "REL_UNF"])
        .command("licence list", "loggia licence list --user jane", &[]);
    module
        .operation("get", "sites", sites::list)
        .summary("Lists the sites a licence is used on.")
        .scope(LICENCES)
        .raises(&["REL_LNF"])
        .command("licence sites", "loggia licence sites 17", &["id"]);
    module
        .operation("delete", "sites", sites::free)
        .summary("Frees the place of a site, as when a customer moves.")
        .writes()
        .scope(LICENCES)
        .raises(&["REL_LNF"])
        .command(
            "licence free",
            "loggia licence free 17 old.example.com",
            &["id", "site"],
        );
    module
        .operation("get", "person", person::export)
        .summary("Gives everything the module keeps of one account.")
        .scope(PERSON);
    module
        .operation("delete", "person", person::erase)
        .summary("Erases everything the module keeps of one account.")
        .writes()
        .scope(PERSON);
}

fn describe_licence_files(module: &mut Description<Release>) {
    module
        .operation("post", "licencefile", licence_file::own)
        .summary("Gives a signed licence file, checked without a network, to whoever has the key.")
        .media("application/vnd.loggia.licence+json")
        .raises(&[&["REL_GNS", "REL_KYR", "REL_GNF"][..], &CLAIM].concat());
    module
        .operation("get", "licencefile", licence_file::named)
        .summary("Gives the signed licence file of any licence.")
        .media("application/vnd.loggia.licence+json")
        .scope(LICENCES)
        .raises(&[&["REL_LNF", "REL_UNF"][..], &CLAIM].concat())
        .command(
            "licence file",
            "loggia licence file order-17 --site shop.example.com --output licence.json",
            &["id"],
        );
    module
        .operation("get", "licencekey", licence_file::public_key)
        .summary("Gives the public key that licence files are checked with.")
        .command(
            "licence public-key",
            "loggia licence public-key --json",
            &[],
        );
    module
        .route("GET", "/licence-key.pem", licence_file::pem)
        .summary("The public key that licence files are checked with.");
}
