//! Parse trees of pest to syntax trees.
//!
//! Rules map to nodes one to one, except that single operands of chains stand for themselves and parentheses around
//! conditions vanish. `None` means a literal out of range (the grammar cannot say that), or a tree of another shape
//! than the grammar has, which tests would show.

use ottl_diagnostics::Span;
use ottl_syntax::ast::{
    Argument, ArgumentValue, BoolChain, BoolExpr, Call, CompareOp, Comparison, EnumSymbol, Ident, Key, KeyKind, Lambda,
    LambdaBody, List, Literal, Map, MapEntry, Math, MathKind, MathOp, MathRest, Not, Path, Segment, Sign, Statement,
    Value,
};
use pest::iterators::Pair;

use crate::{Rule, literal};

const NOWHERE: Span = Span::new(0, 0);

fn inner(pair: Pair<'_, Rule>) -> Vec<Pair<'_, Rule>> {
    pair.into_inner().filter(|pair| pair.as_rule() != Rule::EOI).collect()
}

fn only(pair: Pair<'_, Rule>) -> Option<Pair<'_, Rule>> {
    pair.into_inner().next()
}

pub(crate) fn statement(pair: Pair<'_, Rule>) -> Option<Statement> {
    let mut parts = pair.into_inner();
    let mut editor = parts.next()?.into_inner();
    let name = ident(editor.next()?);
    let arguments = arguments(editor.next()?)?;
    let condition = match parts.find(|part| part.as_rule() == Rule::bool_expr) {
        Some(condition) => Some(bool_expr(condition)?),
        None => None,
    };
    Some(Statement { editor: Call { name, arguments, keys: Vec::new(), span: NOWHERE }, condition, span: NOWHERE })
}

/// A name without the white space inside it.
fn ident(pair: Pair<'_, Rule>) -> Ident {
    Ident { text: pair.as_str().split_ascii_whitespace().collect(), span: NOWHERE }
}

pub(crate) fn bool_expr(pair: Pair<'_, Rule>) -> Option<BoolExpr> {
    chain(pair, Rule::term, |term| chain(term, Rule::bool_value, bool_value, BoolExpr::And), BoolExpr::Or)
}

fn chain(
    pair: Pair<'_, Rule>,
    operand: Rule,
    convert: impl Fn(Pair<'_, Rule>) -> Option<BoolExpr>,
    join: fn(BoolChain) -> BoolExpr,
) -> Option<BoolExpr> {
    let mut operands: Vec<BoolExpr> =
        pair.into_inner().filter(|part| part.as_rule() == operand).map(convert).collect::<Option<_>>()?;
    if operands.len() == 1 { operands.pop() } else { Some(join(BoolChain { operands, span: NOWHERE })) }
}

fn bool_value(pair: Pair<'_, Rule>) -> Option<BoolExpr> {
    let mut parts = pair.into_inner().peekable();
    let negated = parts.next_if(|part| part.as_rule() == Rule::not).is_some();
    let part = parts.next()?;
    let plain = match part.as_rule() {
        Rule::comparison => BoolExpr::Comparison(Box::new(comparison(part)?)),
        Rule::boolean => BoolExpr::Const(boolean(&part)),
        Rule::converter => BoolExpr::Converter(converter(part)?),
        Rule::bool_expr => bool_expr(part)?,
        _ => return None,
    };
    Some(if negated { BoolExpr::Not(Not { operand: Box::new(plain), span: NOWHERE }) } else { plain })
}

fn boolean(pair: &Pair<'_, Rule>) -> Literal<bool> {
    Literal { value: pair.as_str() == "true", span: NOWHERE }
}

fn comparison(pair: Pair<'_, Rule>) -> Option<Comparison> {
    let mut parts = pair.into_inner();
    let left = value(parts.next()?)?;
    let op = match parts.next()?.as_str() {
        "==" => CompareOp::Eq,
        "!=" => CompareOp::Ne,
        "<" => CompareOp::Lt,
        "<=" => CompareOp::Le,
        ">" => CompareOp::Gt,
        ">=" => CompareOp::Ge,
        _ => return None,
    };
    let right = value(parts.next()?)?;
    Some(Comparison { left, op, op_span: NOWHERE, right, span: NOWHERE })
}

fn converter(pair: Pair<'_, Rule>) -> Option<Call> {
    let mut parts = pair.into_inner();
    let name = ident(parts.next()?);
    let arguments = arguments(parts.next()?)?;
    let keys = parts.map(key).collect::<Option<_>>()?;
    Some(Call { name, arguments, keys, span: NOWHERE })
}

fn arguments(pair: Pair<'_, Rule>) -> Option<Vec<Argument>> {
    pair.into_inner().map(argument).collect()
}

fn argument(pair: Pair<'_, Rule>) -> Option<Argument> {
    let mut name = None;
    let mut result = None;
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::argument_name => name = Some(ident(part)),
            Rule::function_name => result = Some(ArgumentValue::Function(ident(part))),
            Rule::value => result = Some(ArgumentValue::Value(value(part)?)),
            _ => {}
        }
    }
    Some(Argument { name, value: result?, span: NOWHERE })
}

pub(crate) fn value(pair: Pair<'_, Rule>) -> Option<Value> {
    let part = only(pair)?;
    Some(match part.as_rule() {
        Rule::nil => Value::Nil(NOWHERE),
        Rule::math_literal => math_literal(part)?,
        Rule::lambda => Value::Lambda(Box::new(lambda(part)?)),
        Rule::math_expr => math_expr(part)?,
        Rule::bytes => Value::Bytes(Literal { value: literal::bytes(part.as_str())?, span: NOWHERE }),
        Rule::string => Value::String(string(&part)?),
        Rule::boolean => Value::Bool(boolean(&part)),
        Rule::enum_symbol => Value::Enum(EnumSymbol { name: only(part)?.as_str().to_owned(), span: NOWHERE }),
        Rule::map => {
            let entries = part.into_inner().map(map_entry).collect::<Option<_>>()?;
            Value::Map(Map { entries, span: NOWHERE })
        }
        Rule::list => {
            let items = part.into_inner().map(value).collect::<Option<_>>()?;
            Value::List(List { items, span: NOWHERE })
        }
        _ => return None,
    })
}

fn string(pair: &Pair<'_, Rule>) -> Option<Literal<String>> {
    Some(Literal { value: literal::string(pair.as_str())?, span: NOWHERE })
}

fn map_entry(pair: Pair<'_, Rule>) -> Option<MapEntry> {
    let mut parts = pair.into_inner();
    let part = only(parts.next()?)?;
    let key = match part.as_rule() {
        Rule::string => Value::String(string(&part)?),
        Rule::converter => Value::Converter(converter(part)?),
        Rule::path => Value::Path(path(part)?),
        _ => return None,
    };
    Some(MapEntry { key, value: value(parts.next()?)?, span: NOWHERE })
}

fn lambda(pair: Pair<'_, Rule>) -> Option<Lambda> {
    let mut params = Vec::new();
    let mut body = None;
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::param => params.push(ident(part)),
            Rule::lambda_body => {
                let part = part.into_inner().find(|p| matches!(p.as_rule(), Rule::value | Rule::bool_expr))?;
                body = Some(match part.as_rule() {
                    Rule::value => LambdaBody::Value(value(part)?),
                    _ => LambdaBody::Condition(bool_expr(part)?),
                });
            }
            _ => {}
        }
    }
    Some(Lambda { params, body: body?, span: NOWHERE })
}

fn math(kind: MathKind) -> Value {
    Value::Math(Box::new(Math { kind, span: NOWHERE }))
}

fn math_expr(pair: Pair<'_, Rule>) -> Option<Value> {
    math_chain(pair, |term| math_chain(term, math_value))
}

fn math_chain(pair: Pair<'_, Rule>, convert: impl Fn(Pair<'_, Rule>) -> Option<Value>) -> Option<Value> {
    let mut parts = pair.into_inner();
    let first = convert(parts.next()?)?;
    let mut rest = Vec::new();
    while let Some(op) = parts.next() {
        let op = match op.as_str() {
            "+" => MathOp::Add,
            "-" => MathOp::Sub,
            "*" => MathOp::Mul,
            "/" => MathOp::Div,
            _ => return None,
        };
        rest.push(MathRest { op, op_span: NOWHERE, operand: convert(parts.next()?)? });
    }
    Some(if rest.is_empty() { first } else { math(MathKind::Chain { first, rest }) })
}

fn math_value(pair: Pair<'_, Rule>) -> Option<Value> {
    let mut parts = pair.into_inner().peekable();
    let sign = parts.next_if(|part| part.as_rule() == Rule::add_sub);
    let part = parts.next()?;
    let operand = match part.as_rule() {
        Rule::math_literal => math_literal(part)?,
        _ => math(MathKind::Group(math_expr(only(part)?)?)),
    };
    Some(match sign.map(|sign| sign.as_str() == "-") {
        None => operand,
        Some(minus) => math(MathKind::Signed { sign: if minus { Sign::Minus } else { Sign::Plus }, operand }),
    })
}

fn math_literal(pair: Pair<'_, Rule>) -> Option<Value> {
    let part = only(pair)?;
    Some(match part.as_rule() {
        Rule::converter => Value::Converter(converter(part)?),
        Rule::float => Value::Float(Literal { value: literal::float(part.as_str())?, span: NOWHERE }),
        Rule::int => Value::Int(int(&part)?),
        Rule::path => Value::Path(path(part)?),
        _ => return None,
    })
}

fn int(pair: &Pair<'_, Rule>) -> Option<Literal<i64>> {
    Some(Literal { value: literal::int(pair.as_str())?, span: NOWHERE })
}

fn path(pair: Pair<'_, Rule>) -> Option<Path> {
    let segments =
        inner(pair).into_iter().filter(|part| part.as_rule() == Rule::segment).map(segment).collect::<Option<_>>()?;
    Some(Path { segments, span: NOWHERE })
}

fn segment(pair: Pair<'_, Rule>) -> Option<Segment> {
    let mut parts = pair.into_inner();
    let name = parts.next()?.as_str().to_owned();
    let keys = parts.map(key).collect::<Option<_>>()?;
    Some(Segment { name, name_span: NOWHERE, keys, span: NOWHERE })
}

fn key(pair: Pair<'_, Rule>) -> Option<Key> {
    let part = only(pair)?;
    let kind = match part.as_rule() {
        Rule::string => KeyKind::String(string(&part)?),
        Rule::int => KeyKind::Int(int(&part)?),
        _ => KeyKind::Expr(math_expr(part)?),
    };
    Some(Key { kind, span: NOWHERE })
}
