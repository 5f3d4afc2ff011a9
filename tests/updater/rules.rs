//! The script itself, against documents that only Joomla's own rules decide on: what it is to notice, it does.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use serde_json::Value;

use crate::joomla::Joomla;
use crate::package::component;

/// Answers by path: status, headers, body.
type Pages = HashMap<String, (u16, String, Vec<u8>)>;

/// Serves pages until the test ends, and gives the address.
fn serve(pages: &[(&str, u16, &str, &[u8])]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!(
        "http://{}",
        listener.local_addr().expect("it has an address")
    );
    let pages: Pages = pages
        .iter()
        .map(|(path, status, headers, body)| {
            let body = match std::str::from_utf8(body) {
                Ok(text) => text.replace("URL", &url).into_bytes(),
                Err(_) => body.to_vec(),
            };
            ((*path).to_owned(), (*status, (*headers).to_owned(), body))
        })
        .collect();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream, &pages);
        }
    });
    url
}

fn answer(mut stream: TcpStream, pages: &Pages) {
    let mut request = [0; 4096];
    let length = stream.read(&mut request).unwrap_or(0);
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    let target = request.split(' ').nth(1).unwrap_or("/");
    let path = target.split('?').next().unwrap_or("/");
    let missing = (404, String::new(), b"none".to_vec());
    let (status, headers, body) = pages.get(path).unwrap_or(&missing);
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
        body.len()
    );
    // A client that has gone is told nothing.
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
}

const NAMED: &str = "Content-Disposition: attachment; filename=\"x.zip\"\r\n";

/// A feed with one update.
fn feed(download: &str, more: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><updates><update><name>x</name><element>com_x</element><type>component</type>\
         <version>2.0</version><downloads>{download}</downloads><tags><tag>stable</tag></tags>\
         <targetplatform name=\"joomla\" version=\"5.1\"/>{more}</update></updates>"
    )
}

const PLAIN: &str = "<downloadurl> URL/x.zip\n</downloadurl>";

fn run(document: &str, joomla: &str) -> Value {
    let package = component("x", "2.0");
    let url = serve(&[
        ("/feed.xml", 200, "", document.as_bytes()),
        ("/x.zip", 200, NAMED, &package),
    ]);
    Joomla::new(&format!("{url}/feed.xml"))
        .with("joomla", joomla)
        .update()
}

#[test]
fn a_pattern_is_anchored_at_the_start_only() {
    assert_eq!(run(&feed(PLAIN, ""), "5.10.0")["offered"]["version"], "2.0");
    assert_eq!(run(&feed(PLAIN, ""), "5.2.0")["offered"], Value::Null);
    let slashed = feed(PLAIN, "").replace("5.1", "5.1|6/7");
    assert_eq!(run(&slashed, "5.1.0")["offered"], Value::Null);
}

#[test]
fn a_checksum_with_white_space_around_it_is_wrong() {
    let digest = run(&feed(PLAIN, ""), "5.1.0")["installs"]["sha256"].clone();
    let digest = digest.as_str().expect("a digest").to_owned();
    let right = run(&feed(PLAIN, &format!("<sha256>{digest}</sha256>")), "5.1.0");
    assert_eq!(right["installs"]["verified"], true);
    let spaced = run(
        &feed(PLAIN, &format!("<sha256>\n{digest}\n</sha256>")),
        "5.1.0",
    );
    assert_eq!(spaced["failure"], "the checksum sha256 is wrong");
}

#[test]
fn a_mirrors_address_keeps_its_last_piece_only() {
    let mirrored = "<downloadurl>URL/gone.zip</downloadurl>\
                    <downloadsource>URL/x.zip?a=1&amp;b=2</downloadsource>";
    assert!(run(&feed(mirrored, ""), "5.1.0")["failure"].is_string());
    let plain = mirrored.replace("?a=1&amp;b=2", "");
    assert_eq!(run(&feed(&plain, ""), "5.1.0")["failure"], Value::Null);
}

#[test]
fn a_tag_with_white_space_counts_as_stable() {
    let spaced = feed(PLAIN, "").replace(">stable<", "> beta<");
    assert_eq!(run(&spaced, "5.1.0")["offered"]["version"], "2.0");
    let beta = feed(PLAIN, "").replace(">stable<", ">beta<");
    assert_eq!(run(&beta, "5.1.0")["offered"], Value::Null);
}

#[test]
fn what_is_no_xml_fails_and_what_is_empty_or_torn_offers_nothing() {
    for (document, fails) in [
        ("{\"status\":\"ko\"}", true),
        ("\n<?xml version=\"1.0\"?><updates></updates>", true),
        ("", false),
        ("<updates><update><version>2.0</version>", false),
        ("<updates></updates>", false),
    ] {
        let report = run(document, "5.1.0");
        assert_eq!(report["failure"].is_string(), fails, "{document}: {report}");
        assert_eq!(report["offered"], Value::Null);
    }
}

#[test]
fn an_address_without_the_ending_is_tried_once_more() {
    let document = feed(PLAIN, "");
    let package = component("x", "2.0");
    let url = serve(&[
        ("/feed", 200, "", b"{}"),
        ("/feed/extension.xml", 200, "", document.as_bytes()),
        ("/x.zip", 200, NAMED, &package),
    ]);
    let report = Joomla::new(&format!("{url}/feed"))
        .with("joomla", "5.1.0")
        .update();
    assert_eq!(report["failure"], Value::Null, "{report}");
    assert_eq!(
        report["fetches"][1]["url"],
        format!("{url}/feed/extension.xml")
    );
}

#[test]
fn the_name_of_the_file_decides_how_it_is_unpacked() {
    let document = feed("<downloadurl>URL/download</downloadurl>", "");
    let package = component("x", "2.0");
    for (headers, body, failure) in [
        (NAMED, &package[..], None),
        ("", &package[..], Some("unpack error")),
        (
            "Content-Disposition: attachment;filename=\"response.json\"\r\n",
            &b"{}"[..],
            Some("unpack error"),
        ),
    ] {
        let url = serve(&[
            ("/feed.xml", 200, "", document.as_bytes()),
            ("/download", 200, headers, body),
        ]);
        let report = Joomla::new(&format!("{url}/feed.xml"))
            .with("joomla", "5.1.0")
            .update();
        let text = report["failure"].as_str();
        assert_eq!(text.is_some(), failure.is_some(), "{report}");
        assert!(
            text.unwrap_or_default()
                .contains(failure.unwrap_or_default()),
            "{report}"
        );
    }
}
