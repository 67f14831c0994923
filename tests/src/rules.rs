//! Processor bodies as plans, by the library's own reader of configurations: what tests of engines begin with.

use ottl::ProcessorKind;
use ottl_compiler::Compiler;
use ottl_diagnostics::Severity;
use ottl_plan::Plan;
use ottl_schema::Signal;

/// The plan of a processor's body that compiles, with all functions and for the newest version.
///
/// # Panics
/// If it does not compile.
pub fn plan(processor: &str, signal: Signal, body: &str) -> Plan {
    let compiler = Compiler::new(ottl_functions::registry());
    compile(&compiler, processor, signal, body).unwrap_or_else(|error| panic!("{body}: {error}"))
}

/// Compiles a processor's body for a signal; the rules for other signals have to compile, too.
///
/// # Errors
/// The texts of what is wrong with the body or the rules.
pub fn compile(compiler: &Compiler, processor: &str, signal: Signal, body: &str) -> Result<Plan, String> {
    let kind = if processor == "filter" { ProcessorKind::Filter } else { ProcessorKind::Transform };
    let compiler = &Compiler { library_contexts: processor == "library", ..compiler.clone() };
    ottl::Compiler::plan(compiler, kind, signal, body).map_err(|error| {
        let errors = error.diagnostics().iter().filter(|fault| fault.severity() == Severity::Error);
        errors.map(|fault| format!("{}: {}", fault.code.name(), fault.message)).collect::<Vec<_>>().join("; ")
    })
}
