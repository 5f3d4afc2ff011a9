//! Pages: PushBack's protocol on the built product, by real websockets and a real browser.

mod browser;
mod counted;
mod creds;
mod encodings;
mod fixture;
mod nats;
mod nodes;
mod notify;
mod owner;
mod presence;
mod scale;
mod script;
mod socket;
mod subscribe;
mod tunnel;
mod worker;
