//! Marks: words that stand in the texts of one record and nowhere else.

/// The mark of a record, made of its name. Two of them differ in nearly every letter, so that no search takes one for
/// the other.
pub(super) fn mark(name: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in name.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let mut word = String::new();
    for _ in 0..11 {
        hash = hash.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let letter = u8::try_from((hash >> 33) % 26).unwrap_or(0);
        word.push(char::from(b'a' + letter));
    }
    // No language has an ending that could be taken off such a word.
    word + "qx"
}

/// The mark with one letter wrong.
pub(super) fn mistyped(mark: &str) -> String {
    let wrong = if mark.as_bytes()[5] == b'z' { "y" } else { "z" };
    format!("{}{wrong}{}", &mark[..5], &mark[6..])
}
