//! Plain text of HTML, for the search.

/// Elements whose content is not text.
const MUTE: [&str; 3] = ["script", "style", "template"];

/// The entities beside those of Latin 1 that texts are full of.
const ENTITIES: [(&str, char); 14] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("hellip", '…'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("euro", '€'),
];

/// The entities of Latin 1, from the no-break space (160) to the last (255).
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn \
    sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde \
    Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde \
    Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil \
    egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave \
    uacute ucirc uuml yacute thorn yuml";

/// The text of an HTML text: without tags, comments and scripts, entities resolved, white space made one blank. It is
/// for finding words and showing them as text, not for making HTML safe.
pub fn plain_text(html: &str) -> String {
    let mut plain = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(place) = rest.find(['<', '&']) {
        push_text(&mut plain, &rest[..place]);
        rest = &rest[place..];
        rest = if rest.starts_with('<') {
            skip_tag(&mut plain, rest)
        } else {
            take_entity(&mut plain, rest)
        };
    }
    push_text(&mut plain, rest);
    plain.truncate(plain.trim_end().len());
    plain
}

/// Adds text with every run of white space as one blank.
fn push_text(plain: &mut String, text: &str) {
    for character in text.chars() {
        push(plain, character);
    }
}

fn push(plain: &mut String, character: char) {
    if !character.is_whitespace() {
        plain.push(character);
    } else if !plain.is_empty() && !plain.ends_with(' ') {
        plain.push(' ');
    }
}

/// Passes over a tag, a comment, or an element without text; what only looks like one is text.
fn skip_tag<'t>(plain: &mut String, text: &'t str) -> &'t str {
    if let Some(comment) = text.strip_prefix("<!--") {
        return comment.split_once("-->").map_or("", |(_, rest)| rest);
    }
    let inner = &text[1..];
    if !inner.starts_with(|first: char| first.is_ascii_alphabetic() || "/!?".contains(first)) {
        plain.push('<');
        return inner;
    }
    let Some((tag, rest)) = inner.split_once('>') else {
        return "";
    };
    if !is_inside_a_word(tag) {
        push(plain, ' ');
    }
    let mute = MUTE.iter().find(|name| is_named(tag, name));
    mute.map_or(rest, |name| behind_end_of(rest, name))
}

/// Whether a tag does not part two words: `<b>w</b>ord` is one.
fn is_inside_a_word(tag: &str) -> bool {
    let name = tag.trim_start_matches('/');
    let inline = [
        "a", "abbr", "b", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub", "sup",
        "u", "wbr",
    ];
    inline.iter().any(|known| is_named(name, known))
}

fn is_named(tag: &str, name: &str) -> bool {
    let is_it = tag
        .get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name));
    is_it && !tag[name.len()..].starts_with(|next: char| next.is_alphanumeric() || next == '-')
}

/// What follows the end of an element without text; nothing where it has none.
fn behind_end_of<'t>(text: &'t str, name: &str) -> &'t str {
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once("</") {
        if is_named(behind, name) {
            return behind.split_once('>').map_or("", |(_, rest)| rest);
        }
        rest = behind;
    }
    ""
}

fn take_entity<'t>(plain: &mut String, text: &'t str) -> &'t str {
    let end = text
        .char_indices()
        .take(12)
        .find(|(_, character)| *character == ';');
    if let Some((end, _)) = end
        && let Some(character) = entity(&text[1..end])
    {
        push(plain, character);
        return &text[end + 1..];
    }
    plain.push('&');
    &text[1..]
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|character| !character.is_control());
    }
    if let Some((_, character)) = ENTITIES.iter().find(|(known, _)| *known == name) {
        return Some(*character);
    }
    let mut latin = ('\u{a0}'..='\u{ff}').zip(LATIN.split(' '));
    latin
        .find(|(_, known)| *known == name)
        .map(|(character, _)| character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_the_text_that_it_shows() {
        let html = "<h1>Fish &amp; chips</h1><p>a<b>b</b>c<br>d &lt;e&gt; &#233;&#x20AC;</p><script>if (a</b) x</script >\n\n end";
        assert_eq!(plain_text(html), "Fish & chips abc d <e> é€ end");
        assert_eq!(
            plain_text("Caf&eacute;&nbsp;&yuml;&uuml;ber&hellip;"),
            "Café ÿüber…"
        );
        assert_eq!(plain_text("<!-- <p>no</p> -->yes"), "yes");
        assert_eq!(
            plain_text("1 < 2 &unknown; & more"),
            "1 < 2 &unknown; & more"
        );
    }

    #[test]
    fn html_that_does_not_end_is_no_harm() {
        for html in [
            "<",
            "&",
            "&#",
            "&#x110000;",
            "<p",
            "<!--",
            "<script>alert(1)",
            "<é>",
            "&é;",
        ] {
            let plain = plain_text(html);
            assert!(
                plain.chars().count() <= html.chars().count(),
                "{html}: {plain}"
            );
        }
        assert_eq!(plain_text("before <script>alert(1)"), "before");
    }
}
