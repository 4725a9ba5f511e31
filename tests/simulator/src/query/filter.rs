//! `$filter`: from text to an expression over a table's properties.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::property;
use crate::cell::Kind;
use crate::error::ServiceError;
use crate::schema::Table;

/// Most conditions in one filter (recalled; the vendor's pages give no number).
const MOST_CONDITIONS: usize = 500;
/// Deepest nesting; the service has a limit too.
const DEEPEST: usize = 100;

/// A value written in a filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Guid(Uuid),
    /// Already in lower case: text compares without regard to case.
    Text(String),
    Date(Timestamp),
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// A test of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextTest {
    Contains,
    StartsWith,
    EndsWith,
}

/// A filter.
#[derive(Clone, Debug)]
pub(crate) enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Not(Box<Expression>),
    Compare(usize, Comparison, Literal),
    Columns(usize, Comparison, usize),
    Text(usize, TextTest, String),
    In(usize, HashSet<Literal>),
}

impl Expression {
    /// Reads a filter over a table; `aliases` are the request's `@` parameters.
    pub(crate) fn parse(
        text: &str,
        table: &Table,
        aliases: &HashMap<String, String>,
    ) -> Result<Self, ServiceError> {
        let mut parser = Parser {
            text,
            tokens: tokens(text)?,
            at: 0,
            table,
            aliases,
            conditions: 0,
        };
        let expression = parser.any(0)?;
        if parser.at < parser.tokens.len() {
            return Err(parser.syntax());
        }
        if parser.conditions > MOST_CONDITIONS {
            let message = "Number of conditions in query exceeded maximum limit.";
            return Err(ServiceError::new(400, "0x8004430c", message));
        }
        Ok(expression)
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Comma,
    Equals,
    Quoted(String),
    Word(String),
    /// A JSON array, verbatim.
    Array(String),
}

fn tokens(text: &str) -> Result<Vec<Token>, ServiceError> {
    let fail = |at: usize| ServiceError::bad_query(format!("Syntax error at position {at} in '{text}'."));
    let mut tokens = Vec::new();
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            ' ' | '\t' | '\r' | '\n' => {}
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            ',' => tokens.push(Token::Comma),
            '=' => tokens.push(Token::Equals),
            '\'' => {
                let mut value = String::new();
                loop {
                    match letters.next() {
                        // A quote inside text is written twice.
                        Some((_, '\'')) if letters.next_if(|(_, next)| *next == '\'').is_some() => {
                            value.push('\'')
                        }
                        Some((_, '\'')) => break,
                        Some((_, other)) => value.push(other),
                        None => {
                            let message = format!(
                                "There is an unterminated string literal at position {at} in '{text}'."
                            );
                            return Err(ServiceError::bad_query(message));
                        }
                    }
                }
                tokens.push(Token::Quoted(value));
            }
            '[' => {
                let end = text[at..].find(']').ok_or_else(|| fail(at))? + at;
                while letters.next_if(|(next, _)| *next <= end).is_some() {}
                tokens.push(Token::Array(text[at..=end].to_owned()));
            }
            _ if word(letter) => {
                let mut value = letter.to_string();
                while let Some((_, next)) = letters.next_if(|(_, next)| word(*next)) {
                    value.push(next);
                }
                tokens.push(Token::Word(value));
            }
            _ => return Err(fail(at)),
        }
    }
    Ok(tokens)
}

fn word(letter: char) -> bool {
    letter.is_alphanumeric() || "_.@-:/+".contains(letter)
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    table: &'a Table,
    aliases: &'a HashMap<String, String>,
    conditions: usize,
}

impl Parser<'_> {
    fn syntax(&self) -> ServiceError {
        ServiceError::bad_query(format!(
            "Syntax error at position {} in '{}'.",
            self.at, self.text
        ))
    }

    fn next(&mut self) -> Result<Token, ServiceError> {
        let token = self.tokens.get(self.at).cloned().ok_or_else(|| self.syntax())?;
        self.at += 1;
        Ok(token)
    }

    fn expect(&mut self, token: &Token) -> Result<(), ServiceError> {
        if self.tokens.get(self.at) == Some(token) {
            self.at += 1;
            return Ok(());
        }
        Err(self.syntax())
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(next)) if next == word);
        self.at += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Result<Expression, ServiceError> {
        let mut parts = vec![self.all(depth)?];
        while self.take_word("or") {
            parts.push(self.all(depth)?);
        }
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Expression::Any(parts)
        })
    }

    fn all(&mut self, depth: usize) -> Result<Expression, ServiceError> {
        let mut parts = vec![self.unary(depth)?];
        while self.take_word("and") {
            parts.push(self.unary(depth)?);
        }
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Expression::All(parts)
        })
    }

    fn unary(&mut self, depth: usize) -> Result<Expression, ServiceError> {
        if depth > DEEPEST {
            return Err(ServiceError::bad_query(
                "The node count limit of '100' has been exceeded.",
            ));
        }
        if self.take_word("not") {
            return Ok(Expression::Not(Box::new(self.unary(depth + 1)?)));
        }
        if self.tokens.get(self.at) == Some(&Token::Open) {
            self.at += 1;
            let inner = self.any(depth + 1)?;
            self.expect(&Token::Close)?;
            return Ok(inner);
        }
        self.condition()
    }

    fn condition(&mut self) -> Result<Expression, ServiceError> {
        self.conditions += 1;
        let first = self.next()?;
        if self.tokens.get(self.at) == Some(&Token::Open)
            && let Token::Word(function) = &first
        {
            self.at += 1;
            return self.function(&function.clone());
        }
        let Token::Word(operator) = self.next()? else {
            return Err(self.syntax());
        };
        let second = self.next()?;
        let comparison = match operator.as_str() {
            "eq" => Comparison::Equal,
            "ne" => Comparison::NotEqual,
            "gt" => Comparison::Greater,
            "ge" => Comparison::GreaterOrEqual,
            "lt" => Comparison::Less,
            "le" => Comparison::LessOrEqual,
            _ => return Err(self.syntax()),
        };
        match (self.operand(&first)?, self.operand(&second)?) {
            (Operand::Property(left), Operand::Property(right)) => {
                Ok(Expression::Columns(left, comparison, right))
            }
            (Operand::Property(field), Operand::Value(value)) => Ok(Expression::Compare(
                field,
                comparison,
                self.fit(field, value, comparison)?,
            )),
            (Operand::Value(value), Operand::Property(field)) => {
                let mirrored = match comparison {
                    Comparison::Greater => Comparison::Less,
                    Comparison::GreaterOrEqual => Comparison::LessOrEqual,
                    Comparison::Less => Comparison::Greater,
                    Comparison::LessOrEqual => Comparison::GreaterOrEqual,
                    same => same,
                };
                Ok(Expression::Compare(
                    field,
                    mirrored,
                    self.fit(field, value, mirrored)?,
                ))
            }
            _ => Err(self.syntax()),
        }
    }

    fn operand(&self, token: &Token) -> Result<Operand, ServiceError> {
        match token {
            Token::Quoted(text) => Ok(Operand::Value(Literal::Text(text.to_lowercase()))),
            Token::Word(word) if word.starts_with('@') => {
                let value = self.alias(word)?;
                let quoted = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
                match quoted {
                    Some(text) => Ok(Operand::Value(Literal::Text(
                        text.replace("''", "'").to_lowercase(),
                    ))),
                    None => literal(value).map(Operand::Value).ok_or_else(|| self.syntax()),
                }
            }
            Token::Word(word) => match literal(word) {
                Some(value) => Ok(Operand::Value(value)),
                None => property(word, self.table).map(Operand::Property),
            },
            _ => Err(self.syntax()),
        }
    }

    fn alias(&self, name: &str) -> Result<&str, ServiceError> {
        // An alias without a value counts as null in OData; the service refuses it where text is due.
        self.aliases
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| self.syntax())
    }

    /// Turns a literal into what the property holds, or refuses it.
    fn fit(&self, field: usize, value: Literal, comparison: Comparison) -> Result<Literal, ServiceError> {
        let kind = self.table.fields[field].kind;
        let (fitted, found) = match (kind, value) {
            (_, Literal::Null) => (Some(Literal::Null), "null"),
            (Kind::Key | Kind::Guid | Kind::Lookup(..), Literal::Text(text)) => {
                (Uuid::try_parse(&text).ok().map(Literal::Guid), "Edm.String")
            }
            (Kind::Key | Kind::Guid | Kind::Lookup(..), Literal::Guid(id)) => (Some(Literal::Guid(id)), ""),
            (Kind::Text, Literal::Text(text)) => (Some(Literal::Text(text)), ""),
            (Kind::Int | Kind::Choice(_), Literal::Int(number)) => (Some(Literal::Int(number)), ""),
            (Kind::Bool, Literal::Bool(value)) => (Some(Literal::Bool(value)), ""),
            (Kind::Date, Literal::Date(date)) => (Some(Literal::Date(date)), ""),
            (_, other) => (None, other.edm()),
        };
        fitted.ok_or_else(|| {
            ServiceError::new(
                400,
                "0x0",
                format!(
                    "A binary operator with incompatible types was detected. Found operand types '{}' and '{found}' \
                     for operator kind '{comparison:?}'.",
                    kind.edm(),
                ),
            )
        })
    }

    fn function(&mut self, name: &str) -> Result<Expression, ServiceError> {
        let test = match name {
            "contains" => TextTest::Contains,
            "startswith" => TextTest::StartsWith,
            "endswith" => TextTest::EndsWith,
            "Microsoft.Dynamics.CRM.In" => return self.in_list(),
            _ => {
                let message = format!("An unknown function with name '{name}' was found.");
                return Err(ServiceError::bad_query(message));
            }
        };
        let Token::Word(column) = self.next()? else {
            return Err(self.syntax());
        };
        let field = property(&column, self.table)?;
        self.expect(&Token::Comma)?;
        let Token::Quoted(needle) = self.next()? else {
            return Err(self.syntax());
        };
        self.expect(&Token::Close)?;
        if self.table.fields[field].kind != Kind::Text {
            let message = format!(
                "No function signature for the function with name '{name}' matches the specified arguments."
            );
            return Err(ServiceError::bad_query(message));
        }
        Ok(Expression::Text(field, test, needle.to_lowercase()))
    }

    /// `In(PropertyName=…,PropertyValues=…)`; every value counts as a condition.
    fn in_list(&mut self) -> Result<Expression, ServiceError> {
        let (mut name, mut values) = (None, None);
        loop {
            let Token::Word(parameter) = self.next()? else {
                return Err(self.syntax());
            };
            self.expect(&Token::Equals)?;
            let value = match self.next()? {
                Token::Word(alias) => self.alias(&alias)?.to_owned(),
                Token::Quoted(text) => format!("'{text}'"),
                Token::Array(array) => array,
                _ => return Err(self.syntax()),
            };
            match parameter.as_str() {
                "PropertyName" => name = Some(value),
                "PropertyValues" => values = Some(value),
                _ => return Err(self.syntax()),
            }
            match self.next()? {
                Token::Comma => {}
                Token::Close => break,
                _ => return Err(self.syntax()),
            }
        }
        let (Some(name), Some(values)) = (name, values) else {
            return Err(self.syntax());
        };
        // The property is named by its logical name here, so a lookup without its decoration is right.
        let name = name.trim_matches('\'');
        let found = self.table.property(name).or_else(|| self.table.column(name));
        let field = found.ok_or_else(|| ServiceError::unknown_property(name, self.table.name))?;
        let values: Vec<String> = serde_json::from_str(&values).map_err(|_| self.syntax())?;
        self.conditions += values.len().saturating_sub(1);
        let fitted = values.iter().map(|value| {
            let literal = match self.table.fields[field].kind {
                Kind::Text | Kind::Key | Kind::Guid | Kind::Lookup(..) => Literal::Text(value.to_lowercase()),
                _ => literal(value).unwrap_or_else(|| Literal::Text(value.clone())),
            };
            self.fit(field, literal, Comparison::Equal)
        });
        Ok(Expression::In(field, fitted.collect::<Result<_, _>>()?))
    }
}

enum Operand {
    Property(usize),
    Value(Literal),
}

impl Literal {
    fn edm(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "Edm.Boolean",
            Self::Int(_) => "Edm.Int32",
            Self::Guid(_) => "Edm.Guid",
            Self::Text(_) => "Edm.String",
            Self::Date(_) => "Edm.DateTimeOffset",
        }
    }
}

/// An unquoted value; `None` if the word is a property's name.
fn literal(word: &str) -> Option<Literal> {
    match word {
        "null" => Some(Literal::Null),
        "true" => Some(Literal::Bool(true)),
        "false" => Some(Literal::Bool(false)),
        _ => None,
    }
    .or_else(|| word.parse().ok().map(Literal::Int))
    .or_else(|| {
        (word.len() == 36)
            .then(|| Uuid::try_parse(word).ok().map(Literal::Guid))
            .flatten()
    })
    .or_else(|| word.parse().ok().map(Literal::Date))
    .or_else(|| format!("{word}T00:00:00Z").parse().ok().map(Literal::Date))
}
