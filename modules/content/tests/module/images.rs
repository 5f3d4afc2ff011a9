//! Images that are files of the module media.

use serde_json::json;

use crate::library::Library;

#[test]
fn an_image_may_be_a_file_of_the_module_media() {
    let url = |id: i64| format!("http://localhost/test/get/media/files/{id}");
    for site in Library::each() {
        let news = site.category("News", 0, &json!({}));
        let images = json!({ "image_intro": "media:12", "image_fulltext": url(13) });
        let id = site.article("A", news, &json!({ "images": images }));
        let article = || site.get("articles").with("id", id).json();
        assert_eq!(article()["images"]["image_intro"], url(12));
        assert_eq!(article()["images"]["image_fulltext"], url(13));
        let record = site.get("records").with("kind", "article").as_operator();
        let kept = record.json()["records"][0]["images"].clone();
        assert_eq!(kept["image_intro"], "media:12");
        assert_eq!(
            kept["image_fulltext"], "media:13",
            "what was shown can be given back"
        );
        for wrong in ["media:", "media:x", "media:012", "MEDIA:1", "media:1/../2"] {
            let images = json!({ "image_fulltext": wrong });
            let refused = site
                .put("articles")
                .with("id", id)
                .with("images", images)
                .json();
            assert_eq!(refused["error_code"], "REQ_PNV", "{wrong}: {refused}");
            let told = refused["error_description"].as_str().unwrap_or_default();
            let rule = "images.image_fulltext: must be media: and the id of a file";
            assert!(told.contains(rule), "{wrong}: {told}");
        }
        assert_eq!(
            article()["images"]["image_intro"],
            url(12),
            "nothing was changed"
        );
    }
}
