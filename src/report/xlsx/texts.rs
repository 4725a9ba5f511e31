//! Text that many cells share: written once, named by its number.
//!
//! Only what is known before the first line is drawn: words of ours and what rules say. So lines can be
//! drawn by several threads, and nothing grows with the number of users.

use std::io::{self, Write};

use rustc_hash::FxHashMap;

use super::super::rows;
use super::super::summary::Report;
use super::super::text;
use super::xml;

/// The shared texts.
#[derive(Default)]
pub(super) struct Texts {
    numbers: FxHashMap<String, u32>,
    texts: Vec<String>,
}

impl Texts {
    /// What the cells of a report have in common.
    pub(super) fn of(report: &Report<'_>) -> Texts {
        use crate::evaluate::{Outcome, Verdict};
        use crate::rules::Severity;

        let mut texts = Texts::default();
        for outcome in [Outcome::Fail, Outcome::Unknown, Outcome::Waived] {
            texts.add(outcome.name());
        }
        for verdict in super::super::summary::VERDICTS {
            texts.add(verdict.name());
        }
        texts.add(Verdict::OutOfScope.name());
        for severity in [Severity::Blocks, Severity::Limits, Severity::Advises] {
            texts.add(severity.name());
        }
        for environment in &report.assessment.environments {
            texts.add(&environment.environment.manifest.environment.name);
        }
        for (rule, source) in report
            .assessment
            .rules
            .rules
            .iter()
            .map(|rule| (rule, rows::source(report, rule)))
        {
            texts.add(&rule.id);
            texts.add(&source);
            for told in [Some(&rule.remedy), rule.cause.as_ref()].into_iter().flatten() {
                texts.add(told);
                texts.add(&text::one_line(told));
            }
        }
        texts
    }

    fn add(&mut self, text: &str) {
        if !text.is_empty() && !self.numbers.contains_key(text) {
            self.numbers.insert(text.to_owned(), self.texts.len() as u32);
            self.texts.push(text.to_owned());
        }
    }

    /// The number of a shared text; none if it is not shared.
    pub(super) fn find(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// Writes the part that holds them.
    pub(super) fn write(&self, part: &mut impl Write) -> io::Result<()> {
        let mut buffer = super::HEAD.to_vec();
        write!(
            buffer,
            "<sst xmlns=\"{}\" uniqueCount=\"{}\">",
            super::MAIN,
            self.texts.len()
        )?;
        for text in &self.texts {
            buffer.extend_from_slice(b"<si><t");
            buffer.extend_from_slice(xml::space(text));
            xml::push(&mut buffer, &xml::fitting(text));
            buffer.extend_from_slice(b"</t></si>");
        }
        buffer.extend_from_slice(b"</sst>");
        part.write_all(&buffer)
    }
}
