//! Filters on rows, with the logic of the database: a null is neither equal nor greater nor less.

use std::cmp::Ordering;

use super::filter::{Comparison, Expression, Literal, TextTest};
use crate::cell::Cell;
use crate::schema::Table;

/// Whether a row passes a filter.
pub(crate) fn matches(expression: &Expression, table: &Table, row: usize) -> bool {
    holds(expression, table, row) == Some(true)
}

fn holds(expression: &Expression, table: &Table, row: usize) -> Option<bool> {
    match expression {
        Expression::All(parts) => {
            let mut unknown = false;
            for part in parts {
                match holds(part, table, row) {
                    Some(false) => return Some(false),
                    Some(true) => {}
                    None => unknown = true,
                }
            }
            (!unknown).then_some(true)
        }
        Expression::Any(parts) => {
            let mut unknown = false;
            for part in parts {
                match holds(part, table, row) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => unknown = true,
                }
            }
            (!unknown).then_some(false)
        }
        Expression::Not(inner) => holds(inner, table, row).map(|held| !held),
        Expression::Compare(field, comparison, literal) => {
            compare(table.cell(row, *field), *comparison, literal)
        }
        Expression::Columns(left, comparison, right) => {
            let right = owned(table.cell(row, *right))?;
            match (table.cell(row, *left), right) {
                (Cell::Null, _) | (_, Literal::Null) => None,
                (left, right) => compare(left, *comparison, &right),
            }
        }
        Expression::Text(field, test, needle) => match table.cell(row, *field) {
            Cell::Text(text) => {
                let text = text.to_lowercase();
                Some(match test {
                    TextTest::Contains => text.contains(needle),
                    TextTest::StartsWith => text.starts_with(needle),
                    TextTest::EndsWith => text.ends_with(needle),
                })
            }
            _ => None,
        },
        Expression::In(field, values) => match owned(table.cell(row, *field))? {
            Literal::Null => None,
            value => Some(values.contains(&value)),
        },
    }
}

fn owned(cell: Cell<'_>) -> Option<Literal> {
    Some(match cell {
        Cell::Null => Literal::Null,
        Cell::Text(text) => Literal::Text(text.to_lowercase()),
        Cell::Int(number) => Literal::Int(number),
        Cell::Bool(value) => Literal::Bool(value),
        Cell::Guid(id) => Literal::Guid(id),
        Cell::Date(date) => Literal::Date(date),
        Cell::Json(_) => return None,
    })
}

fn compare(cell: Cell<'_>, comparison: Comparison, literal: &Literal) -> Option<bool> {
    let order = match (cell, literal) {
        (cell, Literal::Null) => {
            let null = matches!(cell, Cell::Null);
            return match comparison {
                Comparison::Equal => Some(null),
                Comparison::NotEqual => Some(!null),
                _ => None,
            };
        }
        // "Does not equal" also finds rows without a value (recalled): the query becomes `<> or is null`.
        (Cell::Null, _) => return (comparison == Comparison::NotEqual).then_some(true),
        // SQL Server ignores blanks at the end.
        (Cell::Text(text), Literal::Text(other)) => text.to_lowercase().trim_end().cmp(other.trim_end()),
        (Cell::Int(number), Literal::Int(other)) => number.cmp(other),
        (Cell::Bool(value), Literal::Bool(other)) => value.cmp(other),
        (Cell::Guid(id), Literal::Guid(other)) => id.cmp(other),
        (Cell::Date(date), Literal::Date(other)) => date.cmp(other),
        _ => return None,
    };
    Some(match comparison {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
    })
}
