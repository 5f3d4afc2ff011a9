//! Charging a call to a key that the client has not sent.

use loggia_abi::{HostKeys, code};

use crate::call::Call;
use crate::fault::Fault;
use crate::identity::ask;

/// The keys that calls are charged to.
#[derive(Clone, Copy)]
pub struct Keys(pub(crate) &'static HostKeys);

impl Keys {
    /// Charges the call to the key with this number, as if the client had sent it. Where that is refused, the call does
    /// nothing further, and answers with the fault.
    pub fn count(self, call: &Call<'_>, key: i64) -> Result<(), Fault> {
        // SAFETY: the handle lives during the call, the sink until the function has returned.
        let answer = ask(|sink| unsafe { (self.0.count)(self.0.context, call.raw(), key, sink) });
        match answer {
            Ok(_) => Ok(()),
            Err((code::REFUSED, refusal)) => Err(Fault::new(known(&refusal))),
            Err((code::BUSY, _)) => Err(Fault::new("REQ_OVL")),
            Err((result, _)) => Err(Fault::internal(format_args!(
                "the call could not be charged ({result})"
            ))),
        }
    }
}

/// The host's code as a fault carries it. The host tells the client its own code in any case.
fn known(refusal: &str) -> &'static str {
    const CODES: [&str; 5] = ["REQ_AKL", "REQ_AKE", "REQ_AKI", "REQ_AKN", "REQ_AKU"];
    let found = CODES.into_iter().find(|code| *code == refusal);
    found.unwrap_or("REQ_AKG")
}
