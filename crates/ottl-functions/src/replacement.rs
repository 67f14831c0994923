//! What the four `replace_*` editors share: patterns, replacements, the function applied to them, and its format.

use ottl_core::function::{CallContext, Const, FunctionRef, Host, Kernel, Param, ParamType, Reach, TextRewrite};
use ottl_core::{EvalError, Value};
use ottl_regex::{Glob, Regex, Template};

use crate::{pattern, scratch};

/// The optional parameter `function`.
pub(crate) const FUNCTION: Param = Param::new(
    "function",
    ParamType::Function,
    "converter with one string parameter that the replacement passes through, named without parentheses",
)
.optional();

/// The optional parameter `replacement_format`.
pub(crate) const FORMAT: Param = Param::new(
    "replacement_format",
    ParamType::STRING,
    "text with one `%s` that the function's result is put into; without `function` it has no effect",
)
.optional()
.lazy();

/// What is known of pattern and replacement at compile time.
#[derive(Debug)]
pub(crate) struct Literal {
    /// The pattern, unless it is computed.
    pub(crate) regex: Option<Regex>,
    /// The replacement's template, unless it is computed; bound to the pattern if that is known.
    pub(crate) template: Option<Template>,
}

impl Literal {
    /// Checks the pattern and parses the template.
    ///
    /// # Errors
    /// The regex parser's text.
    pub(crate) fn new(pattern: &Const<'_>, replacement: &Const<'_>) -> Result<Literal, String> {
        let regex = pattern::literal_regex(pattern)?;
        let template = replacement.as_str().map(|text| {
            let template = Template::new(text);
            regex.as_ref().map_or_else(|| template.clone(), |regex| template.bind(regex))
        });
        Ok(Literal { regex, template })
    }

    /// What a call does: with all literals and no function a rewrite, else what `edit` does with this.
    pub(crate) fn kernel<F>(self, reach: Reach, function: &Const<'_>, edit: F) -> Kernel
    where
        F: for<'c, 'a> Fn(&mut CallContext<'c, 'a>, &[Value<'a>], &Literal) -> Result<(), EvalError>
            + Send
            + Sync
            + 'static,
    {
        match (self, function) {
            (Literal { regex: Some(regex), template: Some(template) }, Const::Absent) => {
                Kernel::RewriteText(reach, TextRewrite::Replace { regex, template })
            }
            (literal, _) => Kernel::edit(move |cx, args| edit(cx, args, &literal)),
        }
    }
}

/// How matches are replaced in one call.
pub(crate) struct Rewrite<'r, 'a> {
    /// The pattern.
    pub(crate) regex: &'r Regex,
    /// The template that each match is expanded from.
    pub(crate) template: &'r Template,
    /// The function that the expansion passes through.
    pub(crate) function: Option<FunctionRef>,
    /// The argument `replacement_format`, not evaluated yet.
    pub(crate) format: Value<'a>,
}

impl<'a> Rewrite<'_, 'a> {
    /// The text with every match replaced, or `None` without a match.
    ///
    /// # Errors
    /// Those of the function and the format.
    #[inline]
    pub(crate) fn apply(&self, host: &mut dyn Host<'a>, text: &'a [u8]) -> Result<Option<&'a [u8]>, EvalError> {
        let Some(function) = self.function else {
            return pattern::replace_all(self.regex, text, self.template, host.arena());
        };
        self.apply_function(host, function, text)
    }

    fn apply_function(
        &self,
        host: &mut dyn Host<'a>,
        function: FunctionRef,
        text: &'a [u8],
    ) -> Result<Option<&'a [u8]>, EvalError> {
        scratch::with_text(|out| {
            let replaced = self.regex.replace_all_with(text, out, |captures, out| {
                let mut expansion = host.arena().vec();
                self.template.expand(text, captures, self.regex, |part| expansion.extend_from_slice(part))?;
                host.arena().check(out.len())?;
                self.through(host, function, expansion.into_slice(), out)
            })?;
            if replaced { host.arena().copy(out).map(|text| Some(&*text)) } else { Ok(None) }
        })
    }

    fn through(
        &self,
        host: &mut dyn Host<'a>,
        function: FunctionRef,
        expansion: &'a [u8],
        out: &mut Vec<u8>,
    ) -> Result<(), EvalError> {
        let result = text_of(host.call_function(function, Value::Str(expansion))?)?;
        push_formatted(host, self.format, result, out)
    }
}

/// The replacement of `replace_match` and `replace_all_matches`: the argument itself, or what the function makes of it.
///
/// # Errors
/// Those of the function and the format.
pub(crate) fn replacement<'a>(
    host: &mut dyn Host<'a>,
    replacement: Value<'a>,
    function: Option<FunctionRef>,
    format: Value<'a>,
) -> Result<&'a [u8], EvalError> {
    let Some(function) = function else { return text_of(replacement) };
    let result = text_of(host.call_function(function, replacement)?)?;
    if format.is_absent() {
        return Ok(result);
    }
    scratch::with_text(|out| {
        push_formatted(host, format, result, out)?;
        Ok(&*host.arena().copy(out)?)
    })
}

/// What a call of `replace_match` or `replace_all_matches` does: with all literals and no function a rewrite, else what
/// `edit` does, which is given the glob unless that is computed.
///
/// # Errors
/// The glob parser's text.
pub(crate) fn whole<F>(args: &[Const<'_>], reach: Reach, edit: F) -> Result<Kernel, String>
where
    F: for<'c, 'a> Fn(&mut CallContext<'c, 'a>, &[Value<'a>], Option<&Glob>) -> Result<(), EvalError>
        + Send
        + Sync
        + 'static,
{
    let glob = args[1].as_str().map(Glob::new).transpose()?;
    Ok(match (glob, args[2].as_str(), &args[3]) {
        (Some(glob), Some(text), Const::Absent) => {
            Kernel::RewriteText(reach, TextRewrite::ReplaceWhole { glob, text: text.into() })
        }
        (glob, ..) => Kernel::edit(move |cx, args| edit(cx, args, glob.as_ref())),
    })
}

/// The function of an optional `function` argument.
pub(crate) fn function_of(arg: Value<'_>) -> Option<FunctionRef> {
    if let Value::Function(function) = arg { Some(function) } else { None }
}

/// The text of an argument or result that must be one.
fn text_of(value: Value<'_>) -> Result<&[u8], EvalError> {
    value.as_str().ok_or_else(|| EvalError::function("the replacement value must be a string"))
}

/// The template of a call: the literal one, or that of a computed text, which lives in `place`.
pub(crate) fn template_of<'t>(
    literal: Option<&'t Template>,
    replacement: Value<'_>,
    place: &'t mut Option<Template>,
) -> Result<&'t Template, EvalError> {
    match literal {
        Some(template) => Ok(template),
        None => Ok(place.insert(Template::new(text_of(replacement)?))),
    }
}

/// Appends the text, put into the format if there is one.
fn push_formatted<'a>(
    host: &mut dyn Host<'a>,
    format: Value<'a>,
    text: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), EvalError> {
    let format = match format {
        Value::Absent => {
            out.extend_from_slice(text);
            return Ok(());
        }
        Value::Thunk(thunk) => host.force(thunk)?,
        other => other,
    };
    let format = text_of(format)?;
    if !is_valid_format(format) {
        return Err(EvalError::function("replacement_format must contain %s and no other format specifier"));
    }
    // The reference prints with Go's fmt: a second `%s` and a trailing `%` pass its check and show as fmt shows them.
    let mut rest = format;
    let mut first = true;
    while let Some(at) = memchr::memchr(b'%', rest) {
        out.extend_from_slice(&rest[..at]);
        if rest.len() == at + 1 {
            out.extend_from_slice(b"%!(NOVERB)");
        } else if first {
            out.extend_from_slice(text);
        } else {
            out.extend_from_slice(b"%!s(MISSING)");
        }
        first = false;
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    Ok(())
}

/// The reference's check: one line, at least one `%s`, and no `%` before anything else.
fn is_valid_format(format: &[u8]) -> bool {
    let mut found = false;
    for at in memchr::memchr_iter(b'%', format) {
        match format.get(at + 1) {
            Some(b's') => found = true,
            Some(_) => return false,
            None => {}
        }
    }
    found && !format.contains(&b'\n')
}
