//! What must hold: checks, their comparisons and their values.

use std::fmt;

use super::Field;

/// What must hold, or when a rule applies: a three-valued (Kleene) expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// Every part holds.
    All(Vec<Check>),
    /// Some part holds.
    Any(Vec<Check>),
    /// The part does not hold.
    Not(Box<Check>),
    /// A fact compared with values.
    Field(Field, Test),
    /// Two facts are equal, ignoring case and surrounding blanks.
    SameAs(Field, Field),
    /// The user holds the privilege at that depth or more.
    Privilege(String, Depth),
    /// The user holds a role: of that name (ignoring case), or any role at all.
    Role {
        /// Name of the role; none for any role.
        name: Option<String>,
        /// By which paths.
        held: Held,
    },
    /// The environment has a role of that name (ignoring case).
    RoleExists(String),
    /// The environment has an app module of that unique name (ignoring case).
    AppModuleExists(String),
    /// A role of the user is bound to the app module of that unique name, or the user is a
    /// system administrator.
    AppModuleShared(String),
    /// A signed-off statement of that id holds.
    Attested(String),
    /// The part holds for every device of the user.
    EveryDevice(Box<Check>),
    /// The part holds for some device of the user.
    SomeDevice(Box<Check>),
    /// Never holds: a dated notice.
    Never,
    /// No mailbox in another audited environment that has the same value of the field meets the
    /// condition.
    NowhereElse {
        /// The mailbox field that tells it is the same mailbox.
        same: Field,
        /// What must not hold for the other mailbox.
        condition: Box<Check>,
    },
}

/// How a role is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Held {
    /// By any path, through teams too.
    Anyhow,
    /// Assigned to the user.
    Directly,
}

/// A comparison of one fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Equal to one of the values.
    OneOf(Vec<Value>),
    /// Equal to none of the values.
    NoneOf(Vec<Value>),
    /// At least the value: numbers, versions, moments.
    AtLeast(Value),
    /// Whether a value is there: not null, and not blank. `Present(false)` asks for its absence.
    Present(bool),
}

/// A value in a rule file.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number, or the number of a named option.
    Integer(i32),
    /// Yes or no.
    Boolean(bool),
    /// Text, compared ignoring case.
    Text(String),
    /// A version.
    Version(Version),
    /// A moment, in milliseconds since 1970, UTC.
    Timestamp(i64),
}

/// A dotted version number such as `9.2.24091.195`. Missing parts count as zero.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub Vec<u64>);

impl Version {
    /// Parses dotted numbers; none if any part is not a number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Version> {
        let mut parts = text
            .trim()
            .split('.')
            .map(|part| part.parse().ok())
            .collect::<Option<Vec<u64>>>()?;
        while parts.last() == Some(&0) {
            parts.pop();
        }
        Some(Version(parts))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(u64::to_string).collect();
        formatter.write_str(if parts.is_empty() { "0" } else { "" })?;
        formatter.write_str(&parts.join("."))
    }
}

/// How far a privilege reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// The user's own rows (*User*).
    Basic,
    /// The business unit's rows (*Business Unit*).
    Local,
    /// Those of the business units below, too (*Parent: Child Business Units*).
    Deep,
    /// All rows (*Organization*).
    Global,
}

impl Depth {
    /// All depths, least first.
    pub const ALL: [Depth; 4] = [Depth::Basic, Depth::Local, Depth::Deep, Depth::Global];

    /// The word used in rule files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Depth::Basic => "basic",
            Depth::Local => "local",
            Depth::Deep => "deep",
            Depth::Global => "global",
        }
    }

    /// The label in the role editor.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Depth::Basic => "User",
            Depth::Local => "Business Unit",
            Depth::Deep => "Parent: Child Business Units",
            Depth::Global => "Organization",
        }
    }
}

impl Check {
    /// Calls `f` for this check and every check inside it, outermost first.
    pub fn visit(&self, f: &mut impl FnMut(&Check)) {
        f(self);
        match self {
            Check::All(parts) | Check::Any(parts) => parts.iter().for_each(|part| part.visit(f)),
            Check::Not(part) => part.visit(f),
            Check::NowhereElse { condition, .. } => condition.visit(f),
            Check::EveryDevice(part) | Check::SomeDevice(part) => part.visit(f),
            _ => {}
        }
    }

    pub(super) fn privileges<'a>(&'a self, names: &mut Vec<&'a str>) {
        match self {
            Check::All(parts) | Check::Any(parts) => {
                parts.iter().for_each(|part| part.privileges(names));
            }
            Check::Not(part) => part.privileges(names),
            Check::Privilege(name, _) if !names.contains(&name.as_str()) => names.push(name),
            _ => {}
        }
    }

    /// The fields that this check names itself, not those of checks inside it.
    #[must_use]
    pub fn fields(&self) -> Vec<&Field> {
        match self {
            Check::Field(field, _) | Check::NowhereElse { same: field, .. } => vec![field],
            Check::SameAs(left, right) => vec![left, right],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Check, Depth};

    #[test]
    fn privileges_are_found_wherever_they_stand_and_named_once() {
        let privilege = |name: &str| Check::Privilege(name.to_owned(), Depth::Basic);
        let check = Check::All(vec![
            privilege("prvA"),
            Check::Any(vec![privilege("prvB"), privilege("prvA")]),
            Check::Not(Box::new(privilege("prvC"))),
            Check::Never,
        ]);
        let mut names = Vec::new();
        check.privileges(&mut names);
        assert_eq!(names, ["prvA", "prvB", "prvC"]);
    }
}
