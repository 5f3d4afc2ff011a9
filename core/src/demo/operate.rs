//! Calls of operations, as the operator makes them.

use std::io::Write;

use serde_json::Value;

use crate::app::House;
use crate::endpoint::caller::Caller;
use crate::endpoint::direct::DirectCall;
use crate::module::binding::Given;
use crate::module::reply::Answer;

/// Calls an operation of a module as the operator.
pub(super) fn operate(
    house: &House,
    module: &str,
    action: &str,
    resource: &str,
    members: &Value,
    file: Option<&[u8]>,
) -> Result<Value, String> {
    let given = members.as_object().into_iter().flatten();
    let mut members: Vec<(String, Given)> = given
        .map(|(name, value)| (name.clone(), Given::Json(value.clone())))
        .collect();
    let said = |error: std::io::Error| error.to_string();
    let upload = file.map(|bytes| -> std::io::Result<_> {
        let mut upload = house.files.upload()?;
        upload.write_all(bytes)?;
        Ok(upload)
    });
    let upload = upload.transpose().map_err(said)?;
    if let Some(name) = upload.as_ref().and_then(|upload| upload.path().file_name()) {
        members.push((
            "file".to_owned(),
            Given::File(name.to_string_lossy().into_owned()),
        ));
    }
    let call = DirectCall {
        caller: Caller::operator(),
        action: action.to_owned(),
        module: module.to_owned(),
        resource: resource.to_owned(),
        members,
        base_url: String::new(),
        client_address: None,
        headers: Vec::new(),
        session: std::sync::Arc::default(),
    };
    match house.dispatcher.direct(call) {
        Ok(Answer::Members { json, .. }) => {
            serde_json::from_slice(&json).map_err(|error| error.to_string())
        }
        Ok(_) => Err(format!("{module} {action}/{resource} answered with a file")),
        Err(fault) => Err(format!(
            "{module} {action}/{resource}: {}",
            fault.description()
        )),
    }
}
