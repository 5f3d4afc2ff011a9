//! Pauses that vendors ask for, for one application or for all.

use std::collections::HashMap;

use loggia_push::Platform;
use parking_lot::Mutex;

use super::vendor::Scope;

/// Until when nothing is sent, by platform, and by application where it is for one alone.
#[derive(Default)]
pub(super) struct Pauses(Mutex<HashMap<(Platform, Option<i64>), i64>>);

impl Pauses {
    /// Lets an application, or everybody, wait.
    pub(super) fn begin(&self, platform: Platform, application: i64, scope: Scope, until_ms: i64) {
        let whom = match scope {
            Scope::Device => return,
            Scope::Application => Some(application),
            Scope::Vendor => None,
        };
        let mut pauses = self.0.lock();
        let until = pauses.entry((platform, whom)).or_default();
        *until = until_ms.max(*until);
    }

    /// Until when an application waits on a platform.
    pub(super) fn until(&self, platform: Platform, application: i64, now_ms: i64) -> Option<i64> {
        let mut pauses = self.0.lock();
        if pauses.is_empty() {
            return None;
        }
        pauses.retain(|_, until_ms| *until_ms > now_ms);
        let own = pauses.get(&(platform, Some(application)));
        let all = pauses.get(&(platform, None));
        own.into_iter().chain(all).copied().max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_holds_for_whom_it_was_asked_and_ends() {
        let pauses = Pauses::default();
        pauses.begin(Platform::Ios, 1, Scope::Device, 90);
        assert_eq!(pauses.until(Platform::Ios, 1, 10), None);
        pauses.begin(Platform::Ios, 1, Scope::Application, 50);
        assert_eq!(pauses.until(Platform::Ios, 1, 10), Some(50));
        assert_eq!(pauses.until(Platform::Ios, 2, 10), None);
        pauses.begin(Platform::Ios, 1, Scope::Vendor, 70);
        assert_eq!(pauses.until(Platform::Ios, 2, 10), Some(70));
        assert_eq!(pauses.until(Platform::Android, 2, 10), None);
        assert_eq!(pauses.until(Platform::Ios, 1, 70), None);
    }
}
