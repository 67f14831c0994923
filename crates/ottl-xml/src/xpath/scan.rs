//! The tokens of an XPath expression.
//!
//! COMPAT: NUL ends an expression. What a token leaves behind (`name`, `prefix`) stays until the next one of its kind,
//! and the parser looks at it. A name in front of a character outside ASCII has bytes of that in it.

use ottl_core::number::parse_float;
use ottl_core::space::first_char;

use crate::names::{is_first, is_part};

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Comma,
    Slash,
    SlashSlash,
    At,
    Dot,
    DotDot,
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    Star,
    Plus,
    Minus,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Bang,
    Dollar,
    Union,
    Name,
    Axis,
    Text,
    Number,
    End,
}

/// Where an expression is being read.
pub(super) struct Scanner<'e> {
    text: &'e [u8],
    /// Behind the current character.
    at: usize,
    /// The current character; NUL at the end.
    current: char,
    /// How many bytes it has.
    size: usize,
    /// The current token.
    pub(super) item: Item,
    /// The name of the last name or axis.
    pub(super) name: &'e [u8],
    /// Its prefix.
    pub(super) prefix: &'e [u8],
    /// Whether a bracket follows the last name.
    pub(super) is_called: bool,
    /// The last text.
    pub(super) string: &'e [u8],
    /// The last number.
    pub(super) number: f64,
}

impl<'e> Scanner<'e> {
    /// At the first token of an expression.
    ///
    /// # Errors
    /// What is wrong with that token.
    pub(super) fn new(text: &'e [u8]) -> Result<Scanner<'e>, String> {
        let mut scanner = Scanner {
            text,
            at: 0,
            current: '\0',
            size: 1,
            item: Item::End,
            name: &[],
            prefix: &[],
            is_called: false,
            string: &[],
            number: 0.0,
        };
        scanner.advance();
        scanner.next()?;
        Ok(scanner)
    }

    /// Goes to the next character; whether there is one.
    fn advance(&mut self) -> bool {
        let Some((c, rest)) = first_char(&self.text[self.at..]) else {
            (self.current, self.size) = ('\0', 1);
            return false;
        };
        self.current = c;
        self.size = self.text.len() - self.at - rest.len();
        self.at += self.size;
        true
    }

    fn skip_space(&mut self) {
        while self.current.is_whitespace() && self.advance() {}
    }

    /// Takes the current character, and the one behind it if it is this one. It does not fail.
    fn one_or_two(&mut self, one: Item, second: char, two: Item) -> Result<(), String> {
        self.advance();
        self.item = one;
        if self.current == second {
            self.advance();
            self.item = two;
        }
        Ok(())
    }

    /// Goes to the next token.
    ///
    /// # Errors
    /// A character that begins none, a text without end, a number that is none.
    pub(super) fn next(&mut self) -> Result<(), String> {
        self.skip_space();
        let item = match self.current {
            '\0' => {
                self.item = Item::End;
                return Ok(());
            }
            ',' => Item::Comma,
            '@' => Item::At,
            '(' => Item::OpenParen,
            ')' => Item::CloseParen,
            '|' => Item::Union,
            '*' => Item::Star,
            '[' => Item::OpenBracket,
            ']' => Item::CloseBracket,
            '+' => Item::Plus,
            '-' => Item::Minus,
            '=' => Item::Equal,
            '$' => Item::Dollar,
            '<' => return self.one_or_two(Item::Less, '=', Item::LessEqual),
            '>' => return self.one_or_two(Item::Greater, '=', Item::GreaterEqual),
            '!' => return self.one_or_two(Item::Bang, '=', Item::NotEqual),
            '/' => return self.one_or_two(Item::Slash, '/', Item::SlashSlash),
            '.' => {
                self.one_or_two(Item::Dot, '.', Item::DotDot)?;
                return match self.current {
                    c if self.item == Item::Dot && c.is_ascii_digit() => self.take_number(self.at - 2),
                    c if self.item == Item::Dot && is_other_digit(c) => Err(other_digit()),
                    _ => Ok(()),
                };
            }
            '"' | '\'' => return self.take_text(),
            c if c.is_ascii_digit() => return self.take_number(self.at - 1),
            c if is_other_digit(c) => return Err(other_digit()),
            c if starts_name(c) => return self.take_name(),
            _ => return Err("a character that begins nothing".to_owned()),
        };
        self.item = item;
        self.advance();
        Ok(())
    }

    fn take_text(&mut self) -> Result<(), String> {
        let quote = self.current;
        let from = self.at;
        self.advance();
        while self.current != quote {
            if !self.advance() {
                return Err("a text without end".to_owned());
            }
        }
        self.item = Item::Text;
        self.string = &self.text[from..self.at - 1];
        self.advance();
        Ok(())
    }

    /// A number whose first byte, which may be its point, has been taken.
    fn take_number(&mut self, from: usize) -> Result<(), String> {
        let mut len = if self.text[from] == b'.' { 1 } else { 0 };
        let mut had_point = len == 1;
        loop {
            match self.current {
                c if c.is_ascii_digit() => {}
                '.' if !had_point => had_point = true,
                _ => break,
            }
            len += 1;
            self.advance();
        }
        self.item = Item::Number;
        self.number = parse_float(&self.text[from..from + len]).map_err(|_| "a number that is too large".to_owned())?;
        Ok(())
    }

    fn take_name(&mut self) -> Result<(), String> {
        self.item = Item::Name;
        self.name = self.name_here();
        self.prefix = &[];
        if self.current == ':' {
            self.advance();
            if self.current == ':' {
                self.advance();
                self.item = Item::Axis;
            } else {
                self.prefix = self.name;
                if self.current == '*' {
                    self.advance();
                    self.name = b"*";
                } else if starts_name(self.current) {
                    self.name = self.name_here();
                } else {
                    return Err("a prefix without name".to_owned());
                }
            }
        } else {
            self.skip_space();
            if self.current == ':' {
                self.advance();
                if self.current != ':' {
                    return Err("a blank in front of a colon".to_owned());
                }
                self.advance();
                self.item = Item::Axis;
            }
        }
        self.skip_space();
        self.is_called = self.current == '(';
        Ok(())
    }

    fn name_here(&mut self) -> &'e [u8] {
        let from = self.at - self.size;
        let mut len = self.size - 1;
        while starts_name(self.current) {
            let more = self.advance();
            len += self.size;
            if !more {
                break;
            }
        }
        &self.text[from..from + len]
    }
}

/// Whether a name can begin with it: COMPAT, with all that it can have behind its beginning.
fn starts_name(c: char) -> bool {
    c != ':' && is_part(c)
}

/// Whether it is a decimal digit outside ASCII: the reference takes it for one, and then fails to read the number.
fn is_other_digit(c: char) -> bool {
    !c.is_ascii() && c.is_numeric() && is_part(c) && !is_first(c)
}

fn other_digit() -> String {
    "a digit outside ASCII".to_owned()
}
