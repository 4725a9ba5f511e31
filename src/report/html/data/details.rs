//! The details of some users: what is told of each, with its evidence and with the ways by which
//! access reaches the user, as on the page of one user's explanation.
//!
//! Within a block, what is told of several users stands once. What differs between them are words:
//! the paths of the user, and ids. They stand with the user, and the texts have places for them
//! ([`super::words`]). A path is itself a text with places: for its role, business unit and team.

use std::hash::Hash;

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::access::{Requirement, Way};
use crate::evaluate::{EnvironmentAssessment, Finding, Verdict};
use crate::rules::Scope;

use super::super::super::group::{self, Entry};
use super::super::super::summary::Report;
use super::super::cases::Cases;
use super::super::legible;
use super::index::told;
use super::words::{Cut, place};

/// Ways that are drawn for one finding, of those whose role grants what is missing, only not far
/// enough; and where there is none, of the others. There are users with hundreds of roles.
const NEAR: usize = 4;
const FAR: usize = 2;

#[derive(Serialize)]
pub(super) struct DetailsView {
    texts: Vec<String>,
    ways: Vec<WayView>,
    findings: Vec<FindingView>,
    users: Vec<UserView>,
}

/// Position of a text; −1 for none.
type Text = i32;

/// What is told of one user, and the words for it.
#[derive(Default, Serialize)]
struct UserView(Vec<Vec<i32>>, Vec<Word>);

/// What stands in a place: a text, or a path, which is a text and the words for its own places.
#[derive(Serialize)]
#[serde(untagged)]
enum Word {
    Text(Text),
    Path(Vec<Text>),
}

/// What is told in one place, whomever it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
struct FindingView {
    title: Text,
    rules: Vec<usize>,
    outcome: usize,
    severity: &'static str,
    expected: Text,
    observed: Text,
    cause: Text,
    remedy: Text,
    lines: Vec<Text>,
    whole_environment: bool,
    consequences: Text,
    follows: Vec<usize>,
}

/// A way, whichever path it goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
struct WayView {
    steps: Vec<StepView>,
    stop: Text,
    /// Whether the role grants what is missing, only not far enough.
    near: bool,
}

/// A step; its name has a place for a word of the path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
struct StepView {
    kind: &'static str,
    name: Text,
    note: Text,
}

/// The details of the users at these positions of [`Cases::who`].
pub(super) fn view(report: &Report<'_>, cases: &Cases, users: &[usize]) -> DetailsView {
    let mut book = Book::default();
    let users = users.iter().map(|&one| {
        let (place, user) = cases.who[one];
        let environment = &report.assessment.environments[place];
        if cases.cases[cases.of[one]].is_empty() || environment.verdict(user) == Verdict::OutOfScope {
            return UserView::default();
        }
        book.user(environment, user)
    });
    DetailsView {
        users: users.collect(),
        texts: book.texts.values,
        ways: book.ways.values,
        findings: book.findings.values,
    }
}

/// What stands once in a block.
#[derive(Default)]
struct Book {
    texts: Once<String>,
    ways: Once<WayView>,
    findings: Once<FindingView>,
}

/// Values, each once, in the order in which they are met.
struct Once<V> {
    values: Vec<V>,
    positions: FxHashMap<V, i32>,
}

impl<V> Default for Once<V> {
    fn default() -> Once<V> {
        Once {
            values: Vec::new(),
            positions: FxHashMap::default(),
        }
    }
}

impl<V: Clone + Eq + Hash> Once<V> {
    fn position(&mut self, value: V) -> i32 {
        if let Some(position) = self.positions.get(&value) {
            return *position;
        }
        let position = self.values.len() as i32;
        self.values.push(value.clone());
        self.positions.insert(value, position);
        position
    }
}

/// A path of the user, in one line and step by step.
struct Path {
    line: String,
    way: Way,
}

/// The words of one user.
struct Words {
    paths: Vec<Path>,
    /// By path: position of its word, once it has one.
    of_paths: Vec<Option<usize>>,
    ids: Vec<(String, usize)>,
    words: Vec<Word>,
}

impl Words {
    fn of(environment: &EnvironmentAssessment<'_>, user: usize) -> Words {
        let paths = environment.access().paths(user);
        let paths = paths.map(|path| Path {
            line: legible(&path.to_string()).into_owned(),
            way: path.way(&Requirement::AnyRole),
        });
        let paths: Vec<Path> = paths.collect();
        Words {
            of_paths: vec![None; paths.len()],
            paths,
            ids: Vec::new(),
            words: Vec::new(),
        }
    }

    /// The position of a path's word.
    fn path(&mut self, path: usize, texts: &mut Once<String>) -> usize {
        if let Some(position) = self.of_paths[path] {
            return position;
        }
        let Path { line, way } = &self.paths[path];
        let mut cut = Cut::new(line);
        let names = [Some(&way.role), way.business_unit.as_ref(), way.team.as_ref()];
        let names = names.map(|name| name.map_or_else(String::new, |name| legible(name).into_owned()));
        for (position, name) in names.iter().enumerate() {
            cut.all(name, || position);
        }
        let mut word = vec![texts.position(cut.text())];
        word.extend(names.into_iter().map(|name| match name.is_empty() {
            true => -1,
            false => texts.position(name),
        }));
        let position = self.words.len();
        self.of_paths[path] = Some(position);
        self.words.push(Word::Path(word));
        position
    }

    /// The position of a text with places for the words that it shares with no one else.
    fn text(&mut self, text: &str, texts: &mut Once<String>) -> Text {
        if text.is_empty() {
            return -1;
        }
        let text = legible(text);
        let mut cut = Cut::new(&text);
        if text.contains('←') {
            for path in 0..self.paths.len() {
                if text.contains(&self.paths[path].line) {
                    let position = self.path(path, texts);
                    cut.all(&self.paths[path].line, || position);
                }
            }
        }
        cut.ids(|id| {
            if let Some((_, position)) = self.ids.iter().find(|(known, _)| known == id) {
                return *position;
            }
            let position = self.words.len();
            self.words.push(Word::Text(texts.position(id.to_owned())));
            self.ids.push((id.to_owned(), position));
            position
        });
        texts.position(cut.text())
    }
}

impl Book {
    /// Each told: the finding, a line on ways that are not drawn, then way and path by turns.
    fn user(&mut self, environment: &EnvironmentAssessment<'_>, user: usize) -> UserView {
        let causes = environment.causes(user);
        let mut words = Words::of(environment, user);
        let entries = group::entries(&causes);
        let told = entries.iter().map(|entry| {
            let ways = environment.ways(&causes[entry.findings[0]], user);
            let finding = self.finding(&causes, entry, ways.is_empty(), &mut words);
            let near = ways.iter().filter(|way| way.depth.is_some()).count();
            let most = if near > 0 { near.min(NEAR) } else { FAR };
            let more = match ways.len().saturating_sub(most) {
                0 => String::new(),
                1 => "1 more way is not drawn".to_owned(),
                more => format!("{more} more ways are not drawn"),
            };
            let mut told = vec![finding, words.text(&more, &mut self.texts)];
            // Those that come near stand first.
            let mut order: Vec<usize> = (0..ways.len()).collect();
            order.sort_by_key(|way| ways[*way].depth.is_none());
            for path in order.into_iter().take(most) {
                let word = words.path(path, &mut self.texts);
                told.extend([self.way(&ways[path]), word as i32]);
            }
            told
        });
        UserView(told.collect(), words.words)
    }

    fn finding(&mut self, causes: &[Finding<'_>], entry: &Entry, in_lines: bool, words: &mut Words) -> i32 {
        let first = &causes[entry.findings[0]];
        let rules = |positions: &[usize]| positions.iter().map(|one| causes[*one].index).collect();
        let (said, path, nearest) = match &entry.several {
            Some(several) => (
                [
                    &several.title,
                    &several.expected,
                    &several.reason.observed,
                    &several.reason.cause,
                    &several.remedy,
                ],
                &several.reason.path,
                &several.reason.nearest,
            ),
            None => (
                [
                    &first.rule.title,
                    &first.expected,
                    &first.observed,
                    &first.cause,
                    &first.remedy,
                ],
                &first.path,
                &first.nearest,
            ),
        };
        let mut text = |text: &str| words.text(text, &mut self.texts);
        let [title, expected, observed, cause, remedy] = said.map(|said| text(said));
        // What ways cannot draw stands in lines.
        let lines = path.iter().chain(nearest).filter(|_| in_lines);
        let view = FindingView {
            title,
            rules: rules(&entry.findings),
            outcome: told(first.outcome),
            severity: first.rule.severity.name(),
            expected,
            observed,
            cause,
            remedy,
            lines: lines.map(|line| text(line)).collect(),
            whole_environment: first.rule.scope == Scope::Environment,
            consequences: text(&entry.consequences),
            follows: rules(&entry.follows),
        };
        self.findings.position(view)
    }

    /// The steps from the role to the user, who is named by the page.
    fn way(&mut self, way: &Way) -> i32 {
        let texts = &mut self.texts;
        // Our own words, and places: nothing in them is from outside.
        let mut text = |text: &str| match text.is_empty() {
            true => -1,
            false => texts.position(text.to_owned()),
        };
        let depth = way.depth.map(|depth| format!("grants it at {}", depth.name()));
        let mut steps = vec![StepView {
            kind: "Role",
            name: text(&place(0)),
            note: text(depth.as_deref().unwrap_or_default()),
        }];
        if way.business_unit.is_some() {
            steps.push(StepView {
                kind: "Copy in",
                name: text(&place(1)),
                note: -1,
            });
        }
        if way.team.is_some() {
            steps.push(StepView {
                kind: "Held by",
                name: text(&place(2)),
                note: text(way.inheritance.unwrap_or_default()),
            });
        }
        steps.push(StepView {
            kind: "User",
            name: -1,
            note: -1,
        });
        let view = WayView {
            steps,
            stop: text(&way.stop.map_or_else(String::new, |stop| stop.to_string())),
            near: way.depth.is_some(),
        };
        self.ways.position(view)
    }
}
