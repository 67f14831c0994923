//! The files of the page: those that the build put into the command, or those of a folder.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use crate::failure::Failure;

/// Files by their paths inside the page, with `/` between folders.
#[derive(Debug, Default)]
pub struct Page {
    files: BTreeMap<Cow<'static, str>, File>,
}

/// A file.
#[derive(Clone, Debug)]
pub struct File {
    pub bytes: Cow<'static, [u8]>,
    /// Whether the bytes are compressed, as gzip.
    pub is_gzip: bool,
}

/// A file without which there is no page.
pub const INDEX: &str = "index.html";

/// Folders inside each other that are read.
const DEEPEST: usize = 8;

#[cfg(feature = "playground")]
include!(concat!(env!("OUT_DIR"), "/page.rs"));

impl Page {
    /// The page inside the command.
    ///
    /// # Errors
    /// It was built without.
    #[cfg(feature = "playground")]
    pub fn embedded() -> Result<Page, Failure> {
        let files = FILES
            .iter()
            .map(|(name, bytes)| (Cow::Borrowed(*name), File { bytes: Cow::Borrowed(*bytes), is_gzip: true }));
        Ok(Page { files: files.collect() })
    }

    /// The page inside the command.
    ///
    /// # Errors
    /// It was built without.
    #[cfg(not(feature = "playground"))]
    pub fn embedded() -> Result<Page, Failure> {
        let text = "this build has no playground inside: take one of the releases, build the command with `--features playground`, or \
                    name a built page with --page wasm/playground/dist";
        Err(Failure::Refused(text.to_owned()))
    }

    /// The page in a folder.
    ///
    /// # Errors
    /// It cannot be read, or is no page.
    pub fn of_folder(folder: &Path) -> Result<Page, Failure> {
        let mut page = Page::default();
        page.add(folder, "", 0)?;
        if page.file(INDEX).is_none() {
            let text = format!("{}: there is no {INDEX}: this is no built page", folder.display());
            return Err(Failure::Refused(text));
        }
        Ok(page)
    }

    fn add(&mut self, folder: &Path, before: &str, depth: usize) -> Result<(), Failure> {
        let failed = |error| Failure::read(folder.display(), error);
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let (path, name) = (entry.path(), format!("{before}{}", entry.file_name().to_string_lossy()));
            // Links may lead anywhere.
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() && depth < DEEPEST {
                self.add(&path, &format!("{name}/"), depth + 1)?;
            } else if kind.is_file() {
                let bytes = std::fs::read(&path).map_err(|error| Failure::read(path.display(), error))?;
                self.files.insert(name.into(), File { bytes: bytes.into(), is_gzip: false });
            }
        }
        Ok(())
    }

    /// A file by its path.
    pub fn file(&self, name: &str) -> Option<&File> {
        self.files.get(name)
    }
}
