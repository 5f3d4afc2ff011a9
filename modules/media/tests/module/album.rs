//! A site to test in: a host with the module, accounts, and images made on the spot.

use std::io::{Cursor, Read};

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use loggia::store::testing::TestDatabase;
use loggia_module_media::loggia_module_v1;
use loggia_testkit::{Answer, TestCall, TestHost};
use serde_json::{Map, Value, json};

const PASSWORD: &str = "correct horse battery";
/// The user group of the accounts.
const REGISTERED: i64 = 2;
/// The view levels of those who have an account, and of those who manage the site.
pub(crate) const MEMBERS: i64 = 2;
pub(crate) const MANAGERS: i64 = 3;

/// A host with two accounts.
pub(crate) struct Album {
    pub(crate) host: TestHost,
    pub(crate) ada: i64,
    pub(crate) grace: i64,
}

/// What a file is sent as.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) etag: String,
    pub(crate) bytes: Vec<u8>,
}

impl Album {
    pub(crate) fn each() -> Vec<Album> {
        Self::each_with(&json!({}))
    }

    /// With settings of the module, on each database.
    pub(crate) fn each_with(settings: &Value) -> Vec<Album> {
        let settings: Map<_, _> = settings
            .as_object()
            .expect("settings are an object")
            .clone();
        TestDatabase::each()
            .into_iter()
            .map(|database| TestHost::with(database, loggia_module_v1, settings.clone()))
            .map(|host| Album {
                ada: host.account("ada", PASSWORD, &[REGISTERED]),
                grace: host.account("grace", PASSWORD, &[REGISTERED]),
                host,
            })
            .collect()
    }

    /// An upload of Ada's.
    pub(crate) fn post(&self, bytes: &[u8]) -> TestCall<'_> {
        let call = self.host.call("post", "files").as_user(self.ada);
        call.with_file("file", bytes)
    }

    /// Uploads for Ada, and gives the id.
    pub(crate) fn add(&self, bytes: &[u8], more: &Value) -> i64 {
        let members = more.as_object().expect("members are an object");
        let call = members
            .iter()
            .fold(self.post(bytes), |call, (name, value)| {
                call.with(name, value.clone())
            });
        let answer = call.json();
        let id = answer["id"].as_str().and_then(|id| id.parse().ok());
        id.unwrap_or_else(|| panic!("{answer}"))
    }

    pub(crate) fn get(&self, id: i64) -> TestCall<'_> {
        self.host.call("get", "files").with("id", id)
    }

    /// All files in the store, with their sizes.
    pub(crate) fn stored(&self) -> usize {
        let mut folders = vec![self.host.folder().join("files").join("media")];
        let mut count = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else {
                    count += 1;
                }
            }
        }
        count
    }
}

/// A file that is sent.
pub(crate) fn sent(call: TestCall<'_>) -> Sent {
    let Answer::File {
        file,
        name,
        headers,
    } = call.send().expect("the file is sent")
    else {
        panic!("no file was sent");
    };
    let header = |wanted: &str| {
        let found = headers.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let mut bytes = Vec::new();
    let mut reader = file.reader().expect("the file can be read");
    reader
        .read_to_end(&mut bytes)
        .expect("the file can be read");
    Sent {
        name,
        media_type: header("content-type"),
        etag: header("etag"),
        bytes,
    }
}

/// An image of some colours; in PNG and WebP a part of it is seen through.
pub(crate) fn picture(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let pixels = RgbaImage::from_fn(width, height, |x, y| {
        let grey = u8::try_from((x * 7 + y * 13) % 256).expect("a byte");
        Rgba([grey, 255 - grey, 40, if x < 4 { 0 } else { 255 }])
    });
    let mut image = DynamicImage::from(pixels);
    if format == ImageFormat::Jpeg {
        image = image.to_rgb8().into();
    }
    let mut bytes = Cursor::new(Vec::new());
    image
        .write_to(&mut bytes, format)
        .expect("an image can be written");
    bytes.into_inner()
}
