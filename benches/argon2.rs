//! Bare Argon2id, as fast as the library is: what a login costs at the least. Makes one hash for
//! each line of its input and prints how many seconds it took: between two of them the memory may
//! have left the processor's caches, as between two logins. Arguments: KiB of memory, passes,
//! lanes; what `cargo bench` adds by itself is ignored.

use std::io::{BufRead, Write};
use std::time::Instant;

use argon2::{Algorithm, Argon2, Block, Params, Version};

const SALT: &[u8] = b"sixteen bytes...";
const PASSWORD: &[u8] = b"correct horse battery staple";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let given: Vec<u32> = std::env::args().filter_map(|it| it.parse().ok()).collect();
    let [memory, passes, lanes] = given.as_slice() else {
        return Err("give three numbers: KiB of memory, passes, lanes".into());
    };
    let params = Params::new(*memory, *passes, *lanes, None)?;
    let mut blocks = vec![Block::default(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        line?;
        let begun = Instant::now();
        argon2.hash_password_into_with_memory(PASSWORD, SALT, &mut [0; 32], &mut blocks)?;
        let seconds = begun.elapsed().as_secs_f64();
        writeln!(out, "{seconds}")?;
        out.flush()?;
    }
    Ok(())
}
