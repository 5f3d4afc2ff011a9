//! Joomla's updater against the built product: `joomla_updater.py` follows Joomla's own rules, and knows
//! nothing of Loggia.

mod bucket;
mod demo;
mod joomla;
mod package;
mod rules;
mod vendor;
