//! Whether a device is to be sent something now.

use loggia_push::claim::Verdict;
use loggia_push::device::status;
use loggia_push::source::Target;
use loggia_push::{Notification, Platform, Preference, alarm};

use super::applications::ById;
use super::carriers::Carriers;
use super::pauses::Pauses;
use super::quiet;

/// What decides.
pub(super) struct Judge<'a> {
    pub(super) applications: &'a ById,
    pub(super) carriers: &'a dyn Carriers,
    pub(super) pauses: &'a Pauses,
    pub(super) now_ms: i64,
}

impl Judge<'_> {
    /// What is to become of a device that a notification comes to.
    pub(super) fn say(&self, notification: &Notification, target: &Target) -> Verdict {
        match target.status.as_str() {
            status::RETIRED => return Verdict::Skip("the device is retired"),
            status::INACTIVE => return Verdict::Skip("the device is inactive"),
            _ => {}
        }
        let Some(platform) = Platform::from_word(&target.platform) else {
            return Verdict::Skip("nobody carries messages to this platform");
        };
        if let Some(verdict) = self.of_application(target.application_id, platform) {
            return verdict;
        }
        let preference = target.preferences.as_deref().map(Preference::read);
        let about = (notification.topic.as_deref(), notification.urgent);
        preference
            .and_then(|one| quiet::spared(&one, target.time_zone.as_deref(), about, self.now_ms))
            .unwrap_or(Verdict::Send)
    }

    fn of_application(&self, id: i64, platform: Platform) -> Option<Verdict> {
        if self.carriers.sender(platform).is_none() {
            return Some(Verdict::Skip("nobody carries messages to this platform"));
        }
        let Some(known) = self.applications.get(&id) else {
            return Some(Verdict::Skip("the application is not there any more"));
        };
        if !known.is_enabled {
            return Some(Verdict::Skip("the application is disabled"));
        }
        if needs_credentials(platform) && !known.platforms.contains(&platform) {
            return Some(Verdict::Skip(
                "the application has no credentials for this platform",
            ));
        }
        if known.stopped.contains(&platform) {
            return Some(Verdict::Later {
                at_ms: alarm::PARKED_MS,
                reason: "the application's sending is stopped on this platform",
            });
        }
        let at_ms = self.pauses.until(platform, id, self.now_ms)?;
        let reason = "its vendor asked for a pause";
        Some(Verdict::Later { at_ms, reason })
    }
}

fn needs_credentials(platform: Platform) -> bool {
    match platform {
        Platform::Ios | Platform::Android | Platform::Web => true,
        Platform::Page | Platform::Endpoint | Platform::Generic => false,
    }
}
