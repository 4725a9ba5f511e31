//! One user's explanation as a page: an answer to attach to a ticket.

use std::io::{self, Write};

use serde::Serialize;

use super::super::explain::{ExplanationView, Told, WayView, sentences, verdict_lines};
use super::super::text;
use super::{CSS, Link, Pen, policy};

/// Ways that are drawn for one cause; there are users with hundreds of roles.
const MOST_WAYS: usize = 6;

#[derive(Serialize)]
struct PageView<'a> {
    css: &'a str,
    policy: String,
    tool: &'static str,
    name: &'a str,
    sheet: Vec<(&'static str, &'a str)>,
    verdict: &'a str,
    label: String,
    lines: Vec<String>,
    notices: &'a [String],
    message: Option<MessageView<'a>>,
    causes: Vec<CauseView<'a>>,
    features: Vec<FeatureView<'a>>,
    packs: Vec<&'a str>,
    collected: String,
}

#[derive(Serialize)]
struct MessageView<'a> {
    text: String,
    sentences: Vec<String>,
    hidden: Vec<(&'a str, &'a str)>,
    sources: Vec<Link>,
}

#[derive(Serialize)]
struct CauseView<'a> {
    #[serde(flatten)]
    told: &'a Told,
    /// Those that come near first.
    drawn_ways: Vec<&'a WayView>,
    more_ways: usize,
    links: Vec<Link>,
}

#[derive(Serialize)]
struct FeatureView<'a> {
    state: &'static str,
    title: &'a str,
    missing: String,
}

/// Writes the explanation as one self-contained page.
///
/// # Errors
/// If `out` cannot be written.
pub fn explanation(explanation: &ExplanationView, out: &mut dyn Write) -> io::Result<()> {
    let pen = Pen::new()?;
    let user = &explanation.user;
    let mut lines = verdict_lines(explanation);
    // The first line begins with the verdict, which the page shows by itself.
    if let Some(first) = lines.first_mut()
        && let Some((_, meaning)) = first.split_once(": ")
    {
        let mut letters = meaning.chars();
        *first = letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect())
            .unwrap_or_default();
    }
    let message = explanation.message.as_ref().map(|message| {
        let mut sources: Vec<Link> = Vec::new();
        for link in message.documented.iter().map(|one| Link::new(&one.source)) {
            if !sources.contains(&link) {
                sources.push(link);
            }
        }
        MessageView {
            text: message.shown(),
            sentences: sentences(explanation, message),
            hidden: message
                .cannot_be_seen
                .iter()
                .map(|hidden| (hidden.what.as_str(), hidden.look.as_str()))
                .collect(),
            sources,
        }
    });
    let causes = explanation.told.iter().map(|told| {
        let (mut ways, others): (Vec<&WayView>, Vec<&WayView>) =
            told.ways.iter().partition(|way| way.depth.is_some());
        ways.extend(others);
        let more_ways = ways.len().saturating_sub(MOST_WAYS);
        ways.truncate(MOST_WAYS);
        CauseView {
            told,
            drawn_ways: ways,
            more_ways,
            links: told.sources.iter().map(|source| Link::new(source)).collect(),
        }
    });
    let features = explanation.features.iter().map(|feature| FeatureView {
        state: match feature.lit {
            Some(true) => "yes",
            Some(false) => "no",
            None => "unknown",
        },
        title: &feature.title,
        missing: feature.missing.join(", "),
    });
    let sheet = [
        ("E-mail", &user.email),
        ("Signs in as", &user.sign_in),
        ("Business unit", &user.business_unit),
        ("Environment", &user.environment),
        ("Id", &user.id),
    ];
    let view = PageView {
        css: CSS,
        policy: policy(CSS),
        tool: text::TOOL,
        name: explanation.shown_name(),
        sheet: sheet
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(label, value)| (label, value.as_str()))
            .collect(),
        verdict: &explanation.verdict,
        label: match explanation.verdict.as_str() {
            "out-of-scope" => "Out of scope".to_owned(),
            word => word.to_uppercase(),
        },
        lines,
        notices: &explanation.notices,
        message,
        causes: causes.collect(),
        features: features.collect(),
        packs: explanation
            .packs
            .iter()
            .map(|pack| pack.edition.as_str())
            .collect(),
        collected: text::moment(explanation.collected),
    };
    pen.draw("explanation.html", &view, out)
}
