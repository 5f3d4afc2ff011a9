//! The wire: a demo site, asked over HTTP as clients, browsers, updaters and operators ask it.

mod access;
mod canary;
mod codes;
mod contract;
mod corpus;
mod edges;
mod fixture;
mod form;
mod forms;
mod forum;
mod hostile;
mod http;
mod loopback;
mod media;
mod operator;
mod people;
mod profiles;
mod push;
mod pushing;
mod quota;
mod search;
mod session;
mod updater;
mod writing;
