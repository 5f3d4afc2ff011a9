//! What lists and texts may hold, where the host does not look into them.

use loggia_sdk::prelude::*;

/// Whether a list has one member at least, and so many at most.
pub(crate) fn list<T>(name: &str, members: &[T], most: usize) -> Result<(), Fault> {
    if (1..=most).contains(&members.len()) {
        return Ok(());
    }
    Err(Fault::parameter(
        name,
        &format!("must have 1 to {most} members"),
    ))
}

/// Whether a zone of a clock is known by this name.
pub(crate) fn is_zone(name: &str) -> bool {
    name.parse::<chrono_tz::Tz>().is_ok()
}

/// The rule of a name of a zone.
pub(crate) const ZONE: &str = "must be a zone such as Europe/Vienna";
