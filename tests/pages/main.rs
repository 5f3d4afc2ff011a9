//! Pages: PushBack's protocol on the built product, by real websockets and a real browser.

mod browser;
mod fixture;
mod nodes;
mod notify;
mod presence;
mod scale;
mod script;
mod socket;
mod subscribe;
mod tunnel;
