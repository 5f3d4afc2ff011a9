//! Where rows live: pools, migrations and the host's own tables. Diesel is used only here.

pub mod nodes;
