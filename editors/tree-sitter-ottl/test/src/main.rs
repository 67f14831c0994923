//! Writes `src/` of the grammar out of `grammar.js`, as `tree-sitter generate` does; needs Node. With a folder as argument, there.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tree_sitter_generate::{OptLevel, generate_parser_in_directory};

/// What Neovim 0.11 and Helix 25.01 read.
const ABI: usize = 15;

fn main() -> ExitCode {
    let grammar = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let out = std::env::args_os().nth(1).map_or_else(|| grammar.join("src"), PathBuf::from);
    let (mut told, file) = (Vec::new(), Some(grammar.join("grammar.js")));
    let done =
        generate_parser_in_directory(grammar, Some(out), file, ABI, None, None, true, OptLevel::default(), &mut told);
    for diagnostic in &told {
        eprintln!("{diagnostic:?}");
    }
    match done {
        Ok(()) if told.is_empty() => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
