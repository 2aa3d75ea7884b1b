//! A self-hosted Python package index: the library behind the `cheeseshop` binary.
//!
//! Modules stand in layers; each may use only what is above it in this list. A test reads the
//! `use` lines and says so where one does not.
//!
//! | floor | modules |
//! | --- | --- |
//! | 1 | [`error`], [`time`], [`secret`], [`address`], [`packaging`], [`markup`] |
//! | 2 | [`config`], then [`db`], [`storage`], [`outbound`] |
//! | 3 | [`jobs`], [`site`] |
//! | 4 | [`mail`] |
//! | 5 | [`accounts`] |
//! | 6 | [`catalog`], [`domains`] |
//! | 7 | [`search`], [`simple`], [`downloads`] |
//! | 8 | [`mirror`] |
//! | 9 | [`app`], [`upload`], [`upkeep`] |
//! | 10 | [`http`] |
//! | 11 | [`web`], [`api`] |
//! | 12 | [`server`], [`schedule`] |
//! | 13 | [`cli`] |

pub mod address;
pub mod error;
pub mod markup;
pub mod packaging;
pub mod secret;
pub mod time;

pub mod config;

pub mod db;
pub mod outbound;
pub mod storage;

pub mod jobs;
pub mod site;

pub mod mail;

pub mod accounts;
pub mod catalog;
pub mod domains;

pub mod downloads;
pub mod search;
pub mod simple;

pub mod mirror;

pub mod app;
pub mod upkeep;
pub mod upload;

pub mod http;

pub mod api;
pub mod web;

pub mod schedule;
pub mod server;

pub mod cli;
