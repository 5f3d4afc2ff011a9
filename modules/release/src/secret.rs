//! What is made here and nobody may guess: seeds of keys, and the key of licence files.

use loggia_sdk::Fault;
use rand::TryRng as _;
use rand::rngs::SysRng;

/// 32 random bytes, in hexadecimal digits.
pub(crate) fn random() -> Result<String, Fault> {
    let mut bytes = [0_u8; 32];
    SysRng.try_fill_bytes(&mut bytes).map_err(Fault::internal)?;
    Ok(hex::encode(bytes))
}
