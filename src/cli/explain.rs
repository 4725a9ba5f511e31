//! `clearance explain`: one user, explained.

use clap::Args;

use crate::evaluate::{Assessment, Found, Reported, assess};
use crate::report;

use super::failure::Failure;
use super::input::Subject;
use super::output::Target;
use super::{Globals, screen};

/// How many users an ambiguous name lists.
const MOST_LISTED: usize = 20;

/// Explains one user: the verdict, what stands in the way with its evidence, and what to do.
#[derive(Clone, Debug, Args)]
pub(super) struct ExplainArgs {
    /// The user's sign-in name (UPN), e-mail address, id or full name.
    #[arg(long, value_name = "UPN|EMAIL|ID|NAME")]
    user: String,
    /// Print JSON (`clearance.explanation/1`).
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    subject: Subject,
}

pub(super) fn run(args: &ExplainArgs, globals: &Globals) -> Result<u8, Failure> {
    let loaded = args.subject.load_about(Some(&args.user), globals)?;
    let assessment = assess(&loaded.inputs(&Reported::All)).map_err(Failure::usage)?;
    let found = one_user(&assessment, &args.user)?;
    let explanation = report::ExplanationView::new(&assessment.explain(found));
    Target::Stdout.write(|out| {
        if args.json {
            report::json::explanation(&explanation, out)
        } else {
            report::explain::terminal(&explanation, screen::width(), out)
        }
    })?;
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
