//! Cursors: where a page of a list ended, as a text that clients send back unread.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use loggia_sdk::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes a place.
pub fn write(place: &impl Serialize) -> Result<String, Fault> {
    let text = serde_json::to_vec(place).map_err(Fault::internal)?;
    Ok(URL_SAFE_NO_PAD.encode(text))
}

/// Reads a place that [`write()`] has written.
pub fn read<T: DeserializeOwned>(cursor: &str) -> Result<T, Fault> {
    let text = URL_SAFE_NO_PAD.decode(cursor).ok();
    text.and_then(|text| serde_json::from_slice(&text).ok())
        .ok_or_else(unknown)
}

/// The fault of a cursor that no list has given.
pub fn unknown() -> Fault {
    Fault::parameter("cursor", "must be one that this list has given")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written_and_nothing_else_is() {
        let place = (12_i64, "a title".to_owned());
        let cursor = write(&place).unwrap();
        assert_eq!(read::<(i64, String)>(&cursor).unwrap(), place);
        assert_eq!(read::<i64>(&cursor).unwrap_err().code(), "REQ_PNV");
        assert_eq!(read::<i64>("?!").unwrap_err().code(), "REQ_PNV");
    }
}
