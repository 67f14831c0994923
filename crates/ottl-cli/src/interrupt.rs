//! What an interrupted run leaves: nothing half-written.
//!
//! A temporary file is named here while it exists; a signal that ends the process takes it away first.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

static TEMPORARY: Mutex<Option<PathBuf>> = Mutex::new(None);

/// The temporary file that now exists, or none any more.
pub fn temporary(path: Option<&Path>) {
    *TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner) = path.map(Path::to_path_buf);
}

/// Ends the process on SIGINT and SIGTERM with 128 and the signal's number, as shells expect, after removing
/// the temporary file. Where that cannot be arranged, signals end the process as they always do.
#[cfg(unix)]
pub fn watch() {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            if let Some(path) = TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner).take() {
                let _ = std::fs::remove_file(path);
            }
            std::process::exit(128 + signal);
        }
    });
}

/// Nothing to arrange: a temporary file of an interrupted run stays.
#[cfg(not(unix))]
pub fn watch() {}
