//! What rules ask of columns of the users' records, answered for everyone: each question once, however many
//! rules ask it. Nearly half of what the shipped packs ask, another rule has asked before.

use rayon::prelude::*;

use crate::rules::Test;

use super::alike::leaves;
use super::check::{Leaf, Scene};
use super::compile::Compiled;
use super::field::FieldReader;
use super::tri::Planes;

/// The answers to every question that some rules ask.
pub(super) struct Columns<'c, 'a>(Vec<(&'c FieldReader<'a>, &'a Test, Planes)>);

impl<'c, 'a> Columns<'c, 'a> {
    /// Answers all that these rules ask.
    pub(super) fn new(rules: impl Iterator<Item = &'c Compiled<'a>>, scene: &Scene<'_>) -> Self {
        let mut asked: Vec<(&FieldReader<'_>, &Test)> = Vec::new();
        for rule in rules {
            for node in rule.when.iter().chain([&rule.check]) {
                leaves(node, &mut |leaf| {
                    if let Leaf::Field(reader, test) = leaf
                        && !asked.iter().any(|asked| is_same(*asked, (reader, test)))
                    {
                        asked.push((reader, test));
                    }
                });
            }
        }
        let answer = |(reader, test): (&'c FieldReader<'a>, &'a Test)| {
            (reader, test, reader.planes(test, &scene.people))
        };
        Columns(asked.into_par_iter().with_max_len(1).map(answer).collect())
    }

    /// The answer to one of the questions.
    pub(super) fn of(&self, reader: &FieldReader<'_>, test: &Test) -> Option<&Planes> {
        let mut answers = self.0.iter();
        let found = answers.find(|(asked, of, _)| is_same((asked, of), (reader, test)));
        found.map(|(_, _, planes)| planes)
    }
}

fn is_same(left: (&FieldReader<'_>, &Test), right: (&FieldReader<'_>, &Test)) -> bool {
    left.0.field.source == right.0.field.source && left.1 == right.1
}
