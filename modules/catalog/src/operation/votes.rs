//! Voting: each person has one vote for each rating of an item that he sees, and may change it or take it back.
//!
//! What all have said together is a part of the item, as ZOO keeps it: the mean and the number of votes. It is no part of
//! the item's versions.

use std::sync::atomic::Ordering;

use loggia_sdk::prelude::*;
use loggia_sql::Connection;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::saved::{document, written};
use super::{given, place};
use crate::Catalog;
use crate::element::{self, Element, Kind};
use crate::sight::Sight;
use crate::store::item;
use crate::store::item_type;
use crate::store::vote::{self, VoteFacts};

/// Parameters of `post/votes`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PostVote {
    /// The item.
    id: i64,
    /// The stars, from 1 to as many as the rating has.
    #[schemars(range(min = 1))]
    value: i64,
    /// The rating, where the item has several.
    #[schemars(length(max = 100))]
    element: Option<String>,
}

/// Parameters of `delete/votes`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct DeleteVote {
    /// The item.
    id: i64,
    /// The rating, where the item has several.
    #[schemars(length(max = 100))]
    element: Option<String>,
}

/// What all have said together.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Rated {
    /// The item.
    id: String,
    /// The rating.
    element: String,
    /// The mean of all votes.
    value: f64,
    /// How many there are.
    votes: i64,
    /// The caller's vote; `null` for none.
    own: Option<i64>,
}

/// Votes, or changes one's vote.
pub(crate) fn post(
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: PostVote,
) -> Result<Rated, Fault> {
    let PostVote { id, value, element } = parameters;
    set(catalog, call, id, element.as_deref(), Some(value))
}

/// Takes one's vote back.
pub(crate) fn delete(
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: DeleteVote,
) -> Result<Rated, Fault> {
    set(
        catalog,
        call,
        parameters.id,
        parameters.element.as_deref(),
        None,
    )
}

fn set(
    catalog: &Catalog,
    call: &Call<'_>,
    id: i64,
    name: Option<&str>,
    stars: Option<i64>,
) -> Result<Rated, Fault> {
    let voter = voter(catalog, call)?;
    let sight = Sight::of(catalog, call);
    let mut connection = call.database_for_writing()?;
    let rated = connection.transaction(|connection| {
        place::item(connection, &sight, None, id)?;
        // Votes for one item wait for each other.
        let row = item::to_change(connection, id)?.ok_or(Fault::new("ZOO_INF"))?;
        let rating = rating(connection, call, row.facts.type_id, name)?;
        check(&rating, stars)?;
        let element = rating.identifier;
        let before = vote::of_voter(connection, id, &element, &voter)?;
        let mut data: Map<String, Value> = document(&row.facts.elements)?;
        let tally = Tally::of(data.get(&element)).with(before, stars);
        data.insert(element.clone(), tally.data());
        item::save_elements(connection, id, &written(&data)?)?;
        match stars {
            Some(stars) => vote::cast(
                connection,
                &VoteFacts {
                    item_id: id,
                    element: element.clone(),
                    voter,
                    user_id: call.user().unwrap_or(0),
                    stars,
                    voted_ms: call.host().clock().now_ms(),
                },
            )?,
            None => vote::take_back(connection, id, &element, &voter)?,
        }
        Ok(Rated {
            id: id.to_string(),
            element,
            value: tally.mean,
            votes: tally.votes,
            own: stars,
        })
    });
    catalog.votes.fetch_add(1, Ordering::SeqCst);
    rated
}

/// What tells the caller from other voters: his account, or, where guests vote, what can be told of the address that he
/// calls from without keeping it. Behind a key stands no person.
fn voter(catalog: &Catalog, call: &Call<'_>) -> Result<String, Fault> {
    if call.key().is_some() || call.is_operator() {
        return Err(Fault::new("ZOO_ANA").detail("a key has no vote"));
    }
    if let Some(user) = call.user() {
        return Ok(format!("account {user}"));
    }
    let address = call.client_address();
    if !catalog.settings.guest_votes || address.is_empty() {
        return Err(Fault::new("REQ_AUR"));
    }
    let digest = hex::encode(Sha256::digest(address));
    Ok(format!("guest {}", &digest[..32]))
}

/// The rating that is meant, as far as the caller sees it.
fn rating(
    connection: &mut Connection,
    call: &Call<'_>,
    type_id: i64,
    name: Option<&str>,
) -> Result<Element, Fault> {
    let kind = item_type::by_id(connection, type_id)?.ok_or(Fault::new("ZOO_TNF"))?;
    let mut ratings = element::of_column(&kind.facts.elements)?;
    ratings.retain(|one| {
        let definition = &one.definition;
        definition.kind == Kind::Rating && call.view_levels().contains(&definition.access)
    });
    if let Some(name) = name {
        let found = given::named(&ratings, name).map_err(|_| none("is no rating of the item"))?;
        return Ok(found.clone());
    }
    match ratings.len() {
        0 => Err(none("is no rating of the item, which has none")),
        1 => Ok(ratings.remove(0)),
        _ => Err(none("must be given, because the item has several ratings")),
    }
}

fn none(rule: &str) -> Fault {
    Fault::parameter("element", rule)
}

fn check(rating: &Element, stars: Option<i64>) -> Result<(), Fault> {
    let most = rating.stars();
    #[expect(clippy::cast_precision_loss, reason = "no rating has so many stars")]
    let is_beyond = stars.is_some_and(|stars| stars as f64 > most);
    if is_beyond {
        let rule = format!("must be between 1 and {most}");
        return Err(Fault::parameter("value", &rule));
    }
    Ok(())
}

/// The votes for a rating together.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Tally {
    mean: f64,
    votes: i64,
}

impl Tally {
    /// As an item keeps it; what was moved in may have its numbers as texts.
    fn of(data: Option<&Value>) -> Tally {
        let number = |name: &str| {
            let value = data.map(|data| &data[name])?;
            value.as_f64().or_else(|| value.as_str()?.parse().ok())
        };
        let votes = number("votes").filter(|votes| (0.0..1e15).contains(votes));
        #[expect(clippy::cast_possible_truncation, reason = "it is a number of votes")]
        let votes = votes.map_or(0, |votes| votes as i64);
        let mean = number("value").filter(|mean| votes > 0 && mean.is_finite());
        Tally {
            mean: mean.unwrap_or(0.0),
            votes,
        }
    }

    /// With a voter's vote in the place of his earlier one.
    #[expect(
        clippy::cast_precision_loss,
        reason = "sums of votes are far below 2^53"
    )]
    fn with(self, before: Option<i64>, after: Option<i64>) -> Tally {
        // An editor may have set it anew since; then the earlier vote is no part of it.
        let before = before.filter(|_| self.votes > 0);
        let stars = |vote: Option<i64>| vote.unwrap_or(0) as f64;
        let votes = self.votes - i64::from(before.is_some()) + i64::from(after.is_some());
        let sum = self.mean * self.votes as f64 - stars(before) + stars(after);
        let mean = if votes == 0 { 0.0 } else { sum / votes as f64 };
        Tally {
            mean: mean.max(0.0),
            votes,
        }
    }

    fn data(self) -> Value {
        json!({ "value": self.mean, "votes": self.votes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vote_counts_once_and_can_be_changed_and_taken_back() {
        let moved_in = Tally::of(Some(&json!({ "value": "4.0000", "votes": "3" })));
        assert_eq!(
            moved_in.with(None, Some(2)).data(),
            json!({ "value": 3.5, "votes": 4 })
        );
        let of_one = Tally::of(None).with(None, Some(5));
        assert_eq!(
            of_one.with(Some(5), Some(1)).data(),
            json!({ "value": 1.0, "votes": 1 })
        );
        assert_eq!(
            of_one.with(Some(5), None).data(),
            json!({ "value": 0.0, "votes": 0 })
        );
        let set_anew = Tally::of(Some(&json!({ "value": 0, "votes": 0 })));
        assert_eq!(set_anew.with(Some(5), None), set_anew);
    }
}
