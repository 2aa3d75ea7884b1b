//! `cheeseshop config`

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;

use super::{Failure, out};
use crate::config::Effective;
use crate::error::Result;

/// Show the effective configuration, each value with where it came from.
#[derive(Args)]
pub(super) struct Show {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Value<'a> {
    value: &'a str,
    from: String,
}

impl Show {
    pub(super) fn run(self, effective: &[Effective]) -> Result<(), Failure> {
        if self.json {
            let values: BTreeMap<_, _> = effective
                .iter()
                .map(|it| (it.key, Value { value: &it.shown, from: it.place.to_string() }))
                .collect();
            return out::json(&values);
        }
        let rows: Vec<_> = effective
            .iter()
            .map(|it| [it.key.to_owned(), it.shown.clone(), it.place.to_string()])
            .collect();
        out::table(["KEY", "VALUE", "FROM"], &rows);
        Ok(())
    }
}
