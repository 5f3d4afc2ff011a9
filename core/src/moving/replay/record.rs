//! A request as a log has it: a line of the common or combined format, or a JSON object.

use serde_json::{Map, Value};

/// Requests by GET that do something all the same: module and resource.
const ACTING: [(&str, &str); 4] = [
    ("user", "logout"),
    ("user", "remind"),
    ("user", "reset"),
    ("push", "scheduler"),
];
/// Actions that change something, whatever the method.
const WRITING: [&str; 3] = ["post", "put", "delete"];

/// A request that was once made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Request {
    pub(super) method: String,
    /// Path and query.
    pub(super) target: String,
    pub(super) body: Option<String>,
    pub(super) media_type: Option<String>,
    /// How it was answered.
    pub(super) status: Option<u16>,
}

impl Request {
    /// Reads a line.
    pub(super) fn read(line: &str) -> Option<Self> {
        match serde_json::from_str::<Map<String, Value>>(line) {
            Ok(object) => Self::of_object(&object),
            Err(_) => Self::of_line(line),
        }
    }

    /// `host - user [time] "GET /path HTTP/1.1" 200 123 "referer" "agent"`, with anything in front.
    fn of_line(line: &str) -> Option<Self> {
        let begin = line.find('"')? + 1;
        let end = begin + quote_end(&line[begin..])?;
        let status = line[end + 1..].split_whitespace().next();
        let request = line[begin..end].replace("\\\"", "\"");
        Self::of_request(&request, status.and_then(|status| status.parse().ok()))
    }

    /// `GET /path HTTP/1.1`.
    fn of_request(text: &str, status: Option<u16>) -> Option<Self> {
        let (method, rest) = text.split_once(' ')?;
        let target = match rest.rsplit_once(' ') {
            Some((target, version)) if version.starts_with("HTTP/") => target,
            _ => rest,
        };
        Self::new(method, target, status)
    }

    fn new(method: &str, target: &str, status: Option<u16>) -> Option<Self> {
        let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
        let target = match target.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |path| &rest[path..]),
            None => target,
        };
        (is_method && target.starts_with('/')).then(|| Self {
            method: method.to_owned(),
            target: target.to_owned(),
            body: None,
            media_type: None,
            status,
        })
    }

    fn of_object(object: &Map<String, Value>) -> Option<Self> {
        let text = |names: &[&str]| names.iter().find_map(|name| object.get(*name)?.as_str());
        let status = ["status", "status_code", "http_status"]
            .iter()
            .find_map(|name| match object.get(*name)? {
                Value::Number(number) => u16::try_from(number.as_u64()?).ok(),
                Value::String(text) => text.parse().ok(),
                _ => None,
            });
        let request = if let Some(line) = text(&["request", "request_line"]) {
            Self::of_request(line, status)?
        } else {
            let method = text(&["method", "request_method", "verb"]).unwrap_or("GET");
            let path = text(&["target", "uri", "request_uri", "url", "path"])?;
            let query = text(&["query", "query_string", "args"]).unwrap_or_default();
            let query = query.trim_start_matches('?');
            let target = if path.contains('?') || query.is_empty() {
                path.to_owned()
            } else {
                format!("{path}?{query}")
            };
            Self::new(&method.to_uppercase(), &target, status)?
        };
        Some(Self {
            body: match object.get("body").or(object.get("request_body")) {
                Some(Value::String(body)) => Some(body.clone()),
                Some(body @ (Value::Object(_) | Value::Array(_))) => Some(body.to_string()),
                _ => None,
            },
            media_type: text(&["content_type"]).map(str::to_owned),
            ..request
        })
    }

    /// Whether it may change something. jBackend's action is a parameter, so a GET may too.
    pub(super) fn may_write(&self) -> bool {
        if !["GET", "HEAD"].contains(&self.method.as_str()) {
            return true;
        }
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let parameters: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let parameter = |name: &str| {
            let found = parameters.iter().rfind(|(known, _)| known == name);
            found.map(|(_, value)| value.to_lowercase())
        };
        let segments: Vec<String> = path.split('/').map(str::to_lowercase).collect();
        let is_writing = |word: &String| WRITING.contains(&word.as_str());
        let acts = |module: &str, resource: &str| {
            ACTING
                .iter()
                .any(|(one, other)| *one == module && *other == resource)
        };
        segments.iter().any(is_writing)
            || segments.windows(2).any(|pair| acts(&pair[0], &pair[1]))
            || parameter("action").is_some_and(|action| is_writing(&action))
            || acts(
                &parameter("module").unwrap_or_default(),
                &parameter("resource").unwrap_or_default(),
            )
    }
}

/// Where a quoted text ends; a mark inside stands behind a backslash.
fn quote_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (String, String, Option<u16>) {
        let request = Request::read(line).unwrap();
        (request.method, request.target, request.status)
    }

    #[test]
    fn lines_of_web_servers_are_read() {
        let combined = "192.0.2.1 - - [31/Jan/2027:12:00:00 +0000] \"GET /api/get/content/articles/1?a=%22 HTTP/1.1\" \
                        200 512 \"-\" \"client \\\"1\\\"\"";
        let target = "/api/get/content/articles/1?a=%22";
        assert_eq!(
            read(combined),
            ("GET".to_owned(), target.to_owned(), Some(200))
        );
        let host = format!("www.example.org:443 {combined}");
        assert_eq!(read(&host).1, target);
        assert_eq!(
            read("- - - [x] \"GET /old\" 404 1"),
            ("GET".to_owned(), "/old".to_owned(), Some(404))
        );
        assert!(Request::read("- - - [x] \"\\x16\\x03\" 400 1").is_none());
        assert!(Request::read("nothing").is_none());
    }

    #[test]
    fn lines_of_json_are_read_by_the_names_that_servers_use() {
        let first = r#"{"method":"get","uri":"/a?b=1","status":200}"#;
        assert_eq!(
            read(first),
            ("GET".to_owned(), "/a?b=1".to_owned(), Some(200))
        );
        let second = r#"{"request":"POST /a HTTP/2.0","status":"201","body":{"x":1}}"#;
        assert_eq!(Request::read(second).unwrap().body.unwrap(), r#"{"x":1}"#);
        let third = r#"{"path":"/a","query_string":"b=1"}"#;
        assert_eq!(read(third), ("GET".to_owned(), "/a?b=1".to_owned(), None));
        let fourth = r#"{"url":"https://www.example.org/a?b=1"}"#;
        assert_eq!(read(fourth).1, "/a?b=1");
    }

    #[test]
    fn what_may_write_is_known_by_method_action_and_deed() {
        let may =
            |method: &str, target: &str| Request::new(method, target, None).unwrap().may_write();
        assert!(may("POST", "/api/get/content/articles"));
        assert!(may("GET", "/api/put/push/register?token=x"));
        assert!(may(
            "GET",
            "/index.php?action=POST&module=user&resource=login"
        ));
        assert!(may("GET", "/api?action=get&module=user&resource=logout"));
        assert!(may("GET", "/api/get/user/reset?email=x"));
        assert!(!may("GET", "/api/get/content/articles?orderby=post"));
        assert!(!may("HEAD", "/api/get/user/status"));
    }
}
