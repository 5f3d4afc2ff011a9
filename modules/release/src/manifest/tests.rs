use std::io::Write;

use zip::write::SimpleFileOptions;

use super::*;

const LIMITS: Limits = Limits {
    file_bytes: 1 << 20,
    entries: 50,
    unpacked_bytes: 4 << 20,
};

/// A file that has no name any more, so that nothing is left of it.
fn file(bytes: &[u8]) -> File {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        "loggia-manifest-{}-{}.zip",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, bytes).unwrap();
    let file = File::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    file
}

fn zip_bytes(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in entries {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn read_zip(entries: &[(&str, &str)]) -> Result<Manifest, Refusal> {
    Manifest::of_file(&mut file(&zip_bytes(entries)), &LIMITS)
}

fn read_manifest(text: &str) -> Result<Manifest, Refusal> {
    read_zip(&[("example.xml", text), ("readme.txt", "x")])
}

fn rule(result: Result<Manifest, Refusal>) -> &'static str {
    result.expect_err("the package is refused").rule
}

#[test]
fn each_type_of_extension_is_known_by_the_name_joomla_installs_it_under() {
    for (manifest, element, client, folder) in [
        (
            r#"<extension type="component"><name>Example</name><version>1.0.0</version></extension>"#,
            "com_example",
            "administrator",
            "",
        ),
        (
            r#"<extension type="module" client="site"><name>x</name><version>1</version>
            <files><filename module="mod_Example">mod_example.php</filename></files></extension>"#,
            "mod_example",
            "site",
            "",
        ),
        (
            r#"<extension type="module" client="administrator"><name>Example</name><version>1</version></extension>"#,
            "mod_example",
            "administrator",
            "",
        ),
        (
            r#"<extension type="plugin" group="system"><name>x</name><version>1</version>
            <files><filename plugin="example">example.php</filename></files></extension>"#,
            "example",
            "site",
            "system",
        ),
        (
            r#"<extension type="package"><name>x</name><packagename>example</packagename><version>1</version></extension>"#,
            "pkg_example",
            "site",
            "",
        ),
        (
            r#"<extension type="library"><name>x</name><libraryname>vendor/example</libraryname><version>1</version></extension>"#,
            "vendor/example",
            "site",
            "",
        ),
        (
            r#"<extension type="template" client="site"><name>My Example</name><version>1</version></extension>"#,
            "my_example",
            "site",
            "",
        ),
        (
            r#"<extension type="file"><name>x</name><version>1</version></extension>"#,
            "example",
            "site",
            "",
        ),
        (
            r#"<extension type="language" client="site"><name>x</name><tag>de-DE</tag><version>1</version></extension>"#,
            "de-DE",
            "site",
            "",
        ),
    ] {
        let manifest = read_manifest(manifest).unwrap();
        assert_eq!(manifest.element, element);
        assert_eq!(manifest.client, client, "{element}");
        assert_eq!(manifest.folder, folder, "{element}");
    }
}

#[test]
fn targets_servers_and_the_key_field_are_read() {
    let manifest = read_manifest(
        r#"<extension type="component"><name>Example &amp; Co</name><version>2.0.0-rc1</version>
           <targetplatform name="joomla" version="((4\.4)|(5\.[0-9]))"/><php_minimum>8.1</php_minimum>
           <updateservers><server type="extension"> https://example.com/x.xml </server></updateservers>
           <dlid prefix="dlid="/></extension>"#,
    )
    .unwrap();
    assert_eq!(manifest.name, "Example & Co");
    assert_eq!(manifest.platforms.unwrap().to_string(), "4.4.*, 5.0-5.9.*");
    assert_eq!(manifest.php_minimum.as_deref(), Some("8.1"));
    assert_eq!(manifest.update_servers, ["https://example.com/x.xml"]);
    assert!(manifest.asks_for_key);
}

#[test]
fn the_manifest_is_found_where_joomla_finds_it() {
    let manifest = r#"<extension type="component"><name>A</name><version>1</version></extension>"#;
    let other = r#"<extension type="component"><name>B</name><version>1</version></extension>"#;
    let config = "<config><fields/></config>";
    for entries in [
        vec![
            ("config.xml", config),
            ("z.xml", manifest),
            ("admin/a.xml", other),
        ],
        vec![("top/config.xml", config), ("top/a.xml", manifest)],
        vec![
            ("readme.txt", "x"),
            ("admin/a.xml", manifest),
            ("deep/er/b.xml", other),
        ],
    ] {
        assert_eq!(read_zip(&entries).unwrap().name, "A");
    }
    assert_eq!(
        rule(read_zip(&[("readme.txt", "x"), ("a/b/c.xml", manifest)])),
        "manifest"
    );
}

#[test]
fn a_manifest_that_the_feed_could_not_serve_is_refused_by_its_rule() {
    for (manifest, expected) in [
        (
            "<extension type=\"component\"><name>x</name></extension>",
            "version",
        ),
        (
            "<extension type=\"component\"><name>x</name><version> 1.0 </version></extension>",
            "version",
        ),
        (
            "<extension type=\"component\"><name>x</name><version>1.0-Beta</version></extension>",
            "version",
        ),
        (
            "<extension type=\"component\"><version>1.0</version></extension>",
            "name",
        ),
        (
            "<extension type=\"plugin\"><name>x</name><version>1.0</version>\
          <files><filename plugin=\"x\">x.php</filename></files></extension>",
            "folder",
        ),
        (
            "<extension type=\"plugin\" group=\"system\"><name>x</name><version>1.0</version></extension>",
            "element",
        ),
        (
            "<extension type=\"package\"><name>x</name><version>1.0</version></extension>",
            "element",
        ),
        (
            "<extension type=\"widget\"><name>x</name><version>1.0</version></extension>",
            "type",
        ),
        (
            "<extension type=\"module\" client=\"nobody\"><name>x</name><version>1.0</version></extension>",
            "client",
        ),
        (
            "<extension type=\"component\"><name>x</name><version>1.0</version>\
          <targetplatform name=\"joomla\" version=\"5/6\"/></extension>",
            "platform",
        ),
        (
            "<extension type=\"component\"><name>x</name><version>1.0</version>\
          <targetplatform name=\"mambo\" version=\"5\"/></extension>",
            "platform",
        ),
        (
            "<extension type=\"component\"><name>x</name><version>1.0</version>\
          <php_minimum>eight</php_minimum></extension>",
            "php",
        ),
        (
            "<extension type=\"component\"><name>x</name><version>1.0</version>",
            "manifest",
        ),
        ("<!DOCTYPE x><extension type=\"component\"/>", "manifest"),
    ] {
        assert_eq!(rule(read_manifest(manifest)), expected, "{manifest}");
    }
}

#[test]
fn a_file_that_joomla_could_not_unpack_is_refused() {
    assert_eq!(
        rule(Manifest::of_file(&mut file(b"no archive at all"), &LIMITS)),
        "zip"
    );
    let mut torn = zip_bytes(&[("a.xml", "<extension/>")]);
    torn.truncate(torn.len() - 30);
    assert_eq!(rule(Manifest::of_file(&mut file(&torn), &LIMITS)), "zip");
    assert_eq!(rule(read_zip(&[("../a.xml", "<extension/>")])), "path");
}

#[test]
fn archives_that_are_too_large_are_refused_before_they_are_unpacked() {
    let zeros = "0".repeat(3 << 20);
    assert_eq!(rule(read_zip(&[("a.xml", &zeros)])), "bomb");
    assert_eq!(rule(read_zip(&[("a", &zeros), ("b", &zeros)])), "bomb");
    let names: Vec<String> = (0..60).map(|number| format!("{number}.txt")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    assert_eq!(rule(read_zip(&many)), "entries");
    let small = Limits {
        file_bytes: 10,
        ..LIMITS
    };
    let mut package = file(&zip_bytes(&[("a.xml", "<extension/>")]));
    assert_eq!(rule(Manifest::of_file(&mut package, &small)), "size");
}
