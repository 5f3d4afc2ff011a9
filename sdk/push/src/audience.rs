//! Audiences: who is told.

use serde::{Deserialize, Serialize};

use crate::condition::{Condition, ConditionFault};

/// How many users, groups, devices or topics an audience may name.
pub const MOST_NAMED: usize = 10_000;

/// How many characters the name of a person or of a topic may have.
const LONGEST_NAME: usize = 255;

/// Who is told, of an application's devices on a notification's platform. In JSON `"all"`, or an object with one
/// member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// All.
    All,
    /// The devices of these accounts.
    Users(Vec<i64>),
    /// The devices of these people, as the interface calls them.
    People(Vec<String>),
    /// The devices of the accounts in these groups and in those below them.
    Groups(Vec<i64>),
    /// These devices, by their numbers.
    Devices(Vec<i64>),
    /// The devices that are subscribed to one of these topics.
    Topics(Vec<String>),
    /// The devices for which this holds.
    Query(Condition),
}

/// Why an audience is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AudienceFault {
    /// It names nobody.
    #[error("an audience names at least one")]
    Empty,
    /// It names too many.
    #[error("an audience may name {MOST_NAMED}; more are found by a topic or a query")]
    Many,
    /// One of its names is none.
    #[error(
        "each name of an audience must have 1 to {LONGEST_NAME} characters, and no NUL among them"
    )]
    Name,
    /// Its condition is none.
    #[error(transparent)]
    Condition(#[from] ConditionFault),
}

impl Audience {
    /// Reads a column's text; `None` where it is none of ours.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The column's text. Devices are put into the order in which they are told, each once.
    pub fn text(&self) -> String {
        let sorted;
        let written = match self {
            Audience::Devices(ids) => {
                let mut ids = ids.clone();
                ids.sort_unstable();
                ids.dedup();
                sorted = Audience::Devices(ids);
                &sorted
            }
            other => other,
        };
        serde_json::to_string(written).unwrap_or_else(|_| "\"all\"".to_owned())
    }

    /// Whether it can be told anything.
    pub fn check(&self) -> Result<(), AudienceFault> {
        let named = match self {
            Audience::All => return Ok(()),
            Audience::Query(condition) => {
                condition.filter(loggia_sql::Dialect::Sqlite)?;
                return Ok(());
            }
            Audience::Users(ids) | Audience::Groups(ids) | Audience::Devices(ids) => ids.len(),
            Audience::People(names) | Audience::Topics(names) => {
                // A database that cannot be asked for a name would be asked for ever.
                if !names.iter().all(|name| is_name(name)) {
                    return Err(AudienceFault::Name);
                }
                names.len()
            }
        };
        match named {
            0 => Err(AudienceFault::Empty),
            1..=MOST_NAMED => Ok(()),
            _ => Err(AudienceFault::Many),
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= LONGEST_NAME && !text.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition::Operator;

    #[test]
    fn an_audience_is_a_word_or_an_object_with_one_member() {
        let told = |text| Audience::read(text).unwrap();
        assert_eq!(told(r#""all""#), Audience::All);
        assert_eq!(
            told(r#"{"topics":["news"]}"#),
            Audience::Topics(vec!["news".to_owned()])
        );
        assert_eq!(
            told(r#"{"query":{"field":"user_ref","operator":"inq","value":["7"]}}"#),
            Audience::Query(Condition::compare("user_ref", Operator::Inq, vec!["7"]))
        );
        assert_eq!(
            Audience::Devices(vec![3, 1, 3]).text(),
            r#"{"devices":[1,3]}"#
        );
        assert_eq!(Audience::read("{}"), None);
    }

    #[test]
    fn an_audience_names_some_but_not_too_many() {
        assert_eq!(Audience::Users(vec![]).check(), Err(AudienceFault::Empty));
        assert_eq!(
            Audience::Users(vec![0; 10_001]).check(),
            Err(AudienceFault::Many)
        );
        assert_eq!(Audience::All.check(), Ok(()));
        for name in ["", "a\0b", &"a".repeat(256)] {
            let people = Audience::People(vec!["ada".to_owned(), name.to_owned()]);
            assert_eq!(people.check(), Err(AudienceFault::Name), "{name:?}");
        }
        let wrong = Audience::Query(Condition::compare("secret", Operator::Eq, 1));
        assert_eq!(
            wrong.check().unwrap_err().to_string(),
            "`secret` is no member of a device that can be asked for"
        );
    }
}
