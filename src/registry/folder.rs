//! The folder itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::lock::Locked;
use super::manifest::Manifest;
use super::state::{Entry, FORMAT_VERSION, KIND, Promotion, State, TestResult};
use crate::classifier::Classifier;
use crate::error::{Error, Fault, Place};
use crate::io::write_atomically;
use crate::model_file;

pub(super) const STATE: &str = "registry.json";
/// The fewest characters by which a version can be named.
const SHORTEST_NAME: usize = 4;

/// A folder of versions.
#[derive(Debug, Clone)]
pub struct Registry {
    folder: PathBuf,
    state: State,
}

/// A version and whether it is current.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// What is known of it.
    pub manifest: Manifest,
    /// Whether it is in use.
    pub current: bool,
}

impl Registry {
    /// Opens a folder of versions.
    ///
    /// # Errors
    /// If there is none at `folder`, or its state cannot be read.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(STATE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(fault(
                    folder,
                    "no folder of model versions; `bayan models add` makes one".into(),
                ));
            }
            Err(e) => return Err(Error::io(&path)(e)),
        };
        let state: State = serde_json::from_slice(&bytes).map_err(|e| fault(&path, format!("unreadable: {e}")))?;
        if (state.kind.as_str(), state.format_version) != (KIND, FORMAT_VERSION) {
            let (kind, version) = (&state.kind, state.format_version);
            return Err(fault(
                &path,
                format!("a {kind:?} of format version {version}; expected a {KIND:?} of version {FORMAT_VERSION}"),
            ));
        }
        Ok(Self {
            folder: folder.to_path_buf(),
            state,
        })
    }

    /// All versions, in the order in which they were added.
    ///
    /// # Errors
    /// If the folder or a manifest cannot be read.
    pub fn versions(&self) -> Result<Vec<Version>, Error> {
        let mut versions = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(Error::io(&self.folder))? {
            let path = entry.map_err(Error::io(&self.folder))?.path();
            let name = path
                .file_stem()
                .and_then(|name| name.to_str())
                .filter(|name| is_digest(name));
            if let Some(name) = name.filter(|_| path.extension().is_some_and(|e| e == "json")) {
                versions.push(self.version(name)?);
            }
        }
        versions
            .sort_by(|a, b| (&a.manifest.added, &a.manifest.version).cmp(&(&b.manifest.added, &b.manifest.version)));
        Ok(versions)
    }

    /// The version whose digest begins with `name`.
    ///
    /// # Errors
    /// If there is none, or several, or its manifest cannot be read.
    pub fn find(&self, name: &str) -> Result<Version, Error> {
        let mut found: Vec<Version> = self.versions()?;
        found.retain(|version| name.len() >= SHORTEST_NAME && version.manifest.version.starts_with(name));
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(fault(
                &self.folder,
                format!(
                    "no version {name:?}; give at least {SHORTEST_NAME} characters of one that `bayan models list` shows"
                ),
            )),
            n => Err(fault(&self.folder, format!("{n} versions begin with {name:?}"))),
        }
    }

    /// The version in use.
    ///
    /// # Errors
    /// If none is in use, or its manifest cannot be read.
    pub fn current(&self) -> Result<Version, Error> {
        match self.state.current() {
            Some(version) => self.version(version),
            None => Err(fault(
                &self.folder,
                "no version is in use; `bayan models promote` puts one into use".into(),
            )),
        }
    }

    /// Whether a version is in use.
    pub fn has_current(&self) -> bool {
        self.state.current().is_some()
    }

    /// Everything that was promoted and rolled back, in order.
    pub fn log(&self) -> &[Entry] {
        &self.state.log
    }

    /// The promotions that led to the version in use; the last one is its own.
    pub fn promotions(&self) -> &[Promotion] {
        &self.state.promotions
    }

    /// The model of a version, its content proven.
    ///
    /// # Errors
    /// If the file cannot be read, is no model, or is not the one that the version's name says.
    pub fn load(&self, version: &Version) -> Result<Classifier, Error> {
        let path = self.model_path(&version.manifest.version);
        let (classifier, digest) = model_file::load_with_digest(&path)?;
        if digest != version.manifest.version {
            return Err(fault(
                &path,
                "its content is not what its name says: the file was changed".into(),
            ));
        }
        Ok(classifier)
    }

    /// Adds a model file as a version; it makes the folder where there is none. Adding what is there already changes nothing.
    /// Returns the version, and whether it is new. `waiting` is called if another process has to be waited for.
    ///
    /// # Errors
    /// If the file is no sound model, or the folder cannot be written.
    pub fn add(
        folder: &Path,
        bytes: &[u8],
        name: &str,
        note: Option<&str>,
        waiting: impl FnOnce(),
    ) -> Result<(Version, bool), Error> {
        let classifier = model_file::from_bytes(name, bytes)?;
        fs::create_dir_all(folder).map_err(Error::io(folder))?;
        let locked = Locked::take(folder, true, waiting)?;
        let registry = &locked.registry;
        let digest = model_file::digest(bytes);
        let manifest = registry.manifest_path(&digest);
        if manifest.exists() {
            let version = registry.version(&digest)?;
            // A damaged file of a version is mended by what the version is.
            if registry.load(&version).is_err() {
                write_atomically(&registry.model_path(&digest), bytes)?;
            }
            return Ok((version, false));
        }
        let model = registry.model_path(&digest);
        // A model without a manifest was left by a process that died here, and is written again.
        write_atomically(&model, bytes)?;
        let described = Manifest::new(&digest, bytes.len() as u64, &classifier, note, now());
        write_json(&manifest, &described)?;
        Ok((registry.version(&digest)?, true))
    }

    /// Puts a version into use. `check` gets the version that is in use, if any, while the folder is locked, and says whether the
    /// new one may take its place; what it returns is kept.
    ///
    /// # Errors
    /// If the version is in use already, `check` refuses, or the folder cannot be written.
    pub fn promote(
        folder: &Path,
        version: &Version,
        forced: bool,
        waiting: impl FnOnce(),
        check: impl FnOnce(&Self) -> Result<Option<TestResult>, Error>,
    ) -> Result<(), Error> {
        let mut locked = Locked::take(folder, false, waiting)?;
        let registry = &mut locked.registry;
        let version = &version.manifest.version;
        if registry.state.current() == Some(version) {
            return Err(fault(folder, format!("version {version} is in use already")));
        }
        let test = check(registry)?;
        registry.state.promote(Promotion {
            version: version.clone(),
            time: now(),
            forced,
            test,
        });
        registry.save()
    }

    /// Puts the version into use that was so before the current one, and returns it.
    ///
    /// # Errors
    /// If there was none, its file is damaged, or the folder cannot be written.
    pub fn roll_back(folder: &Path, waiting: impl FnOnce()) -> Result<Version, Error> {
        let mut locked = Locked::take(folder, false, waiting)?;
        let registry = &mut locked.registry;
        registry
            .state
            .roll_back(now())
            .ok_or_else(|| fault(folder, "there is no version to go back to".into()))?;
        let version = registry.current()?;
        registry.load(&version)?;
        registry.save()?;
        Ok(version)
    }

    /// Where the model of a version lies.
    pub fn model_path(&self, version: &str) -> PathBuf {
        self.folder.join(format!("{version}.safetensors"))
    }

    fn manifest_path(&self, version: &str) -> PathBuf {
        self.folder.join(format!("{version}.json"))
    }

    fn version(&self, version: &str) -> Result<Version, Error> {
        let path = self.manifest_path(version);
        let bytes = fs::read(&path).map_err(Error::io(&path))?;
        let manifest: Manifest =
            serde_json::from_slice(&bytes).map_err(|e| fault(&path, format!("unreadable: {e}")))?;
        if manifest.version != version {
            return Err(fault(
                &path,
                format!("describes another version: {:?}", manifest.version),
            ));
        }
        Ok(Version {
            current: self.state.current() == Some(version),
            manifest,
        })
    }

    fn save(&self) -> Result<(), Error> {
        write_json(&self.folder.join(STATE), &self.state)
    }
}

pub(super) fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<(), Error> {
    let mut json = serde_json::to_vec_pretty(value).map_err(|e| fault(path, e.to_string()))?;
    json.push(b'\n');
    write_atomically(path, &json)
}

fn is_digest(name: &str) -> bool {
    name.len() == 2 * Sha256::output_size() && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn now() -> String {
    humantime::format_rfc3339_micros(SystemTime::now()).to_string()
}

fn fault(path: &Path, reason: String) -> Error {
    Error::InvalidInput(Fault {
        name: path.display().to_string(),
        place: Place::Whole,
        reason,
    })
}
