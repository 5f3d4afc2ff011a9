//! In which of PushBack's two forms a request comes and is answered, by the type of its body.

use loggia_sdk::Call;

/// The form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As to a JSON body.
    Json,
    /// As to a form.
    Form,
}

/// The encodings of the first PushBack.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
pub(crate) const MULTIPART: &str = "multipart/form-data";

/// What a body's type says of its form.
pub(crate) fn form_of(call: &Call<'_>) -> Form {
    if matches!(media(call).as_str(), FORM | MULTIPART) {
        Form::Form
    } else {
        Form::Json
    }
}

/// The body's type without its parameters.
pub(crate) fn media(call: &Call<'_>) -> String {
    let media = call.body_type().split(';').next().unwrap_or_default();
    media.trim().to_ascii_lowercase()
}
