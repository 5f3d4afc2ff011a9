//! Thumbnails: how large they are, and their bytes.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat};
use loggia_sdk::Fault;

use crate::settings::{FileType, Settings};

/// The box that a thumbnail fits into: each side that is asked for, made the next of those that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    width: Option<u32>,
    height: Option<u32>,
}

impl Frame {
    /// Of what is asked for; `None` where nothing is, or where no thumbnails are made.
    pub(crate) fn of(
        settings: &Settings,
        width: Option<i64>,
        height: Option<i64>,
    ) -> Option<Frame> {
        let mut sides = settings.thumbnail_sides.clone();
        sides.sort_unstable();
        let largest = *sides.last()?;
        let next = |asked: i64| {
            let found = sides.iter().find(|side| i64::from(**side) >= asked);
            found.copied().unwrap_or(largest)
        };
        let frame = Frame {
            width: width.map(next),
            height: height.map(next),
        };
        (width.is_some() || height.is_some()).then_some(frame)
    }

    /// The size of the thumbnail of an image; `None` where the image is no larger.
    pub(crate) fn size(self, width: u32, height: u32) -> Option<(u32, u32)> {
        let scale = |side: u32, frame: Option<u32>| {
            frame.map_or(1.0, |frame| f64::from(frame) / f64::from(side))
        };
        let scale = scale(width, self.width).min(scale(height, self.height));
        if scale >= 1.0 {
            return None;
        }
        Some((scaled(width, scale), scaled(height, scale)))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of a side is no larger than the side"
)]
fn scaled(side: u32, scale: f64) -> u32 {
    ((f64::from(side) * scale).round() as u32).max(1)
}

/// A thumbnail's bytes and their type: PNG where something shines through, else JPEG.
pub(crate) fn thumbnail(
    image: &DynamicImage,
    (width, height): (u32, u32),
    settings: &Settings,
) -> Result<(Vec<u8>, FileType), Fault> {
    let small = image.thumbnail_exact(width, height);
    let mut bytes = Cursor::new(Vec::new());
    if image.color().has_alpha() {
        let small = DynamicImage::from(small.to_rgba8());
        small
            .write_to(&mut bytes, ImageFormat::Png)
            .map_err(Fault::internal)?;
        return Ok((bytes.into_inner(), FileType::Png));
    }
    let small = DynamicImage::from(small.to_rgb8());
    let encoder = JpegEncoder::new_with_quality(&mut bytes, settings.thumbnail_quality);
    small.write_with_encoder(encoder).map_err(Fault::internal)?;
    Ok((bytes.into_inner(), FileType::Jpeg))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbnail_fits_into_the_next_frame_and_is_never_larger_than_the_image() {
        let settings = Settings::default();
        let size = |asked: (Option<i64>, Option<i64>), image: (u32, u32)| {
            let frame = Frame::of(&settings, asked.0, asked.1).unwrap();
            frame.size(image.0, image.1)
        };
        assert_eq!(size((Some(300), None), (4000, 3000)), Some((320, 240)));
        assert_eq!(size((None, Some(1)), (4000, 3000)), Some((85, 64)));
        assert_eq!(size((Some(300), Some(100)), (4000, 3000)), Some((213, 160)));
        assert_eq!(size((Some(99_999), None), (4000, 3000)), Some((1280, 960)));
        assert_eq!(size((Some(300), None), (320, 9000)), None);
        assert_eq!(size((Some(1), None), (12_000, 1)), Some((64, 1)));
        assert_eq!(Frame::of(&settings, None, None), None);
    }
}
