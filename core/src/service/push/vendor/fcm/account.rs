//! A service account, and the access token that it gets for its signature.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::super::Reason;
use super::super::caller::Caller;
use super::super::jwt::SigningKey;
use super::super::link::Reply;

const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
const GRANT: &str = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";

/// A token is renewed before its end, so that none runs out on the way.
const MARGIN: Duration = Duration::from_mins(5);

/// An account.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) project_id: String,
    client_email: String,
    key: SigningKey,
    key_id: Option<String>,
    token_uri: Url,
    present: Mutex<Option<Access>>,
    /// Held while a token is fetched, so that one request serves all who wait.
    fetching: tokio::sync::Mutex<()>,
}

/// A token in use, and its number.
#[derive(Debug, Clone)]
struct Access {
    header: HeaderValue,
    until: Instant,
    number: u64,
}

/// Why there is no token.
#[derive(Debug)]
pub(super) enum NoAccess {
    /// The account is refused.
    Refused(Reason),
    /// The OAuth server cannot answer at present.
    Later(Reason),
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default = "hour")]
    expires_in: u64,
}

fn hour() -> u64 {
    3600
}

impl Account {
    /// Reads the file as Google hands it out.
    pub(super) fn read(file: &Map<String, Value>) -> Result<Self, Reason> {
        let text = |name: &str| {
            file.get(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        let need = |name: &str| {
            let missing = || Reason::from(format!("`service_account.{name}` is missing"));
            text(name).ok_or_else(missing)
        };
        let project_id = need("project_id")?.to_owned();
        let is_id = |sign: u8| sign.is_ascii_alphanumeric() || matches!(sign, b'-' | b':' | b'.');
        if !project_id.bytes().all(is_id) {
            return Err("`service_account.project_id` is not a project's id".into());
        }
        let client_email = need("client_email")?.to_owned();
        let key = SigningKey::rsa_from_pem(need("private_key")?);
        let token_uri = text("token_uri").unwrap_or("https://oauth2.googleapis.com/token");
        Ok(Self {
            project_id,
            client_email,
            key: key.ok_or("`service_account.private_key` is not an RSA key in PEM")?,
            key_id: text("private_key_id").map(str::to_owned),
            token_uri: Url::parse(token_uri)
                .map_err(|_| "`service_account.token_uri` is not an address")?,
            present: Mutex::new(None),
            fetching: tokio::sync::Mutex::new(()),
        })
    }

    /// Whether the OAuth server's address may be called.
    pub(super) fn check(&self, caller: &Caller) -> Result<(), Reason> {
        let checked = caller.check(&self.token_uri);
        checked.map_err(|fault| format!("`service_account.token_uri`: {fault}").into())
    }

    /// The header with the present token, and the token's number.
    pub(super) async fn access(&self, caller: &Caller) -> Result<(HeaderValue, u64), NoAccess> {
        if let Some(present) = self.present() {
            return Ok(present);
        }
        let _fetching = self.fetching.lock().await;
        if let Some(present) = self.present() {
            return Ok(present);
        }
        // Boxed, because thousands wait for what one of them fetches.
        let granted = Box::pin(self.fetch(caller)).await?;
        let mut header = HeaderValue::try_from(format!("Bearer {}", granted.access_token))
            .map_err(|_| NoAccess::Later("the access token is not one".into()))?;
        header.set_sensitive(true);
        let life = Duration::from_secs(granted.expires_in);
        let margin = MARGIN.min(life / 10);
        let mut present = self.present.lock();
        let number = present.as_ref().map_or(1, |access| access.number + 1);
        *present = Some(Access {
            header: header.clone(),
            until: Instant::now() + life.saturating_sub(margin),
            number,
        });
        Ok((header, number))
    }

    /// The token of this number is not good any more.
    pub(super) fn renew(&self, number: u64) {
        let mut present = self.present.lock();
        if let Some(access) = present.as_mut()
            && access.number == number
        {
            access.until = Instant::now();
        }
    }

    fn present(&self) -> Option<(HeaderValue, u64)> {
        let present = self.present.lock();
        let access = present
            .as_ref()
            .filter(|access| access.until > Instant::now())?;
        Some((access.header.clone(), access.number))
    }

    async fn fetch(&self, caller: &Caller) -> Result<Granted, NoAccess> {
        let assertion = self.assertion();
        let assertion =
            assertion.ok_or(NoAccess::Later("the assertion could not be signed".into()))?;
        let mut headers = HeaderMap::new();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(http::header::CONTENT_TYPE, form);
        let body = Bytes::from(format!("grant_type={GRANT}&assertion={assertion}"));
        let reply = caller.post(self.token_uri.clone(), headers, body).await;
        let reply =
            reply.map_err(|_| NoAccess::Later("the OAuth server does not answer".into()))?;
        granted(&reply)
    }

    fn assertion(&self) -> Option<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
        let mut header = json!({"alg": "RS256", "typ": "JWT"});
        if let Some(key_id) = &self.key_id {
            header["kid"] = key_id.as_str().into();
        }
        let claims = json!({
            "iss": self.client_email,
            "scope": SCOPE,
            "aud": self.token_uri.as_str(),
            "iat": now,
            "exp": now + 3600,
        });
        self.key.sign(&header, &claims)
    }
}

fn granted(reply: &Reply) -> Result<Granted, NoAccess> {
    let status = reply.status;
    if status == StatusCode::OK {
        let granted = serde_json::from_slice(&reply.body);
        return granted
            .map_err(|_| NoAccess::Later("the OAuth server's answer has no token".into()));
    }
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        return Err(NoAccess::Later(
            format!("the OAuth server answers {}", status.as_u16()).into(),
        ));
    }
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let word = super::super::apns::unknown(status, body["error"].as_str().unwrap_or_default());
    Err(NoAccess::Refused(
        format!("the OAuth server refuses the account: {word}").into(),
    ))
}
