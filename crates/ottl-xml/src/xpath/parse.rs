//! From an expression to its tree.
//!
//! COMPAT: what follows a whole expression is not looked at. Behind a sequence in brackets as a step there are no
//! predicates. `prefix:*` stands for the name of no node.

use super::MAX_DEPTH;
use super::program::{Arithmetic, Comparison};
use super::scan::{Item, Scanner};

/// The number of a node.
pub(super) type NodeId = u32;

/// What a step takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Any,
    Element,
    Attribute,
    Text,
    Comment,
}

/// An operator with two operands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Operator {
    Compare(Comparison),
    Compute(Arithmetic),
    Or,
    And,
    Union,
}

/// A node of the tree.
#[derive(Clone, Debug)]
pub(super) enum Node<'e> {
    Root,
    Step { axis: &'e [u8], test: Test, prefix: &'e [u8], local: &'e [u8], input: Option<NodeId> },
    Filter { input: NodeId, condition: NodeId },
    Call { name: &'e [u8], arguments: Vec<NodeId> },
    Operation { operator: Operator, left: NodeId, right: NodeId },
    Variable,
    Number(f64),
    Text(&'e [u8]),
    Group(NodeId),
}

/// What is being parsed.
pub(super) struct Parser<'e> {
    scanner: Scanner<'e>,
    nodes: Vec<Node<'e>>,
    /// How many brackets are open.
    depth: usize,
}

/// The nodes of an expression, and which one is all of it.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse(text: &[u8]) -> Result<(Vec<Node<'_>>, NodeId), String> {
    let mut parser = Parser { scanner: Scanner::new(text)?, nodes: Vec::new(), depth: 0 };
    let root = parser.expression()?;
    Ok((parser.nodes, root))
}

impl<'e> Parser<'e> {
    fn add(&mut self, node: Node<'e>) -> NodeId {
        self.nodes.push(node);
        self.nodes.len() as NodeId - 1
    }

    fn is(&self, item: Item) -> bool {
        self.scanner.item == item
    }

    fn next(&mut self) -> Result<(), String> {
        self.scanner.next()
    }

    fn skip(&mut self, item: Item) -> Result<(), String> {
        if !self.is(item) {
            return Err("another sign than this place needs".to_owned());
        }
        self.next()
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(too_deep()) } else { Ok(()) }
    }

    fn expression(&mut self) -> Result<NodeId, String> {
        self.deeper()?;
        let node = self.operation(0)?;
        self.depth -= 1;
        Ok(node)
    }

    /// The operator here, and how strongly it binds.
    fn operator(&self) -> Option<(Operator, u8)> {
        use Operator::{And, Compare, Compute, Or};
        Some(match self.scanner.item {
            Item::Equal => (Compare(Comparison::Equal), 2),
            Item::NotEqual => (Compare(Comparison::NotEqual), 2),
            Item::Less => (Compare(Comparison::Less), 3),
            Item::LessEqual => (Compare(Comparison::LessEqual), 3),
            Item::Greater => (Compare(Comparison::Greater), 3),
            Item::GreaterEqual => (Compare(Comparison::GreaterEqual), 3),
            Item::Plus => (Compute(Arithmetic::Add), 4),
            Item::Minus => (Compute(Arithmetic::Subtract), 4),
            Item::Star => (Compute(Arithmetic::Multiply), 5),
            Item::Name if self.scanner.prefix.is_empty() => match self.scanner.name {
                b"or" => (Or, 0),
                b"and" => (And, 1),
                b"div" => (Compute(Arithmetic::Divide), 5),
                b"mod" => (Compute(Arithmetic::Modulo), 5),
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Operands with operators that bind at least so strongly.
    fn operation(&mut self, weakest: u8) -> Result<NodeId, String> {
        let mut left = self.operand()?;
        // What binds more strongly than an operator was taken in front of it.
        while let Some((operator, strength)) = self.operator().filter(|&(_, strength)| strength >= weakest) {
            self.next()?;
            let right = self.operation(strength + 1)?;
            left = self.add(Node::Operation { operator, left, right });
        }
        Ok(left)
    }

    /// Paths with `|` between them, and `-` in front.
    fn operand(&mut self) -> Result<NodeId, String> {
        let mut negative = false;
        while self.is(Item::Minus) {
            self.next()?;
            negative = !negative;
        }
        let mut node = self.path()?;
        while self.is(Item::Union) {
            self.next()?;
            let right = self.path()?;
            node = self.add(Node::Operation { operator: Operator::Union, left: node, right });
        }
        if negative {
            let right = self.add(Node::Number(-1.0));
            let operator = Operator::Compute(Arithmetic::Multiply);
            node = self.add(Node::Operation { operator, left: node, right });
        }
        Ok(node)
    }

    fn path(&mut self) -> Result<NodeId, String> {
        let is_value = match self.scanner.item {
            Item::Text | Item::Number | Item::Dollar | Item::OpenParen => true,
            Item::Name => self.scanner.is_called && !self.is_node_type(),
            _ => false,
        };
        if is_value {
            let mut node = self.value()?;
            while self.is(Item::OpenBracket) {
                node = self.filter(node)?;
            }
            return match self.scanner.item {
                Item::Slash => {
                    self.next()?;
                    self.steps(Some(node))
                }
                Item::SlashSlash => {
                    self.next()?;
                    let all = self.all_below(node);
                    self.steps(Some(all))
                }
                _ => Ok(node),
            };
        }
        match self.scanner.item {
            Item::Slash => {
                self.next()?;
                let root = self.add(Node::Root);
                let is_step = matches!(
                    self.scanner.item,
                    Item::Dot | Item::DotDot | Item::At | Item::Axis | Item::Star | Item::Name
                );
                if is_step { self.steps(Some(root)) } else { Ok(root) }
            }
            Item::SlashSlash => {
                self.next()?;
                let root = self.add(Node::Root);
                let all = self.all_below(root);
                self.steps(Some(all))
            }
            _ => self.steps(None),
        }
    }

    /// `descendant-or-self::node()` of a node.
    fn all_below(&mut self, input: NodeId) -> NodeId {
        self.step_of(b"descendant-or-self", Some(input))
    }

    fn step_of(&mut self, axis: &'e [u8], input: Option<NodeId>) -> NodeId {
        self.add(Node::Step { axis, test: Test::Any, prefix: &[], local: &[], input })
    }

    fn is_node_type(&self) -> bool {
        self.scanner.prefix.is_empty()
            && matches!(self.scanner.name, b"node" | b"text" | b"processing-instruction" | b"comment")
    }

    fn steps(&mut self, input: Option<NodeId>) -> Result<NodeId, String> {
        let mut node = self.step(input)?;
        loop {
            match self.scanner.item {
                Item::SlashSlash => {
                    self.next()?;
                    node = self.all_below(node);
                }
                Item::Slash => self.next()?,
                _ => return Ok(node),
            }
            node = self.step(Some(node))?;
        }
    }

    fn step(&mut self, input: Option<NodeId>) -> Result<NodeId, String> {
        let mut node = match self.scanner.item {
            Item::Dot | Item::DotDot => {
                let axis: &[u8] = if self.is(Item::Dot) { b"self" } else { b"parent" };
                let node = self.step_of(axis, input);
                self.next()?;
                node
            }
            Item::OpenParen => return self.sequence(input),
            Item::At => {
                self.next()?;
                self.node_test(input, b"attribute")?
            }
            Item::Axis => {
                let axis = self.scanner.name;
                self.next()?;
                self.node_test(input, axis)?
            }
            _ => self.node_test(input, b"child")?,
        };
        while self.is(Item::OpenBracket) {
            node = self.filter(node)?;
        }
        Ok(node)
    }

    /// Steps in brackets, with commas between them.
    fn sequence(&mut self, input: Option<NodeId>) -> Result<NodeId, String> {
        self.deeper()?;
        self.next()?;
        let mut node = self.step(input)?;
        while self.is(Item::Comma) {
            self.next()?;
            let right = self.step(input)?;
            node = self.add(Node::Operation { operator: Operator::Union, left: node, right });
        }
        self.skip(Item::CloseParen)?;
        self.depth -= 1;
        Ok(node)
    }

    fn node_test(&mut self, input: Option<NodeId>, axis: &'e [u8]) -> Result<NodeId, String> {
        let default = if axis == b"attribute" { Test::Attribute } else { Test::Element };
        let (test, prefix, local) = match self.scanner.item {
            Item::Star => {
                self.next()?;
                (default, &[][..], &[][..])
            }
            Item::Name if self.scanner.is_called && self.is_node_type() => {
                let name = self.scanner.name;
                self.next()?;
                self.skip(Item::OpenParen)?;
                let mut local: &[u8] = &[];
                if name == b"processing-instruction" && !self.is(Item::CloseParen) {
                    if !self.is(Item::Text) {
                        return Err("the name of an instruction that is no text".to_owned());
                    }
                    local = self.scanner.string;
                    self.next()?;
                }
                self.skip(Item::CloseParen)?;
                let test = match name {
                    b"comment" => Test::Comment,
                    b"text" => Test::Text,
                    b"node" => Test::Any,
                    // COMPAT: instructions count as elements.
                    _ => default,
                };
                (test, &[][..], local)
            }
            Item::Name => {
                let (prefix, name) = (self.scanner.prefix, self.scanner.name);
                self.next()?;
                // COMPAT: by now the name may be another one.
                (default, prefix, if self.scanner.name == b"*" { &[][..] } else { name })
            }
            _ => return Err("a step that is none".to_owned()),
        };
        Ok(self.add(Node::Step { axis, test, prefix, local, input }))
    }

    fn filter(&mut self, input: NodeId) -> Result<NodeId, String> {
        self.skip(Item::OpenBracket)?;
        let condition = self.expression()?;
        self.skip(Item::CloseBracket)?;
        Ok(self.add(Node::Filter { input, condition }))
    }

    fn value(&mut self) -> Result<NodeId, String> {
        let node = match self.scanner.item {
            Item::Text => Node::Text(self.scanner.string),
            Item::Number => Node::Number(self.scanner.number),
            Item::Dollar => {
                self.next()?;
                if !self.is(Item::Name) {
                    return Err("a variable without name".to_owned());
                }
                Node::Variable
            }
            Item::OpenParen => {
                self.next()?;
                let inner = self.expression()?;
                self.skip(Item::CloseParen)?;
                return Ok(match self.nodes[inner as usize] {
                    Node::Number(_) | Node::Text(_) => inner,
                    _ => self.add(Node::Group(inner)),
                });
            }
            _ => return self.call(),
        };
        self.next()?;
        Ok(self.add(node))
    }

    fn call(&mut self) -> Result<NodeId, String> {
        let name = self.scanner.name;
        self.next()?;
        self.skip(Item::OpenParen)?;
        let mut arguments = Vec::new();
        if !self.is(Item::CloseParen) {
            loop {
                arguments.push(self.expression()?);
                if self.is(Item::CloseParen) {
                    break;
                }
                self.skip(Item::Comma)?;
            }
        }
        self.skip(Item::CloseParen)?;
        Ok(self.add(Node::Call { name, arguments }))
    }
}

/// The message for an expression that nests too deep.
pub(super) fn too_deep() -> String {
    format!("the expression has more than {MAX_DEPTH} steps, operators and brackets inside each other")
}
