//! The NATS server of the settings: where it is, what proves this node, and its subjects.

use async_nats::{Client, ConnectOptions, ServerAddr};
use percent_encoding::percent_decode_str;
use url::Url;

use super::fault::NatsFault;
use crate::settings::{self, Secret};

/// Where notices are told.
pub(super) struct Server {
    settings: settings::Notices,
    url: Secret,
}

impl Server {
    /// If the settings name one.
    pub(super) fn new(settings: &settings::Notices) -> Option<Self> {
        let url = settings.nats_url.clone()?;
        Some(Server {
            settings: settings.clone(),
            url,
        })
    }

    /// How it is connected to; the file of credentials is read.
    pub(super) async fn options(&self) -> Result<ConnectOptions, NatsFault> {
        let mut options = ConnectOptions::new().name("loggia").no_echo();
        if let Some(authorities) = &self.settings.nats_authorities {
            options = options.add_root_certificates(authorities.clone());
        }
        if let Some(file) = &self.settings.nats_credentials {
            let read = options.credentials_file(file).await;
            options = read.map_err(NatsFault::Credentials)?;
        }
        Ok(match proof(self.url.expose()) {
            Some((user, Some(password))) => options.user_and_password(user, password),
            Some((token, None)) => options.token(token),
            None => options,
        })
    }

    pub(super) async fn connect(&self, options: ConnectOptions) -> Result<Client, NatsFault> {
        let servers = servers(self.url.expose()).ok_or(NatsFault::Address)?;
        let has_authorities = self.settings.nats_authorities.is_some();
        let connected = options.connect(servers).await;
        connected.map_err(|fault| NatsFault::of_attempt(&fault, has_authorities))
    }

    /// The subject of a notice.
    pub(super) fn subject(&self, notice: &str) -> String {
        format!("{}.{notice}", self.settings.nats_subject)
    }

    /// The notice of a subject.
    pub(super) fn notice<'a>(&self, subject: &'a str) -> Option<&'a str> {
        let rest = subject.strip_prefix(&*self.settings.nats_subject)?;
        rest.strip_prefix('.')
    }
}

/// The servers of a setting, without what proves who we are: it is told them, and is in no line of a log.
fn servers(urls: &str) -> Option<Vec<ServerAddr>> {
    let bare = urls.split(',').map(|text| {
        let mut url = Url::parse(text.trim()).ok()?;
        url.set_username("").ok()?;
        url.set_password(None).ok()?;
        url.as_str().parse().ok()
    });
    bare.collect()
}

/// The user and the password in the first address that has some; alone it is a token.
fn proof(urls: &str) -> Option<(String, Option<String>)> {
    let urls = urls
        .split(',')
        .filter_map(|text| Url::parse(text.trim()).ok());
    let mut urls = urls.filter(|url| !url.username().is_empty());
    let named = urls.next()?;
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Some((plain(named.username()), named.password().map(plain)))
}
