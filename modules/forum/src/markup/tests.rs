//! What becomes of texts, above all of hostile ones.

use super::*;

fn bbcode(text: &str) -> String {
    Renderer::new().html(text, Markup::Bbcode)
}

fn markdown(text: &str) -> String {
    Renderer::new().html(text, Markup::Markdown)
}

#[test]
fn bbcode_becomes_the_elements_it_stands_for() {
    assert_eq!(
        bbcode("[b]a[/b] & [I]c[/I]\nd"),
        "<b>a</b> &amp; <i>c</i><br>\nd"
    );
    assert_eq!(
        bbcode("[quote=\"Ada\" post=12]x[/quote]y"),
        "<blockquote><p><cite>Ada</cite></p>x</blockquote>y"
    );
    assert_eq!(
        bbcode("[list][*]one[*]two[/list]"),
        "<ul><li>one</li><li>two</li></ul>"
    );
    assert_eq!(
        bbcode("[code][b]<x>[/b][/code]"),
        "<pre><code>[b]&lt;x&gt;[/b]</code></pre>"
    );
    assert_eq!(
        bbcode("[url=https://a.org/?x=1&y=2]a[/url] [url]www.b.org[/url]"),
        concat!(
            "<a href=\"https://a.org/?x=1&amp;y=2\" rel=\"nofollow noopener noreferrer\">a</a> ",
            "<a href=\"https://www.b.org\" rel=\"nofollow noopener noreferrer\">www.b.org</a>"
        )
    );
    assert_eq!(
        bbcode("[img]https://a.org/a.png[/img][color=red]r[/color]"),
        "<img src=\"https://a.org/a.png\" alt=\"\"><span>r</span>"
    );
}

#[test]
fn what_is_no_tag_is_text_and_what_is_open_is_closed() {
    assert_eq!(bbcode("a [1] [nope] [/b] [b"), "a [1] [nope] [/b] [b");
    assert_eq!(bbcode("[b][i]x[/b]y"), "<b><i>x</i></b>y");
    assert_eq!(bbcode("[quote]x"), "<blockquote>x</blockquote>");
    assert_eq!(bbcode("[code]x"), "[code]x");
}

#[test]
fn markdown_becomes_html_and_html_in_it_stays_text() {
    assert_eq!(
        markdown("**a** <b>c</b>\n\n> d"),
        "<p><strong>a</strong> &lt;b&gt;c&lt;/b&gt;</p>\n<blockquote>\n<p>d</p>\n</blockquote>\n"
    );
    assert!(markdown("- one\n- two").contains("<li>two</li>"));
}

/// Texts that were written to do harm.
const HOSTILE: [&str; 24] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><math><mi xlink:href='javascript:alert(1)'>",
    "[url=javascript:alert(1)]x[/url]",
    "[url]javascript:alert(1)[/url]",
    "[url=\"https://a.org\" onmouseover=\"alert(1)]x[/url]",
    "[url=https://a.org/\"onmouseover=\"alert(1)]x[/url]",
    "[img]javascript:alert(1)[/img]",
    "[img]https://a.org/x.png\" onerror=\"alert(1)[/img]",
    "[img=https://a.org onerror=alert(1)]x[/img]",
    "[quote=<script>alert(1)</script>]x[/quote]",
    "[color=red;background:url(javascript:alert(1))]x[/color]",
    "[size=expression(alert(1))]x[/size]",
    "[email]\"onclick=alert(1) a@b.org[/email]",
    "[code]</code></pre><script>alert(1)</script>[/code]",
    "[x](javascript:alert(1))",
    "[x](  JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "![x](javascript:alert(1))",
    "![x](https://a.org/x.png\"onerror=\"alert(1))",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n[x]",
    "```\"><script>alert(1)</script>\nx\n```",
    "<a href=\"jav&#x09;ascript:alert(1)\">x</a><iframe src=//a.org></iframe><style>*{x:y}</style>",
];

/// What no element may have, looked at inside the tags alone, since as text it does no harm.
fn assert_harmless(html: &str, text: &str) {
    for tag in html.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or("").to_lowercase();
        let name = tag.split([' ', '/']).next().unwrap_or("");
        for forbidden in [
            "script", "svg", "math", "iframe", "style", "object", "form", "base",
        ] {
            assert_ne!(name, forbidden, "{text}: {html}");
        }
        for forbidden in [" on", "javascript:", "data:", "style=", "expression("] {
            let outside_addresses = tag.replace("https://a.org/%22onmouseover=%22", "");
            assert!(!outside_addresses.contains(forbidden), "{text}: {html}");
        }
    }
}

#[test]
fn hostile_texts_come_out_harmless() {
    for text in HOSTILE {
        assert_harmless(&bbcode(text), text);
        assert_harmless(&markdown(text), text);
        let nested = format!("[quote][b]{text}[/b][/quote]\n> **{text}**");
        assert_harmless(&bbcode(&nested), &nested);
        assert_harmless(&markdown(&nested), &nested);
    }
}

#[test]
fn texts_that_are_made_to_take_long_or_go_deep_do_neither() {
    let openings = [
        "[quote]",
        "[b]",
        "[code]",
        "[url=https://a.org]",
        "[img]",
        "[",
        "[*]",
        "[list]",
        "[b",
        "[url]",
        "> ",
        "* ",
        "- > ",
        "![",
        "[x](",
        "**a ",
        "_a *b ",
        "`",
        "<",
        "<a",
        "|a|\n|-|\n",
        "1. ",
        "    ",
        "\\",
        "~~",
        "[a]: b\n",
        "&",
        "*_",
        "![[]()",
    ];
    for opening in openings {
        let text = opening.repeat(60_000 / opening.len());
        let started = std::time::Instant::now();
        let (first, second) = (bbcode(&text), markdown(&text));
        let took = started.elapsed();
        assert!(took.as_secs() < 5, "{opening:?} took {took:?}");
        assert!(!is_too_deep(&first) && !is_too_deep(&second), "{opening:?}");
    }
}

#[test]
fn what_is_not_for_everybody_is_left_out() {
    let text = "a[hide]b[HIDE]c[/hide]d[/hide]e[confidential]f[/confidential]g[hide]h";
    let seen = |hidden, confidential| {
        let insight = Insight {
            hidden,
            confidential,
        };
        insight.veil(text, Markup::Bbcode).into_owned()
    };
    assert_eq!(seen(false, false), "aeg");
    assert_eq!(seen(true, false), "a[hide]b[HIDE]c[/hide]d[/hide]eg[hide]h");
    assert_eq!(seen(false, true), "ae[confidential]f[/confidential]g");
    assert_eq!(seen(true, true), text);
    let crossed = "a[hide]b[confidential]c[/hide]d[/confidential]e";
    let insight = Insight::default();
    assert_eq!(insight.veil(crossed, Markup::Bbcode), "ae");
}
