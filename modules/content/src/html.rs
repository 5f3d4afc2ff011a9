//! HTML of writers who are not trusted with scripts.

use std::sync::LazyLock;

use ammonia::Builder;

/// What their articles may be made of. Classes are how a site's editors give a text its looks.
static HARMLESS: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder.add_generic_attributes(["class"]);
    builder
});

/// The text without what could do harm where it is shown.
pub(crate) fn harmless(text: &str) -> String {
    HARMLESS.clean(text).to_string()
}
