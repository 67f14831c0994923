//! The OTTL function library: one file per function.

mod aggregation;
mod arguments;
mod bounded;
mod charsets;
pub mod converters;
mod csv;
mod delimiters;
mod derived;
#[cfg(test)]
mod editor_host;
pub mod editors;
mod elementary;
mod elements;
pub mod example;
mod family;
mod grok;
mod hex;
#[cfg(test)]
mod hostile;
mod json;
mod letter_case;
#[cfg(test)]
mod metric_text;
mod murmur3;
mod pairs;
mod pattern;
mod percentile;
mod quicksort;
mod replacement;
mod scratch;
pub mod sprintf;
#[cfg(test)]
mod test_call;
pub mod time;
pub mod url;
mod user_agents;
mod xml;

use ottl_core::function::Registry;
use ottl_core::space;

/// A registry of all functions of the library.
pub fn registry() -> Registry {
    Registry::new(converters::ALL.iter().chain(editors::ALL).copied())
}
