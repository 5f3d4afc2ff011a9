//! The published paths: which endpoint answers a path, and which route of a module.

use std::sync::Arc;

use super::counts::EndpointCounts;
use crate::module::descriptor::{Descriptor, Operation};
use crate::settings::{Endpoint, Settings};

/// The endpoints, longest path first.
pub struct Table {
    endpoints: Vec<Arc<Published>>,
    default_request: Option<Arc<Published>>,
}

/// One endpoint as the request path uses it.
pub struct Published {
    /// The operator's settings.
    pub settings: Endpoint,
    /// The name, shared with every call and log row.
    pub name: Arc<str>,
    /// The fields of personal data that answers may show of other people, shared with every call.
    pub personal_data: Arc<[String]>,
    /// Whether it is the default request.
    pub is_default: bool,
    /// Its requests since the start.
    pub counts: Arc<EndpointCounts>,
}

impl Published {
    fn new(settings: Endpoint, is_default: bool, former: Option<&Table>) -> Arc<Self> {
        let former = former.and_then(|table| table.all().find(|one| *one.name == *settings.name));
        Arc::new(Published {
            name: settings.name.as_str().into(),
            personal_data: settings.personal_data.as_slice().into(),
            counts: former.map_or_else(Arc::default, |former| Arc::clone(&former.counts)),
            settings,
            is_default,
        })
    }

    /// Whether a module answers here, under whichever of its names.
    pub fn serves(&self, descriptor: &Descriptor) -> bool {
        descriptor.is_chosen(&self.settings.modules)
            && (self.is_private() || !descriptor.is_private())
    }

    /// Whether an operation of a module that answers here is published.
    pub fn publishes(&self, operation: &Operation) -> bool {
        self.is_private() || !operation.private
    }

    /// Whether operations that modules mark as private may be called here.
    pub fn is_private(&self) -> bool {
        self.settings.is_private()
    }
}

impl Table {
    /// Of the settings' endpoints; those that the former table had go on counting.
    pub fn new(settings: &Settings, former: Option<&Table>) -> Self {
        let publish = |endpoint: &Endpoint| Published::new(endpoint.clone(), false, former);
        let mut endpoints: Vec<Arc<Published>> = settings.endpoint.iter().map(publish).collect();
        endpoints.sort_by_key(|endpoint| std::cmp::Reverse(endpoint.settings.path.len()));
        let default_request = &settings.default_request;
        let published = || Published::new(default_request.as_endpoint(), true, former);
        Table {
            endpoints,
            default_request: default_request.enabled.then(published),
        }
    }

    /// Every endpoint, the default request among them.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Published>> {
        self.endpoints.iter().chain(&self.default_request)
    }

    /// The names of the endpoints whose settings have a module that they do not publish, because they are
    /// neither keyed nor private.
    pub fn withheld(&self, descriptor: &Descriptor) -> Vec<&str> {
        self.all()
            .filter(|one| descriptor.is_chosen(&one.settings.modules) && !one.serves(descriptor))
            .map(|one| &*one.name)
            .collect()
    }

    /// The endpoint with the longest path that begins this one, and the rest of the path.
    pub fn find<'p>(&self, path: &'p str) -> Option<(&Arc<Published>, &'p str)> {
        self.endpoints.iter().find_map(|endpoint| {
            let rest = match endpoint.settings.path.as_str() {
                "/" => path,
                prefix => path.strip_prefix(prefix)?,
            };
            (rest.is_empty() || rest.starts_with('/')).then_some((endpoint, rest))
        })
    }

    /// jBackend's request without an endpoint, where it is enabled.
    pub fn default_request(&self) -> Option<&Arc<Published>> {
        self.default_request.as_ref()
    }
}

/// What a path found among a module's routes.
#[derive(Debug, PartialEq, Eq)]
pub enum RouteMatch {
    /// A route, by its place in the descriptor, with the values of its template.
    Route(usize, Vec<String>),
    /// The path is a route's, but not with this method; these it has.
    Method(Vec<String>),
}

/// Looks a path up among a module's routes. HEAD is answered by GET's route.
pub fn find_route(descriptor: &Descriptor, method: &str, path: &str) -> Option<RouteMatch> {
    let wanted = if method == "HEAD" { "GET" } else { method };
    let mut methods = Vec::new();
    for (place, route) in descriptor.routes.iter().enumerate() {
        if let Some(values) = match_template(&route.path, path) {
            if route.method == wanted {
                return Some(RouteMatch::Route(place, values));
            }
            methods.push(route.method.clone());
        }
    }
    (!methods.is_empty()).then_some(RouteMatch::Method(methods))
}

/// The values of a template's parameters in a path whose segments are decoded one by one.
fn match_template(template: &str, path: &str) -> Option<Vec<String>> {
    let path = path
        .strip_suffix('/')
        .filter(|_| !template.ends_with('/'))
        .unwrap_or(path);
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    let mut values = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(values),
            (Some(pattern), Some(segment)) => {
                let segment = super::parameters::decode(segment)?;
                match pattern.split_once('{') {
                    None if *pattern == *segment => {}
                    None => return None,
                    Some((before, rest)) => {
                        let after = rest.split_once('}')?.1;
                        let value = segment.strip_prefix(before)?.strip_suffix(after)?;
                        if value.is_empty() {
                            return None;
                        }
                        values.push(value.to_owned());
                    }
                }
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_takes_one_name_out_of_a_segment() {
        let values = |path: &str| match_template("/extension/{product}.xml", path);
        assert_eq!(
            values("/extension/com_a%20b.xml"),
            Some(vec!["com_a b".to_owned()])
        );
        assert_eq!(values("/extension/.xml"), None);
        assert_eq!(values("/extension/a.xml/more"), None);
        assert_eq!(match_template("/", "/"), Some(vec![]));
    }
}
