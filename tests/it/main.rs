//! Tests that drive the built binary as its users do. Everything runs on both databases.
//!
//! `tests/run` prepares what they need: `TEST_POSTGRES_URL` names a PostgreSQL server whose
//! databases may be created and dropped, `TEST_CLIENTS` a folder with pip, uv, twine, bandersnatch,
//! devpi, a mail server and what drives a browser, `TEST_S3_URL` an S3 server with a bucket for them, `TEST_PACKAGES` a folder of real distributions,
//! `TEST_AXE` the script that checks pages for accessibility.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::indexing_slicing, reason = "a test that cannot go on has failed")]
#![expect(unreachable_pub, reason = "the support modules are public to the tests and no further")]

mod support;

mod accounts;
mod admin;
mod bad_reading;
mod browser;
mod clients;
mod commands;
mod conformance;
mod crash;
mod documented;
mod domains;
mod downloads;
mod feeds;
mod files;
mod house;
mod jobs;
mod json_api;
mod limits;
mod mail;
mod manage;
mod manage_project;
mod markup;
mod measured;
mod mirror;
mod mirroring;
mod news;
mod packaged;
mod pages;
mod pages_contents;
mod pages_project;
mod permissions;
mod private;
mod providers;
mod races;
mod readers;
mod replicas;
mod rules;
mod schema;
mod search;
mod server_at_home;
mod serving;
mod simple;
mod staleness;
mod storage;
mod storm;
mod transport;
mod upkeep;
mod uploads;
mod web;
mod xmlrpc;
