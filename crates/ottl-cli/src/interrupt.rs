//! What an interrupted run leaves: nothing half-written.
//!
//! A temporary file is named here while it exists; a signal that ends the process takes it away first, and waits while
//! a file is being put in its place.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

static TEMPORARY: Mutex<Option<PathBuf>> = Mutex::new(None);

/// The temporary file that now exists, or none any more.
pub fn temporary(path: Option<&Path>) {
    *hold() = path.map(Path::to_path_buf);
}

/// Keeps signals waiting.
pub fn hold() -> MutexGuard<'static, Option<PathBuf>> {
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the process on SIGHUP, SIGINT and SIGTERM with 128 and the signal's number, as shells expect, after removing
/// the temporary file. A signal that is ignored, as under `nohup`, stays ignored, and a file that becomes larger than
/// it may is an error of its writer. Where that cannot be arranged, signals end the process as they always do.
#[cfg(unix)]
pub fn watch() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::iterator::Signals;
    use std::sync::atomic::{AtomicBool, Ordering};

    static STARTED: AtomicBool = AtomicBool::new(false);
    if STARTED.swap(true, Ordering::Relaxed) {
        return;
    }
    let ignored = ignored();
    let watched = [SIGHUP, SIGINT, SIGTERM, SIGXFSZ].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
    let Ok(mut signals) = Signals::new(watched) else { return };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().find(|signal| *signal != SIGXFSZ) {
            if let Some(path) = hold().take() {
                let _ = std::fs::remove_file(path);
            }
            std::process::exit(128 + signal);
        }
    });
}

/// The signals that this process was started to ignore, a bit each, as far as the system tells.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// Nothing to arrange: a temporary file of an interrupted run stays until the next one.
#[cfg(not(unix))]
pub fn watch() {}
