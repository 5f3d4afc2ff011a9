//! What of an item's revisions a caller sees: neither elements of other view levels than his, nor categories that are
//! hidden from him.

use std::collections::HashSet;

use loggia_sdk::Fault;
use loggia_sql::Connection;
use serde_json::{Map, Value};

use super::snapshot::Snapshot;
use crate::element::{self, Element, Kind};
use crate::sight::Sight;
use crate::store::item::ItemFacts;
use crate::store::{category, item_type};

/// What a caller sees of the revisions of an item.
pub(crate) struct Insight {
    application: i64,
    sight: Sight,
    /// The identifiers of the elements that he sees; `None` where he sees all, even those that its type no longer has.
    elements: Option<HashSet<String>>,
    /// The ratings: what people have said is no part of a version.
    ratings: HashSet<String>,
}

impl Insight {
    /// Of a caller with this sight.
    pub(crate) fn of(
        connection: &mut Connection,
        sight: Sight,
        item: &ItemFacts,
    ) -> Result<Self, Fault> {
        let kind = item_type::by_id(connection, item.type_id)?.ok_or(Fault::new("ZOO_TNF"))?;
        let all = element::of_column(&kind.facts.elements)?;
        let named = |is_chosen: &dyn Fn(&Element) -> bool| {
            let chosen = all.iter().filter(|one| is_chosen(one));
            chosen.map(|one| one.identifier.clone()).collect()
        };
        let levels = sight.levels.as_ref();
        let elements = levels.map(|levels| named(&|one| levels.contains(&one.definition.access)));
        let ratings = named(&|one| one.definition.kind == Kind::Rating);
        Ok(Insight {
            application: item.application_id,
            sight,
            elements,
            ratings,
        })
    }

    fn sees(&self, element: &str) -> bool {
        let seen = self.elements.as_ref();
        seen.is_none_or(|elements| elements.contains(element))
    }

    /// Takes what the caller does not see out of a snapshot.
    pub(crate) fn narrow(
        &self,
        connection: &mut Connection,
        snapshot: &mut Snapshot,
    ) -> Result<(), Fault> {
        snapshot.elements.retain(|name, _| self.sees(name));
        let seen = self.categories(connection, &snapshot.categories)?;
        snapshot.categories.retain(|id| seen.contains(id));
        if !snapshot.categories.contains(&snapshot.primary_category) {
            snapshot.primary_category = 0;
        }
        Ok(())
    }

    /// The elements that the caller sees, as they were then, and all others, and ratings, as they are now.
    pub(crate) fn merged(
        &self,
        mut then: Map<String, Value>,
        now: Map<String, Value>,
    ) -> Map<String, Value> {
        let is_restored = |name: &str| self.sees(name) && !self.ratings.contains(name);
        then.retain(|name, _| is_restored(name));
        then.extend(now.into_iter().filter(|(name, _)| !is_restored(name)));
        then
    }

    /// Those of some categories that are there, and that the caller sees.
    pub(crate) fn categories(
        &self,
        connection: &mut Connection,
        ids: &[i64],
    ) -> Result<Vec<i64>, Fault> {
        Ok(category::among(
            connection,
            self.application,
            &self.sight,
            ids,
        )?)
    }
}
