//! Aliases: what stands for a title in an address.

use loggia_sdk::Fault;

/// The alias a text makes: its letters and digits in small letters, with one dash wherever others stood.
pub fn of(text: &str) -> Result<String, Fault> {
    let mut alias = String::with_capacity(text.len());
    for character in text.chars().flat_map(char::to_lowercase) {
        if character.is_alphanumeric() {
            alias.push(character);
        } else if !alias.is_empty() && !alias.ends_with('-') {
            alias.push('-');
        }
    }
    let alias = alias.trim_end_matches('-');
    if alias.is_empty() {
        return Err(Fault::parameter("alias", "must have a letter or a digit"));
    }
    Ok(alias.to_owned())
}

/// The alias that is given, or made of the title; `kind` says in words what is named, such as `tag`.
pub fn named(alias: Option<&str>, title: Option<&str>, kind: &str) -> Result<String, Fault> {
    match alias.or(title) {
        Some(text) => of(text),
        None => Err(Fault::parameter(
            "id",
            &format!("must be given, or alias, or the title of a new {kind}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_digits_stay_and_all_else_is_one_dash() {
        assert_eq!(of(" Été: 12 --  Notes! ").unwrap(), "été-12-notes");
        assert_eq!(of("?!").unwrap_err().code(), "REQ_PNV");
    }
}
