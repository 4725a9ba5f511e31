//! A checked rule set: what the evaluator and the reports work with.

use std::fmt;

use crate::snapshot::tables::Kind;

/// All loaded packs: rules in the order of their packs, then of their files.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    /// The packs.
    pub packs: Vec<Pack>,
    /// The rules. A rule's position here is its [`RuleIndex`].
    pub rules: Vec<Rule>,
    /// The features that privileges light up; they never change a verdict.
    pub features: Vec<Feature>,
}

/// Position of a rule in [`RuleSet::rules`].
pub type RuleIndex = usize;

/// A named, dated set of rules from one published source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Stable id, kebab-case.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Version: for shipped packs the date of the source, `YYYY.M.D`.
    pub version: String,
    /// Address of the published source.
    pub source: String,
}

/// One checkable requirement.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Stable id; of a privilege rule, the privilege's name.
    pub id: String,
    /// Position of its pack in [`RuleSet::packs`].
    pub pack: usize,
    /// What it asks for, in one line.
    pub title: String,
    /// Why it matters, in a sentence or two.
    pub why: Option<String>,
    /// Whether it is judged per user or once per environment.
    pub scope: Scope,
    /// What a failure does to the verdict.
    pub severity: Severity,
    /// What part of the set-up it is about; decides which cause is named first.
    pub area: Area,
    /// When it applies; none means always.
    pub when: Option<Check>,
    /// What must hold.
    pub check: Check,
    /// What is wrong when it fails, in one sentence; without it, reports say that the title does
    /// not hold.
    pub cause: Option<String>,
    /// What an administrator does about a failure.
    pub remedy: String,
    /// Step or section of the source.
    pub section: Option<String>,
    /// Address of the source, with the date it was read where the file gives one.
    pub source: String,
    /// Further sources that ask for the same.
    pub also: Vec<String>,
    /// Error messages that a user sees when it fails, verbatim.
    pub symptoms: Vec<String>,
    /// Set when the requirement is outdated.
    pub superseded: Option<Superseded>,
    /// Set when the rule came from a `[[privilege]]` entry.
    pub privilege: Option<PrivilegeEntry>,
    /// Facts that the evidence shows beside those of the check, such as the stored error text.
    pub quote: Vec<Field>,
}

/// The editor's view of a required privilege.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivilegeEntry {
    /// The privilege's name.
    pub name: String,
    /// Logical name of the table it is about; none for a task privilege.
    pub table: Option<String>,
    /// Tab of the role editor it is found on.
    pub tab: Option<String>,
    /// The least depth that passes.
    pub depth: Depth,
}

/// Why a rule no longer counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Superseded {
    /// Since when, `YYYY-MM-DD`.
    pub on: String,
    /// What replaced it.
    pub by: String,
    /// Why.
    pub why: String,
}

/// What a rule is judged on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Each user.
    User,
    /// The environment, once; the outcome counts for every user.
    Environment,
}

/// What a failure does to a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The app does not work for the user.
    Blocks,
    /// The app works, with less.
    Limits,
    /// Nothing; it is told.
    Advises,
}

/// What part of the set-up a rule is about. The order is the order in which causes are named:
/// an account problem before a missing role, a missing role before missing privileges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// The user record: enabled, access mode.
    Account,
    /// Settings of the whole environment.
    Environment,
    /// Whether the user has a security role at all.
    Role,
    /// Whether the app is shared with the user's roles.
    App,
    /// Single privileges.
    Privilege,
    /// The user's mailbox record and server profile.
    Mailbox,
    /// Processing methods, tests and enablement.
    Synchronization,
    /// Adding the app to Outlook.
    Deployment,
    /// The user's devices.
    Client,
    /// Anything else.
    Other,
}

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

/// A declared fact, resolved: where it is read and of what type it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// Name in rule files, `table.column`.
    pub name: String,
    /// Where the value comes from.
    pub source: FieldSource,
    /// Its type.
    pub kind: FieldKind,
}

/// Where a fact is read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FieldSource {
    /// A column of a collected table: the user's row of `systemuser`, the user's mailbox, that
    /// mailbox's profile, or the single row of `organization`.
    Column {
        /// Which row.
        table: Subject,
        /// Logical name of the column.
        column: String,
        /// Its type in the snapshot.
        kind: Kind,
    },
    /// Whether the user's mailbox was found.
    MailboxExists,
    /// `environment.deployment` of the manifest: option 0 online, 1 on-premises.
    Deployment,
    /// `environment.build` of the manifest.
    Build,
    /// `environment.region` of the manifest.
    Region,
    /// How many environments the audit holds.
    AuditedEnvironments,
    /// Whether the server was asked about the user's access.
    AccessVerified,
    /// Whether the server's answer agrees with the access computed from the tables.
    AccessModelAgrees,
    /// False for a user without any role where an Entra group team, whose members Dataverse
    /// fills in at their first sign-in, carries one.
    MembershipSeen,
    /// Whether a device inventory was given.
    DevicesGiven,
    /// A value of one device of the user; only inside [`Check::EveryDevice`] and
    /// [`Check::SomeDevice`].
    Device(DeviceFact),
}

/// What the device inventory tells about a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeviceFact {
    /// The operating system.
    OperatingSystem,
    /// Its version; of Windows the version of its kernel, 6.3 being Windows 8.1.
    OsVersion,
    /// The version of Outlook.
    OutlookVersion,
    /// How Outlook was installed, which decides how it is updated.
    OutlookChannel,
    /// The browser.
    Browser,
    /// Its version.
    BrowserVersion,
    /// The version of Internet Explorer.
    InternetExplorer,
}

impl DeviceFact {
    /// All of them.
    pub const ALL: [DeviceFact; 7] = [
        DeviceFact::OperatingSystem,
        DeviceFact::OsVersion,
        DeviceFact::OutlookVersion,
        DeviceFact::OutlookChannel,
        DeviceFact::Browser,
        DeviceFact::BrowserVersion,
        DeviceFact::InternetExplorer,
    ];

    /// Name of the fact in rule files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            DeviceFact::OperatingSystem => "device.operating-system",
            DeviceFact::OsVersion => "device.os-version",
            DeviceFact::OutlookVersion => "device.outlook-version",
            DeviceFact::OutlookChannel => "device.outlook-channel",
            DeviceFact::Browser => "device.browser",
            DeviceFact::BrowserVersion => "device.browser-version",
            DeviceFact::InternetExplorer => "device.internet-explorer",
        }
    }

    /// What it is called in findings.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            DeviceFact::OperatingSystem => "operating system",
            DeviceFact::OsVersion => "operating system version",
            DeviceFact::OutlookVersion => "Outlook",
            DeviceFact::OutlookChannel => "Outlook channel",
            DeviceFact::Browser => "browser",
            DeviceFact::BrowserVersion => "browser version",
            DeviceFact::InternetExplorer => "Internet Explorer",
        }
    }
}

/// The record that a fact belongs to, seen from a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// `systemuser`.
    User,
    /// `mailbox`: the user's mailbox.
    Mailbox,
    /// `emailserverprofile`: the profile of the user's mailbox.
    Profile,
    /// `businessunit`: the user's business unit.
    BusinessUnit,
    /// `organization`.
    Organization,
}

impl Subject {
    /// Logical name of the table.
    #[must_use]
    pub fn table(self) -> &'static str {
        match self {
            Subject::User => "systemuser",
            Subject::Mailbox => "mailbox",
            Subject::Profile => "emailserverprofile",
            Subject::BusinessUnit => "businessunit",
            Subject::Organization => "organization",
        }
    }
}

/// The type of a fact, as rule files see it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// An id: may be compared with another id or tested for presence.
    Id,
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// Yes or no.
    Boolean,
    /// An option set: number, name in rule files (kebab-case), label for people.
    Option(Vec<OptionName>),
    /// A version.
    Version,
    /// A moment.
    Timestamp,
}

/// One value of an option set.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OptionName {
    /// The number Dataverse stores.
    pub value: i32,
    /// Its name in rule files, kebab-case.
    pub name: String,
    /// Its label on Dataverse's own pages.
    pub label: String,
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

impl Scope {
    /// The word used in rule files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Scope::User => "user",
            Scope::Environment => "environment",
        }
    }
}

impl Severity {
    /// The word used in rule files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Severity::Blocks => "blocks",
            Severity::Limits => "limits",
            Severity::Advises => "advises",
        }
    }
}

impl Area {
    /// The word used in rule files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Area::Account => "account",
            Area::Environment => "environment",
            Area::Role => "role",
            Area::App => "app",
            Area::Privilege => "privilege",
            Area::Mailbox => "mailbox",
            Area::Synchronization => "synchronization",
            Area::Deployment => "deployment",
            Area::Client => "client",
            Area::Other => "other",
        }
    }
}

/// Something more that the app shows to users who hold certain privileges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Stable id, kebab-case.
    pub id: String,
    /// Position of its pack in [`RuleSet::packs`].
    pub pack: usize,
    /// What the user gets.
    pub title: String,
    /// Names of the privileges it needs, at any depth.
    pub needs: Vec<String>,
}

impl RuleSet {
    /// The rule of that id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<(RuleIndex, &Rule)> {
        self.rules
            .iter()
            .enumerate()
            .find(|(_, rule)| rule.id.eq_ignore_ascii_case(id))
    }

    /// The privilege names that the collector has to ask for, sorted, each once.
    #[must_use]
    pub fn wanted_privileges(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .features
            .iter()
            .flat_map(|feature| feature.needs.clone())
            .collect();
        for rule in &self.rules {
            for check in rule.when.iter().chain([&rule.check]) {
                check.visit(&mut |part| {
                    if let Check::Privilege(name, _) = part {
                        names.push(name.clone());
                    }
                });
            }
        }
        names.sort();
        names.dedup_by(|a, b| a.eq_ignore_ascii_case(b));
        names
    }

    /// Every column of a collected table that some rule reads.
    #[must_use]
    pub fn columns(&self) -> Vec<(Subject, String, Kind)> {
        let mut columns = Vec::new();
        for field in self.rules.iter().flat_map(Rule::fields) {
            if let FieldSource::Column { table, column, kind } = field.source {
                let entry = (table, column, kind);
                if !columns.contains(&entry) {
                    columns.push(entry);
                }
            }
        }
        columns
    }
}

impl Rule {
    /// The facts it reads: of its condition, its check and what its evidence quotes; each once,
    /// in the order of their first mention.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        let mut add = |field: &Field| {
            if !fields.contains(field) {
                fields.push(field.clone());
            }
        };
        for check in self.when.iter().chain([&self.check]) {
            check.visit(&mut |part| part.fields().into_iter().for_each(&mut add));
        }
        self.quote.iter().for_each(&mut add);
        fields
    }

    /// The names of the privileges it asks for, each once.
    #[must_use]
    pub fn privileges(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for check in self.when.iter().chain([&self.check]) {
            check.privileges(&mut names);
        }
        names
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

    fn privileges<'a>(&'a self, names: &mut Vec<&'a str>) {
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
