//! `clearance rules docs`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::output::{Target, check_all};
use crate::cli::rule_files::RuleChoice;
use crate::report::handbook;

/// Arguments of `clearance rules docs`.
#[derive(Debug, Args)]
pub(in crate::cli) struct DocsArgs {
    /// Write it as Markdown; to standard output if neither option is given
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Write it as one self-contained web page
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Which rules
    #[command(flatten)]
    choice: RuleChoice,
}

/// Writes the handbook of the chosen rules.
pub(super) fn docs(args: &DocsArgs) -> Result<u8, Failure> {
    let target = |path: &Option<PathBuf>| path.as_deref().map(Target::from);
    let (mut markdown, html) = (target(&args.markdown), target(&args.html));
    if markdown.is_none() && html.is_none() {
        markdown = Some(Target::Stdout);
    }
    check_all(markdown.iter().chain(&html))?;
    let set = args.choice.load()?;
    let text = handbook::markdown(&set)
        .map_err(|error| Failure::usage(format!("the handbook cannot be written: {error}")))?;
    if let Some(target) = markdown {
        target.write(|out| out.write_all(text.as_bytes()))?;
    }
    if let Some(target) = html {
        target.write(|out| handbook::html(&text, out))?;
    }
    Ok(0)
}
