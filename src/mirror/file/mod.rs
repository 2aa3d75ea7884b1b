//! The files of mirrored projects.

pub mod stored;
