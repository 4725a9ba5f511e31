//! The script for `pac`, the Power Platform's command line.
//!
//! It is a PowerShell script as well: that is where most people run `pac`, it runs on every system that
//! has `pac`, and one way of quoting is enough to get right.
//!
//! Of all that a plan can propose `pac` can do one thing: `pac admin assign-user --environment --user
//! --role` gives a user a role by their ids (vendor's reference of `pac admin`, edition of 2022-09-15 and the list
//! of commands of 2026, read 2026-11-27). `pac env update-settings` could write any column of the organization,
//! but which of them may be written is another matter: see `columns.rs`. `pac admin assign-group` makes a
//! team; it does not give a role to one that is there. All else is left to the PowerShell script, or to
//! a person.

use std::io::{self, Write};

use arrow_array::Array;

use crate::snapshot::{Environment, Guid};

use super::Script;
use super::line::line;
use super::powershell::{by_hand, frame};
use super::steps::{Gives, Step};

const HEAD: &str = include_str!("../../../reports/script/pac-head.ps1");
const TAIL: &str = include_str!("../../../reports/script/pac-tail.ps1");

/// Writes the script; the environment is the one that it was made from.
///
/// # Errors
/// If the writer fails.
pub fn pac(script: &Script, environment: &Environment, out: &mut dyn Write) -> io::Result<()> {
    frame(script, HEAD, TAIL, out, |action, number, out| {
        for (step, at) in action.steps.iter().zip(1..) {
            let number = format!("{number}.{at}");
            match step {
                Step::ByHand { about, clicks } => by_hand(&number, clicks, about, out)?,
                Step::Request(request) => {
                    match request.gives.map(|gives| (gives, account(environment, gives))) {
                        Some((gives, Some(user))) => writeln!(
                            out,
                            "{}",
                            line("step", &[&number, &request.about, &user, &gives.role.to_string()])
                        )?,
                        Some((_, None)) => writeln!(
                            out,
                            "{}",
                            line(
                                "other",
                                &[
                                    &number,
                                    &request.about,
                                    "the user's id in the directory is not known"
                                ]
                            )
                        )?,
                        None => writeln!(
                            out,
                            "{}",
                            line("other", &[&number, &request.about, "pac has no command for it"])
                        )?,
                    }
                }
            }
        }
        Ok(())
    })
}

/// The user as `pac` knows users: by the directory's id, else by the sign-in name if it is an ordinary
/// one. It becomes an argument of a program, so it may not look like an option.
fn account(environment: &Environment, gives: Gives) -> Option<String> {
    let users = environment.table("systemuser")?;
    let ids = users.ids("azureactivedirectoryobjectid").unwrap_or_default();
    if let Some(id) = ids.get(gives.user).filter(|id| **id != Guid::NULL) {
        return Some(id.to_string());
    }
    let names = users.text("domainname")?;
    let name = names.is_valid(gives.user).then(|| names.value(gives.user))?;
    let ordinary = |c: char| c.is_ascii_alphanumeric() || "._-@".contains(c);
    let is_ordinary = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.contains('@')
        && name.chars().all(ordinary);
    is_ordinary.then(|| name.to_owned())
}
