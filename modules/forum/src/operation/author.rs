//! Who writes a message, and under which name.

use loggia_sdk::prelude::*;

use crate::Forum;
use crate::found::not_authorized;
use crate::sight::Sight;
use crate::store::category::CategoryRow;
use crate::store::message::Message;

/// Who writes.
pub(crate) struct Author {
    pub(crate) user: i64,
    name: String,
    email: String,
    ip: String,
}

/// What a caller says of who writes.
pub(crate) struct Claim {
    pub(crate) anonymous: Option<bool>,
    pub(crate) name: Option<String>,
    pub(crate) author: Option<i64>,
}

impl Claim {
    /// Nobody writes without an account, but under its name.
    fn check_name(&self, call: &Call<'_>) -> Result<(), Fault> {
        let Some(name) = self.name.as_deref() else {
            return Ok(());
        };
        check_text("name", name, true)?;
        if !call.is_unbound() && call.host().identity()?.by_username(call, name)?.is_some() {
            return Err(Fault::parameter("name", "is an account's"));
        }
        Ok(())
    }

    /// Who that is, if the caller may say so.
    pub(crate) fn author(
        self,
        forum: &Forum,
        call: &Call<'_>,
        sight: &Sight,
        category: &CategoryRow,
    ) -> Result<Author, Fault> {
        let facts = &category.facts;
        if self.author.is_some() && !sight.manages {
            return Err(not_authorized(
                "only who manages the forum may name another author",
            ));
        }
        let anonymous = self
            .anonymous
            .unwrap_or(facts.allow_anonymous && facts.post_anonymous);
        if anonymous && !facts.allow_anonymous && !sight.moderates(category.id) {
            return Err(not_authorized("the category asks for names"));
        }
        let user = self.author.unwrap_or(sight.user);
        if anonymous || user == 0 {
            self.check_name(call)?;
            return Ok(Author {
                user: 0,
                name: self
                    .name
                    .unwrap_or_else(|| forum.settings.guest_name.clone()),
                email: String::new(),
                ip: String::new(),
            });
        }
        let account = call.host().identity()?.by_id(call, user)?;
        let account = account.ok_or_else(|| Fault::parameter("author", "is no account's id"))?;
        let ip = if sight.is(user) && forum.settings.keep_ip {
            call.client_address().to_owned()
        } else {
            String::new()
        };
        Ok(Author {
            user,
            name: forum.settings.shown_name(&account),
            email: account.email,
            ip,
        })
    }
}

impl Author {
    /// A message of this author without a text.
    pub(crate) fn signed(self) -> Message {
        Message {
            user_id: self.user,
            name: self.name,
            email: self.email,
            ip: self.ip,
            ..Message::new()
        }
    }
}

/// Refuses what is nothing but blanks, and, where it is one line, what is several.
pub(crate) fn check_text(name: &str, text: &str, is_line: bool) -> Result<(), Fault> {
    if text.trim().is_empty() {
        return Err(Fault::parameter(name, "must have more than blanks"));
    }
    if is_line && text.contains(char::is_control) {
        return Err(Fault::parameter(name, "must be one line"));
    }
    Ok(())
}
