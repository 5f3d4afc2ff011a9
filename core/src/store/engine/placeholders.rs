//! Checks a statement's placeholders against its binds.

use std::collections::HashMap;
use std::sync::Arc;

use crate::store::failure::Failure;

/// The texts a connection has run, whose placeholders were counted when they were first seen.
///
/// SQLite takes `$2` as a name and numbers names by their first appearance. Statements of the SDK appear in
/// order, so their text is passed on; only one written by hand out of order is rewritten, to `?2`.
#[derive(Default)]
pub(in crate::store) struct Texts(HashMap<Box<str>, Known>);

struct Known {
    placeholders: usize,
    /// The text with numbers that SQLite understands as PostgreSQL does.
    rewritten: Option<Arc<str>>,
}

impl Texts {
    /// How many texts are remembered.
    pub(in crate::store) fn len(&self) -> usize {
        self.0.len()
    }

    /// Forgets them.
    pub(in crate::store) fn clear(&mut self) {
        self.0.clear();
    }

    /// Refuses a text that does not have so many placeholders as there are values; the text for SQLite, where that
    /// is another one. `keep` remembers it.
    pub(in crate::store) fn check(
        &mut self,
        sql: &str,
        values: usize,
        keep: bool,
    ) -> Result<Option<Arc<str>>, Failure> {
        if let Some(known) = self.0.get(sql) {
            return known.check(values);
        }
        let known = Known::read(sql);
        let checked = known.check(values);
        if keep {
            self.0.insert(sql.into(), known);
        }
        checked
    }
}

impl Known {
    fn read(sql: &str) -> Self {
        let (mut highest, mut in_order) = (0, true);
        for found in Placeholders::new(sql) {
            in_order &= found.number <= highest + 1;
            highest = highest.max(found.number);
        }
        Known {
            placeholders: highest,
            rewritten: (!in_order).then(|| rewritten(sql).into()),
        }
    }

    fn check(&self, values: usize) -> Result<Option<Arc<str>>, Failure> {
        if self.placeholders != values {
            return Err(Failure::argument(format!(
                "the statement has placeholders up to ${}, but {values} values were given",
                self.placeholders
            )));
        }
        Ok(self.rewritten.clone())
    }
}

fn rewritten(sql: &str) -> String {
    let mut text = sql.to_owned();
    for found in Placeholders::new(sql) {
        text.replace_range(found.position..=found.position, "?");
    }
    text
}

struct Placeholder {
    position: usize,
    number: usize,
}

/// The placeholders outside of quotes and comments.
struct Placeholders<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Placeholders<'a> {
    fn new(sql: &'a str) -> Self {
        Placeholders {
            bytes: sql.as_bytes(),
            position: 0,
        }
    }

    /// Moves behind the next occurrence of `end`, or to the end of the text.
    fn skip_behind(&mut self, end: &[u8]) {
        let rest = &self.bytes[self.position..];
        let found = rest.windows(end.len()).position(|window| window == end);
        self.position += found.map_or(rest.len(), |found| found + end.len());
    }

    fn number(&mut self) -> usize {
        let digits = &self.bytes[self.position..];
        let length = digits
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        self.position += length;
        digits[..length].iter().fold(0, |number: usize, digit| {
            number
                .saturating_mul(10)
                .saturating_add(usize::from(digit - b'0'))
        })
    }
}

impl Iterator for Placeholders<'_> {
    type Item = Placeholder;

    fn next(&mut self) -> Option<Placeholder> {
        loop {
            let byte = *self.bytes.get(self.position)?;
            let following = self.bytes.get(self.position + 1).copied();
            let position = self.position;
            self.position += 1;
            match (byte, following) {
                (b'\'' | b'"', _) => self.skip_behind(&[byte]),
                (b'-', Some(b'-')) => self.skip_behind(b"\n"),
                (b'/', Some(b'*')) => self.skip_behind(b"*/"),
                (b'$', Some(digit)) if digit.is_ascii_digit() => {
                    let number = self.number();
                    return Some(Placeholder { position, number });
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Texts;

    fn numbered(sql: &str, values: usize) -> Result<Option<Arc<str>>, String> {
        let mut texts = Texts::default();
        let first = texts.check(sql, values, true);
        let again = texts.check(sql, values, true);
        assert_eq!(
            first.as_ref().ok(),
            again.as_ref().ok(),
            "a text seen before"
        );
        again.map_err(|failure| failure.text)
    }

    #[test]
    fn placeholders_in_order_leave_the_text_alone() {
        let sql = r#"SELECT "a$9" FROM t WHERE a = $1 AND b = '$7''$8' AND c = $2 OR a = $1 -- $3"#;
        assert_eq!(numbered(sql, 2), Ok(None));
    }

    #[test]
    fn placeholders_out_of_order_get_explicit_numbers() {
        let sql = "UPDATE t SET a = $2, note = '$5' WHERE id = $1 /* $9 */";
        assert_eq!(
            numbered(sql, 2).expect("two binds").as_deref(),
            Some("UPDATE t SET a = ?2, note = '$5' WHERE id = ?1 /* $9 */")
        );
    }

    #[test]
    fn a_wrong_number_of_values_is_refused() {
        assert!(numbered("SELECT $1, $2", 1).is_err());
        assert!(numbered("SELECT 1", 1).is_err());
        assert!(numbered("SELECT '", 0).is_ok());
    }
}
