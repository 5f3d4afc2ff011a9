//! Licences, packages and Joomla update feeds.
//!
//! A *group* is a licence: the user groups with a right to it, and the seed of its keys. A *product* is one
//! installable element, in a group or free. A *package* is the file of one version of a product.

pub mod archive;
mod catalogue;
pub mod changelog;
mod clock;
mod counter;
mod describe;
mod document;
mod faults;
pub mod feed;
mod feeds;
mod gate;
mod holder;
mod issue;
pub mod key;
pub mod manifest;
mod operation;
mod pattern;
pub mod platform;
pub mod refusal;
mod right;
mod secret;
mod settings;
pub mod signature;
mod signer;
pub mod site;
mod store;
pub mod token;
pub mod updater;
pub mod version;
mod xml_tree;

use loggia_sdk::prelude::*;

use crate::archive::Limits;
use crate::catalogue::Shelf;
use crate::counter::Counter;
use crate::holder::Holders;
use crate::operation::keys::Mails;
pub use crate::settings::Settings;
use crate::signature::Signer;
use crate::signer::Keeper;

/// One instance of the module.
pub struct Release {
    settings: Settings,
    shelf: Shelf,
    holders: Holders,
    counter: Counter,
    mails: Mails,
    keeper: Keeper,
}

impl Release {
    fn new(settings: Settings) -> Result<Release, StartError> {
        if !key::is_prefix(&settings.key_prefix) {
            return Err(StartError::new(
                "the setting key_prefix has up to 12 capital letters and digits",
            ));
        }
        let keeper = match settings.signing_key.as_str() {
            "" => Keeper::default(),
            text => Keeper::holding(Signer::parse(text).ok_or_else(|| {
                StartError::new("the setting signing_key has 64 hexadecimal digits")
            })?),
        };
        Ok(Release {
            settings,
            shelf: Shelf::default(),
            holders: Holders::default(),
            counter: Counter::default(),
            mails: Mails::default(),
            keeper,
        })
    }

    /// The absolute URL below which feeds and downloads are found, without a slash at its end.
    fn feed_url<'a>(&'a self, call: &Call<'a>) -> &'a str {
        let url = match self.settings.feed_url.as_str() {
            "" => call.base_url(),
            url => url,
        };
        url.trim_end_matches('/')
    }

    fn limits(&self) -> Limits {
        Limits {
            file_bytes: self.settings.package_bytes,
            entries: self.settings.package_entries,
            unpacked_bytes: self.settings.unpacked_bytes,
        }
    }
}

loggia_module!(Release);
