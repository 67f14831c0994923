//! `UserAgent`: which browser and which system a client's text names.
//!
//! The expressions that tell them are in `user_agents`.

use ottl_core::data::{DataSet, DataSets};
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::value::Entry;
use ottl_core::{EvalError, Value};

use crate::arguments;
use crate::user_agents::{self, UserAgent};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("UserAgent")
    .arg("user_agent", ParamType::STRING, "the text by which a client names itself")
    .returns(Type::Map)
    .docs(
        "What a client's text says of its browser and system, as a map of texts.\n\nAlways `user_agent.name` and \
         `os.name`, which are `Other` where nothing is known; `user_agent.version`, which may be empty; and \
         `user_agent.original`, the text. `os.version` is there if it is known.",
    )
    .example(
        r#"UserAgent("Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0")["user_agent.name"]"#,
        r#""Firefox""#,
    )
    .example(r#"UserAgent("curl/8.5.0")["user_agent.version"]"#, r#""8.5.0""#)
    .needs(|_| DataSets::of(DataSet::UserAgents))
    .compile(compile);

fn compile(_: &[Const<'_>]) -> Result<Kernel, String> {
    user_agents::warm_up();
    Ok(Kernel::value(eval))
}

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let (text, arena) = (arguments::text(args, 0)?, cx.arena());
    // Each expression that is asked looks at the text.
    let charge = |asked: usize| arena.spend((asked * (text.len() / 64)) as u64);
    user_agents::with_user_agent(text, charge, |UserAgent { browser, system }| {
        let mut entries = arena.vec_for(5)?;
        let mut put =
            |key: &'static str, value: &'a [u8]| entries.push(Entry { key: key.as_bytes(), value: Value::Str(value) });
        put("user_agent.name", arena.copy(&browser.name)?)?;
        put("user_agent.original", text)?;
        put("user_agent.version", arena.copy(&browser.version)?)?;
        put("os.name", arena.copy(&system.name)?)?;
        if !system.version.is_empty() {
            put("os.version", arena.copy(&system.version)?)?;
        }
        arena.map(entries.into_slice())
    })
}

#[cfg(all(test, feature = "user-agents"))]
mod tests {
    use super::*;
    use Value::{Bytes, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (
                    &[Str(b"Mozilla/5.0 (iPhone; CPU iPhone OS 13_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 Mobile/15E148 Safari/604.1")],
                    "{user_agent.name: \"Mobile Safari\", user_agent.original: \"Mozilla/5.0 (iPhone; CPU iPhone OS 13_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 Mobile/15E148 Safari/604.1\", user_agent.version: \"13.1.1\", os.name: \"iOS\", os.version: \"13.5.1\"}",
                ),
                (
                    &[Str(b"")],
                    "{user_agent.name: \"Other\", user_agent.original: \"\", user_agent.version: \"\", os.name: \"Other\"}",
                ),
                (
                    &[Str(b"x\xff")],
                    "{user_agent.name: \"Other\", user_agent.original: \"x\\xff\", user_agent.version: \"\", os.name: \"Other\"}",
                ),
                (&[Nil], "error"),
                (&[Bytes(b"curl/8")], "error"),
            ],
        );
    }
}
