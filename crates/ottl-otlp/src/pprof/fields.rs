//! Field numbers of pprof's messages, one module per message.
//!
//! Source: `proto/profile.proto` of github.com/google/pprof, package `perftools.profiles`. They stand here and nowhere else.

macro_rules! messages {
    ($($(#[$doc:meta])* $message:ident { $($field:ident = $number:literal),* $(,)? })*) => {
        $(
            $(#[$doc])*
            pub(super) mod $message {
                $(pub const $field: u32 = $number;)*
            }
        )*
    };
}

messages! {
    /// `Profile`. Its texts are indices into the string table, of type `int64`.
    profile {
        SAMPLE_TYPE = 1,
        SAMPLE = 2,
        MAPPING = 3,
        LOCATION = 4,
        FUNCTION = 5,
        STRING_TABLE = 6,
        DROP_FRAMES = 7,
        KEEP_FRAMES = 8,
        TIME_NANOS = 9,
        DURATION_NANOS = 10,
        PERIOD_TYPE = 11,
        PERIOD = 12,
        COMMENT = 13,
        DEFAULT_SAMPLE_TYPE = 14,
        DOC_URL = 15,
    }
    /// `ValueType`
    value_type {
        TYPE = 1,
        UNIT = 2,
    }
    /// `Sample`
    sample {
        LOCATION_ID = 1,
        VALUE = 2,
        LABEL = 3,
    }
    /// `Label`
    label {
        KEY = 1,
        STR = 2,
        NUM = 3,
        NUM_UNIT = 4,
    }
    /// `Mapping`
    mapping {
        ID = 1,
        MEMORY_START = 2,
        MEMORY_LIMIT = 3,
        FILE_OFFSET = 4,
        FILENAME = 5,
        BUILD_ID = 6,
        HAS_FUNCTIONS = 7,
        HAS_FILENAMES = 8,
        HAS_LINE_NUMBERS = 9,
        HAS_INLINE_FRAMES = 10,
    }
    /// `Location`
    location {
        ID = 1,
        MAPPING_ID = 2,
        ADDRESS = 3,
        LINE = 4,
        IS_FOLDED = 5,
    }
    /// `Line`
    line {
        FUNCTION_ID = 1,
        LINE = 2,
        COLUMN = 3,
    }
    /// `Function`
    function {
        ID = 1,
        NAME = 2,
        SYSTEM_NAME = 3,
        FILENAME = 4,
        START_LINE = 5,
    }
}
