//! What the reference rejects is an error here, and nothing else is: the rows of `agreement.tsv`.

mod support;

use ottl_compiler::{
    Compiled, Compiler, ConditionList, FilterRules, FilterSpec, GroupSpec, SourceText, TransformOptions,
};
use ottl_plan::ErrorMode;
use ottl_schema::{ContextId, Signal, context_by_name};

const TABLE: &str = include_str!("agreement.tsv");

/// Rules that the reference takes and this compiler does not, each with its reason.
const DIFFERENCES: &[(&str, &str)] = &[
    ("append(value=1)", "the reference crashes when it runs: nothing was given for `target`"),
    ("set(body, target=body)", "the reference crashes when it runs: nothing was given for `value`"),
    ("set(target=body, target=body)", "the same"),
    ("flatten(attributes, depth=1, depth=2)", "of two arguments for one parameter the reference takes the last"),
];

fn texts(column: &str) -> Vec<SourceText<'_>> {
    let split = column.split(" ;; ").filter(|text| !text.is_empty());
    split.zip(0..).map(|(text, id)| SourceText { text, id }).collect()
}

fn compile(compiler: &Compiler, row: &[&str]) -> Compiled {
    let &[_, form, signal, context, conditions, statements] = row else {
        panic!("a row has six columns: {row:?}");
    };
    let signal = match signal {
        "logs" => Signal::Logs,
        "metrics" => Signal::Metrics,
        _ => Signal::Traces,
    };
    let context: Option<ContextId> = context_by_name(context);
    let conditions = texts(conditions);
    match form {
        "transform" => {
            let group = GroupSpec { context, conditions, statements: texts(statements), ..GroupSpec::default() };
            compiler.compile_transform(signal, &[group], TransformOptions::default())
        }
        "filter" => {
            let spec = FilterSpec { context, conditions, ..FilterSpec::default() };
            compiler.compile_filter(signal, &FilterRules::Newer(vec![spec]), ErrorMode::Ignore)
        }
        _ => {
            let list = ConditionList { id: 0, context: context.expect("an older list has one"), conditions };
            compiler.compile_filter(signal, &FilterRules::Older(vec![list]), ErrorMode::Ignore)
        }
    }
}

#[test]
fn the_reference_agrees_on_every_row() {
    let compiler = Compiler::new(support::registry());
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let row: Vec<&str> = line.split('\t').collect();
        let compiled = compile(&compiler, &row);
        assert_eq!(compiled.plan.is_none(), compiled.has_errors(), "{line}");
        rows += 1;
        let named = DIFFERENCES.iter().any(|(text, _)| row[5] == *text || row[4] == *text);
        let accepted = row[0] == "accept" && !named;
        if compiled.plan.is_some() != accepted {
            let found: Vec<String> = compiled.diagnostics.iter().map(|(_, d)| d.to_string()).collect();
            wrong.push(format!("{line}\n    here: {found:?}"));
        }
        for (id, diagnostic) in &compiled.diagnostics {
            let text = texts(row[4]).into_iter().chain(texts(row[5]));
            let fits = text.filter(|t| t.id == *id).any(|t| {
                let end = diagnostic.span.end as usize;
                end <= t.text.len() && t.text.is_char_boundary(end)
            });
            assert!(fits || diagnostic.span.is_empty(), "{line}: {diagnostic:?}");
        }
    }
    assert!(rows > 400, "{rows}");
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Whatever is cut out of a text, the compiler answers: with a plan or with an error, and with ranges in the text.
#[test]
fn mutilated_texts_are_answered() {
    let compiler = Compiler::new(support::registry());
    let mut texts = std::collections::BTreeSet::new();
    for line in TABLE.lines().filter(|line| line.starts_with("accept")) {
        let row: Vec<&str> = line.split('\t').collect();
        texts.extend(row[4].split(" ;; ").chain(row[5].split(" ;; ")));
    }
    for text in texts {
        for at in (0..text.len()).step_by(3) {
            let cut = format!("{}{}", &text[..at], &text[(at + 2).min(text.len())..]);
            for compiled in [
                compiler.compile_statement(ContextId::Log, &cut),
                compiler.compile_condition(ContextId::Span, &cut),
                compiler.compile_statement(ContextId::Exemplar, &text[..at]),
            ] {
                assert_eq!(compiled.plan.is_none(), compiled.has_errors(), "{cut}");
                for (_, diagnostic) in compiled.diagnostics {
                    let fix = diagnostic.fix.iter().map(|fix| fix.span);
                    let others = diagnostic.others.iter().map(|other| other.span);
                    for span in fix.chain(others).chain([diagnostic.span]) {
                        assert!(span.start <= span.end && span.end as usize <= cut.len().max(at), "{cut}");
                    }
                }
            }
        }
    }
}
