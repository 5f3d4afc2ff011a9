//! The folder of a Joomla site: which of its files may be taken, and their bytes.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use url::Url;

use crate::moving::{MovingError, Outcome};

/// Why a file is not taken.
pub(super) const MISSING: &str = "a file is not in the folder";
const LEAVES: &str = "a path leaves the folder";
const PRIVATE: &str = "a file is neither below images nor below media";
const LARGE: &str = "a file has more than 11 MB";
const UNREADABLE: &str = "a file cannot be read";

/// What a site shows to everybody lies in these. In others are passwords, logs and backups, and who writes an article
/// may write any path into it.
const SHOWN: [&str; 2] = ["images", "media"];
/// What the module takes and gives as a record.
const MOST_BYTES: u64 = 11 << 20;

/// A site's folder.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The folder with this path.
    pub(super) fn open(path: &Path) -> Outcome<Self> {
        let said = format!("the folder {}", path.display());
        let root = path.canonicalize().map_err(MovingError::of(&said))?;
        if root.is_dir() {
            Ok(Self(root))
        } else {
            Err(MovingError::new(format!("{said} is none")))
        }
    }

    /// The bytes of a file; `Err` is why there are none.
    pub(super) fn read(&self, path: &str) -> Result<Vec<u8>, &'static str> {
        let told = |error: &std::io::Error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => MISSING,
            _ => UNREADABLE,
        };
        // Links are followed before it is looked where the file lies.
        let found = self.0.join(path).canonicalize();
        let found = found.map_err(|error| told(&error))?;
        let place = found.strip_prefix(&self.0).map_err(|_| LEAVES)?;
        if !SHOWN.iter().any(|folder| place.starts_with(folder)) {
            return Err(PRIVATE);
        }
        // What is no file, such as a pipe, might never be opened.
        let facts = found.metadata().map_err(|error| told(&error))?;
        if !facts.is_file() {
            return Err(MISSING);
        }
        let file = File::open(&found).map_err(|error| told(&error))?;
        let mut bytes = Vec::new();
        let read = file.take(MOST_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|error| told(&error))?;
        match u64::try_from(bytes.len()) {
            Ok(length) if length <= MOST_BYTES => Ok(bytes),
            _ => Err(LARGE),
        }
    }
}

/// The path within the site that an address names; `Err` is why it may not be followed. None where there is no address,
/// or that of another site.
pub(super) fn path_of(address: &str) -> Option<Result<String, &'static str>> {
    // Joomla 4 and 5 write more of an image behind its path.
    let path = address.split(['#', '?']).next().unwrap_or_default().trim();
    if path.is_empty() || path.starts_with("//") || Url::parse(path).is_ok() {
        return None;
    }
    let path = match percent_decode_str(path).decode_utf8() {
        Ok(decoded) => decoded.into_owned(),
        Err(_) => path.to_owned(),
    };
    Some(checked(&path))
}

/// A path within the site, in which nothing is encoded; `Err` is why it may not be followed.
pub(super) fn checked(path: &str) -> Result<String, &'static str> {
    if path.contains(['\\', '\0']) || path.split('/').any(|part| part == "..") {
        return Err(LEAVES);
    }
    let parts = path.split('/');
    let parts: Vec<&str> = parts
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    let is_hidden = parts.iter().any(|part| part.starts_with('.'));
    let is_shown = parts.len() > 1 && SHOWN.contains(&parts[0]);
    if is_hidden || !is_shown {
        return Err(PRIVATE);
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_path_of_an_address_is_the_same_however_joomla_writes_it() {
        for address in [
            "images/our garden/a.png",
            "/images/our%20garden/a.png",
            " images//./our garden/a.png ",
            "images/our%20garden/a.png#joomlaImage://local-images/our garden/a.png?width=1&height=2",
            "images/our garden/a.png?v=2",
        ] {
            let path = path_of(address);
            assert_eq!(
                path,
                Some(Ok("images/our garden/a.png".to_owned())),
                "{address}"
            );
        }
        for other in [
            "",
            "#x",
            "https://b.org/images/a.png",
            "//b.org/a.png",
            "data:x",
        ] {
            assert_eq!(path_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_path_that_is_no_address_is_taken_as_it_is() {
        let path = "media/kunena/attachments/1/50% off? #1 Grüße%20.png";
        assert_eq!(checked(path), Ok(path.to_owned()));
        assert_eq!(checked("media/../configuration.php"), Err(LEAVES));
        assert_eq!(checked("configuration.php"), Err(PRIVATE));
    }

    #[test]
    fn a_path_that_leaves_the_folder_or_what_is_shown_in_it_is_not_followed() {
        for path in [
            "images/../../x.png",
            "images/%2e%2e/x.png",
            "..\\x.png",
            "a\0b",
        ] {
            assert_eq!(path_of(path), Some(Err(LEAVES)), "{path}");
        }
        for path in [
            "configuration.php",
            "administrator/logs/error.php",
            "images/.htaccess",
            "images",
            "/tmp/x.png",
        ] {
            assert_eq!(path_of(path), Some(Err(PRIVATE)), "{path}");
        }
    }

    #[test]
    fn files_are_read_within_the_folder_and_its_size() {
        let site = tempfile::tempdir().unwrap();
        let root = site.path().join("joomla");
        fs::create_dir_all(root.join("images/deep")).unwrap();
        fs::write(root.join("images/a.png"), "a").unwrap();
        fs::write(root.join("configuration.php"), "secret").unwrap();
        fs::write(site.path().join("outside.png"), "secret").unwrap();
        let big = File::create(root.join("images/big.png")).unwrap();
        big.set_len(MOST_BYTES + 1).unwrap();
        let link = |to: &str, name: &str| {
            std::os::unix::fs::symlink(to, root.join("images").join(name)).unwrap();
        };
        link("../../outside.png", "out.png");
        link("../configuration.php", "in.png");
        link("a.png", "same.png");
        link("/", "all");
        let folder = Folder::open(&root).unwrap();
        let read = |path: &str| folder.read(path);
        assert_eq!(read("images/a.png"), Ok(b"a".to_vec()));
        assert_eq!(read("images/same.png"), Ok(b"a".to_vec()));
        assert_eq!(read("images/none.png"), Err(MISSING));
        assert_eq!(read("images/a.png/b.png"), Err(MISSING));
        assert_eq!(read("images/deep"), Err(MISSING));
        assert_eq!(read("images/big.png"), Err(LARGE));
        assert_eq!(read("images/out.png"), Err(LEAVES));
        assert_eq!(read("images/all/etc/passwd"), Err(LEAVES));
        assert_eq!(read("images/in.png"), Err(PRIVATE));
        assert!(Folder::open(&root.join("none")).is_err());
        assert!(Folder::open(&root.join("configuration.php")).is_err());
    }
}
