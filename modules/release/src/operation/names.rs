//! Names that stand in URLs and in tables.

use loggia_sdk::Fault;

/// Refuses an id that could not stand in a path or a file name.
pub(crate) fn check(parameter: &str, id: &str) -> Result<(), Fault> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    let good = (1..=100).contains(&id.len())
        && id.bytes().all(plain)
        && id.bytes().any(|byte| byte.is_ascii_alphanumeric())
        && !id.starts_with('.')
        && !id.to_ascii_lowercase().ends_with(".xml");
    if good {
        Ok(())
    } else {
        Err(Fault::parameter(
            parameter,
            "has up to 100 letters, digits, \"_\", \"-\" and \".\", begins with no dot and does not end in .xml",
        ))
    }
}

/// Makes an id or a file name of any text.
pub(crate) fn plain(text: &str) -> String {
    let replaced: String = text
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() || "_-.".contains(character) {
                character
            } else {
                '_'
            }
        })
        .collect();
    replaced.trim_matches(['.', '_']).to_owned()
}
