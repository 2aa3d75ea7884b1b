//! Limits, and errors that are not the archive's.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::build::{Head, Tar, gzip, sound};
use super::read;
use crate::packaging::archive::{ArchiveError, read_metadata};
use crate::packaging::{Filename, NormalizedName};

fn said(bytes: &[u8]) -> String {
    read(bytes).err().map(|error| error.to_string()).unwrap_or_default()
}

/// A file of so many zeros behind the sound members, without the end of the archive.
fn zeros(megabytes: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let head = Tar::default().add(Head::new(b'0', "foo-1.0/zeros", megabytes << 20), "").0;
    let megabyte = vec![0; 1 << 20];
    let mut written = encoder.write_all(&sound().0).and_then(|()| encoder.write_all(&head));
    for _ in 0..megabytes {
        written = written.and_then(|()| encoder.write_all(&megabyte));
    }
    written = written.and_then(|()| encoder.write_all(&[0; 1024]));
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    assert_eq!(said(&zeros(63)), "");
    assert_eq!(said(&zeros(64)), "it unpacks to more than 67108864 bytes");
    assert_eq!(said(&gzip(&sound().raw(&vec![0; 64 << 20]).0)), said(&zeros(64)));
}

#[test]
fn too_many_members_are_refused() {
    let many = |count: u32, head: Head| {
        let header = Tar::default().add(head, "").0;
        sound().raw(&header.repeat(usize::try_from(count).unwrap_or_default())).done()
    };
    // The sound archive has three members itself.
    assert_eq!(said(&many(99_997, Head::new(b'0', "foo-1.0/a", 0))), "");
    for head in [Head::new(b'0', "foo-1.0/a", 0), Head::new(b'g', "pax", 0)] {
        assert_eq!(said(&many(99_998, head)), "it has more than 100000 members");
    }
}

#[test]
fn names_that_are_too_long_altogether_are_refused() {
    let expected = "the names of its members take more than 33554432 bytes of memory";
    // Every folder on the way is held in memory: the sum grows with the square of the length.
    let deep = |tar: Tar, at: usize| {
        let name = format!("foo-1.0/{at}/{}\0", "d/".repeat(2000));
        tar.entry(b'L', "l", name).folder("cut")
    };
    assert_eq!(said(&(0..16).fold(sound(), deep).done()), expected);
    let link = |tar: Tar, at: usize| {
        let target = format!("{}\0", "t".repeat(4096));
        tar.entry(b'K', "k", target).link(b'2', &format!("foo-1.0/{at}"), "cut")
    };
    assert_eq!(said(&(0..9000).fold(sound(), link).done()), expected);
}

/// A disk that fails behind so many bytes.
struct Failing(Cursor<Vec<u8>>, u64);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.position() >= self.1 {
            return Err(io::Error::other("the disk is on fire"));
        }
        // Short reads, too: they are allowed.
        let short = buffer.len().min(7);
        self.0.read(buffer.get_mut(..short).unwrap_or_default())
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_failing_disk_is_no_fault_of_the_archive() {
    let Some(project) = NormalizedName::parse("foo") else { panic!("foo") };
    let Ok(filename) = Filename::parse("foo-1.0.tar.gz", &project) else { panic!("foo-1.0") };
    let noise: Vec<u8> =
        (0..60_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let archive = sound().entry(b'0', "foo-1.0/noise", noise).done();
    let length = archive.len() as u64;
    let with = |good| read_metadata(Failing(Cursor::new(archive.clone()), good), length, &filename);
    assert!(with(u64::MAX).is_ok());
    for good in [0, 5, 600, length / 2, length - 1, length] {
        let Err(ArchiveError::Disk(source)) = with(good) else { panic!("{good} of {length}") };
        assert_eq!(source.to_string(), "the disk is on fire");
    }
}
