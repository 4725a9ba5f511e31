//! `clearance what-if`: suppose changes and tell what they would do.

use std::slice;

use clap::Args;

use crate::evaluate::{Reported, assess};
use crate::report::{self, WhatIfView};
use crate::what_if::{self, Effect};

use self::options::ChangeOptions;
use super::failure::Failure;
use super::input::Subject;
use super::output::Target;
use super::{Globals, screen};

mod options;

/// Supposes changes to an environment, on a copy in memory, and tells who becomes ready, who breaks,
/// and who gains or loses which privileges. Nothing is changed, neither the environment nor the
/// snapshot.
///
/// An option that begins a change takes what follows it: --assign-role "Sales" --to user:maria@contoso.com.
/// Several changes are made one after the other, in the order of the command line.
#[derive(Clone, Debug, Args)]
pub(super) struct WhatIfArgs {
    #[command(flatten)]
    changes: ChangeOptions,
    /// Print JSON (`clearance.what-if/1`).
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    subject: Subject,
}

pub(super) fn run(args: &WhatIfArgs, globals: &Globals) -> Result<u8, Failure> {
    let [source] = &args.subject.sources[..] else {
        return Err(Failure::usage(format!(
            "what-if takes one environment, and {} are given\nhint: suppose changes of one environment at a time",
            args.subject.sources.len()
        )));
    };
    let changes = args.changes.changes(source)?;
    let loaded = args.subject.load(globals)?;
    let [environment] = &loaded.environments[..] else {
        return Err(Failure::usage("there is no environment to suppose changes of"));
    };
    // Names in the message come from the environment; its line breaks are ours.
    let supposed = what_if::suppose(environment, &changes).map_err(|error| {
        let message = error.to_string();
        let lines: Vec<_> = message.lines().map(report::text::plain).collect();
        Failure::usage(lines.join("\n"))
    })?;
    let before = assess(&loaded.inputs(&Reported::All)).map_err(Failure::usage)?;
    let after = assess(&loaded.inputs_with(slice::from_ref(&supposed.environment), &Reported::All))
        .map_err(Failure::usage)?;
    let effect = Effect::new(&before, &after, supposed.is_access_changed);
    let view = WhatIfView::new(&changes, &supposed, &effect, &after);
    Target::Stdout.write(|out| match (&view, args.json) {
        (None, _) => Ok(()),
        (Some(view), true) => report::json::what_if(view, out),
        (Some(view), false) => {
            let look = report::terminal::Look {
                width: screen::width(),
                colour: screen::is_stdout_coloured(globals),
            };
            report::what_if::terminal(view, look, out)
        }
    })?;
    Ok(0)
}
