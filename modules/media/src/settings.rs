//! The operator's settings, `[module.media]` in `endpoints.toml`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the media module behaves.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The types of files that are taken.
    pub types: Vec<FileType>,
    /// The largest file, in bytes.
    #[schemars(range(min = 1, max = 1_073_741_824))]
    pub max_file_bytes: u64,
    /// How many bytes the files of one account may have together; 0 is no limit.
    #[schemars(range(min = 0))]
    pub max_account_bytes: i64,
    /// The widest and the highest image, in pixels.
    #[schemars(range(min = 1, max = 65535))]
    pub max_side: u32,
    /// How many pixels an image may have.
    #[schemars(range(min = 1, max = 200_000_000))]
    pub max_pixels: u64,
    /// Whether animated images are taken; their thumbnails show the first picture.
    pub animated: bool,
    /// The sides that thumbnails are made with, in pixels; what is asked for is the next larger one.
    pub thumbnail_sides: Vec<u32>,
    /// The quality of thumbnails in JPEG.
    #[schemars(range(min = 1, max = 100))]
    pub thumbnail_quality: u8,
    /// How many images are decoded at once.
    #[schemars(range(min = 1, max = 64))]
    pub decoders: usize,
    /// The view level of files whose owner names none.
    #[schemars(range(min = 1))]
    pub view_level: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            types: FileType::ALL.to_vec(),
            max_file_bytes: 10 * 1024 * 1024,
            max_account_bytes: 200 * 1024 * 1024,
            max_side: 12_000,
            max_pixels: 40_000_000,
            animated: false,
            thumbnail_sides: vec![64, 160, 320, 640, 1280],
            thumbnail_quality: 82,
            decoders: 2,
            view_level: 1,
        }
    }
}

/// A type of files that can be told by their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileType {
    /// An image in GIF.
    Gif,
    /// An image in JPEG.
    Jpeg,
    /// An image in PNG.
    Png,
    /// An image in WebP.
    Webp,
    /// A PDF document.
    Pdf,
    /// A ZIP archive, which documents of offices are too.
    Zip,
    /// Plain text.
    Text,
}

impl FileType {
    /// All of them.
    pub const ALL: [FileType; 7] = [
        FileType::Gif,
        FileType::Jpeg,
        FileType::Png,
        FileType::Webp,
        FileType::Pdf,
        FileType::Zip,
        FileType::Text,
    ];

    /// The media type that it is sent with.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            FileType::Gif => "image/gif",
            FileType::Jpeg => "image/jpeg",
            FileType::Png => "image/png",
            FileType::Webp => "image/webp",
            FileType::Pdf => "application/pdf",
            FileType::Zip => "application/zip",
            FileType::Text => "text/plain; charset=utf-8",
        }
    }

    /// How names of such files end.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            FileType::Gif => "gif",
            FileType::Jpeg => "jpg",
            FileType::Png => "png",
            FileType::Webp => "webp",
            FileType::Pdf => "pdf",
            FileType::Zip => "zip",
            FileType::Text => "txt",
        }
    }
}
