//! What becomes of one record.

use crate::settings::Owner;
use crate::store::imported::Imported;

/// How a record is there and here, and how both were.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) there: String,
    pub(super) here: Option<String>,
    pub(super) noted: Option<Imported>,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// It is new here.
    Take,
    /// It changed there alone.
    Update,
    /// It changed on both sites, and Joomla's is taken.
    Overrule,
    /// It is the same on both sites, which is to be noted.
    Agree,
    /// Nothing changed there, or it was left as it is here before.
    Unchanged,
    /// It stays as it is here, for a reason.
    Keep(&'static str),
}

/// Decides by the owner's rule.
pub(super) fn decide(seen: &Seen, owner: Owner) -> Decision {
    let Some(noted) = &seen.noted else {
        return match &seen.here {
            None => Decision::Take,
            Some(here) if *here == seen.there => Decision::Agree,
            Some(_) if owner == Owner::Joomla => Decision::Overrule,
            Some(_) => Decision::Keep("it was here before"),
        };
    };
    let has_changed_there = noted.source_digest != seen.there;
    // Without a note of how it was here, an import broke off behind it.
    let has_changed_here = match (&seen.here, &noted.our_digest) {
        (Some(here), Some(noted)) => here != noted,
        (Some(_), None) => false,
        (None, _) => true,
    };
    match (has_changed_there, has_changed_here) {
        (false, false) if noted.our_digest.is_none() => Decision::Update,
        (false, false) => Decision::Unchanged,
        (true, false) => Decision::Update,
        (false, true) if seen.here.is_none() => Decision::Keep("deleted here"),
        (false, true) => Decision::Keep("changed here"),
        (true, true) if seen.here.as_ref() == Some(&seen.there) => Decision::Agree,
        (true, true) if owner == Owner::Joomla && seen.here.is_none() => Decision::Take,
        (true, true) if owner == Owner::Joomla => Decision::Overrule,
        (true, true) => Decision::Keep("changed on both sites"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The record there and here, by a letter a state; what was noted of both.
    fn decided(
        there: &str,
        here: Option<&str>,
        noted: Option<(&str, Option<&str>)>,
        owner: Owner,
    ) -> Decision {
        let noted = noted.map(|(source, ours)| Imported {
            module: String::new(),
            kind: String::new(),
            id: 1,
            source_digest: source.to_owned(),
            our_digest: ours.map(str::to_owned),
        });
        let seen = Seen {
            there: there.to_owned(),
            here: here.map(str::to_owned),
            noted,
        };
        decide(&seen, owner)
    }

    #[test]
    fn what_was_never_moved_in_is_taken_or_left_to_the_owner() {
        use Owner::{Joomla, Loggia};
        assert_eq!(decided("a", None, None, Loggia), Decision::Take);
        assert_eq!(decided("a", Some("a"), None, Loggia), Decision::Agree);
        assert_eq!(decided("a", Some("b"), None, Joomla), Decision::Overrule);
        assert!(matches!(
            decided("a", Some("b"), None, Loggia),
            Decision::Keep(_)
        ));
    }

    #[test]
    fn who_alone_has_changed_something_wins() {
        for owner in [Owner::Joomla, Owner::Loggia] {
            let noted = Some(("a", Some("x")));
            assert_eq!(decided("a", Some("x"), noted, owner), Decision::Unchanged);
            assert_eq!(decided("b", Some("x"), noted, owner), Decision::Update);
            assert_eq!(
                decided("a", Some("y"), noted, owner),
                Decision::Keep("changed here")
            );
            assert_eq!(
                decided("a", None, noted, owner),
                Decision::Keep("deleted here")
            );
        }
    }

    #[test]
    fn where_both_have_changed_something_the_owner_wins() {
        let noted = Some(("a", Some("x")));
        assert_eq!(
            decided("b", Some("y"), noted, Owner::Joomla),
            Decision::Overrule
        );
        assert_eq!(decided("b", None, noted, Owner::Joomla), Decision::Take);
        let kept = Decision::Keep("changed on both sites");
        assert_eq!(decided("b", Some("y"), noted, Owner::Loggia), kept);
        assert_eq!(decided("b", None, noted, Owner::Loggia), kept);
        assert_eq!(
            decided("b", Some("b"), noted, Owner::Loggia),
            Decision::Agree
        );
    }

    #[test]
    fn an_import_that_broke_off_goes_on() {
        let noted = Some(("a", None));
        assert_eq!(
            decided("a", Some("x"), noted, Owner::Loggia),
            Decision::Update
        );
        assert_eq!(
            decided("b", Some("x"), noted, Owner::Loggia),
            Decision::Update
        );
    }
}
