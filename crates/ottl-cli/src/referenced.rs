//! Files that a configuration reads by `${file:PATH}`.
//!
//! INVARIANT: nothing outside of the folders is read, whatever links say: by default that of the configuration, else those of
//! `--file-dir`. Only files are read, and only as much as a configuration may have.

use std::path::{Path, PathBuf};

use ottl::{Compiler, FileText};

use crate::args::RuleArguments;
use crate::failure::{name_of, reason};
use crate::rules;

/// The compiler for a file of rules, which reads what that refers to.
pub fn for_file(compiler: &Compiler, arguments: &RuleArguments, name: &str) -> Compiler {
    let folders = match &arguments.file_dirs[..] {
        [] => vec![Path::new(name).parent().map_or_else(PathBuf::new, Path::to_path_buf)],
        given => given.to_vec(),
    };
    let limit = rules::budgets(arguments).rules.configuration_length;
    compiler.clone().file(name).files(move |path| read(&folders, path, limit))
}

/// The file of a path, which is relative to the first folder.
fn read(folders: &[PathBuf], path: &str, limit: usize) -> Result<FileText, String> {
    let shown = |folder: &Path| match folder.as_os_str().is_empty() {
        true => "the working directory".to_owned(),
        false => format!("`{}`", folder.display()),
    };
    let first = folders.first().map(PathBuf::as_path).unwrap_or(Path::new(""));
    let named = first.join(path);
    let failed =
        |error: std::io::Error| format!("the file `{path}` in {} cannot be read: {}", shown(first), reason(&error));
    let found = named.canonicalize().map_err(failed)?;
    let holds = |folder: &PathBuf| {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        folder.canonicalize().is_ok_and(|folder| found.starts_with(folder))
    };
    if !folders.iter().any(holds) {
        let all: Vec<String> = folders.iter().map(|folder| shown(folder)).collect();
        return Err(format!(
            "the file `{path}` lies outside of {}, and nothing else is read; `--file-dir DIR` names another folder",
            all.join(" and ")
        ));
    }
    if !found.is_file() {
        return Err(format!("`{path}` in {} is no file", shown(first)));
    }
    let text = rules::read_rules(&found, limit).map_err(|error| error.to_string())?;
    Ok(FileText { name: name_of(&named), text })
}
