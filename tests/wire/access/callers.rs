//! Who calls: nobody, accounts of every group, and keys.

use loggia_tests::client::Client;
use loggia_tests::site::{Node, Site};

use crate::fixture::{key, operate};

const PASSWORD: &str = "correct-horse-battery-9";

/// The view level of the insiders, and their user group.
pub(super) const INSIDERS: i64 = 900;

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Guest,
    Member,
    /// A member of the group of insiders.
    Insider,
    /// Who wrote half of the records, in the group of authors.
    Author,
    /// Who moderates some categories of the forum.
    Moderator,
    Editor,
    Manager,
    /// A key without any scope.
    ForeignKey,
    /// A key with the scopes of all modules, without an account.
    ScopedKey,
    /// A key without a scope that belongs to the author's account: it reads what the author reads, and writes nothing.
    AuthorsKey,
}

/// The scopes of keys that write.
const SCOPES: [&str; 9] = [
    "content.write",
    "forum.manage",
    "catalog.write",
    "menu.manage",
    "media.write",
    "profiles.write",
    "push.manage",
    "push.devices",
    "push.send",
];

impl Who {
    pub(super) const ALL: [Who; 10] = [
        Who::Guest,
        Who::Member,
        Who::Insider,
        Who::Author,
        Who::Moderator,
        Who::Editor,
        Who::Manager,
        Who::ForeignKey,
        Who::ScopedKey,
        Who::AuthorsKey,
    ];

    /// Whether an account reads.
    pub(super) fn has_account(self) -> bool {
        !matches!(self, Who::Guest | Who::ForeignKey | Who::ScopedKey)
    }

    /// Whether the author reads.
    pub(super) fn is_author(self) -> bool {
        matches!(self, Who::Author | Who::AuthorsKey)
    }

    /// Whether he edits everybody's.
    pub(super) fn edits(self) -> bool {
        matches!(self, Who::Editor | Who::Manager)
    }

    pub(super) fn is_key(self) -> bool {
        matches!(self, Who::ForeignKey | Who::ScopedKey | Who::AuthorsKey)
    }

    /// Whether operations for members let him in: accounts, and keys with the scope.
    pub(super) fn is_member(self) -> bool {
        self == Who::ScopedKey || (self.has_account() && !self.is_key())
    }

    /// His account's name and group.
    fn account(self) -> Option<(&'static str, &'static str)> {
        match self {
            Who::Member => Some(("reader", "2")),
            Who::Insider => Some(("insider", "900")),
            Who::Author => Some(("writer", "3")),
            Who::Moderator => Some(("moderator", "2")),
            Who::Editor => Some(("editor", "4")),
            Who::Manager => Some(("manager", "6")),
            Who::Guest | Who::ForeignKey | Who::ScopedKey | Who::AuthorsKey => None,
        }
    }
}

/// The callers of a site: their accounts, then their clients.
pub(super) struct Callers {
    /// The author's account, and the moderator's.
    pub(super) author: i64,
    pub(super) moderator: i64,
    keys: [String; 3],
    clients: Vec<(Who, Client, String)>,
}

impl Callers {
    /// Makes accounts and keys; nobody is logged in yet.
    pub(super) fn of(site: &Site) -> Callers {
        let groups = site.folder().join("groups.ndjson");
        let lines = format!(
            "{{\"module\":\"core\",\"kind\":\"group\",\"record\":{{\"id\":{INSIDERS},\"parent_id\":2,\"title\":\"Insiders\"}}}}\n\
             {{\"module\":\"core\",\"kind\":\"view_level\",\"record\":{{\"id\":{INSIDERS},\"title\":\"Insiders\",\
             \"position\":9,\"groups\":[{INSIDERS}]}}}}\n"
        );
        std::fs::write(&groups, lines).expect("the lines can be written");
        let groups = groups.to_str().expect("a plain path");
        site.operator(&["import", "ndjson", groups]).done();
        let account = |who: Who| {
            let (name, group) = who.account()?;
            let email = format!("{name}@example.org");
            let words = ["user", "create", name, "--email", &email];
            let words = [&words[..], &["--group", group, "--password", PASSWORD]].concat();
            operate(site, &words)["id"].as_i64()
        };
        let ids: Vec<(Who, Option<i64>)> = Who::ALL.map(|who| (who, account(who))).to_vec();
        let id = |who: Who| {
            let found = ids.iter().find(|(one, _)| *one == who);
            found.and_then(|(_, id)| *id).expect("an account")
        };
        let scopes: Vec<&str> = SCOPES.iter().flat_map(|scope| ["--scope", scope]).collect();
        Callers {
            author: id(Who::Author),
            moderator: id(Who::Moderator),
            keys: [
                key(site, &[]),
                key(site, &scopes),
                key(site, &["--user", "writer"]),
            ],
            clients: Vec::new(),
        }
    }

    /// The same with a client each: keys at the endpoint for keys, all others at the free one.
    pub(super) fn logged_in(mut self, node: &Node) -> Callers {
        for who in Who::ALL {
            let key = match who {
                Who::ForeignKey => Some(&self.keys[0]),
                Who::ScopedKey => Some(&self.keys[1]),
                Who::AuthorsKey => Some(&self.keys[2]),
                _ => None,
            };
            let client = match key {
                Some(key) => node.server().with_key(key),
                None => node.server(),
            };
            let session = who.account().map(|(name, _)| log_in(node, name));
            let session = session.unwrap_or_default();
            self.clients.push((who, client.keeping(), session));
        }
        self
    }

    /// The client of a caller below an endpoint, and his session.
    pub(super) fn client(&self, who: Who, endpoint: &str) -> (Client, &str) {
        let found = self.clients.iter().find(|(one, _, _)| *one == who);
        let (_, client, session) = found.expect("everybody is logged in");
        (client.below(endpoint), session)
    }
}

fn log_in(node: &Node, name: &str) -> String {
    let form = [("username", name), ("password", PASSWORD)];
    let answer = node.endpoint("free").post_form("/post/user/login", &form);
    let session = answer.json()["session_id"].as_str().map(str::to_owned);
    session.unwrap_or_else(|| panic!("{name} cannot log in: {}", answer.text()))
}
