//! Routes: the paths that mounted modules answer by their own rules.

use std::sync::Arc;

use super::table::{Published, RouteMatch, find_route};
use super::wording::Wording;
use crate::module::descriptor::Route;
use crate::module::instance::Instance;
use crate::module::registry::{Registry, Slot};

/// A route that a path was found to be.
pub struct FoundRoute {
    /// The module.
    pub slot: Arc<Slot>,
    /// Its instance when the path was matched.
    pub instance: Arc<Instance>,
    /// The place in its descriptor.
    pub place: usize,
    /// The values of the template.
    pub values: Vec<String>,
}

impl FoundRoute {
    /// The route of the endpoint's mounted modules that a path is; `Err` holds the methods it has.
    pub fn find(
        registry: &Registry,
        endpoint: &Published,
        method: &str,
        rest: &str,
    ) -> Result<Option<Self>, Vec<String>> {
        let mut methods = Vec::new();
        for module in &endpoint.settings.routes {
            let Some(slot) = registry.slot(module) else {
                continue;
            };
            let Ok(instance) = slot.serving() else {
                continue;
            };
            let path = if rest.is_empty() { "/" } else { rest };
            match find_route(instance.descriptor(), method, path) {
                Some(RouteMatch::Route(place, values)) => {
                    return Ok(Some(FoundRoute {
                        slot,
                        instance,
                        place,
                        values,
                    }));
                }
                Some(RouteMatch::Method(more)) => methods.extend(more),
                None => {}
            }
        }
        if methods.is_empty() {
            Ok(None)
        } else {
            Err(methods)
        }
    }

    /// What the descriptor says of it.
    pub fn route(&self) -> &Route {
        &self.instance.descriptor().routes[self.place]
    }

    /// How its module words refusals.
    pub fn wording(&self) -> Option<Wording> {
        Wording::of(self.instance.descriptor())
    }
}
