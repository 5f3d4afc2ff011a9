//! Files on the wire: sent in a form, fetched whole, in part and small.

use loggia_tests::client::{Answer, Client};
use loggia_tests::site::Node;

use crate::fixture::{self, session};

const BOUNDARY: &str = "----loggia-boundary-9a1c";

/// A PNG of 100 by 80 grey pixels, stored without being packed.
fn png() -> Vec<u8> {
    const SIDES: (u32, u32) = (100, 80);
    let mut header = Vec::new();
    header.extend(SIDES.0.to_be_bytes());
    header.extend(SIDES.1.to_be_bytes());
    header.extend([8, 0, 0, 0, 0]);
    let row = [vec![0_u8], vec![0x77; 100]].concat();
    let rows = row.repeat(80);
    let length = u16::try_from(rows.len()).expect("a short image");
    let mut packed = vec![0x78, 0x01, 0x01];
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend(&rows);
    packed.extend(adler32(&rows).to_be_bytes());
    let chunks = [
        chunk(*b"IHDR", &header),
        chunk(*b"IDAT", &packed),
        chunk(*b"IEND", b""),
    ];
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
}

fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [&name[..], data].concat();
    let length = u32::try_from(data.len()).expect("a short chunk");
    [
        &length.to_be_bytes()[..],
        &named,
        &crc32(&named).to_be_bytes(),
    ]
    .concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    let of_bit = |sum: u32| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg());
    let of_byte = |sum: u32, byte: &u8| (0..8).fold(sum ^ u32::from(*byte), |sum, _| of_bit(sum));
    !bytes.iter().fold(!0, of_byte)
}

fn adler32(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}

fn post(client: &Client, path: &str, file: &[u8], name: &str) -> Answer {
    let part = |disposition: &str| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n")
    };
    let mut body = part("name=\"name\"").into_bytes();
    body.extend(format!("\r\n{name}\r\n").bytes());
    body.extend(part("name=\"file\"; filename=\"../../evil.html\"").bytes());
    body.extend(b"Content-Type: text/html\r\n\r\n");
    body.extend(file);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    let media = format!("multipart/form-data; boundary={BOUNDARY}");
    client.send("POST", path, Some(&media), &body)
}

/// The free endpoint and the semantic one, each with the path of files.
fn doors(node: &Node, session: &str) -> [(Client, String); 2] {
    [
        (
            node.endpoint("free"),
            format!("/post/media/files?session_id={session}"),
        ),
        (
            node.endpoint("semantic"),
            format!("/media/files?session_id={session}"),
        ),
    ]
}

#[test]
fn an_image_is_sent_in_a_form_and_fetched_whole_in_part_and_small() {
    let image = png();
    for site in fixture::each("") {
        let node = site.node();
        let session = session(&node, "member");
        for (client, path) in doors(&node, &session) {
            let taken = post(&client, &path, &image, "../Our garden.php");
            assert_eq!(taken.json()["status"], "ok", "{}", taken.text());
            let id = taken.json()["id"].as_str().expect("an id").to_owned();
            let path = format!("/get/media/files/{id}");
            assert!(
                taken.json()["url"]
                    .as_str()
                    .is_some_and(|url| url.ends_with(&path))
            );
            let whole = client.get(&path);
            assert_eq!((whole.status, &whole.body), (200, &image));
            assert_eq!(whole.header("content-type"), Some("image/png"));
            assert_eq!(whole.header("x-content-type-options"), Some("nosniff"));
            let disposition = whole.header("content-disposition").unwrap_or_default();
            assert_eq!(disposition, "attachment; filename=\"Our-garden.png\"");
            let etag = whole.header("etag").expect("a tag").to_owned();
            let same = client.with("If-None-Match", &etag).get(&path);
            assert_eq!((same.status, same.body.len()), (304, 0));
            let part = client.with("Range", "bytes=1-3").get(&path);
            assert_eq!((part.status, &part.body[..]), (206, &b"PNG"[..]));
            let small = client.get(&format!("{path}?width=50"));
            assert_eq!(small.status, 200);
            assert_eq!(small.header("content-type"), Some("image/jpeg"));
            assert!(small.body.starts_with(b"\xff\xd8\xff"));
            assert_ne!(small.header("etag"), Some(etag.as_str()));
        }
    }
}

#[test]
fn a_hostile_file_is_refused_by_its_code_and_a_guest_sends_nothing() {
    let image = png();
    for site in fixture::each("") {
        let node = site.node();
        let session = session(&node, "member");
        for ((client, path), status) in doors(&node, &session).into_iter().zip([200, 422]) {
            let polyglot = [&image[..], b"<script>alert(1)</script>"].concat();
            for hostile in [&polyglot[..], &image[..90], b"<svg onload='alert(1)'/>"] {
                let refused = post(&client, &path, hostile, "a.png");
                assert_eq!(refused.error_code(), "MED_REF", "{}", refused.text());
                assert_eq!(refused.status, status);
            }
            let path = path.split('?').next().expect("a path");
            assert_eq!(post(&client, path, &image, "a.png").error_code(), "REQ_AUR");
        }
    }
}
