//! Values of fields: what may be written into each kind, and how it is shown.

use chrono::NaiveDate;
use loggia_sdk::Fault;
use loggia_site::{clock, media};
use serde_json::Value;

use crate::kind::Kind;
use crate::store::field::Field;

/// What stands between the values of a field with several, as Community Builder keeps them.
pub(crate) const BETWEEN: &str = "|*|";

/// The longest value, in bytes.
const MOST_BYTES: usize = 64 * 1024;
const MOST_EMAIL_BYTES: usize = 254;

impl Field {
    /// A value as it is shown: a list of texts where the field takes several, else a text.
    pub(crate) fn shown(&self, base_url: &str, value: Option<&String>) -> Value {
        let text = value.unwrap_or(&self.default_value);
        if self.kind == Kind::Image {
            return media::shown(base_url, text.clone()).into();
        }
        if !self.kind.is_multiple() {
            return text.as_str().into();
        }
        text.split(BETWEEN)
            .filter(|one| !one.is_empty())
            .collect::<Vec<_>>()
            .into()
    }

    /// A value as it is kept, `None` for one that is taken away, or the rule that it breaks.
    pub(crate) fn kept(&self, base_url: &str, given: &Value) -> Result<Option<String>, Fault> {
        let broken = |rule: &str| Fault::parameter(&self.name, rule);
        let text = if self.kind.is_multiple() {
            self.several(given).map_err(|rule| broken(&rule))?
        } else {
            let text = one_text(given).ok_or_else(|| broken("must be a text"))?;
            self.one(base_url, text.trim_end())
                .map_err(|rule| broken(&rule))?
        };
        if text.is_empty() {
            return if self.required {
                Err(broken("must not be empty"))
            } else {
                Ok(None)
            };
        }
        if text.len() > MOST_BYTES {
            return Err(broken("must have at most 65536 bytes"));
        }
        let longest = usize::try_from(self.max_length).unwrap_or(0);
        if longest > 0 && text.chars().count() > longest {
            return Err(broken(&format!("must have at most {longest} characters")));
        }
        Ok(Some(text))
    }

    fn one(&self, base_url: &str, text: &str) -> Result<String, String> {
        let kept = text.to_owned();
        if text.is_empty() {
            return Ok(kept);
        }
        let holds = |is_right: bool, rule: &str| {
            if is_right {
                Ok(())
            } else {
                Err(rule.to_owned())
            }
        };
        match self.kind {
            Kind::Text | Kind::Hidden => holds(
                !text.contains(char::is_control),
                "must be one line without control characters",
            )?,
            Kind::Textarea | Kind::Editorta => {
                holds(!text.contains('\0'), "must not hold a NUL character")?;
            }
            Kind::Integer => holds(text.parse::<i64>().is_ok(), "must be a whole number")?,
            Kind::Number => holds(
                text.parse::<f64>().is_ok_and(f64::is_finite),
                "must be a number",
            )?,
            Kind::Checkbox => return truth(text),
            Kind::Date => holds(
                text.len() == 10 && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok(),
                "must be a day such as 2027-01-31",
            )?,
            Kind::Datetime => {
                let rule = "must be a time such as 2027-01-31 12:00:00 (UTC)";
                let time = clock::parse(&self.name, text).map_err(|_| rule.to_owned())?;
                return Ok(clock::written(time));
            }
            Kind::Emailaddress => holds(is_address(text), "must be an e-mail address")?,
            Kind::Webaddress => holds(is_web_address(text), "must be an http or https URL")?,
            Kind::Image => return image(base_url, text),
            Kind::Select | Kind::Radio | Kind::Multiselect | Kind::Multicheckbox => {
                holds(self.is_option(text), &self.choices())?;
            }
        }
        Ok(kept)
    }

    fn several(&self, given: &Value) -> Result<String, String> {
        let texts: Vec<String> = match given {
            Value::Null => Vec::new(),
            Value::Array(list) => list
                .iter()
                .map(one_text)
                .collect::<Option<_>>()
                .ok_or("must be a list of texts")?,
            Value::String(text) => text.split(BETWEEN).map(str::to_owned).collect(),
            _ => return Err("must be a list of texts".to_owned()),
        };
        let texts: Vec<&String> = texts.iter().filter(|text| !text.is_empty()).collect();
        if !texts.iter().all(|text| self.is_option(text)) {
            return Err(self.choices());
        }
        // In the order of the options, and each once.
        let chosen = self.options.iter().filter(|one| texts.contains(one));
        Ok(chosen.map(String::as_str).collect::<Vec<_>>().join(BETWEEN))
    }

    fn is_option(&self, text: &str) -> bool {
        self.options.iter().any(|option| option == text)
    }

    fn choices(&self) -> String {
        format!("must be of {}", self.options.join(", "))
    }
}

fn one_text(given: &Value) -> Option<String> {
    match given {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(given.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// What an answer has shown of a file is the file again.
fn image(base_url: &str, text: &str) -> Result<String, String> {
    let rule = "must be media: and the id of a file, such as media:12, or an http or https URL";
    media::kept(base_url, text.to_owned())
        .ok()
        .filter(|kept| media::id_of(kept).is_some() || is_web_address(kept))
        .ok_or_else(|| rule.to_owned())
}

fn truth(text: &str) -> Result<String, String> {
    match text {
        "1" | "true" => Ok("1".to_owned()),
        "0" | "false" => Ok("0".to_owned()),
        _ => Err("must be true or false".to_owned()),
    }
}

fn is_address(text: &str) -> bool {
    let is_plain = |part: &str| {
        !part.is_empty() && !part.contains(|c: char| c.is_control() || c.is_whitespace())
    };
    text.len() <= MOST_EMAIL_BYTES
        && text.split_once('@').is_some_and(|(local, domain)| {
            is_plain(local) && is_plain(domain) && domain.contains('.') && !domain.contains('@')
        })
}

fn is_web_address(text: &str) -> bool {
    let is_one_line = !text.contains(|c: char| c.is_control() || c.is_whitespace());
    is_one_line
        && url::Url::parse(text)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BASE: &str = "https://a.org/api";

    fn field(kind: Kind) -> Field {
        Field {
            id: 1,
            name: "cb_field".to_owned(),
            title: String::new(),
            description: String::new(),
            kind,
            options: ["red", "green", "blue"].map(str::to_owned).to_vec(),
            default_value: String::new(),
            max_length: 40,
            required: false,
            readonly: false,
        }
    }

    fn kept(kind: Kind, given: Value) -> Option<String> {
        field(kind).kept(BASE, &given).unwrap()
    }

    #[test]
    fn a_value_is_kept_in_the_form_of_its_kind() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(kept(Kind::Text, json!("Köln ")), some("Köln"));
        assert_eq!(kept(Kind::Text, json!(7)), some("7"));
        assert_eq!(kept(Kind::Text, json!("")), None);
        assert_eq!(kept(Kind::Text, json!(null)), None);
        assert_eq!(kept(Kind::Textarea, json!("a\nb")), some("a\nb"));
        assert_eq!(kept(Kind::Checkbox, json!(true)), some("1"));
        assert_eq!(kept(Kind::Checkbox, json!(0)), some("0"));
        assert_eq!(
            kept(Kind::Datetime, json!("2027-01-31T13:00:00+01:00")),
            some("2027-01-31 12:00:00")
        );
        let several = json!(["blue", "red", "blue"]);
        assert_eq!(kept(Kind::Multiselect, several), some("red|*|blue"));
        assert_eq!(
            kept(Kind::Multicheckbox, json!("green|*|red")),
            some("red|*|green")
        );
        assert_eq!(kept(Kind::Multiselect, json!([])), None);
    }

    #[test]
    fn what_is_not_of_its_kind_is_refused_by_the_fields_name() {
        for (kind, wrong) in [
            (Kind::Text, json!("a\nb")),
            (Kind::Text, json!({ "a": 1 })),
            (Kind::Text, json!("x".repeat(41))),
            (Kind::Integer, json!("1.5")),
            (Kind::Integer, json!("99999999999999999999")),
            (Kind::Number, json!("NaN")),
            (Kind::Number, json!("1,5")),
            (Kind::Checkbox, json!("perhaps")),
            (Kind::Date, json!("2027-02-30")),
            (Kind::Date, json!("2027-2-3")),
            (Kind::Datetime, json!("soon")),
            (Kind::Emailaddress, json!("nobody")),
            (Kind::Emailaddress, json!("a b@example.org")),
            (Kind::Image, json!("media:0")),
            (Kind::Image, json!("images/a.png")),
            (Kind::Image, json!("javascript:alert(1)")),
            (Kind::Webaddress, json!("javascript:alert(1)")),
            (Kind::Webaddress, json!("https://")),
            (Kind::Select, json!("yellow")),
            (Kind::Radio, json!("Red")),
            (Kind::Multiselect, json!(["red", "yellow"])),
            (Kind::Multicheckbox, json!({ "0": "red" })),
        ] {
            let fault = field(kind).kept(BASE, &wrong).unwrap_err();
            assert_eq!(fault.code(), "REQ_PNV", "{kind:?} {wrong}");
        }
        let required = Field {
            required: true,
            ..field(Kind::Text)
        };
        assert!(required.kept(BASE, &json!(" ")).is_err());
    }

    #[test]
    fn an_image_is_a_file_or_an_address_and_is_shown_by_where_it_is_sent_from() {
        let image = field(Kind::Image);
        let url = "https://a.org/api/get/media/files/12";
        for given in ["media:12", url] {
            let kept = image.kept(BASE, &json!(given)).unwrap().unwrap();
            assert_eq!(kept, "media:12");
            assert_eq!(image.shown(BASE, Some(&kept)), json!(url));
        }
        let other = "https://b.org/a.png".to_owned();
        assert_eq!(
            image.kept(BASE, &json!(other)).unwrap(),
            Some(other.clone())
        );
        assert_eq!(image.shown(BASE, Some(&other)), json!(other));
        assert_eq!(image.shown(BASE, None), json!(""));
    }

    #[test]
    fn values_are_shown_as_texts_and_several_as_a_list() {
        let several = "red|*|blue".to_owned();
        assert_eq!(
            field(Kind::Multiselect).shown(BASE, Some(&several)),
            json!(["red", "blue"])
        );
        assert_eq!(field(Kind::Multiselect).shown(BASE, None), json!([]));
        assert_eq!(field(Kind::Text).shown(BASE, None), json!(""));
        assert_eq!(
            field(Kind::Text).shown(BASE, Some(&several)),
            json!("red|*|blue")
        );
    }

    #[test]
    fn a_kind_has_the_name_that_community_builder_gives_it() {
        assert_eq!(Kind::Multicheckbox.name(), "multicheckbox");
        assert_eq!(Kind::named("editorta"), Some(Kind::Editorta));
        assert_eq!(Kind::named("delimiter"), None);
    }
}
