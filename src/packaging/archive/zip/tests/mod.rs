//! Archives that must be refused, each for its own reason, and odd ones that must pass.

mod build;
mod corpus;
mod framing;
mod hostile;
mod hostile_wheels;
mod random;
mod valid;
mod wheel;
