//! Where a call is charged to a key that its client has not sent.

/// Where a call is charged.
pub trait Till: Send + Sync {
    /// Charges the call to a key's record, or says the code with which that is refused.
    fn count(&self, key: i64) -> Result<(), &'static str>;
}

/// Why a call was not charged.
pub(crate) struct NotCharged {
    /// What the module is told.
    pub(crate) code: i32,
    /// The host's code, where the key is refused.
    pub(crate) refused: Option<&'static str>,
}
