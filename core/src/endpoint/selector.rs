//! From a request in any of its forms to one call: action, module, resource, id.

use std::borrow::Cow;

use super::parameters::{Parameters, as_text, decode};
use crate::fault::{Fault, Req};
use crate::module::descriptor::ACTIONS;
use crate::settings::StatusMode;

/// What a request asks for; from here on the forms are one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector<'r> {
    /// The action.
    pub action: Option<Cow<'r, str>>,
    /// The module.
    pub module: Option<Cow<'r, str>>,
    /// The resource.
    pub resource: Option<Cow<'r, str>>,
    /// The id in the path; one in query or body wins over it.
    pub path_id: Option<Cow<'r, str>>,
    /// Whether the HTTP method gave the action.
    pub is_modern: bool,
}

impl<'r> Selector<'r> {
    /// Reads the selectors of a request: `rest` is the path below the endpoint.
    pub fn read(
        status: StatusMode,
        method: &str,
        rest: &'r str,
        parameters: &Parameters<'_>,
    ) -> Result<Self, Fault> {
        let segments = segments(rest)?;
        let names_an_action = segments
            .first()
            .is_some_and(|first| ACTIONS.contains(&&**first));
        if status == StatusMode::Semantic && !segments.is_empty() && !names_an_action {
            return Self::modern(method, segments, parameters);
        }
        Ok(Self::classic(segments, parameters))
    }

    /// Query form and REST form: a path of exactly three or four segments fills what is still absent.
    fn classic(segments: Vec<Cow<'r, str>>, parameters: &Parameters<'_>) -> Self {
        let mut path = match segments.len() {
            3 | 4 => segments.into_iter(),
            _ => Vec::new().into_iter(),
        };
        let mut select = |name: &str| {
            let from_path = path.next();
            parameters.text(name).map(Cow::Owned).or(from_path)
        };
        Selector {
            action: select("action"),
            module: select("module"),
            resource: select("resource"),
            path_id: path.next(),
            is_modern: false,
        }
    }

    /// `METHOD /module/resource[/id]`: the path says all, and whoever repeats it must agree with it.
    fn modern(
        method: &str,
        segments: Vec<Cow<'r, str>>,
        parameters: &Parameters<'_>,
    ) -> Result<Self, Fault> {
        let action = action_of(method).ok_or(Req::MethodNotAllowed)?;
        if segments.len() > 3 {
            return Err(Req::RequestUnknown.fault());
        }
        let mut path = segments.into_iter();
        let selector = Selector {
            action: Some(Cow::Borrowed(action)),
            module: path.next(),
            resource: path.next(),
            path_id: path.next(),
            is_modern: true,
        };
        let known = [
            ("action", &selector.action),
            ("module", &selector.module),
            ("resource", &selector.resource),
            ("id", &selector.path_id),
        ];
        for (name, in_path) in known {
            let given = [
                parameters.find_in_query(name),
                parameters.find_in_body(name),
            ];
            for given in given.into_iter().flatten() {
                if in_path.is_some() && as_text(given).as_deref() != in_path.as_deref() {
                    return Err(Fault::parameter(
                        name,
                        "must be what the path says, or absent",
                    ));
                }
            }
        }
        Ok(selector)
    }
}

/// The action of an HTTP method in the modern form.
pub fn action_of(method: &str) -> Option<&'static str> {
    Some(match method {
        "GET" | "HEAD" => "get",
        "POST" => "post",
        "PUT" | "PATCH" => "put",
        "DELETE" => "delete",
        _ => return None,
    })
}

/// The HTTP methods of an action in the modern form.
pub fn methods_of(action: &str) -> &'static [&'static str] {
    match action {
        "get" => &["GET", "HEAD"],
        "post" => &["POST"],
        "put" => &["PUT", "PATCH"],
        "delete" => &["DELETE"],
        _ => &[],
    }
}

fn segments(rest: &str) -> Result<Vec<Cow<'_, str>>, Fault> {
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.is_empty() {
        return Ok(Vec::new());
    }
    let decoded: Option<Vec<Cow<'_, str>>> = rest.split('/').map(decode).collect();
    decoded.ok_or_else(|| {
        Req::ParameterNotValid
            .fault()
            .detail("path: an escape is not UTF-8")
    })
}

#[cfg(test)]
mod tests {
    use super::super::parameters::Body;
    use super::*;

    fn read<'r>(
        status: StatusMode,
        method: &str,
        rest: &'r str,
        query: &str,
    ) -> Result<Selector<'r>, Fault> {
        let parameters = Parameters::read(query, Body::None, 100).expect("a readable query");
        Selector::read(status, method, rest, &parameters)
    }

    fn texts<'s>(selector: &'s Selector<'_>) -> [Option<&'s str>; 4] {
        [
            &selector.action,
            &selector.module,
            &selector.resource,
            &selector.path_id,
        ]
        .map(|text| text.as_deref())
    }

    #[test]
    fn only_three_or_four_segments_are_a_path_form() {
        fn compatible<'r>(rest: &'r str, query: &str) -> Selector<'r> {
            read(StatusMode::Compatible, "GET", rest, query).expect("read")
        }
        let four = compatible("/get/content/articles/12-a/", "");
        assert_eq!(
            texts(&four),
            [Some("get"), Some("content"), Some("articles"), Some("12-a")]
        );
        assert_eq!(compatible("/get/content", ""), Selector::default());
        assert_eq!(
            compatible("/get/content/articles/2/response.json", ""),
            Selector::default()
        );
    }

    #[test]
    fn explicit_parameters_win_over_the_path() {
        let read = read(
            StatusMode::Compatible,
            "POST",
            "/get/user/login",
            "action=post",
        )
        .expect("read");
        assert_eq!(
            texts(&read),
            [Some("post"), Some("user"), Some("login"), None]
        );
    }

    #[test]
    fn the_modern_form_takes_the_action_from_the_method() {
        let read = |method, rest, query| read(StatusMode::Semantic, method, rest, query);
        let patched = read("PATCH", "/content/articles/5", "").expect("read");
        assert_eq!(
            texts(&patched),
            [Some("put"), Some("content"), Some("articles"), Some("5")]
        );
        assert_eq!(
            read("TRACE", "/content/articles", "")
                .expect_err("a fault")
                .code,
            "REQ_MNA"
        );
        assert_eq!(
            read("GET", "/content/articles/5", "id=6")
                .expect_err("a fault")
                .code,
            "REQ_PNV"
        );
        let rest = read("GET", "/post/user/login", "").expect("read");
        assert!(!rest.is_modern && rest.action.as_deref() == Some("post"));
    }
}
