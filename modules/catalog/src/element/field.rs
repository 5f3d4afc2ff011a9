//! The members of values, and the rule that each obeys.

use loggia_site::{clock, media};
use serde_json::{Number, Value};
use url::Url;

use super::{Element, Kind, country};

/// The most characters of a text whose definition sets no limit.
const LONGEST_LINE: usize = 10_000;
const LONGEST_TEXT: usize = 1_000_000;
/// The schemes that links may have.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// What a member of a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Any text, within the limit of the definition.
    Content,
    /// A short text.
    Line,
    /// An address of the schemes, or one within the site.
    Address,
    /// The path of a file within the site, its address, or a file of the module media.
    Path,
    /// The path of a folder within the site.
    Folder,
    /// An e-mail address.
    Mail,
    /// A time.
    Time,
    /// A number within the bounds of the definition.
    Number,
    /// How many, not below 0.
    Count,
    /// One of the options.
    Option,
    /// The id of an item.
    Item,
    /// The two letters of a country.
    Country,
    /// As many stars as the definition has, at most.
    Stars,
}

/// A member by its name.
pub(crate) type Field = (&'static str, Rule);

/// The folder of a gallery's images, which stands beside them.
pub(crate) const FOLDER: Field = ("value", Rule::Folder);

/// The members that one value of a kind may have; the first is the one that a plain value stands for.
pub(crate) fn of(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Text | Kind::Textarea => &[("value", Rule::Content)],
        Kind::Number => &[("value", Rule::Number)],
        Kind::Date => &[("value", Rule::Time)],
        Kind::Link => &[
            ("value", Rule::Address),
            ("text", Rule::Line),
            ("target", Rule::Line),
            ("custom_title", Rule::Line),
            ("rel", Rule::Line),
        ],
        Kind::Email => &[
            ("value", Rule::Mail),
            ("text", Rule::Line),
            ("subject", Rule::Line),
            ("body", Rule::Line),
        ],
        Kind::Image => &[
            ("file", Rule::Path),
            ("title", Rule::Line),
            ("caption", Rule::Line),
            ("link", Rule::Address),
            ("target", Rule::Line),
            ("rel", Rule::Line),
            ("lightbox_image", Rule::Path),
            ("spotlight_effect", Rule::Line),
            ("width", Rule::Count),
            ("height", Rule::Count),
        ],
        Kind::Gallery => &[
            ("file", Rule::Path),
            ("title", Rule::Line),
            ("caption", Rule::Line),
        ],
        Kind::File => &[
            ("file", Rule::Path),
            ("title", Rule::Line),
            ("size", Rule::Count),
            ("hits", Rule::Count),
            ("download_limit", Rule::Count),
        ],
        Kind::Rating => &[("value", Rule::Stars), ("votes", Rule::Count)],
        Kind::Select => &[("option", Rule::Option)],
        Kind::Relation => &[("item", Rule::Item)],
        Kind::Country => &[("country", Rule::Country)],
    }
}

/// The rule of a member, wherever in a value it lies.
pub(crate) fn rule(kind: Kind, name: &str) -> Option<Rule> {
    if kind == Kind::Gallery && name == FOLDER.0 {
        return Some(FOLDER.1);
    }
    let field = of(kind).iter().find(|(known, _)| *known == name);
    field.map(|(_, rule)| *rule)
}

/// A member as it is kept; `Err` is the rule that it breaks.
pub(crate) fn kept(element: &Element, rule: Rule, given: &Value) -> Result<Value, String> {
    match rule {
        Rule::Content => content(element, given),
        Rule::Line => line(given).map(Value::from),
        Rule::Address => address(&line(given)?).map(Value::from),
        Rule::Path => path(&line(given)?).map(Value::from),
        Rule::Folder => within(&line(given)?).map(Value::from),
        Rule::Mail => mail(&line(given)?).map(Value::from),
        Rule::Time => time(&line(given)?).map(Value::from),
        Rule::Number => number(element, given),
        Rule::Count => count(given).map(Value::from),
        Rule::Option => option(element, &line(given)?).map(Value::from),
        Rule::Item => item(given).map(|id| id.to_string().into()),
        Rule::Country => country_code(&line(given)?).map(Value::from),
        Rule::Stars => stars(element, given),
    }
}

fn text(given: &Value) -> Result<String, String> {
    match given {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(value) => Ok(value.to_string()),
        _ => Err("must be a text".to_owned()),
    }
}

fn content(element: &Element, given: &Value) -> Result<Value, String> {
    let text = text(given)?;
    let longest = match element.definition.kind {
        Kind::Textarea => LONGEST_TEXT,
        _ => LONGEST_LINE,
    };
    let longest = element.definition.max_length.unwrap_or(longest);
    if text.contains('\0') {
        return Err("must not hold a NUL character".to_owned());
    }
    if text.chars().count() > longest {
        return Err(format!("must have at most {longest} characters"));
    }
    Ok(text.into())
}

fn line(given: &Value) -> Result<String, String> {
    let text = text(given)?;
    if text.chars().count() > LONGEST_LINE || text.contains('\0') {
        return Err(format!("must have at most {LONGEST_LINE} characters"));
    }
    Ok(text)
}

/// An address of a scheme that does no harm, or one without a scheme.
pub(crate) fn address(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_plain = !text
        .chars()
        .any(|character| character.is_control() || character == '\\');
    let is_good = match Url::parse(text) {
        Ok(url) => SCHEMES.contains(&url.scheme()),
        Err(url::ParseError::RelativeUrlWithoutBase) => true,
        Err(_) => text.is_empty(),
    };
    if is_plain && is_good {
        Ok(text.to_owned())
    } else {
        Err("must be an address with http, https or mailto, or one within the site".to_owned())
    }
}

/// A path that stays within the site, an address, or a file of the module media.
pub(crate) fn path(text: &str) -> Result<String, String> {
    if media::names_file(text)? {
        Ok(text.to_owned())
    } else {
        within(text)
    }
}

/// A path that stays within the site, or an address.
pub(crate) fn within(text: &str) -> Result<String, String> {
    let path = address(text)?;
    if path.starts_with("mailto:") || path.split(['/', '?', '#']).any(|part| part == "..") {
        return Err("must be a path within the site, without .., or an address".to_owned());
    }
    Ok(path)
}

fn mail(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_plain = |part: &str| {
        !part.is_empty()
            && part.chars().all(|character| {
                !character.is_whitespace() && !"<>\"(),:;@[\\]".contains(character)
            })
    };
    let is_good = text
        .split_once('@')
        .is_some_and(|(name, host)| is_plain(name) && is_plain(host) && !host.starts_with('.'));
    if is_good && text.len() <= 254 && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err("must be an e-mail address".to_owned())
    }
}

fn time(text: &str) -> Result<String, String> {
    let day_alone = format!("{} 00:00:00", text.trim());
    clock::parse("value", text)
        .or_else(|_| clock::parse("value", &day_alone))
        .map(clock::written)
        .map_err(|_| {
            "must be a time such as 2027-01-31 12:00:00 (UTC) or 2027-01-31T12:00:00Z".to_owned()
        })
}

fn number(element: &Element, given: &Value) -> Result<Value, String> {
    let (number, value) = numeric(given)?;
    let definition = &element.definition;
    if let Some(least) = definition.minimum.filter(|&least| value < least) {
        return Err(format!("must be at least {least}"));
    }
    if let Some(most) = definition.maximum.filter(|&most| value > most) {
        return Err(format!("must be at most {most}"));
    }
    Ok(number.into())
}

fn stars(element: &Element, given: &Value) -> Result<Value, String> {
    let (number, value) = numeric(given)?;
    let most = element.stars();
    if (0.0..=most).contains(&value) {
        Ok(number.into())
    } else {
        Err(format!("must be between 0 and {most}"))
    }
}

/// The number as it was written, and its value.
fn numeric(given: &Value) -> Result<(Number, f64), String> {
    let number = match given {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => serde_json::from_str(text.trim()).ok(),
        _ => None,
    };
    let value = number.as_ref().and_then(Number::as_f64);
    match (number, value) {
        (Some(number), Some(value)) if value.is_finite() => Ok((number, value)),
        _ => Err("must be a number".to_owned()),
    }
}

fn count(given: &Value) -> Result<i64, String> {
    let count = match given {
        Value::Number(number) => number.as_i64(),
        Value::String(text) if text.is_empty() => Some(0),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    count
        .filter(|&count| count >= 0)
        .ok_or_else(|| "must be a whole number, not below 0".to_owned())
}

fn option(element: &Element, text: &str) -> Result<String, String> {
    let options = &element.definition.options;
    if options.iter().any(|option| option.value == text) {
        return Ok(text.to_owned());
    }
    let values: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
    Err(format!("must be one of {}", values.join(", ")))
}

fn item(given: &Value) -> Result<i64, String> {
    count(given)
        .ok()
        .filter(|&id| id > 0)
        .ok_or_else(|| "must be the id of an item".to_owned())
}

fn country_code(text: &str) -> Result<String, String> {
    let code = text.trim().to_uppercase();
    if country::is_code(&code) {
        Ok(code)
    } else {
        Err("must be the two letters of a country".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_run_code_or_leave_the_site_are_refused() {
        for good in [
            "https://a.org/x?y=1#z",
            "mailto:a@b.org",
            "/a/b",
            "images/a.png",
            "?x=1",
            "",
        ] {
            assert_eq!(address(good).as_deref(), Ok(good));
        }
        let bad = [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "\\\\host\\share",
            "http://",
        ];
        for bad in bad {
            assert!(address(bad).is_err(), "{bad}");
        }
        for bad in ["../x.png", "images/../../x", "mailto:a@b.org", "/.."] {
            assert!(path(bad).is_err(), "{bad}");
        }
        assert!(path("images/a..b.png").is_ok());
    }

    #[test]
    fn only_plain_addresses_are_mail() {
        for good in ["a@b.org", "a.b+c@d-e.org", "ä@ö.de"] {
            assert!(mail(good).is_ok(), "{good}");
        }
        for bad in [
            "a",
            "@b.org",
            "a@",
            "a b@c.org",
            "a@b@c.org",
            "a@.org",
            "<a@b.org>",
            "a@b.org\nBcc: x",
        ] {
            assert!(mail(bad).is_err(), "{bad}");
        }
    }
}
