//! `--allow`, `--warn` and `--deny`: what warnings are taken for.

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches};
use ottl::{CODES, Code, Level, Levels, Severity, near_name};

/// The name that stands for all warnings.
const ALL: &str = "warnings";

/// The levels that the command line sets. For one code the last option counts, and a code is stronger than `warnings`.
#[derive(Clone, Debug, Default)]
pub struct LevelArguments(pub Levels);

/// The options.
#[derive(Args)]
struct Options {
    /// Do not report a warning, given by code or name, or `warnings` for all. The comment `# ottl: allow(CODE)` in the rules does the
    /// same for a statement, a group or a file
    #[arg(long, value_name = "CODE", value_parser = warning)]
    allow: Vec<Which>,
    /// Report a warning as a warning even if `--deny warnings` is set
    #[arg(long, value_name = "CODE", value_parser = warning)]
    warn: Vec<Which>,
    /// Treat a warning as an error, given by code or name, or `warnings` for all
    #[arg(long, value_name = "CODE", value_parser = which)]
    deny: Vec<Which>,
}

/// What a level is set of.
#[derive(Clone, Copy)]
enum Which {
    All,
    One(Code),
}

/// A code that may also be an error, which always is denied.
fn which(name: &str) -> Result<Which, String> {
    if name == ALL {
        return Ok(Which::All);
    }
    Code::by_name(name).map(Which::One).ok_or_else(|| unknown(name))
}

fn warning(name: &str) -> Result<Which, String> {
    match which(name)? {
        Which::One(code) if code.severity() == Severity::Error => {
            Err(format!("{code} is an error, and only warnings can be allowed"))
        }
        other => Ok(other),
    }
}

/// What to say of a code that does not exist.
pub fn unknown(name: &str) -> String {
    let names = CODES.iter().flat_map(|code| [code.as_str(), code.name()]).chain([ALL]);
    match near_name(name, names) {
        Some(near) => format!("there is no code `{name}`; did you mean `{near}`?"),
        None => format!("there is no code `{name}`; `{ALL}` stands for all warnings"),
    }
}

impl FromArgMatches for LevelArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut arguments = LevelArguments::default();
        arguments.update_from_arg_matches(matches)?;
        Ok(arguments)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        let mut set = Vec::new();
        for (option, level) in [("allow", Level::Allow), ("warn", Level::Warn), ("deny", Level::Deny)] {
            let values = matches.try_get_many::<Which>(option).map_err(|_| Error::new(ErrorKind::UnknownArgument))?;
            let places = matches.indices_of(option).into_iter().flatten();
            set.extend(places.zip(values.into_iter().flatten()).map(|(place, which)| (place, *which, level)));
        }
        set.sort_by_key(|(place, ..)| *place);
        for (_, which, level) in set {
            match which {
                Which::All => self.0.set_all(level),
                Which::One(code) => self.0.set(code, level),
            }
        }
        Ok(())
    }
}

impl Args for LevelArguments {
    fn augment_args(command: Command) -> Command {
        Options::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Options::augment_args_for_update(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(line: &str) -> Levels {
        let command = LevelArguments::augment_args(Command::new("check"));
        let matches = command.try_get_matches_from(std::iter::once("check").chain(line.split_whitespace()));
        LevelArguments::from_arg_matches(&matches.expect("well-formed")).expect("well-formed").0
    }

    #[test]
    fn the_last_option_counts_and_a_code_before_all() {
        for (line, nil, other) in [
            ("", Level::Warn, Level::Warn),
            ("--deny warnings", Level::Deny, Level::Deny),
            ("--deny warnings --allow W0304", Level::Allow, Level::Deny),
            ("--allow unguarded-nil --deny warnings", Level::Allow, Level::Deny),
            ("--deny w0304 --allow W0304", Level::Allow, Level::Warn),
            ("--allow W0304 --deny=W0304", Level::Deny, Level::Warn),
            ("--deny warnings --warn W0304", Level::Warn, Level::Deny),
            ("--deny warnings --warn warnings", Level::Warn, Level::Warn),
            ("--deny E0201", Level::Warn, Level::Warn),
        ] {
            let levels = levels(line);
            let found = (levels.level(Code::UNGUARDED_NIL), levels.level(Code::IMPOSSIBLE_WRITE));
            assert_eq!(found, (nil, other), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_set_is_named() {
        for (option, name, part) in [
            ("--allow", "W0340", "did you mean `W0304`?"),
            ("--deny", "unguarded-nul", "did you mean `unguarded-nil`?"),
            ("--deny", "warning", "did you mean `warnings`?"),
            ("--warn", "everything", "`warnings` stands for all"),
            ("--allow", "E0201", "E0201 is an error"),
        ] {
            let command = LevelArguments::augment_args(Command::new("check"));
            let error = command.try_get_matches_from(["check", option, name]).map(drop).expect_err(name);
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
