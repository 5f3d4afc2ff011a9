//! What the module tells the host of itself.

use loggia_sdk::prelude::*;
use loggia_site::records::SCOPE;

use crate::operation::register::Registrations;
use crate::operation::{
    apps, batch, credentials, deliveries, devices, events, import, notifications, person,
    preferences, receipts, records, register, scheduler, stats, status, topics, webhooks, why,
};
use crate::{Push, Settings, faults, stream};

/// The scope of keys that keep applications.
const MANAGE: &str = "push.manage";
/// The scope of keys that send.
const SEND: &str = "push.send";
/// The scope of keys that see and keep everybody's devices.
const DEVICES: &str = "push.devices";
/// The scope by which the host exports and erases the data of a person.
const PERSON: &str = "person";

impl Module for Push {
    const NAME: &'static str = "push";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn describe(module: &mut Description<Self>) {
        module
            .summary("Notifications to devices, and what became of them.")
            .service(service::DATABASE)
            .service(service::FILES)
            .service(service::IDENTITY)
            .service(service::PUSH)
            .faults(&faults::TABLE)
            .migration(
                "0001_once",
                include_str!("../../../migrations/push/0001_once/up.sql"),
                include_str!("../../../migrations/push/0001_once/down.sql"),
            );
        describe_contract(module);
        describe_apps(module);
        describe_devices(module);
        describe_wishes(module);
        describe_notifications(module);
        describe_buttons(module);
        describe_ledger(module);
        describe_webhooks(module);
        describe_records(module);
        describe_routes(module);
    }

    fn start(_host: Host, settings: Settings) -> Result<Self, StartError> {
        Ok(Push {
            settings,
            registrations: Registrations::default(),
            leaders: std::sync::OnceLock::new(),
        })
    }
}

fn describe_contract(module: &mut Description<Push>) {
    module
        .operation("put", "register", register::put)
        .summary("Registers a device, or renews its registration.")
        .writes()
        .contract()
        .exclusive_json()
        .raises(&[
            "PSH_TNS", "PSH_ANS", "PSH_PNS", "PSH_PUN", "PSH_ESA", "PSH_AUN", "PSH_ESD", "PSH_UEW",
        ]);
    module
        .operation("get", "scheduler", scheduler::get)
        .summary("Sends what is due, and says how much that was.")
        .writes()
        .contract()
        .slow();
    module
        .operation("get", "stats", stats::get)
        .summary("Counts applications, devices and what waits.")
        .contract();
}

fn describe_routes(module: &mut Description<Push>) {
    module
        .route("GET", "/push/page/{device}/socket", stream::websocket)
        .summary("What is sent to a device that is an open page, over a websocket.");
    module
        .route("GET", "/push/page/{device}/events", stream::events)
        .summary("What is sent to a device that is an open page, as server-sent events.");
}

fn describe_apps(module: &mut Description<Push>) {
    module
        .operation("get", "apps", apps::get)
        .summary("Lists applications, or shows one.")
        .scope(MANAGE)
        .raises(&["PSH_AUN"])
        .command("push apps", "loggia push apps", &["app"]);
    module
        .operation("put", "apps", apps::put)
        .summary("Adds an application, or changes one.")
        .writes()
        .scope(MANAGE)
        .raises(&["PSH_ANS", "PSH_AAX", "REQ_PCF"])
        .command(
            "push app",
            "loggia push app shop --name Shop --state production",
            &["app"],
        );
    module
        .operation("put", "credentials", credentials::put)
        .summary("Gives an application what it proves itself with to vendors; it is sealed and never shown.")
        .writes()
        .scope(MANAGE)
        .raises(&["PSH_ANS", "PSH_AUN", "PSH_CNV"])
        .command(
            "push credentials",
            "loggia push credentials shop --file credentials.json",
            &["app"],
        );
    module
        .operation("delete", "apps", apps::delete)
        .summary("Deletes an application.")
        .writes()
        .slow()
        .scope(MANAGE)
        .raises(&["PSH_ANS", "PSH_AUN", "PSH_ANE"])
        .command(
            "push app-delete",
            "loggia push app-delete shop --with-devices true",
            &["app"],
        );
}

fn describe_devices(module: &mut Description<Push>) {
    module
        .operation("get", "devices", devices::get)
        .summary("Lists devices, or shows one; an account sees its own.")
        .member(DEVICES)
        .raises(&["PSH_AUN", "PSH_DUN"])
        .command(
            "push devices",
            "loggia push devices --app shop --state retired",
            &["id"],
        );
    module
        .operation("put", "devices", devices::put)
        .summary("Changes a device.")
        .writes()
        .member(DEVICES)
        .raises(&["PSH_DUN"])
        .command(
            "push device",
            "loggia push device 7 --state retired --reason lost",
            &["id"],
        );
    module
        .operation("delete", "devices", devices::delete)
        .summary("Deletes a device.")
        .writes()
        .member(DEVICES)
        .raises(&["PSH_DUN"])
        .command("push device-delete", "loggia push device-delete 7", &["id"]);
    module
        .operation("post", "devices", batch::post)
        .summary("Registers many devices of an application.")
        .writes()
        .slow()
        .scope(DEVICES)
        .raises(&["PSH_ANS", "PSH_AUN"]);
    module
        .operation("post", "unregister", batch::unregister)
        .summary("Forgets the devices with some tokens.")
        .writes()
        .member(DEVICES)
        .raises(&["PSH_ANS", "PSH_TNS", "PSH_AUN"]);
    module
        .operation("post", "import", import::post)
        .summary("Registers the devices of a CSV or NDJSON file.")
        .writes()
        .slow()
        .scope(DEVICES)
        .raises(&["PSH_ANS", "PSH_AUN"])
        .command(
            "push import",
            "loggia push import tokens.csv --app shop --platform ios",
            &["file"],
        );
}

fn describe_wishes(module: &mut Description<Push>) {
    module
        .operation("get", "topics", topics::get)
        .summary("Lists the topics of an application.")
        .scope(SEND)
        .raises(&["PSH_ANS", "PSH_AUN"])
        .command("push topics", "loggia push topics shop", &["app"]);
    module
        .operation("post", "subscribe", topics::subscribe)
        .summary("Subscribes a device to topics.")
        .writes()
        .member(DEVICES)
        .raises(&["PSH_DUN"]);
    module
        .operation("post", "unsubscribe", topics::unsubscribe)
        .summary("Ends subscriptions of a device.")
        .writes()
        .member(DEVICES)
        .raises(&["PSH_DUN"]);
    module
        .operation("get", "preferences", preferences::get)
        .summary("Shows what a device or a person wants to be spared.")
        .member(DEVICES)
        .raises(&["PSH_AUN", "PSH_DUN"]);
    module
        .operation("put", "preferences", preferences::put)
        .summary("Changes what a device or a person wants to be spared.")
        .writes()
        .member(DEVICES)
        .raises(&["PSH_AUN", "PSH_DUN"]);
}

fn describe_notifications(module: &mut Description<Push>) {
    module
        .operation("get", "notifications", notifications::get)
        .summary("Lists notifications and how far they are, or shows one.")
        .scope(SEND)
        .raises(&["PSH_AUN", "PSH_NUN"])
        .command(
            "push notifications",
            "loggia push notifications --state running",
            &["id"],
        );
    module
        .operation("post", "notifications", notifications::post)
        .summary("Enters a notification, which is sent when its time has come; with an Idempotency-Key, once.")
        .writes()
        .scope(SEND)
        .raises(&["PSH_AUN", "PSH_DUN", "PSH_MNV", "REQ_IKU"])
        .command(
            "push send",
            "loggia push send --app shop --title Hello --body \"We open at nine.\" --topics news",
            &[],
        );
}

fn describe_buttons(module: &mut Description<Push>) {
    module
        .operation("post", "abort", status::abort)
        .summary("Aborts notifications: they are never sent.")
        .writes()
        .scope(SEND)
        .raises(&["PSH_NUN"])
        .command("push abort", "loggia push abort 12,13", &["ids"]);
    module
        .operation("post", "pause", status::pause)
        .summary("Holds notifications back.")
        .writes()
        .scope(SEND)
        .raises(&["PSH_NUN"])
        .command("push pause", "loggia push pause 12", &["ids"]);
    module
        .operation("post", "schedule", status::schedule)
        .summary("Lets notifications be sent, from where they stopped.")
        .writes()
        .scope(SEND)
        .raises(&["PSH_NUN"])
        .command("push schedule", "loggia push schedule 12", &["ids"]);
    module
        .operation("post", "unlock", status::unlock)
        .summary("Frees notifications that a dead node has left locked.")
        .writes()
        .scope(SEND)
        .raises(&["PSH_NUN"])
        .command("push unlock", "loggia push unlock 12", &["ids"]);
}

fn describe_ledger(module: &mut Description<Push>) {
    module
        .operation("get", "deliveries", deliveries::get)
        .summary("Shows the ledger of a notification or of a device.")
        .member(DEVICES)
        .raises(&["PSH_NUN", "PSH_DUN"])
        .command(
            "push deliveries",
            "loggia push deliveries --notification 12 --state refused",
            &[],
        );
    module
        .operation("post", "resend", deliveries::resend)
        .summary("Sends again by hand what nobody knows of, or what was refused.")
        .writes()
        .scope(SEND)
        .raises(&["PSH_NUN"])
        .command(
            "push resend",
            "loggia push resend 12 --state unknown",
            &["notification"],
        );
    module
        .operation("get", "why", why::get)
        .summary("Tells why a device got nothing.")
        .scope(DEVICES)
        .raises(&["PSH_DUN", "PSH_NUN", "PSH_AUN"])
        .command("push why", "loggia push why 7", &["device", "notification"]);
    module
        .operation("post", "receipts", receipts::post)
        .summary(
            "Takes a device's word that a notification was opened, or something in it pressed.",
        )
        .writes()
        .raises(&["PSH_NUN", "PSH_DUN"]);
}

fn describe_webhooks(module: &mut Description<Push>) {
    module
        .operation("get", "webhooks", webhooks::get)
        .summary(
            "Shows the address at which an application is told what became of its notifications.",
        )
        .scope(MANAGE)
        .raises(&["PSH_ANS", "PSH_AUN", "PSH_WUN"])
        .command("push webhook", "loggia push webhook shop", &["app"]);
    module
        .operation("put", "webhooks", webhooks::put)
        .summary("Gives an application such an address; the secret that signs the calls is shown here and never again.")
        .writes()
        .scope(MANAGE)
        .raises(&["PSH_ANS", "PSH_AUN", "PSH_WNV"])
        .command(
            "push webhook-set",
            "loggia push webhook-set shop --url https://shop.example.org/push",
            &["app"],
        );
    module
        .operation("delete", "webhooks", webhooks::delete)
        .summary("Takes the address away, with all that waits for it.")
        .writes()
        .scope(MANAGE)
        .raises(&["PSH_ANS", "PSH_AUN", "PSH_WUN"])
        .command(
            "push webhook-delete",
            "loggia push webhook-delete shop",
            &["app"],
        );
    module
        .operation("get", "events", events::get)
        .summary("Shows what waits to be told to an application, and what was given up.")
        .scope(MANAGE)
        .raises(&["PSH_ANS", "PSH_AUN", "PSH_WUN"])
        .command(
            "push events",
            "loggia push events shop --state given_up",
            &["app"],
        );
    module
        .operation("post", "events", events::post)
        .summary("Has what was given up told again.")
        .writes()
        .scope(MANAGE)
        .raises(&["PSH_ANS", "PSH_AUN", "PSH_WUN"])
        .command(
            "push events-retry",
            "loggia push events-retry shop",
            &["app"],
        );
}

fn describe_records(module: &mut Description<Push>) {
    module
        .operation("get", "records", records::get)
        .summary(
            "Gives applications, devices, topics and notifications as records, for moving out.",
        )
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
    module
        .operation("get", "person", person::export)
        .summary("Gives everything the module keeps of one account.")
        .scope(PERSON);
    module
        .operation("delete", "person", person::erase)
        .summary("Forgets the devices of one account.")
        .writes()
        .scope(PERSON);
}
