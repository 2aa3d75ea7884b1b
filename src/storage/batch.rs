//! Many blobs at once: into a folder flushed together instead of one by one, into a bucket several
//! at the same time.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::folder::SpoolFile;
use super::{Storage, blocking, key_text};
use crate::error::{Doing, Result};
use crate::packaging::Blake2b256;

/// So many are flushed one by one: flushing a whole file system also waits for what others write.
const FEW: usize = 16;
/// Blobs that are on their way to a bucket at the same time: most are small, and each is waited for.
const PUTS: usize = 16;

impl Storage {
    /// Keeps spooled files under their digests, as [`Storage::put`] does with one: when this
    /// returns, all have reached the disk under their final names or the bucket has them, and none
    /// ever has such a name before its bytes are there.
    pub async fn put_all(&self, files: Vec<(SpoolFile, Blake2b256)>) -> Result<()> {
        if self.is_bucket() {
            let put = |(file, digest): (SpoolFile, Blake2b256)| {
                let storage = self.clone();
                async move { storage.put(file, &digest).await }
            };
            let puts = stream::iter(files).map(put).buffer_unordered(PUTS);
            return puts.try_collect().await;
        }
        let storage = self.clone();
        blocking(move || storage.name_all(files)).await
    }

    fn name_all(&self, files: Vec<(SpoolFile, Blake2b256)>) -> Result<()> {
        if files.len() <= FEW {
            let keep = |(file, digest)| SpoolFile::keep(file, &self.path(&digest));
            return files.into_iter().try_for_each(keep);
        }
        if !flush(&self.folder)? {
            files.iter().try_for_each(|(file, _)| file.sync())?;
        }
        let mut names = Vec::new();
        for (file, digest) in files {
            let name = self.path(&digest);
            file.name(&name)?;
            names.push(name);
        }
        self.flush_names(&names)
    }

    /// Gives blobs second names in another storage, without copying their bytes: they are never
    /// written to again under either. When this returns, the names have reached the disk. Returns
    /// those for which the file systems do not allow that, or which are not there; where either
    /// storage is a bucket, that is all of them. Blocks.
    pub fn link_all(&self, digests: Vec<Blake2b256>, target: &Self) -> Result<Vec<Blake2b256>> {
        if self.is_bucket() || target.is_bucket() {
            return Ok(digests);
        }
        let (mut names, mut rest) = (Vec::new(), Vec::new());
        for digest in digests {
            let name = target.path(&digest);
            let doing = || format!("linking the blob {digest} to {}", name.display());
            name.parent().map_or(Ok(()), fs::create_dir_all).doing(doing)?;
            // What is there under the name already may be another thing: whoever calls copies
            // over it.
            match fs::hard_link(self.path(&digest), &name) {
                Ok(()) => names.push(name),
                Err(_) => rest.push(digest),
            }
        }
        target.flush_names(&names)?;
        Ok(rest)
    }

    fn is_bucket(&self) -> bool {
        self.bucket.is_some()
    }

    fn path(&self, digest: &Blake2b256) -> PathBuf {
        self.folder.join(key_text(digest))
    }

    /// Flushes the folders in which these names were made, and those above.
    fn flush_names(&self, names: &[PathBuf]) -> Result<()> {
        if names.len() > FEW && flush(&self.folder)? {
            return Ok(());
        }
        let above = |name: &PathBuf| -> Vec<PathBuf> {
            let folders = name.ancestors().skip(1);
            folders.take_while(|it| it.starts_with(&*self.folder)).map(Path::to_owned).collect()
        };
        let folders: BTreeSet<PathBuf> = names.iter().flat_map(above).collect();
        for folder in folders {
            let doing = || format!("flushing the folder {}", folder.display());
            File::open(&folder).and_then(|it| it.sync_all()).doing(doing)?;
        }
        Ok(())
    }
}

/// Flushes everything on the file system of a folder; false where the system has no such call.
#[cfg(target_os = "linux")]
fn flush(folder: &Path) -> Result<bool> {
    let doing = || format!("flushing the file system of {}", folder.display());
    let folder = File::open(folder).doing(doing)?;
    rustix::fs::syncfs(folder).map_err(io::Error::from).doing(doing).map(|()| true)
}

/// No other system has one for a single file system.
#[cfg(not(target_os = "linux"))]
fn flush(_: &Path) -> Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Aws, StorageUrl};
    use crate::packaging::digest::Digester;

    fn storage(folder: &Path) -> Result<Storage> {
        Storage::open(&StorageUrl::Folder(folder.to_owned()), folder, &Aws::default())
    }

    #[tokio::test]
    async fn few_and_many_are_kept_and_linked() -> Result<()> {
        let folder = tempfile::tempdir().doing(|| "a folder".to_owned())?;
        let (one, two) = (storage(&folder.path().join("1"))?, storage(&folder.path().join("2"))?);
        for count in [1, FEW + 5] {
            let mut files = Vec::new();
            let mut digests = Vec::new();
            for n in 0..count {
                let bytes = format!("{n} of {count}");
                let digest = Digester::of(bytes.as_bytes()).blake2_256;
                let mut file = one.spool()?;
                file.write(bytes.as_bytes())?;
                files.push((file, digest.clone()));
                digests.push(digest);
            }
            one.put_all(files).await?;
            for digest in &digests {
                assert!(one.has(digest)?);
            }
            let nothing = Digester::of(b"nothing").blake2_256;
            let wanted = [digests.clone(), vec![nothing.clone()]].concat();
            assert_eq!(one.link_all(wanted, &two)?, std::slice::from_ref(&nothing));
            // A second time the names are taken.
            assert_eq!(one.link_all(digests.clone(), &two)?, digests);
            for digest in &digests {
                // Forgotten in one, it stays in the other.
                assert!(one.remove_if_older(digest, std::time::Duration::ZERO)?);
                assert!(two.has(digest)?);
            }
        }
        Ok(())
    }
}
