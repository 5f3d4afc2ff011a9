//! A refusal of the host's in the words of the protocol that a module speaks.

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::module::descriptor::Descriptor;

/// A module's text of refusals: a JSON object with places for what differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Wording(Value);

impl Wording {
    /// That of a module; none where it leaves it to the host.
    pub fn of(descriptor: &Descriptor) -> Option<Self> {
        let template = descriptor.refusal.clone();
        template.map(|template| Wording(Value::Object(template)))
    }

    /// The body of a refusal.
    pub fn body(&self, fault: &Fault) -> Vec<u8> {
        filled(&self.0, fault).to_string().into_bytes()
    }
}

fn filled(template: &Value, fault: &Fault) -> Value {
    match template {
        Value::String(text) if text == "{status}" => json!(fault.status),
        Value::String(text) => json!(
            text.replace("{status}", &fault.status.to_string())
                .replace("{code}", &fault.code)
                // Last, because it may hold what a client has written.
                .replace("{text}", &fault.description())
        ),
        Value::Array(items) => items.iter().map(|item| filled(item, fault)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), filled(value, fault)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => template.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Req;

    #[test]
    fn the_places_are_filled_once_and_what_a_client_wrote_is_not_read_again() {
        let template = json!({ "error": { "statusCode": "{status}", "message": "{text} ({code})", "fixed": [1, null] } });
        let wording = Wording(template);
        let fault = Req::RequestUnknown.fault().detail("GET /\"{code}");
        let body: Value = serde_json::from_slice(&wording.body(&fault)).unwrap();
        assert_eq!(
            body,
            json!({ "error": {
                "statusCode": 404, "message": "Request unknown: GET /\"{code} (REQ_RUN)", "fixed": [1, null],
            } })
        );
    }
}
