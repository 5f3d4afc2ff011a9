//! The host's sending engine, as this module calls it.

use loggia_sdk::prelude::*;

/// Lets the engine look for what is to be sent, once the call has ended.
pub(crate) fn wake(call: &Call<'_>) -> Result<(), Fault> {
    call.host().push()?.wake(call);
    Ok(())
}
