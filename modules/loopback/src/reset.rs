//! The keys of an application: other ones, and which of them a key is.

use loggia_push::identity::digest;
use loggia_sdk::prelude::*;
use serde_json::{Value, json};

use crate::Loopback;
use crate::application::{self, Application, KEYS};
use crate::error::Error;
use crate::model::{Act, Model};
use crate::reply::{answer, ok, one, text};
use crate::rest::{id, reading, saved, whole, writing};

/// `POST /applications/:id/resetKeys`: answers with the application and its new keys.
pub(crate) fn reset_keys(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    answer((|| {
        Application::admit(call, Act::Touch)?;
        whole(&mut writing(module, call)?, |context| {
            let keys = application::keys();
            let saved = saved::<Application>(context, Application::patch, id(call), keys)?;
            Ok(ok(&Value::Object(saved)))
        })
    })())
}

/// `POST /applications/:id/authenticate` with `{"key"}`: `{"application","keyType"}`, or null where it is none of them.
pub(crate) fn authenticate(module: &Loopback, call: &Call<'_>) -> Result<Body, Fault> {
    answer((|| {
        Application::admit(call, Act::Touch)?;
        let given = one(call)?;
        let key = text(&given, "key");
        let key = key.ok_or_else(|| Error::bad_request("key is a required argument"))?;
        let found = Application::find(&mut reading(module, call)?, id(call))?;
        let found = found.ok_or_else(|| Application::unknown(id(call)))?;
        // Digests are compared, so that the time it takes tells nothing of the key.
        let given = digest(&key);
        let is_it = |name: &&str| text(&found, name).is_some_and(|known| digest(&known) == given);
        let kind = KEYS.into_iter().find(is_it);
        Ok(ok(&match kind {
            Some(kind) => json!({ "application": found, "keyType": kind }),
            None => Value::Null,
        }))
    })())
}
