//! Keys, quotas and the log together, on both databases.

mod exactness;
mod failures;
mod rules;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Access, Admission, AdmissionRequest, Grant, Options, Refusal};
use crate::fault::Req;
use crate::settings::QuotaMode;
use crate::store::Pool;
use crate::store::access_log::{AccessEntry, AccessKind, Filter, Stored, export};
use crate::store::keys::{self, Draft, Listed};
use crate::store::ledger;
use crate::store::testing::{TestDatabase, patience};

/// A node of a test, short of patience with dead ones.
fn node(pool: &Pool, name: &str) -> Access {
    node_in(QuotaMode::Strict, pool, name)
}

fn node_in(mode: QuotaMode, pool: &Pool, name: &str) -> Access {
    let options = Options {
        ledger: ledger::Options {
            node: name.into(),
            lease: Duration::from_secs(2),
            mode,
            lease_size: 100,
            ..ledger::Options::default()
        },
        retention_days: 0,
    };
    Access::start(pool, options).expect("the node starts")
}

/// A key of a limit; its number and text.
fn key(pool: &Pool, daily_requests: i64) -> (i64, String) {
    let draft = Draft {
        daily_requests,
        ..Draft::default()
    };
    let mut connection = pool.write(patience()).expect("a connection is free");
    let (key, secret) = keys::create(&mut connection, &draft).expect("the key is made");
    (key.id, secret.expose().to_owned())
}

fn listed(pool: &Pool, id: i64) -> Listed {
    let mut connection = pool.read(patience()).expect("a connection is free");
    let found = keys::find(&mut connection, &id.to_string()).expect("the key can be read");
    found.expect("the key is there")
}

fn rows(pool: &Pool) -> Vec<Stored> {
    let mut rows = Vec::new();
    let mut connection = pool.read(patience()).expect("a connection is free");
    export(&mut connection, &Filter::default(), |row| {
        rows.push(row.clone());
        true
    })
    .expect("the log can be read");
    rows
}

fn request(key: Option<&str>) -> AdmissionRequest<'_> {
    AdmissionRequest {
        key,
        endpoint: "shop",
        is_default_request: false,
        action: "post",
        module: "release",
        resource: "validate",
        session_user: 0,
        deadline: Instant::now() + Duration::from_secs(30),
    }
}

fn entry(code: Option<&'static str>) -> AccessEntry {
    AccessEntry {
        endpoint: Arc::from("shop"),
        access: AccessKind::Key,
        request_ms: 1_700_000_000_000,
        error_code: code.map(Cow::Borrowed),
        user_id: 0,
        key: None,
        action: "post".into(),
        module: "release".into(),
        resource: "validate".into(),
        duration_us: 250,
        request_id: "r-1".into(),
        client_address: None,
        http_status: 200,
    }
}

async fn admit(access: &Access, key: &str) -> Result<Grant, Refusal> {
    access.admit(&request(Some(key))).decided().await
}

/// One call from its admission to its answer.
async fn call(access: &Access, key: &str) -> Result<(), Req> {
    let grant = admit(access, key).await.map_err(|refusal| refusal.code)?;
    let row = AccessEntry {
        key: Some(grant.mark()),
        ..entry(None)
    };
    let finished = grant.finish(Some(row)).await;
    finished.map_err(|_| Req::KeyGenericError)
}

fn refused(access: &Access, request: &AdmissionRequest<'_>) -> Req {
    match access.admit(request) {
        Admission::Refused(refusal) => refusal.code,
        other => panic!("the request came in: {other:?}"),
    }
}
