//! Lapsed mail domains: asking about them, and what follows.

pub mod answer;
pub mod asker;
mod batch;
pub mod collect;
mod conclude;
pub mod decide;
pub mod domain;
pub mod due;
pub mod pace;
pub mod registrable;
pub mod sweep;
pub mod totals;
mod unverify;
pub mod verify;
