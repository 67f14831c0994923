//! Splits a module in two: functions that are needed at once, and the rest, which the first module asks for when it calls one of it.
//!
//! Usage: split watch MODULE NEW       the same module, which exports for each function whether it ran (`seen0` and so on)
//!        split apart MODULE SEEN FIRST REST
//!
//! SEEN has a line with `1` for each function that belongs into the first module, and one with `0` for each other.
//!
//! - A function of the rest that the first module calls, exports or has in its table is a stub there: it asks for the rest, if that is not
//!   there yet, by calling the import `needRest`, and goes on with the function through the table.
//! - The rest imports the memory, the tables, the variables and the functions that it needs from the first module, and puts its own
//!   functions into the table when it is instantiated. It has no data of its own.
//!
//! Nothing else is changed: calls between functions of one module stay what they were.

use std::collections::HashSet;
use std::process::ExitCode;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, Module, StartSection, TableSection,
    TypeSection, ValType,
};
use wasmparser::{ExternalKind, FuncType, FunctionBody, Operator, Parser, Payload, TypeRef};

type Failure = Box<dyn std::error::Error>;

/// The import that asks for the rest, by the end of its name.
const NEED: &str = "needRest";
/// Whether the rest is there: a variable of the first module.
const HERE: GlobalType = GlobalType { val_type: ValType::I32, mutable: true, shared: false };

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["watch", module, new] => watch(module, new),
        ["apart", module, seen, first, rest] => apart(module, seen, first, rest),
        _ => Err("usage: split watch MODULE NEW, split apart MODULE SEEN FIRST REST".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What there is to know of a module before it is written anew.
#[derive(Default)]
struct Facts<'m> {
    types: Vec<FuncType>,
    /// The type of each function, imported ones first.
    functions: Vec<u32>,
    bodies: Vec<FunctionBody<'m>>,
    /// How many functions are imported, and which one of them asks for the rest.
    imported: u32,
    need: Option<u32>,
    tables: Vec<wasmparser::TableType>,
    memory: Option<wasmparser::MemoryType>,
    globals: Vec<wasmparser::GlobalType>,
    /// Functions that exports and tables have.
    known: HashSet<u32>,
    /// The shortest name of an export.
    shortest: usize,
}

impl<'m> Facts<'m> {
    fn of(bytes: &'m [u8]) -> Result<Facts<'m>, Failure> {
        let mut facts = Facts { shortest: usize::MAX, ..Facts::default() };
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section.into_iter_err_on_gc_types() {
                        facts.types.push(group?);
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        let TypeRef::Func(ty) = import.ty else {
                            return Err(format!("`{}` is imported, which is no function", import.name).into());
                        };
                        if import.name.contains(NEED) {
                            facts.need = Some(facts.imported);
                        }
                        facts.functions.push(ty);
                        facts.imported += 1;
                    }
                }
                Payload::FunctionSection(section) => {
                    for ty in section {
                        facts.functions.push(ty?);
                    }
                }
                Payload::TableSection(section) => {
                    for table in section {
                        facts.tables.push(table?.ty);
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section {
                        facts.memory = Some(memory?);
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        facts.globals.push(global?.ty);
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        facts.shortest = facts.shortest.min(export.name.len());
                        if export.kind == ExternalKind::Func {
                            facts.known.insert(export.index);
                        }
                    }
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        let wasmparser::ElementItems::Functions(functions) = element?.items else {
                            return Err("a table is filled with other things than functions".into());
                        };
                        for function in functions {
                            facts.known.insert(function?);
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => facts.bodies.push(body),
                _ => {}
            }
        }
        Ok(facts)
    }

    fn type_of(&self, function: u32) -> &FuncType {
        &self.types[self.functions[function as usize] as usize]
    }
}

/// Writes a module of which each function says that it ran.
fn watch(module: &str, new: &str) -> Result<(), Failure> {
    let bytes = std::fs::read(module)?;
    let facts = Facts::of(&bytes)?;
    let mut watched = Watched { seen: facts.globals.len() as u32, count: facts.bodies.len() as u32, next: 0 };
    let mut out = Module::new();
    watched.parse_core_module(&mut out, Parser::new(0), &bytes)?;
    std::fs::write(new, out.finish())?;
    Ok(())
}

struct Watched {
    /// The variable of the first function; those of the others follow.
    seen: u32,
    count: u32,
    next: u32,
}

impl Reencode for Watched {
    type Error = std::convert::Infallible;

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        utils::parse_global_section(self, globals, section)?;
        for _ in 0..self.count {
            globals.global(HERE, &ConstExpr::i32_const(0));
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        utils::parse_export_section(self, exports, section)?;
        for function in 0..self.count {
            exports.export(&format!("seen{function}"), ExportKind::Global, self.seen + function);
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), Error<Self::Error>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        function.instruction(&Instruction::I32Const(1)).instruction(&Instruction::GlobalSet(self.seen + self.next));
        self.next += 1;
        copy(self, &mut function, &body)?;
        code.function(&function);
        Ok(())
    }
}

fn copy<R: Reencode>(part: &mut R, to: &mut Function, body: &FunctionBody<'_>) -> Result<(), Error<R::Error>> {
    let mut reader = body.get_operators_reader()?;
    while !reader.eof() {
        to.instruction(&part.parse_instruction(&mut reader)?);
    }
    Ok(())
}

/// No function of a part.
const NONE: u32 = u32::MAX;

/// Writes the two modules.
fn apart(module: &str, seen: &str, first: &str, rest: &str) -> Result<(), Failure> {
    let bytes = std::fs::read(module)?;
    let facts = Facts::of(&bytes)?;
    let need = facts.need.ok_or_else(|| format!("the module does not import `{NEED}`"))?;
    let text = std::fs::read_to_string(seen)?;
    let is_first: Vec<bool> = text.lines().map(|line| line == "1").collect();
    if is_first.len() != facts.bodies.len() {
        return Err(
            format!("{seen} is about {} functions, and there are {}", is_first.len(), facts.bodies.len()).into()
        );
    }
    // Names that are given here have three signs at most.
    if facts.shortest < 4 {
        return Err("an export has so short a name that one for the rest may be the same".into());
    }
    let is_first = |function: u32| function < facts.imported || is_first[(function - facts.imported) as usize];
    let own = |wanted: bool| {
        (facts.imported..facts.functions.len() as u32).filter(move |function| is_first(*function) == wanted)
    };

    // What each side calls of the other one.
    let (mut stubs, mut shared) = (facts.known.clone(), HashSet::new());
    for (function, body) in (facts.imported..).zip(&facts.bodies) {
        for operator in body.get_operators_reader()? {
            match operator? {
                Operator::Call { function_index } if is_first(function) => stubs.insert(function_index),
                Operator::Call { function_index } => shared.insert(function_index),
                Operator::RefFunc { .. }
                | Operator::MemoryInit { .. }
                | Operator::DataDrop { .. }
                | Operator::TableInit { .. }
                | Operator::ElemDrop { .. } => {
                    return Err("a function refers to what only one module can have".into());
                }
                _ => continue,
            };
        }
    }
    let mut stubs: Vec<u32> = stubs.into_iter().filter(|function| !is_first(*function)).collect();
    stubs.sort_unstable_by_key(|function| (facts.functions[*function as usize], *function));
    let mut shared: Vec<u32> = shared.into_iter().filter(|function| is_first(*function)).collect();
    shared.sort_unstable();

    let mut part = First {
        facts: &facts,
        places: vec![NONE; facts.functions.len()],
        own: own(true).collect(),
        stubs: &stubs,
        shared: &shared,
        need,
        slots: facts.tables.first().ok_or("there is no table")?.initial as u32,
    };
    let all = (0..facts.imported).chain(part.own.iter().copied()).chain(stubs.iter().copied());
    for (place, function) in all.enumerate() {
        part.places[function as usize] = place as u32;
    }
    let slots = part.slots;
    let mut out = Module::new();
    part.parse_core_module(&mut out, Parser::new(0), &bytes)?;
    std::fs::write(first, out.finish())?;

    let own: Vec<u32> = own(false).collect();
    let mut part = Rest { places: vec![NONE; facts.functions.len()] };
    for (place, function) in shared.iter().chain(&own).enumerate() {
        part.places[*function as usize] = place as u32;
    }
    std::fs::write(rest, part.module(&facts, &bytes, (&own, &stubs, &shared), slots)?)?;
    eprintln!(
        "first: {} functions, rest: {}; {} stubs, {} shared",
        part.places.len() - own.len(),
        own.len(),
        stubs.len(),
        shared.len()
    );
    Ok(())
}

/// The name under which the first module exports something to the rest: short, since there are many.
fn name(mut number: usize) -> String {
    const SIGNS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz$_";
    let mut name = String::new();
    loop {
        name.insert(0, char::from(SIGNS[number % SIGNS.len()]));
        number /= SIGNS.len();
        if number == 0 {
            return name;
        }
    }
}

/// The first module, as the whole one is written anew.
struct First<'f> {
    facts: &'f Facts<'f>,
    /// The number of each function, or of its stub.
    places: Vec<u32>,
    own: Vec<u32>,
    stubs: &'f [u32],
    shared: &'f [u32],
    need: u32,
    /// The table's slots before those of the rest's functions.
    slots: u32,
}

impl First<'_> {
    fn here(&self) -> u32 {
        self.facts.globals.len() as u32
    }

    /// The function that asks for the rest if it is not there: behind all others.
    fn asking(&self) -> u32 {
        self.facts.imported + (self.own.len() + self.stubs.len()) as u32
    }
}

impl Reencode for First<'_> {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Self::Error>> {
        Ok(self.places[function as usize])
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        _: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        for function in self.own.iter().chain(self.stubs).chain([&self.need]) {
            functions.function(self.facts.functions[*function as usize]);
        }
        Ok(())
    }

    fn parse_table_section(
        &mut self,
        tables: &mut TableSection,
        section: wasmparser::TableSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        for (number, table) in section.into_iter().enumerate() {
            let mut ty = self.table_type(table?.ty)?;
            if number == 0 {
                ty.minimum += self.stubs.len() as u64;
                ty.maximum = ty.maximum.map(|most| most + self.stubs.len() as u64);
            }
            tables.table(ty);
        }
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        utils::parse_global_section(self, globals, section)?;
        globals.global(HERE, &ConstExpr::i32_const(0));
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        utils::parse_export_section(self, exports, section)?;
        let mut number = 0..;
        let mut next = || name(number.next().unwrap_or_default());
        exports.export(&next(), ExportKind::Memory, 0);
        for table in 0..self.facts.tables.len() as u32 {
            exports.export(&next(), ExportKind::Table, table);
        }
        for global in 0..=self.here() {
            exports.export(&next(), ExportKind::Global, global);
        }
        for function in self.shared {
            exports.export(&next(), ExportKind::Func, self.places[*function as usize]);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        _: wasmparser::CodeSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        for function in self.own.clone() {
            let body = &self.facts.bodies[(function - self.facts.imported) as usize];
            let mut function = self.new_function_with_parsed_locals(body)?;
            copy(self, &mut function, body)?;
            code.function(&function);
        }
        for (slot, stub) in (self.slots..).zip(self.stubs) {
            let mut function = Function::new([]);
            function.instruction(&Instruction::Call(self.asking()));
            for local in 0..self.facts.type_of(*stub).params().len() as u32 {
                function.instruction(&Instruction::LocalGet(local));
            }
            function.instruction(&Instruction::I32Const(slot as i32));
            let type_index = self.facts.functions[*stub as usize];
            function
                .instruction(&Instruction::CallIndirect { type_index, table_index: 0 })
                .instruction(&Instruction::End);
            code.function(&function);
        }
        let mut asking = Function::new([]);
        asking.instruction(&Instruction::GlobalGet(self.here())).instruction(&Instruction::I32Eqz);
        asking.instruction(&Instruction::If(BlockType::Empty)).instruction(&Instruction::Call(self.need));
        asking.instruction(&Instruction::End).instruction(&Instruction::End);
        code.function(&asking);
        Ok(())
    }
}

/// The second module.
struct Rest {
    /// The number of each function in it.
    places: Vec<u32>,
}

impl Rest {
    fn module(
        &mut self,
        facts: &Facts<'_>,
        bytes: &[u8],
        (own, stubs, shared): (&[u32], &[u32], &[u32]),
        slots: u32,
    ) -> Result<Vec<u8>, Failure> {
        let (mut types, mut imports) = (TypeSection::new(), ImportSection::new());
        for payload in Parser::new(0).parse_all(bytes) {
            if let Payload::TypeSection(section) = payload? {
                self.parse_type_section(&mut types, section)?;
            }
        }
        let start_type = types.len();
        types.ty().function([], []);

        let mut number = 0..;
        let mut import = |ty: EntityType| {
            imports.import("", &name(number.next().unwrap_or_default()), ty);
        };
        import(EntityType::Memory(self.memory_type(facts.memory.ok_or("there is no memory")?)?));
        for (number, table) in facts.tables.iter().enumerate() {
            let mut ty = self.table_type(*table)?;
            if number == 0 {
                ty.minimum += stubs.len() as u64;
                ty.maximum = ty.maximum.map(|most| most + stubs.len() as u64);
            }
            import(EntityType::Table(ty));
        }
        for global in &facts.globals {
            import(EntityType::Global(self.global_type(*global)?));
        }
        import(EntityType::Global(HERE));
        for function in shared {
            import(EntityType::Function(facts.functions[*function as usize]));
        }

        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        for function in own {
            functions.function(facts.functions[*function as usize]);
            let body = &facts.bodies[(*function - facts.imported) as usize];
            let mut function = self.new_function_with_parsed_locals(body)?;
            copy(self, &mut function, body)?;
            code.function(&function);
        }
        functions.function(start_type);
        let mut start = Function::new([]);
        start.instruction(&Instruction::I32Const(1)).instruction(&Instruction::GlobalSet(facts.globals.len() as u32));
        start.instruction(&Instruction::End);
        code.function(&start);

        let mut elements = ElementSection::new();
        let called: Vec<u32> = stubs.iter().map(|function| self.places[*function as usize]).collect();
        elements.active(None, &ConstExpr::i32_const(slots as i32), Elements::Functions(called.into()));

        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions);
        module.section(&StartSection { function_index: (shared.len() + own.len()) as u32 });
        module.section(&elements).section(&code);
        Ok(module.finish())
    }
}

impl Reencode for Rest {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Self::Error>> {
        Ok(self.places[function as usize])
    }
}
