//! The module on the host's real services, as its callers see it, on each database there is.

mod items;
mod management;
mod menus;
mod records;
mod site;
