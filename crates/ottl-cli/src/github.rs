//! Commands of a workflow of GitHub, which make annotations: how their parts are written.

use ottl::visible;

/// The property that names the file; standard input is none.
pub fn file(name: &str) -> String {
    if name == "standard input" {
        return String::new();
    }
    format!("file={},", property(name.trim_start_matches("./")))
}

/// A text as a property's value.
pub fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A text in a command.
pub fn data(text: &str) -> String {
    visible(&text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")).into_owned()
}
