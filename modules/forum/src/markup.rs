//! The texts of messages: BBCode or Markdown, kept as they were written, shown as HTML that does no harm.

mod bbcode;

use std::borrow::Cow;
use std::collections::HashSet;

use ammonia::Builder;
use comrak::Options;

/// The deepest nesting of elements; a text that goes deeper is shown as it was written.
const DEEPEST: usize = 100;

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Markup {
    Bbcode,
    Markdown,
}

impl Markup {
    /// By its word in the table.
    pub(crate) fn of(word: &str) -> Markup {
        if word == "markdown" {
            Markup::Markdown
        } else {
            Markup::Bbcode
        }
    }

    /// Its word in the table.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Markup::Bbcode => "bbcode",
            Markup::Markdown => "markdown",
        }
    }
}

/// Which of the parts of a text that are not for everybody a reader sees.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Insight {
    /// Those within `[hide]`, which are for accounts.
    pub(crate) hidden: bool,
    /// Those within `[confidential]`, which are for moderators and the author.
    pub(crate) confidential: bool,
}

impl Insight {
    /// A text without what the reader may not see.
    pub(crate) fn veil(self, text: &str, markup: Markup) -> Cow<'_, str> {
        let hidden = [("hide", self.hidden), ("confidential", self.confidential)];
        let names = hidden.into_iter().filter(|(_, sees)| !sees);
        let names: Vec<&str> = names.map(|(name, _)| name).collect();
        if markup == Markup::Markdown || names.is_empty() || !text.contains('[') {
            return Cow::Borrowed(text);
        }
        Cow::Owned(bbcode::without(text, &names))
    }
}

/// Makes HTML of texts. Whatever the languages make of a text goes through a sanitiser at last, so a mistake in
/// them lets nothing through.
pub(crate) struct Renderer {
    markdown: Options<'static>,
    cleaner: Builder<'static>,
}

impl Renderer {
    pub(crate) fn new() -> Renderer {
        let mut markdown = Options::default();
        markdown.extension.strikethrough = true;
        markdown.extension.table = true;
        markdown.extension.autolink = true;
        markdown.render.escape = true;
        markdown.render.hardbreaks = true;
        let mut cleaner = Builder::new();
        cleaner
            .url_schemes(HashSet::from(["http", "https", "mailto"]))
            .link_rel(Some("nofollow noopener noreferrer"));
        Renderer { markdown, cleaner }
    }

    /// A text without its markup, for finding its words.
    pub(crate) fn plain(&self, text: &str, markup: Markup) -> String {
        loggia_sdk::search::plain_text(&self.made(text, markup))
    }

    fn made(&self, text: &str, markup: Markup) -> String {
        match markup {
            Markup::Bbcode => bbcode::html(text),
            Markup::Markdown => comrak::markdown_to_html(text, &self.markdown),
        }
    }

    /// A text as HTML.
    pub(crate) fn html(&self, text: &str, markup: Markup) -> String {
        let html = self.made(text, markup);
        if is_too_deep(&html) {
            return format!("<pre>{}</pre>", escaped(text));
        }
        self.cleaner.clean(&html).to_string()
    }
}

/// Whether elements are nested deeper than anybody reads. What is never closed counts as nested, which is the
/// safe side.
fn is_too_deep(html: &str) -> bool {
    const VOID: [&str; 4] = ["br", "hr", "img", "input"];
    let mut depth = 0_usize;
    for tag in html.split('<').skip(1) {
        let name_end = tag.find(|character: char| !character.is_ascii_alphanumeric());
        let name = &tag[..name_end.unwrap_or(tag.len())];
        if tag.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !name.is_empty() && !VOID.contains(&name) {
            depth += 1;
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

/// A text that stands in HTML for itself.
fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&#39;"),
            other => written.push(other),
        }
    }
    Cow::Owned(written)
}

#[cfg(test)]
mod tests;
