//! The id of one delivery, derived and never drawn, so that a repetition carries the same.
//!
//! Vendors are told it, and so is the device, which names the delivery by it in a receipt.

use std::fmt;

use sha2::{Digest, Sha256};

/// What a vendor is told a delivery is called: the same notification to the same device always has the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeliveryId([u8; 16]);

impl DeliveryId {
    /// The id of a notification's delivery to a device.
    pub fn new(notification_public_id: &str, device_id: i64) -> Self {
        DeliveryIds::new(notification_public_id).of(device_id)
    }

    /// The id that a text is; `None` where it is none of ours.
    pub fn read(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|sign| *sign != '-').collect();
        let mut bytes = [0; 16];
        hex::decode_to_slice(digits, &mut bytes).ok()?;
        let id = Self(bytes);
        // The marks are where they belong.
        (DeliveryIds::half(bytes).of(id.device_id()) == id).then_some(id)
    }

    /// The device's number.
    pub fn device_id(&self) -> i64 {
        let mut half = [0; 8];
        half.copy_from_slice(&self.0[8..]);
        half[0] &= 0x3f;
        i64::from_be_bytes(half)
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// The ids of all deliveries of one notification.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryIds([u8; 8]);

impl DeliveryIds {
    /// Those of this notification.
    pub fn new(notification_public_id: &str) -> Self {
        let digest = Sha256::digest(notification_public_id.as_bytes());
        let mut half = [0; 8];
        half.copy_from_slice(&digest[..8]);
        Self(half)
    }

    fn half(bytes: [u8; 16]) -> Self {
        let mut half = [0; 8];
        half.copy_from_slice(&bytes[..8]);
        Self(half)
    }

    /// The one for this device. The marks of a free-form UUID leave the device 62 bits, more than rows will be.
    pub fn of(self, device_id: i64) -> DeliveryId {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.0);
        bytes[8..].copy_from_slice(&device_id.to_be_bytes());
        bytes[6] = (bytes[6] & 0x0f) | 0x80;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        DeliveryId(bytes)
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 36];
        let mut at = 0;
        for (position, byte) in self.0.iter().enumerate() {
            if matches!(position, 4 | 6 | 8 | 10) {
                text[at] = b'-';
                at += 1;
            }
            text[at] = DIGITS[usize::from(byte >> 4)];
            text[at + 1] = DIGITS[usize::from(byte & 15)];
            at += 2;
        }
        formatter.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_delivery_has_the_same_id_and_another_has_another() {
        let id = DeliveryId::new("spring", 7);
        assert_eq!(id, DeliveryId::new("spring", 7));
        assert_ne!(id, DeliveryId::new("spring", 8));
        assert_ne!(id, DeliveryId::new("autumn", 7));
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let id = DeliveryId::new("spring", 7);
        assert_eq!(DeliveryId::read(&id.to_string()), Some(id));
        assert_eq!(id.device_id(), 7);
        assert_eq!(DeliveryId::new("spring", 1 << 61).device_id(), 1 << 61);
        let other = id.to_string().replace("-8000-", "-c000-");
        for wrong in ["", "7", "spring", &other, &id.to_string()[1..]] {
            assert_eq!(DeliveryId::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_id_reads_as_a_uuid_of_the_free_form() {
        let text = DeliveryId::new("spring", 7).to_string();
        assert_eq!(text.len(), 36);
        assert_eq!(&text[14..15], "8");
        assert_eq!(&text[18..], "-8000-000000000007");
    }
}
