//! Faults in rule files: gathered, then all drawn at their places.

use std::collections::HashSet;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::load::RuleSource;
use super::nearest::nearest;

/// Where something stands: which file, and which bytes of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// Position in the list of sources.
    pub(super) file: usize,
    /// Bytes of its text.
    pub(super) span: Range<usize>,
}

/// One fault.
#[derive(Debug)]
pub(super) struct Fault {
    place: Place,
    message: String,
    label: String,
    help: Vec<String>,
    /// A second place that the reader has to see, with what it is.
    other: Option<(Place, String)>,
}

impl Fault {
    /// A fault: what is wrong, and what is written under the place.
    pub(super) fn new(place: Place, message: impl Into<String>, label: impl Into<String>) -> Fault {
        Fault {
            place,
            message: message.into(),
            label: label.into(),
            help: Vec::new(),
            other: None,
        }
    }

    /// Adds what would be right.
    pub(super) fn help(mut self, help: impl Into<String>) -> Fault {
        self.help.push(help.into());
        self
    }

    /// Adds the nearest known word; if none is near, `otherwise` says what there is.
    pub(super) fn meant<'a>(
        self,
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
        otherwise: impl Into<String>,
    ) -> Fault {
        match nearest(word, known) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self.help(otherwise),
        }
    }

    /// Adds a second place.
    pub(super) fn see(mut self, place: Place, what: impl Into<String>) -> Fault {
        self.other = Some((place, what.into()));
        self
    }
}

/// The faults found so far.
#[derive(Debug, Default)]
pub(super) struct Faults {
    list: Vec<Fault>,
}

impl Faults {
    /// Adds a fault.
    pub(super) fn add(&mut self, fault: Fault) {
        self.list.push(fault);
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Draws them all, in the order of files and lines, and each of them once.
    pub(super) fn into_errors(mut self, sources: &[RuleSource]) -> RuleErrors {
        self.list
            .sort_by_key(|fault| (fault.place.file, fault.place.span.start));
        // What is read twice is found faulty twice.
        let mut told = HashSet::new();
        self.list
            .retain(|fault| told.insert((fault.place.clone(), fault.message.clone(), fault.label.clone())));
        let mut files: Vec<usize> = self.list.iter().map(|fault| fault.place.file).collect();
        files.dedup();
        let (faults, files) = (self.list.len(), files.len());
        let closing = format!(
            "{faults} {} in {files} {}; nothing was evaluated",
            if faults == 1 { "fault" } else { "faults" },
            if files == 1 { "rule file" } else { "rule files" },
        );
        let renderer = Renderer::plain().term_width(WIDTH);
        let mut text = String::new();
        for fault in &self.list {
            text.push_str(&renderer.render(&report(fault, sources)));
            text.push_str("\n\n");
        }
        text.push_str(&closing);
        RuleErrors { text, faults }
    }
}

/// Wide enough for the lines people write; longer ones are cut around the fault.
const WIDTH: usize = 120;

fn report<'a>(fault: &'a Fault, sources: &'a [RuleSource]) -> Vec<Group<'a>> {
    let mut group = Level::ERROR.primary_title(&*fault.message).element(
        snippet(&fault.place, sources).annotation(
            AnnotationKind::Primary
                .span(fault.place.span.clone())
                .label(&*fault.label),
        ),
    );
    for help in &fault.help {
        group = group.element(Level::HELP.message(&**help));
    }
    let mut groups = vec![group];
    if let Some((place, what)) = &fault.other {
        groups.push(
            Level::NOTE.secondary_title(&**what).element(
                snippet(place, sources).annotation(AnnotationKind::Context.span(place.span.clone())),
            ),
        );
    }
    groups
}

fn snippet<'a, T: Clone>(place: &Place, sources: &'a [RuleSource]) -> Snippet<'a, T> {
    let source = &sources[place.file];
    Snippet::source(&*source.text).path(&*source.name)
}

/// Every fault found in a set of rule files; displays them all, drawn at their lines.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct RuleErrors {
    text: String,
    faults: usize,
}

impl RuleErrors {
    /// How many faults there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.faults
    }
}
