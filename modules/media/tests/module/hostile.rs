//! Files that want to do harm: each is refused, and nothing of it is kept.

use image::ImageFormat;
use serde_json::json;

use crate::album::{Album, picture};

#[test]
fn what_is_not_what_it_pretends_is_refused_and_leaves_nothing() {
    let png = picture(ImageFormat::Png, 64, 64);
    let mut huge = png.clone();
    huge[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
    let blank = image::DynamicImage::new_luma8(6000, 6000);
    let mut bomb = std::io::Cursor::new(Vec::new());
    blank.write_to(&mut bomb, ImageFormat::Png).unwrap();
    let settings = json!({ "max_pixels": 1_000_000, "max_file_bytes": 1_000_000 });
    for album in Album::each_with(&settings) {
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec();
        let html = b"<!doctype html><script>alert(1)</script>".to_vec();
        for (bytes, name) in [
            (svg, "drawing.png"),
            (html, "page.jpg"),
            (b"\x7fELF\x02\x01\x01".to_vec(), "program.gif"),
            (png[..png.len() / 2].to_vec(), "half.png"),
            (png[..40].to_vec(), "begun.png"),
            ([&png[..], b"PK\x03\x04"].concat(), "two.png"),
            ([&png[..], b"<?php evil();"].concat(), "two.png"),
            (huge.clone(), "huge.png"),
            (bomb.get_ref().clone(), "bomb.png"),
            (b"\xff\xd8\xff\xe0".to_vec(), "none.jpg"),
            (Vec::new(), "empty.txt"),
        ] {
            let refused = album.post(&bytes).with("name", name).send().unwrap_err();
            assert_eq!((&*refused.code, refused.status), ("MED_REF", 422), "{name}");
        }
        assert_eq!(album.stored(), 0);
        let list = album.host.call("get", "items").as_user(album.ada).json();
        assert_eq!(list["total"], 0);
        let named = album.post(&png).with("name", "x".repeat(5000));
        assert_eq!(named.fault(), "REQ_PNV");
        let named = album.post(&png).with("name", "..\\..\\a\u{202e}b\r\n.php");
        assert_eq!(named.json()["name"], "a-b.png");
    }
}
