//! What the documentation says is what the product does.

mod errors;
mod first_requests;
mod licence_file;
