//! Files that are whole or not there: written to a temporary file in the same directory, then renamed.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::Error;

/// How the names of temporary files begin.
pub const TEMPORARY_PREFIX: &str = ".bayan-";

/// An output that replaces its target only when [`OutputFile::commit`] is called. Dropped before that, it leaves
/// nothing behind. A target that is no regular file (a device, a pipe) is written to directly.
#[derive(Debug)]
pub struct OutputFile {
    path: PathBuf,
    target: Target,
}

#[derive(Debug)]
enum Target {
    Temporary(BufWriter<NamedTempFile>),
    Direct(BufWriter<fs::File>),
}

impl OutputFile {
    /// Opens an output for `path`.
    ///
    /// # Errors
    /// [`Error::Io`] if nothing can be written there.
    pub fn create(path: &Path) -> Result<Self, Error> {
        Self::create_by_way_of(path, None)
    }

    /// Opens an output for `path` whose temporary file lies in `directory`, on the same file system; by default, beside
    /// `path`.
    ///
    /// # Errors
    /// [`Error::Io`] if nothing can be written there.
    pub fn create_by_way_of(path: &Path, directory: Option<&Path>) -> Result<Self, Error> {
        // A symbolic link stays, what it points to is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let target = match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {
                return Err(Error::Io {
                    path,
                    source: io::Error::other("is a directory"),
                });
            }
            Ok(metadata) if !metadata.is_file() => {
                let file = fs::OpenOptions::new()
                    .write(true)
                    .open(&path)
                    .map_err(Error::io(&path))?;
                Target::Direct(BufWriter::new(file))
            }
            _ => {
                let parent = directory_of(&path);
                let mode = fs::metadata(&path).map(|m| m.permissions()).ok();
                let temporary = temporary_in(directory.unwrap_or(parent), mode);
                Target::Temporary(BufWriter::new(temporary.map_err(Error::io(&path))?))
            }
        };
        Ok(Self { path, target })
    }

    /// The temporary file, where there is one.
    pub fn temporary_path(&self) -> Option<PathBuf> {
        match &self.target {
            Target::Temporary(writer) => Some(writer.get_ref().path().to_path_buf()),
            Target::Direct(_) => None,
        }
    }

    /// Makes the file appear under its name.
    ///
    /// # Errors
    /// [`Error::Io`] if not everything can be written, or the file cannot be renamed.
    pub fn commit(self) -> Result<(), Error> {
        let path = self.path;
        match self.target {
            Target::Direct(mut writer) => writer.flush().map_err(Error::io(path)),
            Target::Temporary(writer) => {
                let file = writer.into_inner().map_err(|e| Error::Io {
                    path: path.clone(),
                    source: e.into_error(),
                })?;
                file.as_file().sync_all().map_err(Error::io(&path))?;
                file.persist(&path).map_err(|e| Error::Io {
                    path: path.clone(),
                    source: e.error,
                })?;
                sync_directory_of(&path).map_err(Error::io(path))
            }
        }
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.target {
            Target::Temporary(writer) => writer.write(bytes),
            Target::Direct(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::Temporary(writer) => writer.flush(),
            Target::Direct(writer) => writer.flush(),
        }
    }
}

/// Makes a renaming outlast a loss of power.
fn sync_directory_of(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::File::open(directory_of(path))?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn directory_of(path: &Path) -> &Path {
    path.parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// A temporary file with the permissions of the file that it will replace, or of an ordinary new file.
fn temporary_in(directory: &Path, replaced: Option<fs::Permissions>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX).suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(replaced.unwrap_or_else(|| fs::Permissions::from_mode(0o666)));
    }
    #[cfg(not(unix))]
    let _ = replaced;
    builder.tempfile_in(directory)
}

/// Writes a whole file at once: `path` holds all of `bytes` afterwards, or what it held before.
///
/// # Errors
/// [`Error::Io`] if it cannot be written.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = OutputFile::create(path)?;
    file.write_all(bytes).map_err(Error::io(path))?;
    file.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out");
        fs::write(&path, "old").unwrap();
        let mut file = OutputFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        drop(file);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        write_atomically(&path, b"newer").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"newer");
        assert!(
            write_atomically(dir.path(), b"x")
                .unwrap_err()
                .to_string()
                .contains("directory")
        );
        assert!(write_atomically(&dir.path().join("no/where"), b"x").is_err());
    }
}
