//! `[module.push]`, as far as the senders read it: where the vendors are and whom to believe.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use serde_json::{Map, Value};
use url::Url;

/// Where the vendors are.
#[derive(Debug, Clone)]
pub struct VendorSettings {
    /// Apple's production service.
    pub apns_url: Url,
    /// Apple's sandbox.
    pub apns_sandbox_url: Url,
    /// Google's service.
    pub fcm_url: Url,
    /// A PEM file with roots beside the public ones.
    pub root_certificates: Option<PathBuf>,
    /// Whom push services may write to about an application that names nobody itself.
    pub vapid_subject: Option<String>,
    /// Connections an application keeps to a vendor.
    pub connections: usize,
    /// Ranges of private addresses that may be called, beside those of `[outgoing] allow`.
    pub allow: Vec<IpNet>,
    /// How long an answer may take.
    pub timeout: Duration,
}

/// Why the settings are refused: the member and the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{member}` {rule}")]
pub struct VendorSettingsFault {
    /// Which.
    pub member: &'static str,
    /// What it has to be.
    pub rule: &'static str,
}

impl VendorSettings {
    /// Reads the members of `[module.push]`; what is absent has its default.
    pub fn read(
        values: &Map<String, Value>,
        timeout: Duration,
    ) -> Result<Self, VendorSettingsFault> {
        Ok(Self {
            apns_url: url(values, "apns_url", "https://api.push.apple.com")?,
            apns_sandbox_url: url(
                values,
                "apns_sandbox_url",
                "https://api.sandbox.push.apple.com",
            )?,
            fcm_url: url(values, "fcm_url", "https://fcm.googleapis.com")?,
            root_certificates: text(values, "root_certificates")?.map(PathBuf::from),
            vapid_subject: text(values, "vapid_subject")?.map(str::to_owned),
            connections: number(values, "connections", 2)?,
            allow: ranges(values, "outgoing_allow")?,
            timeout,
        })
    }
}

fn text<'v>(
    values: &'v Map<String, Value>,
    member: &'static str,
) -> Result<Option<&'v str>, VendorSettingsFault> {
    match values.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)
            .filter(|text| !text.is_empty())
            .map(String::as_str)),
        Some(_) => Err(VendorSettingsFault {
            member,
            rule: "is not a text",
        }),
    }
}

fn url(
    values: &Map<String, Value>,
    member: &'static str,
    default: &str,
) -> Result<Url, VendorSettingsFault> {
    let text = text(values, member)?.unwrap_or(default);
    let fault = VendorSettingsFault {
        member,
        rule: "is not an address such as https://example.org",
    };
    let url = Url::parse(text).map_err(|_| fault.clone())?;
    if url.host().is_none() || !matches!(url.path(), "" | "/") || url.query().is_some() {
        return Err(fault);
    }
    Ok(url)
}

/// Addresses and ranges of them.
fn ranges(
    values: &Map<String, Value>,
    member: &'static str,
) -> Result<Vec<IpNet>, VendorSettingsFault> {
    let fault = || VendorSettingsFault {
        member,
        rule: "is not a list of addresses or ranges such as [\"127.0.0.1\", \"10.0.0.0/8\"]",
    };
    let range = |text: &Value| {
        let text = text.as_str().ok_or_else(fault)?;
        let address = || text.parse::<IpAddr>().map(IpNet::from);
        text.parse().or_else(|_| address()).map_err(|_| fault())
    };
    match values.get(member) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(texts)) => texts.iter().map(range).collect(),
        Some(_) => Err(fault()),
    }
}

fn number(
    values: &Map<String, Value>,
    member: &'static str,
    default: usize,
) -> Result<usize, VendorSettingsFault> {
    let Some(value) = values.get(member).filter(|value| !value.is_null()) else {
        return Ok(default);
    };
    let number = value
        .as_u64()
        .and_then(|number| usize::try_from(number).ok());
    number
        .filter(|number| (1..=32).contains(number))
        .ok_or(VendorSettingsFault {
            member,
            rule: "is not a number from 1 to 32",
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_wrong_member_is_named_with_its_rule() {
        let read = |values: Value| {
            let values = values.as_object().unwrap().clone();
            VendorSettings::read(&values, Duration::from_secs(1)).map_err(|fault| fault.to_string())
        };
        assert_eq!(
            read(json!({})).unwrap().apns_url.as_str(),
            "https://api.push.apple.com/"
        );
        let fault = "`fcm_url` is not an address such as https://example.org";
        assert_eq!(read(json!({"fcm_url": "nowhere"})).unwrap_err(), fault);
        let fault = "`connections` is not a number from 1 to 32";
        assert_eq!(read(json!({"connections": 0})).unwrap_err(), fault);
        let allowed = read(json!({"outgoing_allow": ["127.0.0.1", "10.0.0.0/8"]}));
        assert_eq!(allowed.unwrap().allow.len(), 2);
        for wrong in [json!("127.0.0.1"), json!(["localhost"]), json!([7])] {
            let fault = read(json!({ "outgoing_allow": wrong })).unwrap_err();
            assert!(
                fault.starts_with("`outgoing_allow` is not a list"),
                "{fault}"
            );
        }
    }
}
