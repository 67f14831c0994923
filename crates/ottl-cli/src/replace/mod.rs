//! A file that is replaced: wholly, or not at all.
//!
//! What is new is written to a sibling, which takes the file's place when all is there and on the disk. Owner, group, mode
//! and extended attributes (`attributes`), which access lists are among, stay; where only the file itself can keep them, or
//! has further hard links, its content is replaced from the sibling, which then bears another name: whoever finds that one
//! finishes the work.
//!
//! INVARIANT: at any time the old content or the new one is there in full.
//! INVARIANT: what a killed run left is gone after the next run to the same file. A living run holds a lock on its
//! sibling, so that it is not taken for a dead one.

#[cfg(unix)]
mod attributes;

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::interrupt;

/// Links that are followed from a path to its file.
const LINKS: usize = 40;
/// The ends of the names of siblings: one that is being written, and one that is being copied from.
const WRITING: &str = ".tmp";
const WHOLE: &str = ".whole";

/// A sibling of the file to write; removed unless it was kept.
pub struct Replacement {
    path: PathBuf,
    target: PathBuf,
    file: File,
    /// What is to be replaced, as it was when this began.
    old: Option<Metadata>,
    /// Whether the file itself has to stay.
    stays: bool,
    kept: bool,
}

/// Removes what killed runs to this file left, or finishes it.
pub fn recover(path: &Path) {
    clean(&target_of(path));
}

/// Replaces the contents of a file. With `was`, only if they are still that.
///
/// # Errors
/// It cannot be written, or was changed by somebody else.
pub fn replace(path: &Path, contents: &[u8], was: Option<&[u8]>) -> Result<(), Failure> {
    let failed = |error| Failure::write_file(path.display(), error);
    let mut replacement = Replacement::create(path).map_err(failed)?;
    replacement.file.write_all(contents).map_err(failed)?;
    if let Some(was) = was {
        let now = fs::read(&replacement.target).map_err(failed)?;
        if now != was {
            return Err(Failure::Failed(format!("{}: changed meanwhile: left as it is", path.display())));
        }
    }
    replacement.keep().map_err(failed)
}

impl Replacement {
    /// Creates an empty sibling of `path`, or of what `path` links to.
    ///
    /// # Errors
    /// It cannot be created, or the file could not be replaced.
    pub fn create(path: &Path) -> io::Result<Replacement> {
        let target = target_of(path);
        clean(&target);
        let old = fs::metadata(&target).ok();
        for attempt in 0..100 {
            let sibling = sibling(&target, &format!("{}-{attempt}{WRITING}", std::process::id()))?;
            let mut options = OpenOptions::new();
            options.read(true).write(true).create_new(true);
            // Nobody reads it before it has the permissions of the old one.
            #[cfg(unix)]
            if old.is_some() {
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            }
            let file = match options.open(&sibling) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            };
            // Where there are no locks, siblings of killed runs stay.
            let _ = file.lock();
            if !is_at(&file, &sibling) {
                // Another run took it for a dead one's before it was locked.
                continue;
            }
            interrupt::temporary(Some(&sibling));
            let mut replacement = Replacement { path: sibling, target, file, old, stays: false, kept: false };
            if let Some(old) = &replacement.old {
                replacement.stays =
                    has_links(old) || !take_after(&replacement.file, old, &replacement.target, &replacement.path);
            }
            if replacement.stays {
                OpenOptions::new().write(true).open(&replacement.target)?;
            }
            return Ok(replacement);
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, "a hundred temporary files are there already"))
    }

    /// The file to write to.
    ///
    /// # Errors
    /// The system has no further handle.
    pub fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Whether the file to replace is as it was when this was created.
    pub fn is_unchanged(&self) -> bool {
        let now = fs::metadata(&self.target).ok();
        match (&self.old, &now) {
            (Some(old), Some(now)) => old.len() == now.len() && old.modified().ok() == now.modified().ok(),
            (None, None) => true,
            _ => false,
        }
    }

    /// Puts what was written in its place.
    ///
    /// # Errors
    /// The disk does not take it; then the old content stays.
    pub fn keep(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        // An interruption waits until this is over.
        let mut held = interrupt::hold();
        if self.stays {
            self.copy()?;
        } else {
            fs::rename(&self.path, &self.target)?;
        }
        self.kept = true;
        *held = None;
        drop(held);
        // A directory that cannot be written through is no reason to fail: the file is in its place.
        let _ = File::open(parent(&self.target)).and_then(|directory| directory.sync_all());
        Ok(())
    }

    fn copy(&mut self) -> io::Result<()> {
        let mut name = self.path.clone().into_os_string().into_string().map_err(|_| invalid("the path is no text"))?;
        name.truncate(name.len() - WRITING.len());
        let whole = PathBuf::from(name + WHOLE);
        fs::rename(&self.path, &whole)?;
        self.path = whole;
        match copy_into(&self.path, &self.target) {
            Ok(()) => fs::remove_file(&self.path),
            Err((error, true)) => Err(error),
            Err((error, false)) => {
                self.kept = true;
                let text = format!("{}; all that was to be written is in {}", error, self.path.display());
                Err(io::Error::new(error.kind(), text))
            }
        }
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.kept {
            // It may be gone already; there is nobody left to tell.
            let _ = fs::remove_file(&self.path);
            interrupt::temporary(None);
        }
    }
}

/// Replaces the content of the second file by that of the first. An error says whether the content is the old one still.
fn copy_into(from: &Path, target: &Path) -> Result<(), (io::Error, bool)> {
    let safe = |error| (error, true);
    let mut source = File::open(from).map_err(safe)?;
    let new = source.metadata().map_err(safe)?.len();
    let mut file = OpenOptions::new().write(true).open(target).map_err(safe)?;
    let old = file.metadata().map_err(safe)?.len();
    if new > old {
        // What needs room on the disk comes first: if there is none, nothing has happened yet.
        let grown = source
            .seek(SeekFrom::Start(old))
            .and_then(|_| file.seek(SeekFrom::Start(old)))
            .and_then(|_| io::copy(&mut source, &mut file))
            .and_then(|_| file.sync_all());
        if let Err(error) = grown {
            let is_old = file.set_len(old).is_ok();
            return Err((error, is_old));
        }
    }
    source
        .seek(SeekFrom::Start(0))
        .and_then(|_| file.seek(SeekFrom::Start(0)))
        .and_then(|_| io::copy(&mut source.take(old.min(new)), &mut file))
        .and_then(|_| file.set_len(new))
        .and_then(|()| file.sync_all())
        .map_err(|error| (error, false))
}

/// Removes siblings whose runs are dead, after finishing what they had begun.
fn clean(target: &Path) {
    let Some(name) = target.file_name() else { return };
    let Ok(entries) = fs::read_dir(parent(target)) else { return };
    for entry in entries.flatten() {
        let found = entry.file_name();
        let is_whole = is_sibling(&found, name, WHOLE);
        if !is_whole && !is_sibling(&found, name, WRITING) {
            continue;
        }
        let path = entry.path();
        let Ok(file) = OpenOptions::new().read(true).write(true).open(&path) else { continue };
        if file.try_lock().is_ok() && (!is_whole || copy_into(&path, target).is_ok()) {
            let _ = fs::remove_file(&path);
        }
    }
}

/// Whether a name is `.NAME.PID-NUMBER` and this end.
fn is_sibling(found: &OsStr, name: &OsStr, end: &str) -> bool {
    let (Some(found), Some(name)) = (found.to_str(), name.to_str()) else { return false };
    let number = found
        .strip_prefix('.')
        .and_then(|rest| rest.strip_prefix(name))
        .and_then(|rest| rest.strip_prefix('.'))
        .and_then(|rest| rest.strip_suffix(end))
        .and_then(|rest| rest.split_once('-'));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    number.is_some_and(|(id, attempt)| is_number(id) && is_number(attempt))
}

fn sibling(target: &Path, end: &str) -> io::Result<PathBuf> {
    let mut name = OsString::from(".");
    name.push(target.file_name().ok_or_else(|| invalid("the path names no file"))?);
    name.push(".");
    name.push(end);
    Ok(target.with_file_name(name))
}

fn invalid(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

/// The file behind a path, also behind links to what is not there yet.
fn target_of(path: &Path) -> PathBuf {
    if let Ok(found) = fs::canonicalize(path) {
        return found;
    }
    let mut path = path.to_path_buf();
    for _ in 0..LINKS {
        let Ok(next) = fs::read_link(&path) else { break };
        path = parent(&path).join(next);
    }
    path
}

/// The directory that a path lies in.
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(unix)]
fn has_links(old: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(old) > 1
}

#[cfg(not(unix))]
fn has_links(_: &Metadata) -> bool {
    false
}

/// Gives a new file owner, group, extended attributes and mode of an old one; false where the system does not let it.
#[cfg(unix)]
fn take_after(file: &File, old: &Metadata, from: &Path, to: &Path) -> bool {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let is_owned = file.metadata().is_ok_and(|new| (new.uid(), new.gid()) == (old.uid(), old.gid()));
    let is_owned = is_owned || fchown(file, Some(old.uid()), Some(old.gid())).is_ok();
    // The mode comes last: it is what an access list says of the group, too.
    is_owned && attributes::take_after(from, to) && file.set_permissions(old.permissions()).is_ok()
}

#[cfg(not(unix))]
fn take_after(file: &File, old: &Metadata, _: &Path, _: &Path) -> bool {
    // A file that is replaced keeps its permissions where the system lets it.
    let _ = file.set_permissions(old.permissions());
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siblings_are_known_by_their_names() {
        let rows = [
            (".a.jsonl.12-0.tmp", WRITING, true),
            (".a.jsonl.12-0.whole", WHOLE, true),
            (".a.jsonl.12-0.whole", WRITING, false),
            (".a.jsonl.12.tmp", WRITING, false),
            (".a.jsonl.x-0.tmp", WRITING, false),
            (".a.jsonl.-0.tmp", WRITING, false),
            ("a.jsonl.12-0.tmp", WRITING, false),
            (".b.jsonl.12-0.tmp", WRITING, false),
        ];
        for (found, end, expected) in rows {
            assert_eq!(is_sibling(OsStr::new(found), OsStr::new("a.jsonl"), end), expected, "{found}");
        }
    }

    #[test]
    fn an_edit_made_meanwhile_is_not_overwritten() {
        let path = std::env::temp_dir().join(format!("ottl-replace-{}", std::process::id()));
        fs::write(&path, "edited").expect("it can be written");
        let result = replace(&path, b"new", Some(b"old"));
        assert!(matches!(result, Err(Failure::Failed(text)) if text.contains("changed meanwhile")));
        assert_eq!(fs::read(&path).expect("it is there"), b"edited");
        replace(&path, b"new", Some(b"edited")).expect("nobody else writes it");
        assert_eq!(fs::read(&path).expect("it is there"), b"new");
        fs::remove_file(&path).expect("it is there");
    }
}
