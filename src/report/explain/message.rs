//! The message that was asked about, in words.

use serde::Serialize;

use crate::evaluate::{Asked, Holding, NamedPrivilege};

use super::super::text::moment;
use super::ExplanationView;
use super::told::How;

/// So many letters of a message are shown again; who pasted it knows the rest.
const SHOWN: usize = 240;

/// The error message that was asked about.
#[derive(Clone, Debug, Serialize)]
pub struct MessageView {
    /// As it was given.
    pub text: String,
    /// The documented messages that it is; none if it is not documented.
    pub documented: Vec<DocumentedView>,
    /// Where it is none, the documented message that may be meant.
    pub nearest: Option<String>,
    /// The privileges that it names.
    pub privileges: Vec<NamedView>,
    /// Causes that the sources give for it and that cannot be seen from here; none where something
    /// that fails explains it.
    pub cannot_be_seen: Vec<HiddenView>,
}

/// What a documented message means.
#[derive(Clone, Debug, Serialize)]
pub struct DocumentedView {
    /// The message as it is documented.
    pub text: String,
    /// What it means.
    pub means: String,
    /// Address of the source, with the date it was read.
    pub source: String,
}

/// A privilege that a message names.
#[derive(Clone, Debug, Serialize)]
pub struct NamedView {
    /// Its name.
    pub name: String,
    /// `yes`, `no`, `unknown`, `no-such-privilege` or `not-collected`.
    pub held: String,
    /// The path by which it is held.
    pub path: Option<String>,
}

/// A cause that cannot be seen from here.
#[derive(Clone, Debug, Serialize)]
pub struct HiddenView {
    /// What may be wrong.
    pub what: String,
    /// Where to look.
    pub look: String,
    /// Address of the source, with the date it was read.
    pub source: String,
}

impl MessageView {
    pub(super) fn new(asked: &Asked) -> MessageView {
        let documented = asked.documented.iter().map(|meaning| DocumentedView {
            text: meaning.text.clone(),
            means: meaning.means.clone(),
            source: meaning.source.clone(),
        });
        let hidden = asked.unseen.iter().map(|hidden| HiddenView {
            what: hidden.what.clone(),
            look: hidden.look.clone(),
            source: hidden.source.clone(),
        });
        MessageView {
            text: asked.text.clone(),
            documented: documented.collect(),
            nearest: asked.nearest.clone(),
            privileges: asked.privileges.iter().map(NamedView::new).collect(),
            cannot_be_seen: hidden.collect(),
        }
    }

    /// The message as it is shown: on one line, and not longer than a reader needs.
    pub(in crate::report) fn shown(&self) -> String {
        let mut text = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((end, _)) = text.char_indices().nth(SHOWN) {
            text.truncate(end);
            text.push('…');
        }
        text
    }
}

impl NamedView {
    fn new(named: &NamedPrivilege) -> NamedView {
        let (held, path) = match &named.held {
            Holding::Held(path) => ("yes", path.clone()),
            Holding::Missing => ("no", None),
            Holding::Unknown => ("unknown", None),
            Holding::NoSuchPrivilege => ("no-such-privilege", None),
            Holding::NotCollected => ("not-collected", None),
        };
        NamedView {
            name: named.name.clone(),
            held: held.to_owned(),
            path,
        }
    }

    /// What there is to say of it, in one sentence.
    fn sentence(&self) -> String {
        let name = &self.name;
        match (self.held.as_str(), &self.path) {
            ("yes", Some(path)) => format!("The message names `{name}`, which the user holds, by {path}."),
            ("yes", None) => format!("The message names `{name}`, which the user holds: the server says so."),
            ("no", _) => format!("The message names `{name}`, which the user does not hold."),
            ("unknown", _) => {
                format!("The message names `{name}`; whether the user holds it could not be seen.")
            }
            ("no-such-privilege", _) => {
                format!("The message names `{name}`, which this environment does not have.")
            }
            _ => format!("The message names `{name}`, which no rule asks for, so it was not collected."),
        }
    }
}

/// What is to be said of the message, sentence by sentence.
pub(in crate::report) fn sentences(explanation: &ExplanationView, message: &MessageView) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    match &message.documented[..] {
        [] if message.privileges.is_empty() => sentences.push(
            "This is none of the documented messages. What stands in this user's way is told below all the same."
                .to_owned(),
        ),
        [] => sentences.push("This is none of the documented messages, but it names a privilege.".to_owned()),
        [one] => sentences.push(one.means.clone()),
        several => {
            sentences.push("It holds, or begins like, several documented messages.".to_owned());
            let each = several
                .iter()
                .map(|meaning| format!("“{}” means: {}", meaning.text, meaning.means));
            sentences.extend(each);
        }
    }
    if let Some(nearest) = &message.nearest {
        sentences.push(format!(
            "Was it this one? “{nearest}” Then ask again with that text."
        ));
    }
    sentences.extend(message.privileges.iter().map(NamedView::sentence));
    sentences.push(here(explanation, message));
    sentences
}

/// What explains the message for this user.
fn here(explanation: &ExplanationView, message: &MessageView) -> String {
    let numbers = |wanted: How| -> Vec<usize> {
        let told = explanation.told.iter().enumerate();
        told.filter(|(_, told)| told.explains == Some(wanted))
            .map(|(index, _)| index + 1)
            .collect()
    };
    let mut parts: Vec<String> = Vec::new();
    for (how, words) in [
        (How::Alone, "is explained by"),
        (How::Together, "may be explained by"),
        (How::Open, "would be explained by what could not be seen,"),
    ] {
        let numbers = numbers(how);
        if !numbers.is_empty() {
            parts.push(format!("{words} {} below", number_words(&numbers)));
        }
    }
    let others = explanation.told.iter().any(|told| told.explains.is_none());
    if !parts.is_empty() {
        let rest = if others {
            "; the rest does not explain it"
        } else {
            ""
        };
        return format!("For this user, it {}{rest}.", parts.join(", and "));
    }
    let mut text = if explanation.told.is_empty() {
        "Nothing that can be seen from here explains it: nothing at all stands in this user's way.".to_owned()
    } else {
        "Nothing that stands in this user's way explains it.".to_owned()
    };
    if message.cannot_be_seen.is_empty() && !message.documented.is_empty() {
        text.push_str(&format!(
            " The sources give no other cause. What has changed since {}, when the environment was read, is not seen \
             here.",
            moment(explanation.collected)
        ));
    }
    text
}

/// `number 1`, `numbers 1, 2 and 4`.
fn number_words(numbers: &[usize]) -> String {
    let words: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    match &words[..] {
        [one] => format!("number {one}"),
        [most @ .., last] => format!("numbers {} and {last}", most.join(", ")),
        [] => String::new(),
    }
}
