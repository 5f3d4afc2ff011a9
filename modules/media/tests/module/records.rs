//! Moving in and out: files with their bytes.

use image::ImageFormat;
use serde_json::{Value, json};

use crate::album::{Album, MEMBERS, picture, sent};

fn all(album: &Album) -> Vec<Value> {
    let (mut records, mut after) = (Vec::new(), 0);
    loop {
        let call = album.host.call("get", "records").as_operator();
        let page = call
            .with("kind", "file")
            .with("after", after)
            .with("limit", 1)
            .json();
        records.extend(page["records"].as_array().expect("records").iter().cloned());
        match page["next"].as_i64() {
            Some(next) => after = next,
            None => return records,
        }
    }
}

fn put(album: &Album, records: &Value) -> Value {
    let call = album.host.call("put", "records").as_operator();
    call.with("kind", "file")
        .with("records", records.clone())
        .json()
}

#[test]
fn what_one_site_gives_another_takes_and_gives_again() {
    let bytes = picture(ImageFormat::Jpeg, 300, 200);
    for old in Album::each() {
        let id = old.add(&bytes, &json!({ "name": "garden", "access": MEMBERS }));
        old.add(b"text", &json!({}));
        let records = all(&old);
        for new in Album::each() {
            for _ in 0..2 {
                let taken = put(&new, &json!(records));
                assert_eq!(taken, json!({ "status": "ok", "taken": 2, "refused": [] }));
                assert_eq!(all(&new), records);
                assert_eq!(new.stored(), 2, "what was replaced is gone");
            }
            let found = sent(new.get(id).as_user(new.grace));
            assert_eq!((found.bytes, &*found.name), (bytes.clone(), "garden.jpg"));
            let next = new.add(b"next", &json!({}));
            assert!(next > id + 1, "{next}");
            let gone = new.host.call("delete", "records").as_operator();
            let gone = gone.with("kind", "file").with("ids", json!([id, 99999]));
            assert_eq!(gone.json()["deleted"], 1);
            assert_eq!(new.stored(), 2);
        }
    }
}

#[test]
fn a_record_that_would_be_refused_as_an_upload_is_refused_alone() {
    for album in Album::each() {
        album.add(b"text", &json!({}));
        let good = all(&album).remove(0);
        let with = |id: i64, content: Value| {
            let mut record = good.clone();
            record["id"] = json!(id);
            record["content"] = content;
            record
        };
        let records = json!([
            with(70, json!("PHN2Zy8+")),
            with(71, json!("not base64!")),
            with(72, Value::Null),
            { "id": 73 },
            with(74, json!("dGV4dA==")),
        ]);
        let taken = put(&album, &records);
        assert_eq!(taken["taken"], 1, "{taken}");
        assert_eq!(taken["refused"].as_array().unwrap().len(), 4, "{taken}");
        assert_eq!(album.stored(), 2);
        let twice = json!([with(80, json!("dGV4dA==")), with(80, json!("dGV4dA=="))]);
        let taken = put(&album, &twice);
        assert_eq!((&taken["taken"], album.stored()), (&json!(1), 3), "{taken}");
    }
}
