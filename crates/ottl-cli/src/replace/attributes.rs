//! Extended attributes of a file that another one takes the place of: access lists, labels, and what users noted.
//!
//! INVARIANT: the new file never allows more than the old one: what it got from its directory and the old one does not have
//! goes, too.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::Path;

/// Attributes that say something of the content, which is another one now.
const OF_CONTENT: [&str; 2] = ["security.ima", "security.evm"];

/// Gives a file the attributes of another one; false where the system does not let it.
pub fn take_after(from: &Path, to: &Path) -> bool {
    let (Ok(wanted), Ok(found)) = (all(from), all(to)) else { return false };
    let is_gone = |name: &OsString| wanted.contains_key(name) || xattr::remove(to, name).is_ok();
    let is_there =
        |(name, value): (&OsString, &Vec<u8>)| found.get(name) == Some(value) || xattr::set(to, name, value).is_ok();
    found.keys().all(is_gone) && wanted.iter().all(is_there)
}

/// All attributes of a file that can be seen; none where the file system has none.
fn all(path: &Path) -> io::Result<HashMap<OsString, Vec<u8>>> {
    let names = match xattr::list(path) {
        Ok(names) => names,
        Err(error) if error.kind() == io::ErrorKind::Unsupported => return Ok(HashMap::new()),
        Err(error) => return Err(error),
    };
    let mut all = HashMap::new();
    for name in names.filter(|name| OF_CONTENT.iter().all(|other| name != other)) {
        // One that went meanwhile is none.
        if let Some(value) = xattr::get(path, &name)? {
            all.insert(name, value);
        }
    }
    Ok(all)
}
