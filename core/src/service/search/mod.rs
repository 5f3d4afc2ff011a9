//! One search over what all modules offer.
//!
//! Modules hand in documents and categories in the transaction of their write; they are rows of `search_entry`, each the
//! latest state of one entry. Every node derives an index of its own from them. `docs/search.md` tells it as a whole.

mod analysis;
pub mod audit;
mod bits;
mod class;
mod disk;
mod engine;
mod entry;
mod excerpt;
mod find;
mod frequent;
mod house;
mod index;
mod indexer;
mod intake;
mod language;
mod matches;
mod matching;
mod order;
mod sequence;
mod table;
mod view;
mod visible;
mod words;

pub use entry::{Category, Document};
pub use house::Search;
pub use table::SearchService;

/// The id of the service.
pub const SERVICE: &str = "loggia.search";

/// The modules whose areas somebody may search where he is.
#[derive(Clone, Debug, Default)]
pub struct Offers {
    modules: Vec<(String, Vec<String>)>,
    is_everything: bool,
}

impl Offers {
    /// Only those of these modules; each with its other names.
    pub fn only(modules: Vec<(String, Vec<String>)>) -> Self {
        Offers {
            modules,
            is_everything: false,
        }
    }

    /// Those of all modules, these and others.
    pub fn everything(modules: Vec<(String, Vec<String>)>) -> Self {
        Offers {
            modules,
            is_everything: true,
        }
    }

    fn modules(&self) -> Option<Vec<String>> {
        let names = || self.modules.iter().map(|(name, _)| name.clone()).collect();
        (!self.is_everything).then(names)
    }

    /// The name of an area, by which its module may be called otherwise.
    fn own_name<'n>(&'n self, area: &'n str) -> &'n str {
        let known = self
            .modules
            .iter()
            .find(|(_, others)| others.iter().any(|other| other == area));
        known.map_or(area, |(name, _)| name)
    }
}
