use image::codecs::gif::GifEncoder;
use image::{Frame, RgbaImage};

use super::*;

const IMAGES: [FileType; 4] = [FileType::Gif, FileType::Jpeg, FileType::Png, FileType::Webp];

/// An image with something in it.
fn image(file_type: FileType, width: u32, height: u32) -> Vec<u8> {
    let pixels = RgbaImage::from_fn(width, height, |x, y| {
        let grey = u8::try_from((x * 7 + y * 13) % 256).unwrap();
        image::Rgba([grey, 255 - grey, 40, 255])
    });
    let mut pixels = DynamicImage::from(pixels);
    if file_type == FileType::Jpeg {
        pixels = pixels.to_rgb8().into();
    }
    let mut bytes = Cursor::new(Vec::new());
    let format = format_of(file_type).unwrap();
    pixels.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn settings() -> Settings {
    Settings {
        max_side: 2000,
        max_pixels: 1_000_000,
        ..Settings::default()
    }
}

fn inspected(bytes: &[u8]) -> Result<Inspected, Refusal> {
    let settings = settings();
    inspect(bytes, type_of(bytes, &settings)?, &settings)
}

fn refused(bytes: &[u8]) -> String {
    inspected(bytes).expect_err("a refusal").0
}

#[test]
fn an_image_is_what_its_bytes_say() {
    for file_type in IMAGES {
        let found = inspected(&image(file_type, 40, 30)).unwrap();
        let wanted = Inspected {
            file_type,
            size: Some((40, 30)),
        };
        assert_eq!(found, wanted);
    }
    for (bytes, file_type) in [
        (&b"%PDF-1.7\n"[..], FileType::Pdf),
        (b"PK\x03\x04rest", FileType::Zip),
        ("Grüße\r\n\tan alle".as_bytes(), FileType::Text),
    ] {
        let found = inspected(bytes).unwrap();
        assert_eq!((found.file_type, found.size), (file_type, None));
    }
}

#[test]
fn what_is_none_of_the_types_is_refused_whatever_it_pretends() {
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    for bytes in [
        svg.as_bytes(),
        b"\xef\xbb\xbf <?xml version=\"1.0\"?><svg/>",
        b"<!DOCTYPE html><p>",
        b"text first <script>alert(1)</script>",
        b"a\n<?php system($_GET['c']);",
        b"MZ\x90\x00",
        b"\x7fELF",
        b"BM\x00\x00",
        b"II*\x00",
        b"\x00\x00\x01\x00",
        b"a\0b",
        b"\xff\xfe\x00",
        b"",
        b"   ",
        b"RIFF\x00\x00\x00\x00AVI ",
    ] {
        assert!(refused(bytes).contains("no type"), "{bytes:?}");
    }
    let only_png = Settings {
        types: vec![FileType::Png],
        ..settings()
    };
    assert!(type_of(&image(FileType::Jpeg, 2, 2), &only_png).is_err());
}

#[test]
fn an_image_that_is_cut_off_anywhere_is_refused() {
    for file_type in IMAGES {
        let whole = image(file_type, 40, 30);
        for cut in (12..whole.len()).step_by(7).chain([whole.len() - 1]) {
            refused(&whole[..cut]);
        }
    }
}

#[test]
fn an_image_with_something_behind_it_is_refused() {
    for file_type in IMAGES {
        let whole = image(file_type, 40, 30);
        for tail in [
            &b"PK\x03\x04"[..],
            b"<script>alert(1)</script>",
            b"\x00\x00x",
            b"%PDF-1.7",
        ] {
            let polyglot = [&whole[..], tail].concat();
            assert!(
                refused(&polyglot).contains("behind"),
                "{file_type:?} {tail:?}"
            );
        }
        let padded = [&whole[..], &[0; 100]].concat();
        assert!(inspected(&padded).is_ok(), "{file_type:?}");
    }
    let jpeg = image(FileType::Jpeg, 40, 30);
    let of_a_camera = [&jpeg[..], &[0; 9], &jpeg].concat();
    assert!(inspected(&of_a_camera).is_ok());
    let and_more = [&of_a_camera[..], b"PK\x03\x04"].concat();
    assert!(refused(&and_more).contains("behind"));
}

#[test]
fn huge_dimensions_are_refused_before_anything_is_decoded() {
    let mut png = image(FileType::Png, 8, 8);
    // The header's width and height, with the checksum that goes with them.
    png[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
    refused(&png);
    let mut gif = image(FileType::Gif, 8, 8);
    gif[6..10].copy_from_slice(&[0xff; 4]);
    refused(&gif);
    let wide = image(FileType::Png, 2001, 1);
    assert!(refused(&wide).contains("2000 pixels") || refused(&wide).contains("limits"));
    let large = image(FileType::Gif, 1001, 1000);
    assert!(refused(&large).contains("1000000 pixels"));
}

#[test]
fn deep_colours_count_as_more_pixels() {
    let deep = DynamicImage::new_rgba16(900, 900);
    let mut bytes = Cursor::new(Vec::new());
    deep.write_to(&mut bytes, ImageFormat::Png).unwrap();
    assert!(refused(bytes.get_ref()).contains("depth"));
}

/// Many pixels of one colour take few bytes.
#[test]
fn a_small_file_that_unpacks_to_a_huge_image_is_refused() {
    let blank = DynamicImage::new_luma8(1900, 1900);
    let mut bytes = Cursor::new(Vec::new());
    blank.write_to(&mut bytes, ImageFormat::Png).unwrap();
    let bytes = bytes.into_inner();
    assert!(bytes.len() < 100_000, "{}", bytes.len());
    assert!(refused(&bytes).contains("1000000 pixels"));
}

#[test]
fn moving_images_are_taken_only_where_the_settings_say_so() {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for grey in [0, 255] {
        let pixels = RgbaImage::from_pixel(8, 8, image::Rgba([grey, grey, grey, 255]));
        encoder.encode_frame(Frame::new(pixels)).unwrap();
    }
    drop(encoder);
    assert!(refused(&bytes).contains("animated"));
    let settings = Settings {
        animated: true,
        ..settings()
    };
    let found = inspect(&bytes, FileType::Gif, &settings).unwrap();
    assert_eq!(found.size, Some((8, 8)));
}

/// Whatever bytes come, the walks end, and nothing is taken that cannot be decoded.
#[test]
fn damaged_bytes_never_do_worse_than_being_refused() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    println!("seed {state:#x}");
    for file_type in IMAGES {
        let whole = image(file_type, 24, 24);
        for _ in 0..300 {
            let mut bytes = whole.clone();
            for _ in 0..3 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let place = usize::try_from(state >> 16).unwrap() % bytes.len();
                bytes[place] = state.to_le_bytes()[0];
            }
            if let Ok(found) = inspected(&bytes) {
                assert!(
                    found
                        .size
                        .is_none_or(|(width, height)| width <= 2000 && height <= 2000)
                );
            }
        }
    }
}
