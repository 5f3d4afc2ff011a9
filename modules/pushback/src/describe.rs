//! What the module offers.

use loggia_sdk::prelude::*;
use serde_json::json;

use crate::operation::{application, applications, clients, notifications, person};
use crate::route::{messages, notify, register, script, stream};
use crate::{PushBack, Settings, answer};

impl Module for PushBack {
    const NAME: &'static str = "pushback";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn describe(module: &mut Description<Self>) {
        module
            .summary("Notifications to pages: PushBack's protocol over websockets.")
            .service(service::DATABASE)
            .service(service::CHANNELS)
            .service(service::KEYS)
            .refusal(json!({ "detail": "{text} ({code})" }))
            .faults(&[
                fault("PBK_ANF", "Application not found", 404),
                fault("PBK_NOT", "Not your application", 403),
            ]);
        routes(module);
        operations(module);
    }

    fn start(_host: Host, settings: Settings) -> Result<Self, StartError> {
        Ok(PushBack { settings })
    }
}

fn routes(module: &mut Description<PushBack>) {
    module
        .route("POST", "/api/v1/register", register::post)
        .summary("Registers users of an application by their ids.");
    module
        .route("POST", "/api/v1/notify", notify::post)
        .summary("Tells users of an application something.");
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
        for path in ["/api/v1/register", "/api/v1/notify"] {
            module
                .route(method, path, answer::not_a_post)
                .summary("Says that only POST is answered.")
                .inline();
        }
    }
    module
        .route("GET", "/api/v1/messages", messages::get)
        .summary("What a user has missed, for pages without a websocket.");
    module
        .route(
            "GET",
            "/ws/notifications/subscribe/{token}/{user}",
            stream::websocket,
        )
        .summary("A user's notifications over a websocket.");
    module
        .route(
            "GET",
            "/events/notifications/subscribe/{token}/{user}",
            stream::events,
        )
        .summary("A user's notifications as server-sent events.");
    module
        .route("GET", "/static/core/js/pusher.js", script::get)
        .summary("The script for pages.")
        .inline();
}

fn operations(module: &mut Description<PushBack>) {
    const SCOPE: &str = "pushback";
    const REFUSALS: [&str; 2] = ["PBK_ANF", "PBK_NOT"];
    module
        .operation("post", "application", application::create)
        .summary(
            "Makes an application; its token and its subscribe key are shown here and never again.",
        )
        .member(SCOPE)
        .writes()
        .command(
            "pushback create",
            "loggia pushback create Shop --open-subscribe",
            &["name"],
        );
    module
        .operation("put", "application", application::change)
        .summary("Changes an application, or gives it another token or subscribe key.")
        .member(SCOPE)
        .writes()
        .raises(&REFUSALS)
        .command(
            "pushback change",
            "loggia pushback change 1 --renew-token",
            &["id"],
        );
    module
        .operation("delete", "application", application::delete)
        .summary("Ends an application: its token is good no more, its pages are disconnected.")
        .member(SCOPE)
        .writes()
        .raises(&REFUSALS)
        .command("pushback delete", "loggia pushback delete 1", &["id"]);
    module
        .operation("get", "applications", applications::list)
        .summary("The caller's applications.")
        .member(SCOPE)
        .command("pushback list", "loggia pushback list", &[]);
    module
        .operation("get", "clients", clients::list)
        .summary("The registered users of an application, and who of them is connected.")
        .member(SCOPE)
        .raises(&REFUSALS)
        .command("pushback clients", "loggia pushback clients 1", &["id"]);
    module
        .operation("get", "notifications", notifications::list)
        .summary("The notifications of an application and what became of them, newest first.")
        .member(SCOPE)
        .raises(&REFUSALS)
        .command(
            "pushback notifications",
            "loggia pushback notifications 1",
            &["id"],
        );
    module
        .operation("get", "person", person::export)
        .summary("Everything that is kept of an account.")
        .scope("person");
    module
        .operation("delete", "person", person::erase)
        .summary("Erases what is kept of an account.")
        .scope("person")
        .writes();
}
