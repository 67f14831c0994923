//! The signature of the call that a place is in.

use ottl_core::function::{FunctionKind, parameter_name_matches};
use ottl_diagnostics::Span;
use serde::Serialize;

use super::Document;
use super::topic::{Topic, parameter, signature, type_name};

/// The call that a place is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignatureHelp {
    /// The signature as it is shown: `limit(target, limit, priority_keys)`.
    pub label: String,
    /// The function, for its documentation.
    pub topic: Topic,
    /// The first line of it.
    pub summary: String,
    /// The parameters in their order.
    pub parameters: Vec<ParameterHelp>,
    /// The number of the parameter that the place is for; none behind the last one.
    pub active: Option<usize>,
}

/// A parameter of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParameterHelp {
    /// Its name, for `name=value`.
    pub name: String,
    /// Where it stands in the label.
    pub label: Span,
    /// What it takes, in words.
    pub takes: String,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether an argument in front of the place names it.
    pub given: bool,
    /// What it is for.
    pub doc: String,
}

impl Document {
    /// The signature of the innermost call that a place is in the parentheses of.
    pub fn signature(&self, at: u32) -> Option<SignatureHelp> {
        let site = self.site(at)?;
        let call = site.cursor.call()?;
        let function = self.function(&call.name)?;
        let mut label = signature(function);
        let mut parameters = Vec::new();
        let mut from = function.name.len() + 1;
        for param in function.visible_params() {
            let length = param.name.len() + if param.optional { 2 } else { 0 };
            parameters.push(ParameterHelp {
                name: param.name.to_owned(),
                label: Span::new(from as u32, (from + length) as u32),
                takes: param.ty.to_string(),
                optional: param.optional,
                given: call.given.iter().any(|given| parameter_name_matches(given, param.name)),
                doc: param.doc.to_owned(),
            });
            from += length + ", ".len();
        }
        if function.kind == FunctionKind::Converter {
            label.push_str(" → ");
            label.push_str(&type_name(function.returns));
        }
        let active = match &call.named {
            // Behind a named argument, one without a name is for none that has been named.
            None if !call.given.is_empty() => parameters.iter().position(|param| !param.given),
            _ => parameter(function, call).map(|(number, _)| number),
        };
        Some(SignatureHelp {
            label,
            topic: Topic::Function { name: function.name.to_owned() },
            summary: function.docs.lines().next().unwrap_or_default().to_owned(),
            active,
            parameters,
        })
    }
}
