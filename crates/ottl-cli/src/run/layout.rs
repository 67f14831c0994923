//! The form of the output: asked for, told by its name, or that of the input; in this order, each of format and
//! compression by itself.
//!
//! INVARIANT: nothing but text goes to a terminal.

use std::fs::OpenOptions;
use std::io::IsTerminal as _;
use std::path::Path;

use ottl::otlp::framing::{Compression, Format};

use super::compress::{GZIP_LEVEL, ZSTD_LEVEL};
use super::message::Layout;
use crate::apart::Task;
use crate::args::RunArguments;
use crate::failure::{Failure, is_standard};

/// What a file's name says of its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Named {
    encoding: Option<Encoding>,
    compression: Option<Compression>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Json,
    Protobuf,
}

/// The layout of the output, now that the first message of the inputs has come: in this format, and its input has this
/// compression. A file that is replaced in place, or written under the name of its input, stays what it is.
///
/// # Errors
/// It is not for a terminal, and would go to one; or the file's name says a compression that is not written.
pub fn decide(
    arguments: &RunArguments,
    format: Format,
    compression: Compression,
    task: &Task,
) -> Result<Layout, Failure> {
    if arguments.diff {
        return Ok(Layout { format: Format::Json, compression: Compression::None, level: 0 });
    }
    let output = task.output.as_deref().filter(|path| !is_standard(path));
    let output_named = output.filter(|_| !task.keeps_form);
    if let Some(other) = output_named.filter(|_| arguments.compress.is_none()).and_then(other_compression) {
        let text = "is a compression that is not written: name it .gz or .zst, or add --compress none";
        return Err(Failure::Refused(format!("the output's name: {other} {text}")));
    }
    let name = output_named.map(named).unwrap_or_default();
    let layout = combine(arguments, name, format, compression);
    if !is_text(layout) && !arguments.dry_run && is_terminal(output) {
        let what = if layout.format == Format::Json { "compressed" } else { "protobuf" };
        let text =
            format!("the output is {what}, which is not for a terminal: add --to json, or write it with --output");
        return Err(Failure::Refused(text));
    }
    Ok(layout)
}

/// Whether the output, standard output for none, is a terminal, such as `/dev/tty`.
fn is_terminal(output: Option<&Path>) -> bool {
    let Some(path) = output else { return std::io::stdout().is_terminal() };
    // Opening a named pipe would wait for its reader.
    #[cfg(unix)]
    let may_be =
        std::fs::metadata(path).is_ok_and(|found| std::os::unix::fs::FileTypeExt::is_char_device(&found.file_type()));
    #[cfg(not(unix))]
    let may_be = false;
    may_be && OpenOptions::new().write(true).open(path).is_ok_and(|device| device.is_terminal())
}

fn is_text(layout: Layout) -> bool {
    layout.format == Format::Json && layout.compression == Compression::None
}

fn combine(arguments: &RunArguments, name: Named, format: Format, compression: Compression) -> Layout {
    let of_name = match name.encoding {
        Some(Encoding::Json) => Some(Format::Json),
        // Any frames are protobuf.
        Some(Encoding::Protobuf) if format == Format::Json => Some(Format::Protobuf),
        Some(Encoding::Protobuf) | None => None,
    };
    let to = arguments.to.map(|name| name.format()).or(of_name);
    let says_something = arguments.to.is_some() || name.encoding.is_some();
    let to = to.unwrap_or(format);
    // Frames that are compressed one by one are not compressed again for the end of a name.
    let of_name =
        name.compression.filter(|compression| !(to == Format::ZstdFrames && *compression == Compression::Zstd));
    let compression = match (arguments.compress, of_name) {
        (Some(asked), _) => asked.compression,
        (None, Some(named)) => named,
        (None, None) if says_something => Compression::None,
        (None, None) => compression,
    };
    let usual = if compression == Compression::Gzip { GZIP_LEVEL } else { ZSTD_LEVEL };
    let level = arguments.compress.and_then(|asked| asked.level).unwrap_or(usual);
    Layout { format: to, compression, level }
}

/// The end of a file's name that says a compression which is none of ours.
fn other_compression(path: &Path) -> Option<&'static str> {
    const OTHERS: [&str; 7] = [".bz2", ".xz", ".lz4", ".br", ".sz", ".zip", ".lzma"];
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    OTHERS.into_iter().find(|end| name.ends_with(end))
}

/// What the ends of a file's name say.
fn named(path: &Path) -> Named {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let ends = |name: &str, ends: &[&str]| ends.iter().find_map(|end| name.strip_suffix(end).map(str::to_owned));
    let (stem, compression) = match (ends(&name, &[".gz", ".gzip"]), ends(&name, &[".zst", ".zstd"])) {
        (Some(stem), _) => (stem, Some(Compression::Gzip)),
        (None, Some(stem)) => (stem, Some(Compression::Zstd)),
        (None, None) => (name, None),
    };
    let encoding = if ends(&stem, &[".json", ".jsonl", ".ndjson"]).is_some() {
        Some(Encoding::Json)
    } else if ends(&stem, &[".pb", ".binpb", ".protobuf"]).is_some() {
        Some(Encoding::Protobuf)
    } else {
        None
    };
    Named { encoding, compression }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Arguments, Verb};

    fn laid_out(options: &[&str], format: Format, compression: Compression) -> (Format, Compression, i32) {
        let all = ["ottl", "run", "-e", "x"].iter().chain(options);
        let Verb::Run(arguments) = Arguments::parse_from(all).verb else { panic!("it is a run") };
        let keeps_form = options.contains(&"inplace.pb");
        let output = arguments.output.clone();
        let task = Task { inputs: Vec::new(), output, in_place: keeps_form, keeps_form };
        let layout = decide(&arguments, format, compression, &task).expect("no terminal");
        (layout.format, layout.compression, layout.level)
    }

    #[test]
    fn arguments_come_before_names_and_names_before_the_input() {
        use Compression::{Gzip, None, Zstd};
        use Format::{Json, LengthPrefixed, Protobuf, ZstdFrames};
        let rows: &[(&[&str], Format, Compression, Format, Compression)] = &[
            (&["-o", "x"], Json, Gzip, Json, Gzip),
            (&["-o", "x.txt"], Protobuf, Zstd, Protobuf, Zstd),
            (&["-o", "x.json"], Protobuf, Gzip, Json, None),
            (&["-o", "x.JSONL"], LengthPrefixed, None, Json, None),
            (&["-o", "x.json.gz"], Protobuf, None, Json, Gzip),
            (&["-o", "x.json.zst"], Json, Gzip, Json, Zstd),
            (&["-o", "x.zst"], Json, None, Json, Zstd),
            (&["-o", "x.gz"], LengthPrefixed, Zstd, LengthPrefixed, Gzip),
            (&["-o", "x.pb"], Json, Gzip, Protobuf, None),
            (&["-o", "x.binpb"], LengthPrefixed, None, LengthPrefixed, None),
            (&["-o", "x.zst"], ZstdFrames, None, ZstdFrames, None),
            (&["-o", "x.json"], ZstdFrames, None, Json, None),
            (&["-o", "inplace.pb"], Json, Gzip, Json, Gzip),
            (&["-o", "x.json.gz", "--to", "framed"], Json, None, LengthPrefixed, Gzip),
            (&["-o", "x.json.gz", "--compress", "none"], Protobuf, Zstd, Json, None),
            (&["-o", "x.pb", "--to", "json"], Protobuf, Gzip, Json, None),
            (&["--to", "json"], Protobuf, Gzip, Json, None),
        ];
        for (options, format, compression, to, out) in rows {
            let (found, compressed, _) = laid_out(options, *format, *compression);
            assert_eq!((found, compressed), (*to, *out), "{options:?} from {format:?}");
        }
        assert_eq!(laid_out(&["--compress", "zstd"], Json, None).2, 3);
        assert_eq!(laid_out(&["--compress", "zstd:19"], Json, None).2, 19);
        assert_eq!(laid_out(&["--compress", "gzip:1"], Json, None), (Json, Gzip, 1));
        assert_eq!(laid_out(&[], Json, Gzip).2, 6);
    }
}
