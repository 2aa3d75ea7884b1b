//! Bare Argon2id, as fast as the library is: what a login costs at the least. Prints how many
//! seconds each hash took, one a line. Arguments: KiB of memory, passes, lanes, and how many
//! hashes; what `cargo bench` adds by itself is ignored.

use std::io::Write;
use std::time::Instant;

use argon2::{Algorithm, Argon2, Block, Params, Version};

/// Hashes before those that are timed.
const WARM: usize = 2;
const SALT: &[u8] = b"sixteen bytes...";
const PASSWORD: &[u8] = b"correct horse battery staple";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let given: Vec<u32> = std::env::args().filter_map(|it| it.parse().ok()).collect();
    let [memory, passes, lanes, hashes] = given.as_slice() else {
        return Err("give four numbers: KiB of memory, passes, lanes, hashes".into());
    };
    let params = Params::new(*memory, *passes, *lanes, None)?;
    let mut blocks = vec![Block::default(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut out = std::io::stdout().lock();
    for number in 0..WARM + usize::try_from(*hashes)? {
        let begun = Instant::now();
        argon2.hash_password_into_with_memory(PASSWORD, SALT, &mut [0; 32], &mut blocks)?;
        let seconds = begun.elapsed().as_secs_f64();
        if number >= WARM {
            writeln!(out, "{seconds}")?;
        }
    }
    Ok(())
}
