//! The values of many rows in one statement.

use super::Conn;

/// The places of the values of so many rows with so many columns, as this database reads them:
/// `(?,?),(?,?)` or `($1,$2),($3,$4)`.
///
/// SQLite would read the latter too, but takes them for names, and looks each up among all
/// others: a statement with ten thousand of them took most of a second to read.
pub fn places(c: &Conn, rows: usize, columns: usize) -> String {
    match c {
        Conn::Sqlite(_) => many(rows, columns, |_| "?".to_owned()),
        Conn::Postgresql(_) => many(rows, columns, |number| format!("${number}")),
    }
}

fn many(rows: usize, columns: usize, place: impl Fn(usize) -> String) -> String {
    let row = |row: usize| {
        let cells = (1..=columns).map(|column| place(row * columns + column));
        format!("({})", cells.collect::<Vec<_>>().join(","))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_place() {
        assert_eq!(many(2, 3, |number| format!("${number}")), "($1,$2,$3),($4,$5,$6)");
        assert_eq!(many(2, 1, |_| "?".to_owned()), "(?),(?)");
        assert_eq!(many(0, 1, |_| "?".to_owned()), "");
    }
}
