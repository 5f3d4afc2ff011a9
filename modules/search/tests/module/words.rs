//! What finds what.

use serde_json::json;

use crate::site::{Site, checked, titles};

#[test]
fn words_are_found_in_their_forms_without_marks_and_by_their_beginnings() {
    for site in Site::each() {
        site.document(
            1,
            &json!({ "title": "Gardens", "text": "We grow Crème brûlée roses." }),
        );
        site.document(
            2,
            &json!({ "title": "Haus", "text": "Häuser und Straßen", "language": "de-DE" }),
        );
        site.document(3, &json!({ "title": "Keys", "metakey": "ironwork, gate" }));
        site.document(
            4,
            &json!({ "title": "Told", "metadesc": "A described thing" }),
        );
        for (words, found) in [
            ("gardening", "Gardens"),
            ("GARDEN", "Gardens"),
            ("gard", "Gardens"),
            ("creme", "Gardens"),
            ("Crème", "Gardens"),
            ("cre\u{300}me brulee", "Gardens"),
            ("hauses", "Haus"),
            ("strassen", "Haus"),
            ("Straße", "Haus"),
            ("ironw", "Keys"),
            ("describing", "Told"),
        ] {
            assert_eq!(site.titles(words), [found], "{words}");
        }
        assert!(site.titles("arden").is_empty());
    }
}

#[test]
fn typos_are_forgiven_only_where_nothing_is_found_without() {
    for site in Site::each() {
        site.document(
            1,
            &json!({ "title": "One", "text": "an accommodation nearby" }),
        );
        site.document(2, &json!({ "title": "Two", "text": "a horse" }));
        site.document(3, &json!({ "title": "Three", "text": "a house" }));
        assert_eq!(site.titles("acomodation"), ["One"]);
        assert_eq!(site.titles("neraby"), ["One"]);
        assert_eq!(site.titles("house"), ["Three"]);
        assert_eq!(site.titles("houxe"), ["Three"]);
        assert!(site.titles("hxuxe").is_empty());
        let found = checked(site.search("acomodation"));
        assert_eq!(found["results"][0]["text"], "an accommodation nearby");
        let exact = site.search("acomodation").with("searchphrase", "exact");
        assert!(titles(&checked(exact)).is_empty());
    }
}

#[test]
fn phrases_are_any_all_or_exact_and_an_unknown_one_is_all() {
    for site in Site::each() {
        site.document(1, &json!({ "title": "Red", "text": "red roses grow" }));
        site.document(2, &json!({ "title": "Roses", "text": "roses of red" }));
        site.document(
            3,
            &json!({ "title": "Blue", "text": "a red car", "metakey": "roses" }),
        );
        site.document(4, &json!({ "title": "Green", "text": "trees" }));
        let found = |phrase: &str| {
            let call = site.search("red roses").with("searchphrase", phrase);
            titles(&checked(call))
        };
        assert_eq!(found("exact"), ["Red"]);
        assert_eq!(found("all"), ["Blue", "Roses", "Red"]);
        assert_eq!(found("any"), ["Blue", "Roses", "Red"]);
        assert_eq!(found("some"), ["Blue", "Roses", "Red"]);
        assert_eq!(site.titles("red roses"), ["Blue", "Roses", "Red"]);
        let any = site.search("trees roses").with("searchphrase", "any");
        assert_eq!(titles(&checked(any)), ["Green", "Blue", "Roses", "Red"]);
        // The title ends where the text begins.
        let across = site.search("roses roses").with("searchphrase", "exact");
        assert!(titles(&checked(across)).is_empty());
    }
}

#[test]
fn what_holds_the_words_as_written_comes_first() {
    for site in Site::each() {
        site.document(1, &json!({ "title": "Exact", "text": "one garden" }));
        site.document(2, &json!({ "title": "Form", "text": "many gardens" }));
        site.document(3, &json!({ "title": "Begins", "text": "a gardenia" }));
        site.document(4, &json!({ "title": "Also exact", "text": "Garden" }));
        let expected = ["Also exact", "Exact", "Begins", "Form"];
        assert_eq!(site.titles("garden"), expected);
        site.document(5, &json!({ "title": "Accent", "text": "résumé" }));
        site.document(6, &json!({ "title": "Plain", "text": "resume" }));
        assert_eq!(site.titles("résumé"), ["Accent", "Plain"]);
    }
}

#[test]
fn hostile_words_are_words_or_nothing() {
    for site in Site::each() {
        let text = "e-mail AND title:x OR (NOT y) 100% O'Brien <b>";
        site.document(1, &json!({ "title": "C++", "text": text }));
        let plain = [
            "e-mail",
            "title:x",
            "(not",
            "\"100%\"",
            "o'brien",
            "AND OR NOT",
            "and* +or",
            "c++ mail",
        ];
        for words in plain {
            assert_eq!(site.titles(words), ["C++"], "{words}");
        }
        for words in ["***", "\"\"\"", "a?", "%%%", "\u{301}\u{301}\u{301}"] {
            assert_eq!(site.search(words).fault(), "SRH_WTS", "{words}");
        }
        let long = "x".repeat(100_000);
        let many = "word ".repeat(20_000);
        let different: Vec<String> = (0..5000).map(|number| format!("w{number}")).collect();
        let different = different.join(" ");
        let syntax = "'; DROP TABLE search_entry; --";
        let odd = ["\u{1}en:mail", "\u{202e}liam-e", "mail\u{1e}mail"];
        for words in [&long, &many, &different, syntax].into_iter().chain(odd) {
            assert_eq!(checked(site.search(words))["status"], "ok");
        }
        assert_eq!(site.titles(&("(".repeat(5000) + "mail")), ["C++"]);
        site.document(2, &json!({ "title": "Long", "text": long }));
        assert_eq!(site.titles(&long), ["Long"]);
        assert_eq!(site.search("").fault(), "SRH_WNS");
        assert_eq!(site.search("  ").fault(), "SRH_WNS");
        assert_eq!(site.host.call("get", "site").fault(), "SRH_WNS");
        assert_eq!(site.search("ab").fault(), "SRH_WTS");
    }
}

#[test]
fn scripts_without_blanks_are_found_by_what_stands_together() {
    for site in Site::each() {
        let text = "これは東京タワーです";
        site.document(
            1,
            &json!({ "title": "Tower", "text": text, "language": "ja-JP" }),
        );
        site.document(
            2,
            &json!({ "title": "Other", "text": "京東", "language": "zh-CN" }),
        );
        assert_eq!(site.titles("東京"), ["Tower"]);
        assert_eq!(site.titles("京"), ["Other", "Tower"]);
    }
}

#[test]
fn the_excerpt_shows_why_it_was_found() {
    for site in Site::each() {
        let (before, behind) = ("before ".repeat(200), "behind ".repeat(200));
        let text = format!("{before} The gardens are open. {behind}");
        site.document(1, &json!({ "title": "One", "text": text }));
        let found = checked(site.search("gardening"));
        let excerpt = found["results"][0]["text"].as_str().unwrap();
        assert!(excerpt.contains("The gardens are open."), "{excerpt}");
        assert!(excerpt.len() < 300, "{excerpt}");
    }
}
