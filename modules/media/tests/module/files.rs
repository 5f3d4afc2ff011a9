//! Files and thumbnails as they are sent and listed.

use image::ImageFormat;
use serde_json::json;

use crate::album::{Album, picture, sent};

#[test]
fn a_file_is_sent_as_it_came_under_a_harmless_name_and_its_own_type() {
    for album in Album::each() {
        for (format, media_type, end) in [
            (ImageFormat::Jpeg, "image/jpeg", "jpg"),
            (ImageFormat::Png, "image/png", "png"),
            (ImageFormat::Gif, "image/gif", "gif"),
            (ImageFormat::WebP, "image/webp", "webp"),
        ] {
            let bytes = picture(format, 40, 30);
            let answer = album.post(&bytes).with("name", "../Our garden.exe").json();
            let id = answer["id"].as_str().unwrap().to_owned();
            let wanted = json!({
                "status": "ok", "id": id, "name": format!("Our-garden.{end}"), "type": media_type,
                "size": bytes.len(), "sha256": answer["sha256"], "width": 40, "height": 30, "access": "1",
                "user": album.ada.to_string(), "created": answer["created"],
                "url": format!("http://localhost/test/get/media/files/{id}"),
            });
            assert_eq!(answer, wanted);
            let found = sent(album.get(id.parse().unwrap()));
            assert_eq!(found.bytes, bytes);
            assert_eq!(found.name, format!("Our-garden.{end}"));
            assert_eq!(found.media_type, media_type);
            assert_eq!(
                found.etag,
                format!("\"1-{}\"", answer["sha256"].as_str().unwrap())
            );
        }
        let text = album.add("Grüße".as_bytes(), &json!({ "name": "note" }));
        assert_eq!(
            sent(album.get(text)).media_type,
            "text/plain; charset=utf-8"
        );
        assert_eq!(
            sent(album.get(text).with("width", 100)).bytes,
            "Grüße".as_bytes()
        );
        for unknown in [0, -1, 99999] {
            assert_eq!(album.get(unknown).fault(), "MED_FNF");
        }
        assert_eq!(album.host.call("get", "files").fault(), "MED_FNS");
        let nothing = album.host.call("post", "files").as_user(album.ada);
        assert_eq!(nothing.fault(), "MED_FNS");
    }
}

#[test]
fn a_thumbnail_is_made_once_in_one_of_few_sizes_and_kept() {
    for album in Album::each() {
        let photo = album.add(
            &picture(ImageFormat::Jpeg, 900, 600),
            &json!({ "name": "a" }),
        );
        assert_eq!(album.stored(), 1);
        let small = sent(album.get(photo).with("width", 300));
        assert_eq!(
            (&*small.name, &*small.media_type),
            ("a-320x213.jpg", "image/jpeg")
        );
        let image = image::load_from_memory_with_format(&small.bytes, ImageFormat::Jpeg).unwrap();
        assert_eq!((image.width(), image.height()), (320, 213));
        assert_eq!(album.stored(), 2);
        for asked in [161, 300, 320] {
            let again = sent(album.get(photo).with("width", asked));
            assert_eq!(
                (again.bytes, again.etag),
                (small.bytes.clone(), small.etag.clone())
            );
        }
        assert_eq!(album.stored(), 2);
        let both = sent(album.get(photo).with("width", 300).with("height", 50));
        assert_eq!(both.name, "a-96x64.jpg");
        let whole = sent(album.get(photo).with("width", 5000));
        assert_eq!(whole.name, "a.jpg", "never larger than the image");
        assert_eq!(album.stored(), 3);
        let clear = album.add(&picture(ImageFormat::WebP, 400, 400), &json!({}));
        let small = sent(album.get(clear).with("height", 64));
        assert_eq!(
            (&*small.name, &*small.media_type),
            ("file-64x64.png", "image/png")
        );
        assert_eq!(album.get(photo).with("width", 0).fault(), "REQ_PNV");
    }
}

/// A camera that was held upright says so beside the picture.
#[test]
fn a_photograph_is_measured_and_made_small_as_it_is_looked_at() {
    let lying = picture(ImageFormat::Jpeg, 300, 200);
    let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let turned = [&lying[..2], b"\xff\xe1", &length, exif, &lying[2..]].concat();
    for album in Album::each() {
        let answer = album.post(&turned).json();
        assert_eq!(
            (&answer["width"], &answer["height"]),
            (&json!(200), &json!(300))
        );
        let id = answer["id"].as_str().unwrap().parse().unwrap();
        let small = sent(album.get(id).with("height", 160));
        assert_eq!(small.name, "file-107x160.jpg");
        assert!(
            !small.bytes.windows(4).any(|some| some == b"Exif"),
            "nothing of the camera is left"
        );
    }
}

#[test]
fn ones_own_files_are_listed_newest_first_and_deleted_with_their_thumbnails() {
    for album in Album::each() {
        let bytes = picture(ImageFormat::Png, 200, 200);
        let ids = [1, 2, 3].map(|_| album.add(&bytes, &json!({})));
        let listed = |limit: i64, offset: i64| {
            let call = album.host.call("get", "items").as_user(album.ada);
            let list = call.with("limit", limit).with("offset", offset).json();
            let shown: Vec<i64> = list["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["id"].as_str().unwrap().parse().unwrap())
                .collect();
            (list["total"].as_i64().unwrap(), shown)
        };
        assert_eq!(listed(2, 0), (3, vec![ids[2], ids[1]]));
        assert_eq!(listed(2, 2), (3, vec![ids[0]]));
        assert_eq!(listed(0, 0).1.len(), 3);
        sent(album.get(ids[0]).with("width", 64));
        assert_eq!(album.stored(), 4);
        let delete = || {
            album
                .host
                .call("delete", "files")
                .as_user(album.ada)
                .with("id", ids[0])
        };
        assert_eq!(delete().json(), json!({ "status": "ok" }));
        assert_eq!(delete().fault(), "MED_FNF");
        assert_eq!(album.get(ids[0]).fault(), "MED_FNF");
        assert_eq!(album.stored(), 2);
        assert_eq!(
            sent(album.get(ids[1])).bytes,
            bytes,
            "equal files are apart"
        );
    }
}

#[test]
fn an_account_has_so_many_bytes_and_gets_back_what_it_deletes() {
    let bytes = b"0123456789".as_slice();
    for album in Album::each_with(&json!({ "max_account_bytes": 25, "max_file_bytes": 10 })) {
        let first = album.add(bytes, &json!({}));
        album.add(bytes, &json!({}));
        assert_eq!(album.post(bytes).fault(), "MED_QEX");
        assert_eq!(album.stored(), 2, "what was refused is not kept");
        let delete = album.host.call("delete", "files").as_user(album.ada);
        delete.with("id", first).json();
        album.add(bytes, &json!({}));
        let large = album.post(b"0123456789a").fault();
        assert_eq!(large, "MED_FTL");
        let other = album.host.call("post", "files").as_user(album.grace);
        assert_eq!(other.with_file("file", bytes).json()["status"], "ok");
    }
}
