//! What the module tells the host of itself.

use loggia_sdk::prelude::*;
use loggia_site::records::SCOPE;

use crate::gate::Gate;
use crate::operation::{change, file, items, person, records, remove, upload};
use crate::{Media, Settings, faults};

const WRITE: &str = "media.write";
/// The scope by which the host exports and erases the data of a person.
const PERSON: &str = "person";

impl Module for Media {
    const NAME: &'static str = "media";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn describe(module: &mut Description<Self>) {
        module
            .summary("Images and attachments, with thumbnails.")
            .service(service::DATABASE)
            .service(service::FILES)
            .faults(&faults::TABLE)
            .migration(
                "0001_media",
                include_str!("../../../migrations/media/0001_media/up.sql"),
                include_str!("../../../migrations/media/0001_media/down.sql"),
            )
            .migration(
                "0002_version",
                include_str!("../../../migrations/media/0002_version/up.sql"),
                include_str!("../../../migrations/media/0002_version/down.sql"),
            );
        describe_files(module);
        describe_data(module);
    }

    fn start(_host: Host, settings: Settings) -> Result<Self, StartError> {
        if settings.thumbnail_sides.contains(&0) {
            return Err(StartError::new("the setting thumbnail_sides has no 0"));
        }
        Ok(Media {
            gate: Gate::new(settings.decoders),
            settings,
        })
    }
}

fn describe_files(module: &mut Description<Media>) {
    module
        .operation("get", "files", file::get)
        .summary("Sends a file, or a thumbnail of an image.")
        .raises(&["MED_FNF", "MED_REF"])
        .media("*/*");
    module
        .operation("post", "files", upload::post)
        .summary("Takes a file, after looking into it; with an Idempotency-Key, once.")
        .writes()
        .slow()
        .member(WRITE)
        .raises(&["MED_REF", "MED_FTL", "MED_QEX", "MED_ANA", "REQ_IKU"])
        .command(
            "media add",
            "loggia media add photo.jpg --name garden",
            &["file"],
        );
    module
        .operation("put", "files", change::put)
        .summary("Changes a file's name, or who may have it.")
        .writes()
        .member(WRITE)
        .raises(&["MED_FNF", "MED_ANA", "REQ_PCF"])
        .command("media change", "loggia media change 12 --access 2", &["id"]);
    module
        .operation("delete", "files", remove::delete)
        .summary("Deletes a file with its thumbnails.")
        .writes()
        .member(WRITE)
        .raises(&["MED_FNF", "MED_ANA", "REQ_PCF"]);
    module
        .operation("get", "items", items::get)
        .summary("Lists the caller's own files, newest first, or shows what is known of one.")
        .member(WRITE)
        .raises(&["MED_FNF", "MED_ANA"])
        .command("media list", "loggia media list --limit 20", &[]);
}

fn describe_data(module: &mut Description<Media>) {
    module
        .operation("get", "person", person::export)
        .summary("Gives everything the module keeps of one account.")
        .scope(PERSON);
    module
        .operation("delete", "person", person::erase)
        .summary("Deletes the files of one account.")
        .writes()
        .scope(PERSON);
    module
        .operation("get", "records", records::get)
        .summary("Gives files as records, with their bytes, for moving out.")
        .slow()
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
