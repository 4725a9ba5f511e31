//! The options that changes are made of. Their order counts, so they are read by their place on the
//! command line: options that begin a change, then what belongs to these.

use std::path::Path;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};

use crate::rules::Depth;
use crate::rules::nearest::{choice, nearest};
use crate::snapshot::manifest::DepthName;
use crate::what_if::changes::parse_changes;
use crate::what_if::{Change, Holder, Inheritance};

use super::super::failure::Failure;
use super::super::input;

/// The app that this program is about (unique name; `facts/dataverse.md` §1.6 of the design papers).
const APP: &str = "AppforOutlookModule";

/// One option as it stands on the command line.
#[derive(Clone, Debug)]
struct Word {
    option: &'static Known,
    value: String,
}

/// An option: what it begins or belongs to.
#[derive(Debug)]
struct Known {
    name: &'static str,
    value: &'static str,
    help: &'static str,
    /// What else it takes; none for an option that belongs to others.
    begins: Option<&'static [&'static str]>,
}

const fn begins(
    name: &'static str,
    value: &'static str,
    help: &'static str,
    takes: &'static [&'static str],
) -> Known {
    Known {
        name,
        value,
        help,
        begins: Some(takes),
    }
}

const fn belongs(name: &'static str, value: &'static str, help: &'static str) -> Known {
    Known {
        name,
        value,
        help,
        begins: None,
    }
}

static KNOWN: [Known; 14] = [
    begins("assign-role", "ROLE", "Assign a role, by name or id", &["to"]),
    begins("remove-role", "ROLE", "Take a role away", &["from"]),
    belongs("to", "WHO", "To whom: user:X, team:Y or bu:Z (its enabled users)"),
    belongs("from", "WHO", "From whom: user:X, team:Y or bu:Z"),
    begins(
        "grant",
        "PRIVILEGE:DEPTH",
        "Give a role a privilege at basic, local, deep or global depth",
        &["on-role"],
    ),
    begins(
        "revoke",
        "PRIVILEGE",
        "Take a privilege from a role",
        &["on-role"],
    ),
    begins(
        "set-inheritance",
        "HOW",
        "Set a role's member's privilege inheritance: direct-user or team-only",
        &["on-role"],
    ),
    belongs("on-role", "ROLE", "Which role is changed"),
    begins("bind-role", "ROLE", "Share the app with a role", &["app"]),
    begins(
        "unbind-role",
        "ROLE",
        "Stop sharing the app with a role",
        &["app"],
    ),
    belongs(
        "app",
        "UNIQUENAME",
        "Which app, if not Dynamics 365 App for Outlook",
    ),
    begins(
        "set",
        "FIELD=VALUE",
        "Set a column of systemuser, mailbox, emailserverprofile or organization, in the words of rule files",
        &["of"],
    ),
    belongs(
        "of",
        "WHO",
        "Whose: user:X or bu:Z; nobody's for the organization",
    ),
    begins(
        "changes",
        "FILE",
        "Changes from a file, or from standard input (-): clearance.changes/1, or what plan --json prints",
        &[],
    ),
];

/// The changes of the command line.
#[derive(Clone, Debug, Default)]
pub(super) struct ChangeOptions {
    words: Vec<Word>,
}

impl Args for ChangeOptions {
    fn augment_args(command: Command) -> Command {
        KNOWN.iter().fold(command, |command, known| {
            let arg = Arg::new(known.name)
                .long(known.name)
                .value_name(known.value)
                .help(known.help)
                .help_heading("Changes")
                .action(ArgAction::Append);
            // More than one may follow where several can be meant.
            let several = known.begins.is_none() && known.value == "WHO";
            command.arg(if several { arg.num_args(1..) } else { arg })
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        ChangeOptions::augment_args(command)
    }
}

impl FromArgMatches for ChangeOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<ChangeOptions, Error> {
        let mut words: Vec<(usize, Word)> = Vec::new();
        for option in &KNOWN {
            let places = matches.indices_of(option.name).into_iter().flatten();
            let values = matches.get_many::<String>(option.name).into_iter().flatten();
            words.extend(places.zip(values).map(|(place, value)| {
                let value = value.clone();
                (place, Word { option, value })
            }));
        }
        words.sort_by_key(|(place, _)| *place);
        Ok(ChangeOptions {
            words: words.into_iter().map(|(_, word)| word).collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = ChangeOptions::from_arg_matches(matches)?;
        Ok(())
    }
}

impl ChangeOptions {
    /// The changes in the order of the command line. Options that begin changes and stand together
    /// share what follows them.
    ///
    /// # Errors
    /// If there is no change, an option belongs to none or lacks what it needs, a value is not what
    /// it must be, or a file of changes cannot be read.
    pub(super) fn changes(&self, source: &str) -> Result<Vec<Change>, Failure> {
        let mut changes = Vec::new();
        let mut rest = &self.words[..];
        while !rest.is_empty() {
            let begun = rest
                .iter()
                .take_while(|word| word.option.begins.is_some())
                .count();
            let (begin, after) = rest.split_at(begun);
            let belonging = after
                .iter()
                .take_while(|word| word.option.begins.is_none())
                .count();
            let (more, after) = after.split_at(belonging);
            for word in more {
                if !begin.iter().any(|first| first.takes(word)) {
                    return Err(belongs_to_nothing(word));
                }
            }
            for word in begin {
                let mine: Vec<&Word> = more.iter().filter(|other| word.takes(other)).collect();
                word.add_to(&mine, &mut changes)?;
            }
            rest = after;
        }
        if changes.is_empty() {
            return Err(Failure::usage(format!(
                "there is nothing to suppose\nhint: say what would change, such as `clearance what-if {source} \
                 --assign-role \"ROLE\" --to user:UPN`; `clearance what-if --help` lists the changes"
            )));
        }
        Ok(changes)
    }
}

fn belongs_to_nothing(word: &Word) -> Failure {
    let name = word.option.name;
    let takers = KNOWN.iter().filter(|known| {
        let takes = known.begins.unwrap_or_default();
        takes.contains(&name)
    });
    let takers: Vec<String> = takers.map(|known| format!("--{}", known.name)).collect();
    Failure::usage(format!(
        "--{name} {:?} follows no option that it could belong to\nhint: write it after {}",
        word.value,
        choice(takers.iter().map(String::as_str))
    ))
}

impl Word {
    fn takes(&self, other: &Word) -> bool {
        let takes = self.option.begins.unwrap_or_default();
        takes.contains(&other.option.name)
    }

    /// The one change, or those of a file.
    fn add_to(&self, mine: &[&Word], changes: &mut Vec<Change>) -> Result<(), Failure> {
        let name = self.option.name;
        let needs = |what: &str, example: &str| {
            Failure::usage(format!(
                "--{name} {:?} does not say {what}\nhint: write {example} after it",
                self.value
            ))
        };
        let holders = || {
            let holders = mine.iter().map(|word| word.holder());
            holders.collect::<Result<Vec<Holder>, Failure>>()
        };
        let whom = |what: &str, example: &str| match holders() {
            Ok(holders) if holders.is_empty() => Err(needs(what, example)),
            other => other,
        };
        let role = || match mine {
            [one] => Ok(one.value.clone()),
            [] => Err(needs("on which role", "--on-role ROLE")),
            _ => Err(Failure::usage(format!(
                "--{name} {:?} has several roles\nhint: write the option once for every --on-role",
                self.value
            ))),
        };
        let app = || match mine {
            [] => Ok(APP.to_owned()),
            [one] => Ok(one.value.clone()),
            _ => Err(Failure::usage(format!(
                "--{name} {:?} has several apps\nhint: write the option once for every --app",
                self.value
            ))),
        };
        let value = self.value.clone();
        let change = match name {
            "assign-role" => Change::AssignRole {
                role: value,
                to: whom("to whom", "--to user:UPN, --to team:NAME or --to bu:NAME")?,
            },
            "remove-role" => Change::RemoveRole {
                role: value,
                from: whom("from whom", "--from user:UPN, --from team:NAME or --from bu:NAME")?,
            },
            "grant" => {
                let (privilege, depth) = self.privilege_and_depth()?;
                Change::GrantPrivilege {
                    privilege,
                    depth,
                    role: role()?,
                }
            }
            "revoke" => Change::RevokePrivilege {
                privilege: value,
                role: role()?,
            },
            "set-inheritance" => Change::SetInheritance {
                inheritance: self.inheritance()?,
                role: role()?,
            },
            "bind-role" => Change::BindRole {
                role: value,
                app: app()?,
            },
            "unbind-role" => Change::UnbindRole {
                role: value,
                app: app()?,
            },
            "set" => {
                let Some((field, value)) = self.value.split_once('=') else {
                    return Err(Failure::usage(format!(
                        "--set {:?} has no value\nhint: write FIELD=VALUE, such as mailbox.incomingemailstatus=success",
                        self.value
                    )));
                };
                let of = holders()?;
                if of.is_empty() && !field.trim().starts_with("organization.") {
                    return Err(needs("whose", "--of user:UPN or --of bu:NAME"));
                }
                Change::SetField {
                    field: field.trim().to_owned(),
                    value: value.trim().to_owned(),
                    of,
                }
            }
            _ => {
                changes.extend(self.file()?);
                return Ok(());
            }
        };
        changes.push(change);
        Ok(())
    }

    fn holder(&self) -> Result<Holder, Failure> {
        Holder::try_from(self.value.clone()).map_err(|what| {
            Failure::usage(format!(
                "--{}: {what}\nhint: user: takes a sign-in name (UPN), e-mail address, id or full name; team: and bu: \
                 take a name or an id",
                self.option.name
            ))
        })
    }

    fn privilege_and_depth(&self) -> Result<(String, DepthName), Failure> {
        let names = || Depth::ALL.map(Depth::name);
        let Some((privilege, depth)) = self.value.rsplit_once(':') else {
            return Err(Failure::usage(format!(
                "--grant {:?} has no depth\nhint: write PRIVILEGE:DEPTH, such as prvReadContact:basic",
                self.value
            )));
        };
        let depths = [
            DepthName::Basic,
            DepthName::Local,
            DepthName::Deep,
            DepthName::Global,
        ];
        match depths.into_iter().find(|known| known.word() == depth.trim()) {
            Some(depth) => Ok((privilege.trim().to_owned(), depth)),
            None => Err(Failure::usage(format!(
                "--grant {:?}: there is no depth \"{depth}\"\nhint: {}",
                self.value,
                match nearest(depth, names()) {
                    Some(near) => format!("did you mean {privilege}:{near} ?"),
                    None => format!("a depth is {}", choice(names())),
                }
            ))),
        }
    }

    fn inheritance(&self) -> Result<Inheritance, Failure> {
        let known = [Inheritance::DirectUser, Inheritance::TeamOnly];
        let found = known.into_iter().find(|known| known.word() == self.value);
        found.ok_or_else(|| {
            Failure::usage(format!(
                "--set-inheritance {:?} is no setting\nhint: write {}",
                self.value,
                choice(known.map(Inheritance::word))
            ))
        })
    }

    fn file(&self) -> Result<Vec<Change>, Failure> {
        let (text, name) = match self.value.as_str() {
            "-" => {
                let text = std::io::read_to_string(std::io::stdin()).map_err(|error| {
                    Failure::usage(format!("cannot read changes from standard input: {error}"))
                })?;
                (text, "standard input".to_owned())
            }
            path => (input::read(Path::new(path), "changes")?, format!("`{path}`")),
        };
        parse_changes(&text).map_err(|what| Failure::usage(format!("{name}: {what}")))
    }
}
