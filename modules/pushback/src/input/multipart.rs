//! A form as a page's `FormData` sends it.

use serde_json::{Map, Value};

/// The fields of a multipart body; the last of a name counts. Files are passed over, as the original did, and a body that
/// is not whole is none.
pub(super) fn fields(media: &str, body: &[u8]) -> Option<Map<String, Value>> {
    let delimiter = format!("--{}", boundary(media)?);
    let mut rest = behind(body, delimiter.as_bytes())?;
    let next = format!("\r\n{delimiter}");
    let mut fields = Map::new();
    while !rest.starts_with(b"--") {
        let part = behind(rest, b"\r\n")?;
        let end = find(part, next.as_bytes())?;
        let (part, after) = part.split_at(end);
        rest = &after[next.len()..];
        let field = field(part)?;
        if !field.is_file {
            fields.insert(field.name, Value::String(field.value));
        }
    }
    Some(fields)
}

fn boundary(media: &str) -> Option<&str> {
    let found = media.split(';').find_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        name.eq_ignore_ascii_case("boundary")
            .then(|| value.trim_matches('"'))
    });
    found.filter(|boundary| !boundary.is_empty() && boundary.len() <= 70)
}

/// One part of a form.
struct Field {
    name: String,
    value: String,
    is_file: bool,
}

fn field(part: &[u8]) -> Option<Field> {
    let end = find(part, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&part[..end]).ok()?;
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-disposition")
            .then_some(value)
    })?;
    let parameter = |wanted: &str| {
        disposition.split(';').find_map(|one| {
            let (name, value) = one.trim().split_once('=')?;
            (name == wanted).then(|| value.trim_matches('"').to_owned())
        })
    };
    Some(Field {
        name: parameter("name")?,
        value: String::from_utf8_lossy(&part[end + 4..]).into_owned(),
        is_file: parameter("filename").is_some(),
    })
}

fn behind<'b>(body: &'b [u8], mark: &[u8]) -> Option<&'b [u8]> {
    let place = find(body, mark)?;
    Some(&body[place + mark.len()..])
}

fn find(body: &[u8], mark: &[u8]) -> Option<usize> {
    body.windows(mark.len()).position(|window| window == mark)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const MEDIA: &str = "multipart/form-data; boundary=\"xx\"";

    #[test]
    fn fields_are_read_and_files_passed_over() {
        let body = "--xx\r\nContent-Disposition: form-data; name=\"users\"\r\n\r\n[1,\r\n 2]\r\n--xx\r\n\
                    content-disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nx\r\n\
                    --xx\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n--xx--\r\n";
        let read = fields(MEDIA, body.as_bytes()).map(Value::Object);
        assert_eq!(read, Some(json!({ "users": "[1,\r\n 2]", "empty": "" })));
    }

    #[test]
    fn what_is_not_whole_is_no_form() {
        for broken in [
            "",
            "--xx",
            "--xx\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1",
            "--xx\r\n\r\n--xx--",
        ] {
            assert_eq!(fields(MEDIA, broken.as_bytes()), None, "{broken:?}");
        }
        assert_eq!(fields("multipart/form-data", b"--xx--"), None);
    }
}
