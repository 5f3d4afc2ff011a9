//! What the module tells the host of itself.

use loggia_sdk::prelude::*;
use serde_json::json;

use crate::access::SCOPES;
use crate::application::Application;
use crate::installation::Installation;
use crate::model::Model;
use crate::notification::Notification;
use crate::{Loopback, Settings, changes, event, finder, notify, reset, rest};

impl Module for Loopback {
    const NAME: &'static str = "loopback";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn describe(module: &mut Description<Self>) {
        module
            .summary("LoopBack's push component: applications, installations, notifications, and four ways to send.")
            .service(service::DATABASE)
            .service(service::PUSH)
            .service(service::CHANNELS)
            .refusal(json!({ "error": {
                "statusCode": "{status}", "name": "Error", "message": "{text}", "code": "{code}",
            } }))
            .migration(
                "0001_loopback",
                include_str!("../../../migrations/loopback/0001_loopback/up.sql"),
                include_str!("../../../migrations/loopback/0001_loopback/down.sql"),
            );
        describe_finders(module);
        describe_model::<Application>(module, "/applications");
        describe_model::<Installation>(module, "/installations");
        describe_model::<Notification>(module, "/notifications");
        describe_keys(module);
        describe_sending(module);
    }

    fn start(_host: Host, settings: Settings) -> Result<Self, StartError> {
        Ok(Loopback {
            settings,
            listeners: Default::default(),
        })
    }
}

type Handler = fn(&Loopback, &Call<'_>) -> Result<Body, Fault>;

fn describe_model<M: Model>(module: &mut Description<Loopback>, path: &str) {
    let routes: [(&str, &str, &str, Handler); 15] = [
        ("POST", "", "Adds one record or several.", rest::create::<M>),
        ("GET", "", "Lists records.", rest::list::<M>),
        (
            "PATCH",
            "",
            "Changes a record, or adds it.",
            rest::patch_or_create::<M>,
        ),
        (
            "PUT",
            "",
            "Replaces a record, or adds it.",
            rest::replace_or_create::<M>,
        ),
        (
            "GET",
            "/findOne",
            "Shows the first record.",
            rest::find_one::<M>,
        ),
        ("GET", "/count", "Counts records.", rest::count::<M>),
        (
            "POST",
            "/replaceOrCreate",
            "Replaces a record, or adds it.",
            rest::replace_or_create::<M>,
        ),
        (
            "POST",
            "/upsertWithWhere",
            "Changes the one record, or adds it.",
            rest::upsert_with_where::<M>,
        ),
        (
            "POST",
            "/update",
            "Changes all records of a kind.",
            rest::update_all::<M>,
        ),
        ("GET", "/{id}", "Shows a record.", rest::find::<M>),
        ("PATCH", "/{id}", "Changes a record.", rest::patch::<M>),
        ("PUT", "/{id}", "Replaces a record.", rest::replace::<M>),
        ("DELETE", "/{id}", "Deletes a record.", rest::delete::<M>),
        (
            "GET",
            "/{id}/exists",
            "Tells whether a record is there.",
            rest::exists::<M>,
        ),
        (
            "POST",
            "/{id}/replace",
            "Replaces a record.",
            rest::replace::<M>,
        ),
    ];
    for method in ["GET", "POST"] {
        module
            .route(
                method,
                &format!("{path}/change-stream"),
                changes::stream::<M>,
            )
            .summary("Tells what becomes of records, as it happens.")
            .scopes(&SCOPES);
    }
    for (method, rest, summary, handler) in routes {
        let path = format!("{path}{rest}");
        module
            .route(method, &path, handler)
            .summary(summary)
            .scopes(&SCOPES);
    }
}

fn describe_keys(module: &mut Description<Loopback>) {
    let routes: [(&str, &str, Handler); 2] = [
        (
            "/applications/{id}/resetKeys",
            "Gives an application other keys.",
            reset::reset_keys,
        ),
        (
            "/applications/{id}/authenticate",
            "Tells which of an application's keys a key is.",
            reset::authenticate,
        ),
    ];
    for (path, summary, handler) in routes {
        module
            .route("POST", path, handler)
            .summary(summary)
            .scopes(&SCOPES);
    }
}

fn describe_finders(module: &mut Description<Loopback>) {
    let finders: [(&str, &str, Handler); 3] = [
        (
            "/installations/byApp",
            "Lists the installations of an application.",
            finder::by_app,
        ),
        (
            "/installations/byUser",
            "Lists the installations of a user.",
            finder::by_user,
        ),
        (
            "/installations/bySubscriptions",
            "Lists the installations with any of some subscriptions.",
            finder::by_subscriptions,
        ),
    ];
    for (path, summary, handler) in finders {
        module
            .route("GET", path, handler)
            .summary(summary)
            .scopes(&SCOPES);
    }
}

fn describe_sending(module: &mut Description<Loopback>) {
    let sending: [(&str, &str, Handler); 4] = [
        (
            "/push",
            "Sends to the installations that a query finds.",
            notify::by_query,
        ),
        (
            "/notify",
            "Sends to tokens of one application and platform.",
            notify::by_tokens,
        ),
        ("/notify/{id}", "Sends to one installation.", notify::by_id),
        (
            "/event/{name}",
            "Sends texts in the languages of those who have subscribed to an event.",
            event::post,
        ),
    ];
    for (path, summary, handler) in sending {
        module
            .route("POST", path, handler)
            .summary(summary)
            .slow()
            .scopes(&SCOPES);
    }
}
