//! What the search finds of people. The host adds their names, and withholds who is blocked; the text is what stands in
//! the fields that every endpoint lets through: the search does not know at which one somebody will ask.

use loggia_sdk::search::{Document, plain_text};
use loggia_sdk::{Call, Fault};
use loggia_sql::Connection;

use crate::Profiles;
use crate::kind::Kind;
use crate::store::field::{self, Field};
use crate::store::value::{self, Values};
use crate::value::BETWEEN;

/// The most people that are handed in at once.
const AT_ONCE: usize = 1000;

/// The fields that are searched, by their ids.
pub(crate) struct Searched(Vec<Field>);

impl Searched {
    /// Read anew, so that no change of a field is overlooked. Whoever writes takes [`field::hold`] before.
    pub(crate) fn read(profiles: &Profiles, connection: &mut Connection) -> Result<Self, Fault> {
        let mut fields = field::published(connection)?;
        fields.retain(|field| profiles.settings.is_searched(&field.name));
        fields.sort_by_key(|field| field.id);
        Ok(Searched(fields))
    }

    /// What the search finds of these people.
    pub(crate) fn documents(
        &self,
        connection: &mut Connection,
        accounts: &[i64],
    ) -> Result<Vec<Document>, Fault> {
        let ids: Vec<i64> = self.0.iter().map(|field| field.id).collect();
        let values = value::of_accounts(connection, accounts, &ids)?;
        let of_none = Values::new();
        let document = |&id: &i64| Document {
            area: "profiles".to_owned(),
            id,
            text: self.text(values.get(&id).unwrap_or(&of_none)),
            ..Document::default()
        };
        Ok(accounts.iter().map(document).collect())
    }

    fn text(&self, values: &Values) -> String {
        let said = self.0.iter().filter_map(|field| {
            let value = values.get(&field.id)?;
            match field.kind {
                Kind::Checkbox | Kind::Image => None,
                Kind::Editorta => Some(plain_text(value)),
                _ => Some(value.replace(BETWEEN, ", ")),
            }
        });
        said.collect::<Vec<_>>().join("\n")
    }
}

/// Hands in what the search finds of people, in the connection's transaction and behind its statements.
pub(crate) fn offer(
    profiles: &Profiles,
    call: &Call<'_>,
    connection: &mut Connection,
    accounts: &[i64],
) -> Result<(), Fault> {
    if accounts.is_empty() {
        return Ok(());
    }
    let searched = Searched::read(profiles, connection)?;
    for accounts in accounts.chunks(AT_ONCE) {
        let documents = searched.documents(connection, accounts)?;
        call.host().search()?.put_all(connection, &documents)?;
    }
    Ok(())
}
