//! The orders of results.

use serde_json::json;

use crate::site::{Site, checked, titles};

#[test]
fn results_are_ordered_as_asked_across_what_was_written_when() {
    for site in Site::each() {
        site.category(1, &json!({ "title": "zoo" }));
        site.category(2, &json!({ "title": "Animals" }));
        let rows = [
            (1, "Émile", 30, 5, Some(1)),
            (2, "delta", 20, 9, Some(1)),
            (3, "Alpha", 10, 9, Some(2)),
            (4, "fox", 40, 1, None),
        ];
        for (id, title, created, popularity, category) in rows {
            site.document(
                id,
                &json!({ "title": title, "text": "common", "created_ms": created,
                "popularity": popularity, "category_id": category }),
            );
            // Each is taken by itself, so that the order is one of several parts.
            site.titles("common");
        }
        let by = |order: &str| titles(&checked(site.search("common").with("ordering", order)));
        assert_eq!(by("newest"), ["fox", "Émile", "delta", "Alpha"]);
        assert_eq!(by("oldest"), ["Alpha", "delta", "Émile", "fox"]);
        assert_eq!(by("popular"), ["delta", "Alpha", "Émile", "fox"]);
        assert_eq!(by("alpha"), ["Alpha", "delta", "Émile", "fox"]);
        assert_eq!(by("category"), ["Alpha", "delta", "Émile", "fox"]);
        assert_eq!(by("random"), by("newest"));
        site.category(1, &json!({ "title": "Aardvarks" }));
        assert_eq!(by("category"), ["delta", "Émile", "Alpha", "fox"]);
    }
}
