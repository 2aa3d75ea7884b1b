//! The records of pax extended headers.
//! Source: POSIX.1-2001, pax, "pax Extended Header"

/// What a pax header says of a member, as far as it matters here.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Records {
    /// The name of the member.
    pub(super) path: Option<Vec<u8>>,
    /// The target of the link.
    pub(super) linkpath: Option<Vec<u8>>,
    /// The size of the content in bytes.
    pub(super) size: Option<u64>,
    /// Whether the member is sparse in the way of GNU tar.
    pub(super) sparse: bool,
}

/// Reads all records; the error says in a few words what is wrong.
pub(super) fn parse(mut bytes: &[u8]) -> Result<Records, &'static str> {
    let mut records = Records::default();
    while !bytes.is_empty() {
        let (key, value, rest) = take_record(bytes)?;
        match key {
            b"path" => set(&mut records.path, value.to_vec())?,
            b"linkpath" => set(&mut records.linkpath, value.to_vec())?,
            b"size" => set(&mut records.size, decimal(value).ok_or("its size is no number")?)?,
            key if key.starts_with(b"GNU.sparse.") => records.sparse = true,
            _ => {}
        }
        bytes = rest;
    }
    Ok(records)
}

impl Records {
    /// A key that may not stand in a header for all members.
    pub(super) fn own_key(&self) -> Option<&'static str> {
        let path = self.path.as_ref().map(|_| "path");
        let linkpath = || self.linkpath.as_ref().map(|_| "linkpath");
        let size = || self.size.map(|_| "size");
        path.or_else(linkpath).or_else(size).or_else(|| self.sparse.then_some("GNU.sparse"))
    }
}

/// Readers differ in which of two equal records counts.
fn set<T>(place: &mut Option<T>, value: T) -> Result<(), &'static str> {
    if place.replace(value).is_some() { Err("a key is there twice") } else { Ok(()) }
}

type Record<'a> = (&'a [u8], &'a [u8], &'a [u8]);

/// One record, `{length} {key}={value}\n` where the length counts the whole, and what follows.
fn take_record(bytes: &[u8]) -> Result<Record<'_>, &'static str> {
    const NO_LENGTH: &str = "a record has no length";
    const WRONG_LENGTH: &str = "the length of a record is wrong";
    let blank = bytes.iter().position(|&byte| byte == b' ').ok_or(NO_LENGTH)?;
    let (digits, behind) = bytes.split_at_checked(blank).ok_or(NO_LENGTH)?;
    let length =
        decimal(digits).and_then(|length| usize::try_from(length).ok()).ok_or(NO_LENGTH)?;
    // The blank and the line end are not part of key and value.
    let inner = length.checked_sub(blank + 2).ok_or(WRONG_LENGTH)?;
    let (_, behind) = behind.split_at_checked(1).ok_or(WRONG_LENGTH)?;
    let (record, behind) = behind.split_at_checked(inner).ok_or(WRONG_LENGTH)?;
    let rest = behind.strip_prefix(b"\n").ok_or(WRONG_LENGTH)?;
    let equals = record.iter().position(|&byte| byte == b'=').ok_or("a record has no key")?;
    let (key, value) = record.split_at_checked(equals).ok_or("a record has no key")?;
    if key.is_empty() {
        return Err("a record has no key");
    }
    Ok((key, value.strip_prefix(b"=").unwrap_or_default(), rest))
}

/// A number in decimal digits only: no sign, no blanks, which readers take differently.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}
