//! What the module tells the host of itself.

use loggia_sdk::prelude::*;
use loggia_site::records::SCOPE;

use crate::operation::{items, menus, put_item, put_menu, records};
use crate::{Menu, Settings, faults};

const MANAGE: &str = "menu.manage";

impl Module for Menu {
    const NAME: &'static str = "menu";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn describe(module: &mut Description<Self>) {
        module
            .summary("Menus and their items.")
            .service(service::DATABASE)
            .faults(&faults::TABLE)
            .migration(
                "0001_menu",
                include_str!("../../../migrations/menu/0001_menu/up.sql"),
                include_str!("../../../migrations/menu/0001_menu/down.sql"),
            );
        describe_contract(module);
        describe_management(module);
    }

    fn start(_host: Host, settings: Settings) -> Result<Self, StartError> {
        Ok(Menu { settings })
    }
}

fn describe_contract(module: &mut Description<Menu>) {
    module
        .operation("get", "menus", menus::get)
        .summary("Shows the site's menus a page at a time, or one menu.")
        .contract()
        .raises(&["MNU_MNF"]);
    module
        .operation("get", "items", items::get)
        .summary("Shows the items of a menu a page at a time, or one item.")
        .contract()
        .raises(&["MNU_MNS", "MNU_MNF", "MNU_INF"]);
}

fn describe_management(module: &mut Description<Menu>) {
    module
        .operation("put", "menus", put_menu::put)
        .summary("Adds a menu, or changes one.")
        .writes()
        .scope(MANAGE)
        .raises(&["MNU_MNF", "MNU_AAX"])
        .command(
            "menu add",
            "loggia menu add mainmenu --title \"Main menu\"",
            &["menutype"],
        );
    module
        .operation("put", "items", put_item::put)
        .summary("Adds an item to a menu, or changes one.")
        .writes()
        .scope(MANAGE)
        .raises(&["MNU_MNF", "MNU_INF", "MNU_AAX"])
        .command(
            "menu item",
            "loggia menu item --menutype mainmenu --title News --link /news",
            &[],
        );
    module
        .operation("get", "records", records::get)
        .summary("Gives menus and items as records, for moving out.")
        .scope(SCOPE);
    module
        .operation("put", "records", records::put)
        .summary("Takes records with their ids, for moving in.")
        .writes()
        .slow()
        .scope(SCOPE);
    module
        .operation("delete", "records", records::delete)
        .summary("Deletes records that are gone where they came from.")
        .writes()
        .scope(SCOPE);
}
