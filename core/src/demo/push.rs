//! The applications of the demo site that devices register for. One that is there already is found.

use serde_json::json;

use super::facts::{DemoLoopback, DemoPush};
use super::operate::operate;
use super::site::LOOPBACK;
use crate::app::House;

/// The code of the one for jBackend's clients.
const APP: &str = "demo";
/// The code of the one for LoopBack's.
const LOOPBACK_APP: &str = "loopback-demo";

/// Adds the application for jBackend's clients.
pub(super) fn push(house: &House) -> Result<DemoPush, String> {
    application(house, APP, "Demo").map(|_| DemoPush {
        app: APP.to_owned(),
    })
}

/// Adds the application for LoopBack's clients.
pub(super) fn loopback(house: &House) -> Result<DemoLoopback, String> {
    let app_id = application(house, LOOPBACK_APP, "LoopBack demo")?;
    Ok(DemoLoopback {
        base: LOOPBACK.to_owned(),
        app_id,
    })
}

/// Adds an application, and gives its id for the outside.
fn application(house: &House, code: &str, name: &str) -> Result<String, String> {
    let saved = operate(
        house,
        "push",
        "put",
        "apps",
        &json!({ "app": code, "name": name }),
        None,
    )?;
    let id = saved["app"]["public_id"].as_str().map(str::to_owned);
    id.ok_or_else(|| "push put/apps answered without an id".to_owned())
}
