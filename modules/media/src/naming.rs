//! Names for clients, made harmless of what a caller calls a file, and keys of the store, which no caller has a hand in.

use loggia_sdk::Call;
use sha2::{Digest, Sha256};

use crate::settings::FileType;

const LONGEST: usize = 80;

/// A name with the end that its type has: letters, digits, `-` and `_` of the last part of what was given.
pub(crate) fn harmless(given: Option<&str>, file_type: FileType) -> String {
    format!(
        "{}.{}",
        stem(given.unwrap_or_default()),
        file_type.extension()
    )
}

/// Another name for a file, which ends as the one before.
pub(crate) fn renamed(given: &str, before: &str) -> String {
    match before.rsplit_once('.') {
        Some((_, end)) => format!("{}.{end}", stem(given)),
        None => stem(given),
    }
}

fn is_accent(character: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&character)
}

fn stem(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let mut name = String::new();
    for character in stem.chars() {
        let is_plain = character.is_alphanumeric() || matches!(character, '-' | '_');
        if is_plain {
            name.push(character);
        } else if is_accent(character) {
            // Some systems write a letter and its accent apart.
        } else if !name.is_empty() && !name.ends_with(['-', '_']) {
            name.push('-');
        }
        if name.chars().count() == LONGEST {
            break;
        }
    }
    let name = name.trim_matches(['-', '_']);
    let name = if name.is_empty() { "file" } else { name };
    name.to_owned()
}

/// A key that no other file has or had, so that one that is deleted is never another's.
pub(crate) fn file_key(call: &Call<'_>, of: &str, file_type: FileType) -> String {
    let clock = call.host().clock();
    let (now_ms, monotonic_us) = (clock.now_ms(), clock.monotonic_us());
    let text = format!("{of} {} {now_ms} {monotonic_us}", call.request_id());
    let digest = hex::encode(Sha256::digest(text));
    format!("file/{}/{digest}.{}", &digest[..2], file_type.extension())
}

/// The key of a file's thumbnail.
pub(crate) fn thumbnail_key(
    file: &str,
    (width, height): (u32, u32),
    file_type: FileType,
) -> String {
    let inner = file.strip_prefix("file/").unwrap_or(file);
    let stem = inner.split('.').next().unwrap_or(inner);
    format!(
        "thumbnail/{stem}-{width}x{height}.{}",
        file_type.extension()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_is_made_a_plain_one_that_ends_as_its_type() {
        for (given, wanted) in [
            ("Our garden.JPG", "Our-garden.png"),
            ("../../etc/passwd", "passwd.png"),
            ("C:\\windows\\system.ini", "system.png"),
            ("a.php.png", "a-php.png"),
            (".htaccess", "file.png"),
            ("x\r\nSet-Cookie: a=b.png", "x-Set-Cookie-a-b.png"),
            ("\u{202e}gnp.exe", "gnp.png"),
            ("\"; filename=evil.html", "filename-evil.png"),
            ("", "file.png"),
            ("///", "file.png"),
            ("日本.png", "日本.png"),
            ("Grüße? #1 100%.png", "Grüße-1-100.png"),
            ("u\u{308}ber.png", "uber.png"),
        ] {
            assert_eq!(harmless(Some(given), FileType::Png), wanted, "{given:?}");
        }
        assert_eq!(harmless(None, FileType::Text), "file.txt");
        let long = harmless(Some(&"x".repeat(5000)), FileType::Pdf);
        assert_eq!(long.len(), LONGEST + 4);
    }
}
