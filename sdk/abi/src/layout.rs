//! Sizes that must never change within a major, asserted while compiling.
//!
//! A member appended to a structure raises its number here, in the same commit as `loggia.h`, [`MINOR`] and
//! `docs/abi.md`. A number that changes for any other reason is a broken boundary.
//!
//! [`MINOR`]: crate::MINOR

use core::mem::{align_of, size_of};

use crate::{
    Host, HostAccounts, HostChannels, HostClock, HostDatabase, HostFiles, HostIdentity, HostKeys,
    HostLog, HostMail, HostPush, HostSearch, HostSettings, Module, Pair, Reply, Request, Sink, Str,
    Stream, Value,
};

const _: () = assert!(size_of::<usize>() == 8, "modules are 64 bit libraries");
const _: () = assert!(size_of::<Str<'_>>() == 16);
const _: () = assert!(size_of::<Value<'_>>() == 24 && align_of::<Value<'_>>() == 8);
const _: () = assert!(size_of::<Pair<'_>>() == 32);
const _: () = assert!(size_of::<Request<'_>>() == 288);
const _: () = assert!(size_of::<Reply>() == 56);
const _: () = assert!(size_of::<Stream<'_>>() == 72);
const _: () = assert!(size_of::<Host>() == 24);
const _: () = assert!(size_of::<Sink>() == 16);
const _: () = assert!(size_of::<HostDatabase>() == 96);
const _: () = assert!(size_of::<HostLog>() == 32);
const _: () = assert!(size_of::<HostSettings>() == 24);
const _: () = assert!(size_of::<HostClock>() == 32);
const _: () = assert!(size_of::<HostMail>() == 24);
const _: () = assert!(size_of::<HostFiles>() == 56);
const _: () = assert!(size_of::<HostIdentity>() == 112);
const _: () = assert!(size_of::<HostAccounts>() == 40);
const _: () = assert!(size_of::<HostSearch>() == 32);
const _: () = assert!(size_of::<HostChannels>() == 48);
const _: () = assert!(size_of::<HostPush>() == 40);
const _: () = assert!(size_of::<HostKeys>() == 24);
const _: () = assert!(size_of::<Module>() == 112);
