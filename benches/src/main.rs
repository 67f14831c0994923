//! Times the workloads on this engine, on the reference and, for some of them, in a loop written by hand.
//!
//!     cargo run --profile dist -p ottl-benches -- --oracle tests/oracle/oracle
//!
//! All contestants take turns in one run on the same bytes in memory, and their outputs are compared: a row whose
//! outputs differ fails.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use ottl_benches::bodies;
use ottl_benches::compile;
use ottl_benches::data::Shape;
use ottl_benches::families::{Family, Kind, RATES, SIZES};
use ottl_benches::functions;
use ottl_benches::measure::{Settings, measure};
use ottl_benches::print;
use ottl_benches::reference::Reference;
use ottl_benches::results::{self, Entry, Origin};
use ottl_benches::rows::{self, Row};

/// The command's allocator.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Options {
    oracle: Option<PathBuf>,
    settings: Settings,
    records: Vec<usize>,
    attributes: Option<usize>,
    body: Option<usize>,
    rows: Vec<Row>,
    /// Whether messages are written as the reference writes them: one after the other if both is asked for.
    orders: &'static [bool],
    json: Option<PathBuf>,
    table: bool,
    /// Functions by a part of their names, in place of rows.
    functions: Option<String>,
    /// Processor bodies by a part of their names, in place of rows.
    bodies: Option<String>,
    /// Families of statements that are compiled, by a part of their names, in place of rows.
    compile: Option<String>,
    /// How many statements are compiled at once.
    statements: Vec<usize>,
}

const HELP: &str = "\
ottl-benches [--oracle PATH] [--row NAME]... [--families] [--filter-families] [--writing-families]
             [--records N]... [--attributes N] [--body BYTES] [--threads N] [--shared] [--marshaled | --both-orders]
             [--rules FILE] [--seconds S] [--rounds N] [--engine-only] [--isolated] [--json FILE] [--table]
ottl-benches --functions TEXT --oracle PATH [--records N] [--seconds S] [--rounds N]
ottl-benches --bodies TEXT --oracle PATH [--records N] [--seconds S] [--rounds N]
ottl-benches --compile TEXT [--statements N]... [--rounds N]
ottl-benches --counted | --profiled

  --oracle PATH      the reference, built by `go build` in tests/oracle; without it nothing is compared
  --row NAME         this workload (also of a function, or body/NAME); without it all that are listed below
  --families         statements of all families, sizes and rates; --filter-families: conditions of filters
  --writing-families statements of all families and sizes behind one that writes to every record
  --rules FILE       these rules in place of the rows', on the rows' data
  --records N        records of a message; without it 1, 32, 512 and 8192
  --attributes N     attributes of a record
  --body BYTES       size of the bodies of log records
  --threads N        how many threads work on messages, of this engine and of the reference
  --shared           they share each message, instead of taking messages in turn (the reference does that)
  --marshaled        fields in the order of the reference's marshaler; --both-orders: in that and in the usual one
  --seconds S        how long each contestant runs in one round (0.5); --rounds N: how many rounds there are (5)
  --engine-only      without the loops written by hand
  --isolated         with isolated groups, beside the reference, which has none; outputs must be the same
  --json FILE        writes the results, with commit and processor
  --table            prints all results once more as one table
  --functions TEXT   the examples of functions whose name has this text, each beside the reference
  --bodies TEXT      the golden vectors' processor bodies whose file or signal has this text, each on its sample data
  --compile TEXT     time of compiling the families whose name has this text
  --statements N     how many statements at once; without it 10, 100 and 1000
  --counted          lists the workloads whose instructions are counted, with how many records
  --profiled         lists those that the binaries of releases get their profile of

Families: [filter-]KIND-STATEMENTS[@PERCENT][+writing][+failing], KIND equalities, keys, mixed, patterns or computed; PERCENT of
the records match a statement, one more in front writes to all, and a hundredth makes one more statement fail.
Rows:";

fn help() -> Result<(), String> {
    print::line(HELP)?;
    rows::all().iter().try_for_each(|row| print::line(format_args!("  {:16} {}", row.name, row.what)))
}

fn families(filter: bool) -> impl Iterator<Item = Row> {
    let sizes = SIZES.into_iter().flat_map(|statements| RATES.map(|rate| (statements, rate)));
    Kind::ALL.into_iter().flat_map(move |kind| {
        sizes.clone().filter_map(move |(statements, rate)| {
            rows::find(&Family { kind, filter, statements, rate, writing: false, failing: false }.name())
        })
    })
}

/// Those in front of which a statement writes to every record, with nothing else that matches.
fn writing_families() -> impl Iterator<Item = Row> {
    Kind::ALL.into_iter().flat_map(|kind| {
        let family =
            move |statements| Family { kind, filter: false, statements, rate: 0, writing: true, failing: false };
        SIZES.into_iter().filter_map(move |statements| rows::find(&family(statements).name()))
    })
}

fn options() -> Result<Option<Options>, lexopt::Error> {
    use lexopt::prelude::*;
    let mut found = Options {
        oracle: None,
        settings: Settings::default(),
        records: Vec::new(),
        attributes: None,
        body: None,
        rows: Vec::new(),
        orders: &[false],
        json: None,
        table: false,
        functions: None,
        bodies: None,
        compile: None,
        statements: Vec::new(),
    };
    let mut rules = None;
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("oracle") => found.oracle = Some(parser.value()?.into()),
            Long("seconds") => found.settings.seconds = parser.value()?.parse()?,
            Long("rounds") => found.settings.rounds = parser.value()?.parse()?,
            Long("threads") => found.settings.threads = parser.value()?.parse()?,
            Long("shared") => found.settings.shared = true,
            Long("isolated") => found.settings.isolated = true,
            Long("engine-only") => found.settings.by_hand = false,
            Long("records") => found.records.push(parser.value()?.parse::<NonZeroUsize>()?.get()),
            Long("attributes") => found.attributes = Some(parser.value()?.parse()?),
            Long("body") => found.body = Some(parser.value()?.parse()?),
            Long("marshaled") => found.orders = &[true],
            Long("both-orders") => found.orders = &[false, true],
            Long("families") => found.rows.extend(families(false)),
            Long("filter-families") => found.rows.extend(families(true)),
            Long("writing-families") => found.rows.extend(writing_families()),
            Long("row") => {
                let name = parser.value()?.string()?;
                found.rows.push(rows::find(&name).ok_or_else(|| format!("no row is called {name:?}; see --help"))?);
            }
            Long("rules") => {
                let file = PathBuf::from(parser.value()?);
                rules = Some(std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?);
            }
            Long("json") => found.json = Some(parser.value()?.into()),
            Long("bodies") => found.bodies = Some(parser.value()?.string()?),
            Long("functions") => found.functions = Some(parser.value()?.string()?),
            Long("compile") => found.compile = Some(parser.value()?.string()?),
            Long("statements") => found.statements.push(parser.value()?.parse::<NonZeroUsize>()?.get()),
            Long("table") => found.table = true,
            Long("counted") => {
                for (row, records) in rows::counted() {
                    print::line(format_args!("{} {records}", row.name))?;
                }
                return Ok(None);
            }
            Long("profiled") => {
                rows::profiled()?.iter().try_for_each(print::line)?;
                return Ok(None);
            }
            Long("help") => {
                help()?;
                return Ok(None);
            }
            _ => return Err(arg.unexpected()),
        }
    }
    if found.records.is_empty() {
        found.records = vec![1, 32, 512, 8192];
    }
    if found.statements.is_empty() {
        found.statements = compile::SIZES.to_vec();
    }
    if found.rows.is_empty() {
        found.rows = rows::all();
    }
    if let Some(rules) = rules {
        found.rows = found.rows.into_iter().map(|row| row.with_rules(rules.clone())).collect();
    }
    Ok(Some(found))
}

/// Runs all rows; false if one of them failed.
fn run(options: Options) -> Result<bool, String> {
    let reference = options.oracle.as_deref().map(Reference::new).transpose()?;
    if let Some(filter) = &options.functions {
        let reference = reference.as_ref().ok_or("functions are timed beside the reference: --oracle")?;
        let records = *options.records.get(2).unwrap_or(&options.records[0]);
        return functions::compare(filter, records, &options.settings, reference);
    }
    if let Some(filter) = &options.bodies {
        let reference = reference.as_ref().ok_or("bodies are timed beside the reference: --oracle")?;
        let records = *options.records.get(2).unwrap_or(&options.records[0]);
        return bodies::compare(filter, records, &options.settings, reference);
    }
    if let Some(filter) = &options.compile {
        compile::table(filter, &options.statements, options.settings.rounds)?;
        return Ok(true);
    }
    let origin = Origin::now(&options.settings);
    let mut entries = Vec::new();
    let mut sound = true;
    print::line(results::HEAD)?;
    for row in options.rows {
        let mut measured = Vec::new();
        for (&records, &marshaled) in options.records.iter().flat_map(|r| options.orders.iter().map(move |o| (r, o))) {
            let shape = Shape { records, attributes: options.attributes, body: options.body };
            match measure(&row, shape, marshaled, &options.settings, reference.as_ref()) {
                Ok(result) => {
                    print::line(results::line(&row, &result))?;
                    measured.push(result);
                }
                Err(error) => {
                    eprintln!("error: {} at {records} records: {error}", row.name);
                    sound = false;
                }
            }
        }
        entries.push(Entry { row, measured });
    }
    if options.table {
        print::line(format_args!("\n{}", results::table(&entries)))?;
    }
    if let Some(file) = &options.json {
        let text = format!("{:#}\n", results::json(origin, &entries, &options.settings));
        std::fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))?;
    }
    Ok(sound)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(Some(options)) => options,
        Ok(None) => return ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    match run(options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
