//! The kinds of fields.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kinds of fields, by Community Builder's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// One line.
    Text,
    /// Lines.
    Textarea,
    /// HTML, kept as it was written.
    Editorta,
    /// One line that forms do not show.
    Hidden,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Yes or no: `1` or `0`.
    Checkbox,
    /// A day, such as `2027-01-31`.
    Date,
    /// A time in UTC, such as `2027-01-31 12:00:00`.
    Datetime,
    /// An e-mail address.
    Emailaddress,
    /// A URL.
    Webaddress,
    /// A picture: a file of the module media, or a URL.
    Image,
    /// One of some.
    Select,
    /// One of some.
    Radio,
    /// Several of some.
    Multiselect,
    /// Several of some.
    Multicheckbox,
}

impl Kind {
    /// Of its name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        serde_json::from_value(name.into()).ok()
    }

    /// Its name.
    pub(crate) fn name(self) -> String {
        let named = serde_json::to_value(self).ok();
        named
            .and_then(|name| name.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Whether its values are chosen among the field's.
    pub(crate) fn has_options(self) -> bool {
        matches!(self, Kind::Select | Kind::Radio) || self.is_multiple()
    }

    /// Whether a value of it is several of those.
    pub(crate) fn is_multiple(self) -> bool {
        matches!(self, Kind::Multiselect | Kind::Multicheckbox)
    }
}
