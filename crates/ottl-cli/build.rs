//! With the feature `playground`, puts the files of the built page into the command, compressed: those of the folder that
//! `OTTL_PLAYGROUND` names, else of `wasm/playground/dist`.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "playground")]
    page::embed();
}

#[cfg(feature = "playground")]
mod page {
    use std::fmt::Write as _;
    use std::io::Write as _;
    use std::path::{Path, PathBuf};

    use flate2::Compression;
    use flate2::write::GzEncoder;

    /// Writes the files and a table of them.
    pub fn embed() {
        println!("cargo::rerun-if-env-changed=OTTL_PLAYGROUND");
        let folder = std::env::var_os("OTTL_PLAYGROUND")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wasm/playground/dist"), PathBuf::from);
        println!("cargo::rerun-if-changed={}", folder.display());
        if !folder.join("index.html").is_file() {
            println!(
                "cargo::error=the feature `playground` needs the built page in {}: run wasm/build, then `npm ci` and `npm run build` in \
                 wasm/playground, or name the page's folder in OTTL_PLAYGROUND",
                folder.display()
            );
            return;
        }
        let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo names the folder"));
        let mut names = Vec::new();
        list(&folder, "", &mut names);
        names.sort();
        let mut table = "static FILES: &[(&str, &[u8])] = &[\n".to_owned();
        for (number, name) in names.iter().enumerate() {
            let content = std::fs::read(folder.join(name)).expect("a file of the page is readable");
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            let packed = encoder.write_all(&content).and_then(|()| encoder.finish()).expect("memory takes all");
            std::fs::write(out.join(format!("{number}.gz")), packed).expect("the folder is writable");
            let _ = writeln!(table, "    ({name:?}, include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{number}.gz\"))),");
        }
        table.push_str("];\n");
        std::fs::write(out.join("page.rs"), table).expect("the folder is writable");
    }

    /// The paths of all files, with `/` between folders.
    fn list(folder: &Path, before: &str, names: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder of the page is readable") {
            let entry = entry.expect("a folder of the page is readable");
            let name = format!("{before}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                list(&entry.path(), &format!("{name}/"), names);
            } else if !name.ends_with(".map") {
                names.push(name);
            }
        }
    }
}
