//! Lapsed mail domains: asking about them, and what follows.

pub mod answer;
