//! `clearance explain`: one user, explained.

use std::path::PathBuf;

use clap::Args;

use crate::evaluate::{Assessment, Found, Reported, assess};
use crate::report;

use super::failure::Failure;
use super::input::Subject;
use super::output::{self, Target};
use super::{Globals, screen};

/// How many users an ambiguous name lists.
const MOST_LISTED: usize = 20;

/// Explains one user: the verdict, what stands in the way with its evidence, and what to do.
#[derive(Clone, Debug, Args)]
pub(super) struct ExplainArgs {
    /// The user's sign-in name (UPN), e-mail address, id or full name.
    #[arg(long, value_name = "UPN|EMAIL|ID|NAME")]
    user: String,
    /// The error message that the user saw, as it was pasted: what explains it, and what does not.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    error: Option<String>,
    /// Write the explanation as one self-contained web page, to attach to a ticket.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Print JSON (`clearance.explanation/1`).
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    subject: Subject,
}

pub(super) fn run(args: &ExplainArgs, globals: &Globals) -> Result<u8, Failure> {
    let html = args.html.as_deref().map(Target::from);
    // Where the page goes to standard output, nothing else does.
    let printed = (html != Some(Target::Stdout) || args.json).then_some(Target::Stdout);
    output::check_all(html.iter().chain(&printed))?;
    let loaded = args.subject.load_about(&args.user, globals)?;
    let assessment = assess(&loaded.inputs(&Reported::All)).map_err(Failure::usage)?;
    let found = one_user(&assessment, &args.user)?;
    let explanation = assessment.explain(found, args.error.as_deref());
    let explanation = report::ExplanationView::new(&explanation);
    if let Some(target) = html {
        target.write(|out| report::html::explanation(&explanation, out))?;
    }
    if let Some(target) = printed {
        target.write(|out| {
            if args.json {
                report::json::explanation(&explanation, out)
            } else {
                report::explain::terminal(&explanation, screen::width(), out)
            }
        })?;
    }
    Ok(0)
}

/// The one user that is meant.
fn one_user(assessment: &Assessment<'_>, word: &str) -> Result<Found, Failure> {
    match assessment.find_users(word)[..] {
        [found] => Ok(found),
        [] => Err(Failure::usage(format!(
            "no user `{word}` in {}\nhint: give a sign-in name (UPN), e-mail address, id or full name as Dataverse \
             stores it",
            environments(assessment)
        ))),
        ref several => {
            let mut message = format!("`{word}` is {} users:\n", several.len());
            for (environment, user) in several.iter().take(MOST_LISTED) {
                let assessed = &assessment.environments[*environment];
                let row = assessed.row(*user);
                let name = report::text::plain(row.name);
                let email = report::text::plain(row.email);
                let place = report::text::plain(&assessed.environment.manifest.environment.name);
                message.push_str(&format!("  {}  {name} <{email}>, {place}\n", row.id));
            }
            if several.len() > MOST_LISTED {
                message.push_str(&format!("  … and {} more\n", several.len() - MOST_LISTED));
            }
            message.push_str("hint: give the id of the one you mean");
            Err(Failure::usage(message))
        }
    }
}

fn environments(assessment: &Assessment<'_>) -> String {
    let names = assessment.environments.iter().map(|assessed| {
        format!(
            "\"{}\"",
            report::text::plain(&assessed.environment.manifest.environment.name)
        )
    });
    names.collect::<Vec<_>>().join(", ")
}
