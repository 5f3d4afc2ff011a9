//! Patterns of `LIKE`, as SQLite is asked for them: its `LIKE` does not tell cases apart, `GLOB` does.

/// A pattern with `%` and `_` as one of `GLOB`; a backslash takes the meaning from what follows.
pub(super) fn glob(pattern: &str) -> String {
    let mut glob = String::with_capacity(pattern.len() + 4);
    let mut signs = pattern.chars();
    while let Some(sign) = signs.next() {
        let (sign, is_escaped) = match sign {
            '\\' => (signs.next().unwrap_or('\\'), true),
            sign => (sign, false),
        };
        match sign {
            '%' if !is_escaped => glob.push('*'),
            '_' if !is_escaped => glob.push('?'),
            '*' | '?' | '[' => {
                glob.push('[');
                glob.push(sign);
                glob.push(']');
            }
            sign => glob.push(sign),
        }
    }
    glob
}
