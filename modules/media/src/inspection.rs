//! What a file is, by its bytes, and whether it is taken.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::anatomy::{self, Anatomy};
use crate::settings::{FileType, Settings};

/// The most bytes of one pixel that a decoder works with, in its own memory and in the image together.
const BYTES_A_PIXEL: u64 = 12;
/// Those of the image alone.
const BYTES_OF_IMAGE: u64 = 4;
/// What a decoder may take beside that.
const BYTES_BESIDE: u64 = 16 << 20;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Inspected {
    /// The type.
    pub(crate) file_type: FileType,
    /// Width and height, where it is an image, as it is looked at.
    pub(crate) size: Option<(u32, u32)>,
}

/// Why a file is not taken, for its sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) String);

impl From<&str> for Refusal {
    fn from(reason: &str) -> Self {
        Refusal(reason.to_owned())
    }
}

/// The type of a file, if it is one that is taken.
pub(crate) fn type_of(bytes: &[u8], settings: &Settings) -> Result<FileType, Refusal> {
    let found = told(bytes).ok_or("it is of no type that is taken here")?;
    if settings.types.contains(&found) {
        Ok(found)
    } else {
        Err("files of this type are not taken here".into())
    }
}

fn told(bytes: &[u8]) -> Option<FileType> {
    let begins = |with: &[u8]| bytes.starts_with(with);
    if begins(b"\x89PNG\r\n\x1a\n") {
        Some(FileType::Png)
    } else if begins(b"\xff\xd8\xff") {
        Some(FileType::Jpeg)
    } else if begins(b"GIF87a") || begins(b"GIF89a") {
        Some(FileType::Gif)
    } else if begins(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(FileType::Webp)
    } else if begins(b"%PDF-") {
        Some(FileType::Pdf)
    } else if begins(b"PK\x03\x04") {
        Some(FileType::Zip)
    } else {
        is_text(bytes).then_some(FileType::Text)
    }
}

/// Plain text only: whatever begins as a page, a drawing or another markup might be run by a browser.
fn is_text(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let is_plain = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    let begin = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let has_markup = ["<svg", "<!doctype", "<html", "<script", "<?xml", "<?php"];
    let lower = text.to_ascii_lowercase();
    !begin.is_empty()
        && !begin.starts_with('<')
        && text.chars().all(is_plain)
        && !has_markup.iter().any(|mark| lower.contains(mark))
}

/// Inspects an image to its last byte; anything else is what its first bytes say.
pub(crate) fn inspect(
    bytes: &[u8],
    file_type: FileType,
    settings: &Settings,
) -> Result<Inspected, Refusal> {
    let size = match format_of(file_type) {
        None => None,
        Some(format) => {
            check_anatomy(bytes, file_type, settings)?;
            let image = decoded(bytes, format, settings)?;
            Some((image.width(), image.height()))
        }
    };
    Ok(Inspected { file_type, size })
}

/// The format of an image; `None` for what is none.
pub(crate) fn format_of(file_type: FileType) -> Option<ImageFormat> {
    match file_type {
        FileType::Gif => Some(ImageFormat::Gif),
        FileType::Jpeg => Some(ImageFormat::Jpeg),
        FileType::Png => Some(ImageFormat::Png),
        FileType::Webp => Some(ImageFormat::WebP),
        FileType::Pdf | FileType::Zip | FileType::Text => None,
    }
}

fn check_anatomy(bytes: &[u8], file_type: FileType, settings: &Settings) -> Result<(), Refusal> {
    let found = match file_type {
        FileType::Gif => anatomy::gif(bytes),
        FileType::Jpeg => anatomy::jpeg(bytes),
        FileType::Png => anatomy::png(bytes),
        FileType::Webp => anatomy::webp(bytes),
        FileType::Pdf | FileType::Zip | FileType::Text => return Ok(()),
    };
    let Anatomy { end, is_animated } = found.ok_or("the image is cut off or damaged")?;
    if is_animated && !settings.animated {
        return Err("animated images are not taken here".into());
    }
    if !anatomy::is_clean_behind(bytes, end, file_type == FileType::Jpeg) {
        return Err("something else stands behind the end of the image".into());
    }
    Ok(())
}

/// Decodes an image within the limits, upright as it is looked at. Of an animated one it is the first picture.
pub(crate) fn decoded(
    bytes: &[u8],
    format: ImageFormat,
    settings: &Settings,
) -> Result<DynamicImage, Refusal> {
    // A decoder that panics has met an image that nobody should be sent.
    catch_unwind(AssertUnwindSafe(|| decode(bytes, format, settings)))
        .unwrap_or_else(|_| Err("the image is damaged".into()))
}

fn decode(bytes: &[u8], format: ImageFormat, settings: &Settings) -> Result<DynamicImage, Refusal> {
    let damaged = |_| Refusal::from("the image is damaged, or larger than its limits");
    let mut limits = Limits::default();
    limits.max_image_width = Some(settings.max_side);
    limits.max_image_height = Some(settings.max_side);
    limits.max_alloc = Some(settings.max_pixels * BYTES_A_PIXEL + BYTES_BESIDE);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    check_size(width, height, settings)?;
    if decoder.total_bytes() > settings.max_pixels * BYTES_OF_IMAGE {
        return Err("the image has too many pixels for their depth".into());
    }
    let orientation = decoder.orientation().map_err(damaged)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn check_size(width: u32, height: u32, settings: &Settings) -> Result<(), Refusal> {
    if width == 0 || height == 0 {
        return Err("the image has no pixels".into());
    }
    if width.max(height) > settings.max_side {
        let most = settings.max_side;
        return Err(Refusal(format!(
            "the image has a side of more than {most} pixels"
        )));
    }
    if u64::from(width) * u64::from(height) > settings.max_pixels {
        let most = settings.max_pixels;
        return Err(Refusal(format!("the image has more than {most} pixels")));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
