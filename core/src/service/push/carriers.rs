//! Who carries messages out of this process: to devices, and to applications' webhooks.

use loggia_push::Platform;

use super::vendor::{Application, Channel, Messenger, Reason, Sender, Vendors};

/// Whoever carries messages to devices.
pub trait Carriers: Send + Sync {
    /// The sender for a platform; `None` where nobody carries anything there.
    fn sender(&self, platform: Platform) -> Option<&dyn Sender>;

    /// Whether an application's credentials could be used; if not, the member and the rule.
    fn check(&self, application: &Application) -> Result<(), String>;

    /// Who calls applications' webhooks; `None` where nobody does.
    fn messenger(&self) -> Option<&Messenger> {
        None
    }
}

impl Carriers for Vendors {
    fn sender(&self, platform: Platform) -> Option<&dyn Sender> {
        let channel = Channel::of_platform(platform.word())?;
        Some(Vendors::sender(self, channel))
    }

    fn check(&self, application: &Application) -> Result<(), String> {
        let refused =
            |(channel, reason): (Channel, Reason)| format!("{}: {reason}", channel.member());
        Vendors::check(self, application).map_err(refused)
    }

    fn messenger(&self) -> Option<&Messenger> {
        Some(Vendors::messenger(self))
    }
}
