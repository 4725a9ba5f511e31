//! Actions → scripts that an administrator reads, and may run.
//!
//! Clearance never writes to an environment. What a plan proposes can be handed over as text: for
//! PowerShell, which speaks the Dataverse Web API ([`powershell()`]), and for `pac`, the command line of the
//! Power Platform ([`pac()`]). Both only show what they would do until they are told otherwise.
//!
//! A [`Script`] is the difference between the environment as it is and as it would be
//! ([`crate::what_if::suppose`]), said in requests ([`steps`]); so it leads to what was predicted, whatever
//! the changes were, and leaves out what is so already. What the Web API is not documented to do is
//! left to a person, with the clicks; no request is invented.
//!
//! Text of the environment is hostile. No request is made of a name: there are only ids and numbers in
//! them. Names stand in comments and in here-strings, on lines that begin with our own words ([`mod@line`]).

pub mod line;
pub mod steps;

mod columns;
mod fields;
mod labels;
mod pac;
mod powershell;

pub use pac::pac;
pub use powershell::powershell;

use crate::snapshot::Environment;
use crate::snapshot::manifest::Deployment;
use crate::what_if::{self, Change, ChangeError};

use super::text::{TOOL, moment};
use steps::Step;

/// Something to do, with the changes that it is made of.
#[derive(Clone, Copy, Debug)]
pub struct ScriptAction<'a> {
    /// What it is called from run to run.
    pub key: &'a str,
    /// What it is, in words.
    pub title: &'a str,
    /// Its changes, in order.
    pub changes: &'a [Change],
}

/// What a script is written from.
#[derive(Clone, Debug)]
pub struct Script {
    /// Address of the environment, without a slash at its end.
    url: String,
    /// Version of the Web API in addresses.
    api: &'static str,
    /// What tells which snapshot it is from, one line each.
    about: Vec<String>,
    actions: Vec<Action>,
}

/// One action in steps.
#[derive(Clone, Debug)]
struct Action {
    key: String,
    title: String,
    /// What there is to know: what is so already, who was left out.
    notes: Vec<String>,
    steps: Vec<Step>,
}

impl Script {
    /// The steps of these actions, each on top of the ones before. The environment is to be loaded with
    /// all its columns: a column that was not loaded cannot be seen to change, and is only noted.
    ///
    /// # Errors
    /// If a change cannot be supposed of this environment; see [`crate::what_if::apply()`].
    pub fn new(environment: &Environment, actions: &[ScriptAction<'_>]) -> Result<Script, ChangeError> {
        let manifest = &environment.manifest;
        let mut script = Script {
            url: manifest.environment.url.clone(),
            // As the collector has it: `dataverse/url.rs`.
            api: match manifest.environment.deployment {
                Deployment::Online => "v9.2",
                Deployment::OnPremises => "v9.1",
            },
            about: vec![
                format!(
                    "Environment: {}, {}",
                    manifest.environment.name, manifest.environment.url
                ),
                format!(
                    "As it was on {}, when it was collected",
                    moment(manifest.collected.finished)
                ),
                format!("Written by {TOOL}"),
            ],
            actions: Vec::with_capacity(actions.len()),
        };
        let mut now = environment.clone();
        for action in actions {
            let supposed = what_if::suppose(&now, action.changes)?;
            let notes = supposed.done.iter().flat_map(|done| {
                let notes = done.notes.iter();
                notes.map(move |note| format!("{}: {note}", done.change))
            });
            script.actions.push(Action {
                key: action.key.to_owned(),
                title: action.title.to_owned(),
                notes: notes.collect(),
                steps: steps::between(&now, &supposed.environment),
            });
            now = supposed.environment;
        }
        Ok(script)
    }

    /// Every step, in the order of the script.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.actions.iter().flat_map(|action| &action.steps)
    }
}
