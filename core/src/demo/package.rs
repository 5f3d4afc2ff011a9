//! The demo's products: small Joomla components in ZIP files, made on the spot.

use std::io::{Cursor, Write};

use zip::write::{SimpleFileOptions, ZipWriter};

/// A component in one version.
pub(super) struct DemoPackage {
    /// The element without `com_`.
    pub(super) name: &'static str,
    /// The version.
    pub(super) version: &'static str,
}

impl DemoPackage {
    /// The installable file.
    pub(super) fn bytes(&self) -> zip::result::ZipResult<Vec<u8>> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let Self { name, version } = self;
        for (path, text) in [
            (format!("{name}.xml"), self.manifest()),
            (
                "site/index.html".to_owned(),
                "<!doctype html><title></title>\n".to_owned(),
            ),
            (
                "admin/services/provider.php".to_owned(),
                format!("<?php\n// {name} {version}\n"),
            ),
        ] {
            archive.start_file(path, SimpleFileOptions::default())?;
            archive.write_all(text.as_bytes())?;
        }
        Ok(archive.finish()?.into_inner())
    }

    fn manifest(&self) -> String {
        let Self { name, version } = self;
        format!(
            r#"<?xml version="1.0" encoding="utf-8"?>
<extension type="component" method="upgrade">
  <name>com_{name}</name>
  <version>{version}</version>
  <author>Loggia</author>
  <description>A component that does nothing, to try updates with.</description>
  <php_minimum>7.4</php_minimum>
  <targetplatform name="joomla" version="[456]\.[0-9]+"/>
  <files folder="site"><filename>index.html</filename></files>
  <administration><files folder="admin"><folder>services</folder></files></administration>
</extension>
"#
        )
    }
}
