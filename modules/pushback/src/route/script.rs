//! `GET /static/core/js/pusher.js`: the script for pages.

use std::sync::LazyLock;

use loggia_push::identity::digest;
use loggia_sdk::prelude::*;

use crate::PushBack;

const SCRIPT: &str = include_str!("../pusher.js");

static TAG: LazyLock<String> = LazyLock::new(|| format!("\"{}\"", &digest(SCRIPT)[..32]));

/// Sends the script; a browser asks each time whether it has changed.
#[expect(clippy::unnecessary_wraps, reason = "handlers of routes may fail")]
pub(crate) fn get(_module: &PushBack, _call: &Call<'_>) -> Result<Body, Fault> {
    Ok(Body {
        status: 200,
        media_type: "text/javascript; charset=utf-8".to_owned(),
        headers: vec![
            ("etag".to_owned(), TAG.clone()),
            ("cache-control".to_owned(), "no-cache".to_owned()),
        ],
        bytes: SCRIPT.as_bytes().to_vec(),
    })
}
