//! What the demo site is made of, as tools read it: kept in the folder, readable by its owner alone.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::file::{read_if_there, write_private};

const FILE: &str = "demo.json";

/// An account of the demo site, with its password.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct DemoUser {
    /// The log-in name.
    pub username: String,
    /// The password.
    pub password: String,
    /// The address.
    pub email: String,
}

/// The accounts.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct DemoUsers {
    /// Has a right to the package group.
    pub member: DemoUser,
    /// Has none.
    pub outsider: DemoUser,
    /// A super user.
    pub admin: DemoUser,
}

/// The keys.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct DemoKeys {
    /// The operator's: good everywhere, for everything.
    pub unlimited: String,
    /// Five calls a day.
    pub five_daily: String,
    /// Expired.
    pub expired: String,
    /// Good on another endpoint only.
    pub other_endpoint: String,
}

/// What the release module holds.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct DemoRelease {
    /// The package group.
    pub group: String,
    /// A package of that group.
    pub package: String,
    /// A package of none.
    pub free_package: String,
    /// The path of the feed of `package`'s product.
    pub update_path: String,
}

/// What the content module holds, readable by a guest.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct DemoContent {
    /// A category with categories and articles below it.
    pub category: String,
    /// An article of that category.
    pub article: String,
    /// A tag of that article.
    pub tag: String,
}

/// What the forum holds, readable by a guest.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct DemoForum {
    /// A category with topics in it and a category below it.
    pub category: String,
    /// A topic of that category with several messages.
    pub topic: String,
}

/// What the catalog holds, readable by a guest.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct DemoCatalog {
    /// The application.
    pub app: String,
    /// A category with categories and items below it.
    pub category: String,
    /// An item of that category.
    pub item: String,
}

/// What push holds.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct DemoPush {
    /// The code of an application.
    pub app: String,
}

/// What LoopBack's interface holds.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct DemoLoopback {
    /// Where it is mounted.
    pub base: String,
    /// The id of an application.
    pub app_id: String,
}

/// PushBack's interface, mounted at a path of its own.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct DemoPushback {
    /// Where its paths begin.
    pub base: String,
    /// The token of an application whose pages may listen with it.
    pub app_token: String,
    /// The script for pages.
    pub script: String,
}

/// Everything that stays the same from start to start.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct DemoFacts {
    /// The keys.
    pub keys: DemoKeys,
    /// The accounts.
    pub users: DemoUsers,
    /// The release module's.
    pub release: DemoRelease,
    /// The content module's; a site that was made before that module has it from its next start.
    pub content: Option<DemoContent>,
    /// The forum's, likewise.
    pub forum: Option<DemoForum>,
    /// The catalog's, likewise.
    pub catalog: Option<DemoCatalog>,
    /// Push's, likewise.
    pub push: Option<DemoPush>,
    /// LoopBack's, likewise.
    pub loopback: Option<DemoLoopback>,
    /// PushBack's, likewise.
    pub pushback: Option<DemoPushback>,
    /// Where mails are left.
    pub outbox: PathBuf,
}

impl DemoFacts {
    /// The facts of a folder whose site has been made.
    pub(super) fn read(folder: &Path) -> io::Result<Option<Self>> {
        let Some(text) = read_if_there(&folder.join(FILE))? else {
            return Ok(None);
        };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(io::Error::other)
    }

    /// Keeps them.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        write_private(&folder.join(FILE), &serde_json::to_vec_pretty(self)?)
    }

    /// The line that tools read.
    pub fn line(&self, address: SocketAddr) -> Value {
        let url = format!("http://{address}");
        let DemoRelease {
            group,
            package,
            free_package,
            update_path,
        } = &self.release;
        json!({
            "url": url,
            "endpoints": {
                "free": "/api/free", "user": "/api/user", "key": "/api/key", "semantic": "/api/semantic",
            },
            "keys": self.keys,
            "users": self.users,
            "release": {
                "group": group, "package": package, "free_package": free_package,
                "update_xml": format!("{url}{update_path}"),
            },
            "content": self.content,
            "forum": self.forum,
            "catalog": self.catalog,
            "push": self.push,
            "loopback": self.loopback,
            "pushback": self.pushback,
            // Articles that a guest reads have it.
            "search": { "word": "open" },
            "outbox": self.outbox,
        })
    }

    /// Three first requests, as shell lines.
    pub fn first_requests(&self, address: SocketAddr) -> [String; 3] {
        let url = format!("http://{address}");
        let DemoUser {
            username, password, ..
        } = &self.users.member;
        [
            format!(
                "curl '{url}/api/free/post/release/keybyauth/{}?username={username}&password={password}'",
                self.release.group
            ),
            format!(
                "curl -H 'Authorization: api_key {}' '{url}/api/key/get/user/status'",
                self.keys.unlimited
            ),
            format!("curl '{url}{}'", self.release.update_path),
        ]
    }
}
