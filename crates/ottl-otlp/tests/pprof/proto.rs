//! pprof's messages as prost reads and writes them: a decoder of its own beside that of the crate.
//!
//! Source: `proto/profile.proto` of github.com/google/pprof.

use prost::Message;

#[derive(Clone, PartialEq, Message)]
pub struct Profile {
    #[prost(message, repeated, tag = "1")]
    pub sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    pub sample: Vec<Sample>,
    #[prost(message, repeated, tag = "3")]
    pub mapping: Vec<Mapping>,
    #[prost(message, repeated, tag = "4")]
    pub location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    pub function: Vec<Function>,
    #[prost(string, repeated, tag = "6")]
    pub string_table: Vec<String>,
    #[prost(int64, tag = "7")]
    pub drop_frames: i64,
    #[prost(int64, tag = "8")]
    pub keep_frames: i64,
    #[prost(int64, tag = "9")]
    pub time_nanos: i64,
    #[prost(int64, tag = "10")]
    pub duration_nanos: i64,
    #[prost(message, optional, tag = "11")]
    pub period_type: Option<ValueType>,
    #[prost(int64, tag = "12")]
    pub period: i64,
    #[prost(int64, repeated, tag = "13")]
    pub comment: Vec<i64>,
    #[prost(int64, tag = "14")]
    pub default_sample_type: i64,
    #[prost(int64, tag = "15")]
    pub doc_url: i64,
}

#[derive(Clone, PartialEq, Message)]
pub struct ValueType {
    #[prost(int64, tag = "1")]
    pub ty: i64,
    #[prost(int64, tag = "2")]
    pub unit: i64,
}

#[derive(Clone, PartialEq, Message)]
pub struct Sample {
    #[prost(uint64, repeated, tag = "1")]
    pub location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    pub value: Vec<i64>,
    #[prost(message, repeated, tag = "3")]
    pub label: Vec<Label>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Label {
    #[prost(int64, tag = "1")]
    pub key: i64,
    #[prost(int64, tag = "2")]
    pub str: i64,
    #[prost(int64, tag = "3")]
    pub num: i64,
    #[prost(int64, tag = "4")]
    pub num_unit: i64,
}

#[derive(Clone, PartialEq, Message)]
pub struct Mapping {
    #[prost(uint64, tag = "1")]
    pub id: u64,
    #[prost(uint64, tag = "2")]
    pub memory_start: u64,
    #[prost(uint64, tag = "3")]
    pub memory_limit: u64,
    #[prost(uint64, tag = "4")]
    pub file_offset: u64,
    #[prost(int64, tag = "5")]
    pub filename: i64,
    #[prost(int64, tag = "6")]
    pub build_id: i64,
    #[prost(bool, tag = "7")]
    pub has_functions: bool,
    #[prost(bool, tag = "8")]
    pub has_filenames: bool,
    #[prost(bool, tag = "9")]
    pub has_line_numbers: bool,
    #[prost(bool, tag = "10")]
    pub has_inline_frames: bool,
}

#[derive(Clone, PartialEq, Message)]
pub struct Location {
    #[prost(uint64, tag = "1")]
    pub id: u64,
    #[prost(uint64, tag = "2")]
    pub mapping_id: u64,
    #[prost(uint64, tag = "3")]
    pub address: u64,
    #[prost(message, repeated, tag = "4")]
    pub line: Vec<Line>,
    #[prost(bool, tag = "5")]
    pub is_folded: bool,
}

#[derive(Clone, PartialEq, Message)]
pub struct Line {
    #[prost(uint64, tag = "1")]
    pub function_id: u64,
    #[prost(int64, tag = "2")]
    pub line: i64,
    #[prost(int64, tag = "3")]
    pub column: i64,
}

#[derive(Clone, PartialEq, Message)]
pub struct Function {
    #[prost(uint64, tag = "1")]
    pub id: u64,
    #[prost(int64, tag = "2")]
    pub name: i64,
    #[prost(int64, tag = "3")]
    pub system_name: i64,
    #[prost(int64, tag = "4")]
    pub filename: i64,
    #[prost(int64, tag = "5")]
    pub start_line: i64,
}

impl Profile {
    /// The same with every text in the order in which fields refer to it, so that two files that say the same are equal: where
    /// texts stand in the table is nothing that a file says. A label whose text is empty keeps an index of its own.
    pub fn settled(&self) -> Profile {
        let mut texts = vec![String::new()];
        let mut settled = self.clone();
        let mut settle = |index: &mut i64| {
            let text = &self.string_table[usize::try_from(*index).expect("an index")];
            let is_label = *index != 0 && text.is_empty();
            *index = match texts.iter().position(|known| known == text) {
                Some(_) if is_label => -1,
                Some(found) => found as i64,
                None => {
                    texts.push(text.clone());
                    texts.len() as i64 - 1
                }
            };
        };
        for ty in settled.sample_type.iter_mut().chain(&mut settled.period_type) {
            settle(&mut ty.ty);
            settle(&mut ty.unit);
        }
        for label in settled.sample.iter_mut().flat_map(|sample| &mut sample.label) {
            settle(&mut label.key);
            settle(&mut label.str);
            settle(&mut label.num_unit);
        }
        for mapping in &mut settled.mapping {
            settle(&mut mapping.filename);
            settle(&mut mapping.build_id);
        }
        for function in &mut settled.function {
            settle(&mut function.name);
            settle(&mut function.system_name);
            settle(&mut function.filename);
        }
        settled.comment.iter_mut().for_each(&mut settle);
        for index in
            [&mut settled.drop_frames, &mut settled.keep_frames, &mut settled.default_sample_type, &mut settled.doc_url]
        {
            settle(index);
        }
        // Nothing and a type without texts are the same.
        settled.period_type = settled.period_type.filter(|ty| *ty != ValueType::default());
        settled.string_table = texts;
        settled
    }
}
