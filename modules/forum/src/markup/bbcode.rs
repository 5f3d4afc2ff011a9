//! BBCode, as Kunena's users write it.
//!
//! What is no tag that is known, or stands where it cannot, is text. The HTML is always balanced, and every text and
//! value in it escaped.

use super::escaped;

/// The most tags within each other; deeper ones are text.
const DEEPEST: usize = 30;

/// A tag as it was read.
struct Tag<'t> {
    /// Its name, in lower case.
    name: String,
    /// What stands behind `=`.
    value: &'t str,
    is_end: bool,
    /// What follows it.
    rest: &'t str,
}

/// An element that is open.
struct Open {
    tag: &'static str,
    end: &'static str,
}

/// The HTML of a text.
pub(super) fn html(text: &str) -> String {
    let mut page = Page {
        html: String::with_capacity(text.len() + text.len() / 4),
        open: Vec::new(),
        raw_ends: true,
    };
    let mut rest = text;
    while let Some(start) = rest.find('[') {
        page.text(&rest[..start]);
        rest = &rest[start..];
        rest = if let Some(behind) = Tag::read(rest).and_then(|tag| page.tag(&tag)) {
            behind
        } else {
            page.text("[");
            &rest[1..]
        };
    }
    page.text(rest);
    page.close_all();
    page.html
}

/// A text without what stands within tags of these names. What is not closed goes to the end.
pub(super) fn without(text: &str, names: &[&str]) -> String {
    // The places are the same in both: only letters of ASCII change.
    let lower = text.to_ascii_lowercase();
    let mut open = vec![0_usize; names.len()];
    let (mut shown, mut from) = (String::with_capacity(text.len()), 0);
    for (place, _) in lower.match_indices('[') {
        let inside = &lower[place + 1..];
        for (number, name) in names.iter().enumerate() {
            let end = inside
                .strip_prefix('/')
                .and_then(|end| end.strip_prefix(name));
            let start = inside.strip_prefix(name);
            if start.is_some_and(|rest| rest.starts_with([']', '=', ' '])) {
                if open.iter().all(|&depth| depth == 0) {
                    shown.push_str(&text[from..place]);
                }
                open[number] += 1;
            } else if end.is_some_and(|rest| rest.starts_with(']')) && open[number] > 0 {
                open[number] -= 1;
                from = place + "[/]".len() + name.len();
            }
        }
    }
    if open.iter().all(|&depth| depth == 0) {
        shown.push_str(&text[from..]);
    }
    shown
}

impl<'t> Tag<'t> {
    /// The tag that a text begins with.
    fn read(text: &'t str) -> Option<Tag<'t>> {
        const LONGEST: usize = 2100;
        let inside = text.strip_prefix('[')?;
        let is_end = inside.starts_with('/');
        let inside = inside.strip_prefix('/').unwrap_or(inside);
        let name_len = inside
            .find(|character: char| !character.is_ascii_alphanumeric() && character != '*')
            .filter(|&len| (1..=12).contains(&len))?;
        let (name, behind) = inside.split_at(name_len);
        let mut longest = behind.len().min(LONGEST);
        while !behind.is_char_boundary(longest) {
            longest -= 1;
        }
        let end = behind[..longest].find([']', '['])?;
        if !behind[end..].starts_with(']') {
            return None;
        }
        let value = behind[..end].trim_start_matches(['=', ' ']);
        Some(Tag {
            name: name.to_ascii_lowercase(),
            value: value.trim_matches(['"', '\'', ' ']),
            is_end,
            rest: &behind[end + 1..],
        })
    }
}

struct Page {
    html: String,
    open: Vec<Open>,
    /// Whether a `[/code]` may still come; a text without any is not searched again and again.
    raw_ends: bool,
}

impl Page {
    fn text(&mut self, text: &str) {
        let text = escaped(text);
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.html.push_str("<br>\n");
            }
            self.html.push_str(line.trim_end_matches('\r'));
        }
    }

    fn parts(&mut self, parts: &[&str]) {
        self.html.extend(parts.iter().copied());
    }

    /// Writes a tag, and gives what is to be read next; `None` where it is no tag after all.
    fn tag<'t>(&mut self, tag: &Tag<'t>) -> Option<&'t str> {
        if tag.is_end {
            self.end(&tag.name)?;
            return Some(tag.rest);
        }
        match tag.name.as_str() {
            "code" => return self.code(tag.rest),
            "url" | "email" | "img" => return self.address(tag),
            "hr" => self.html.push_str("<hr>"),
            "*" => {
                if self.open.last().is_some_and(|open| open.tag == "*") {
                    self.end("*");
                }
                self.begin("*", "<li>", "</li>")?;
            }
            "quote" => {
                self.begin("quote", "<blockquote>", "</blockquote>")?;
                let author = tag.value.split(" post=").next().unwrap_or("");
                let author = author.trim_matches(['"', '\'', ' ']);
                if !author.is_empty() {
                    let author = escaped(author);
                    self.parts(&["<p><cite>", &author, "</cite></p>"]);
                }
            }
            name => {
                let (tag, start, end) = element(name)?;
                self.begin(tag, start, end)?;
            }
        }
        Some(tag.rest)
    }

    fn begin(&mut self, tag: &'static str, start: &str, end: &'static str) -> Option<()> {
        if self.open.len() >= DEEPEST {
            return None;
        }
        self.html.push_str(start);
        self.open.push(Open { tag, end });
        Some(())
    }

    /// Closes an element and all within it.
    fn end(&mut self, name: &str) -> Option<()> {
        let place = self.open.iter().rposition(|open| open.tag == name)?;
        for open in self.open.drain(place..).rev() {
            self.html.push_str(open.end);
        }
        Some(())
    }

    fn close_all(&mut self) {
        for open in self.open.drain(..).rev() {
            self.html.push_str(open.end);
        }
    }

    /// What stands between `[code]` and `[/code]` is shown as it is.
    fn code<'t>(&mut self, rest: &'t str) -> Option<&'t str> {
        let end = if self.raw_ends {
            rest.find("[/code]")
        } else {
            None
        };
        let Some(end) = end else {
            self.raw_ends = false;
            return None;
        };
        let code = escaped(&rest[..end]);
        self.parts(&["<pre><code>", &code, "</code></pre>"]);
        Some(&rest[end + "[/code]".len()..])
    }

    /// `[url]ADDRESS[/url]`, `[url=ADDRESS]text[/url]`, and the same of e-mail addresses and images.
    fn address<'t>(&mut self, tag: &Tag<'t>) -> Option<&'t str> {
        let name = tag.name.as_str();
        if name != "img" && !tag.value.is_empty() {
            let address = link(name, tag.value)?;
            let start = format!("<a href=\"{}\">", escaped(&address));
            self.begin(if name == "url" { "url" } else { "email" }, &start, "</a>")?;
            return Some(tag.rest);
        }
        let end = tag.rest.find('[')?;
        let (inside, behind) = tag.rest.split_at(end);
        let behind = behind.strip_prefix(&format!("[/{name}]"))?;
        let address = link(name, inside.trim())?;
        let (address, inside) = (escaped(&address), escaped(inside));
        if name == "img" {
            self.parts(&["<img src=\"", &address, "\" alt=\"\">"]);
        } else {
            self.parts(&["<a href=\"", &address, "\">", &inside, "</a>"]);
        }
        Some(behind)
    }
}

/// An address as a link leads to it; `None` for one that no link may lead to.
fn link(name: &str, address: &str) -> Option<String> {
    if address.is_empty() || address.contains(char::is_whitespace) {
        return None;
    }
    if name == "email" {
        return address.contains('@').then(|| format!("mailto:{address}"));
    }
    let is_absolute = ["http://", "https://"]
        .iter()
        .any(|scheme| address.len() > scheme.len() && is_prefix(scheme, address));
    if is_absolute {
        return Some(address.to_owned());
    }
    (name == "url" && is_prefix("www.", address)).then(|| format!("https://{address}"))
}

fn is_prefix(prefix: &str, text: &str) -> bool {
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// The element that a tag without a value stands for: its name, its start and its end.
fn element(name: &str) -> Option<(&'static str, &'static str, &'static str)> {
    const ELEMENTS: [(&str, &str, &str); 30] = [
        ("b", "<b>", "</b>"),
        ("i", "<i>", "</i>"),
        ("u", "<u>", "</u>"),
        ("s", "<s>", "</s>"),
        ("strike", "<s>", "</s>"),
        ("del", "<del>", "</del>"),
        ("sub", "<sub>", "</sub>"),
        ("sup", "<sup>", "</sup>"),
        ("tt", "<code>", "</code>"),
        ("list", "<ul>", "</ul>"),
        ("ul", "<ul>", "</ul>"),
        ("ol", "<ol>", "</ol>"),
        ("li", "<li>", "</li>"),
        ("table", "<table>", "</table>"),
        ("tr", "<tr>", "</tr>"),
        ("th", "<th>", "</th>"),
        ("td", "<td>", "</td>"),
        (
            "spoiler",
            "<details><summary>&hellip;</summary>",
            "</details>",
        ),
        ("indent", "<blockquote>", "</blockquote>"),
        // Looks are the page's, so of these only what stands between them is left.
        ("left", "<div>", "</div>"),
        ("center", "<div>", "</div>"),
        ("right", "<div>", "</div>"),
        ("justify", "<div>", "</div>"),
        ("color", "<span>", "</span>"),
        ("size", "<span>", "</span>"),
        ("font", "<span>", "</span>"),
        ("highlight", "<span>", "</span>"),
        ("hide", "<div>", "</div>"),
        ("confidential", "<div>", "</div>"),
        ("attachment", "<span>", "</span>"),
    ];
    ELEMENTS.into_iter().find(|(known, _, _)| *known == name)
}
