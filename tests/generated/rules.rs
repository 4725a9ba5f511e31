//! Generated rules, and the rule file they make.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::select;

use crate::facts::{DECLARED, DEVICE_FACTS, FACTS, Fact, MOMENTS, Type};

/// A value in a rule file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Word {
    Text(&'static str),
    Number(i64),
    /// An option's name and number.
    Named(&'static str, i64),
    Bool(bool),
    /// As it is written, and in milliseconds since 1970.
    Time(&'static str, i64),
    Version(&'static str),
}

#[derive(Clone, Debug)]
pub enum Test {
    Is(Word),
    IsNot(Word),
    OneOf(Vec<Word>),
    NoneOf(Vec<Word>),
    AtLeast(Word),
    Present(bool),
}

#[derive(Clone, Debug)]
pub enum Check {
    All(Vec<Check>),
    Any(Vec<Check>),
    Not(Box<Check>),
    Field(&'static Fact, Test),
    Same(&'static Fact, &'static Fact),
    /// Name, none for any; whether directly.
    Role(Option<&'static str>, bool),
    RoleExists(&'static str),
    AppModuleExists(&'static str),
    AppModuleShared(&'static str),
    /// Name, and position in [`DEPTHS`].
    Privilege(&'static str, usize),
    Attested(&'static str),
    EveryDevice(Box<Check>),
    SomeDevice(Box<Check>),
    NowhereElse(&'static Fact, Box<Check>),
    Never,
}

#[derive(Clone, Debug)]
pub struct Rule {
    pub of_user: bool,
    /// Position in [`SEVERITIES`].
    pub severity: usize,
    pub when: Option<Check>,
    pub check: Check,
}

pub const SEVERITIES: [&str; 3] = ["advises", "limits", "blocks"];
pub const DEPTHS: [&str; 4] = ["basic", "local", "deep", "global"];
pub const PRIVILEGES: [&str; 3] = ["prvReadAccount", "prvWriteContact", "prvReadOwnTable"];
pub const ROLES: [&str; 2] = ["Sales", "ÄRZTE"];
pub const MODULES: [&str; 2] = ["AppforOutlookModule", "Other"];
pub const ATTESTED: [&str; 2] = ["oauth", "ifd"];

fn word(fact: &Fact) -> BoxedStrategy<Word> {
    match fact.kind {
        Type::Text(words) => select(words).prop_map(Word::Text).boxed(),
        Type::Number => (-1..3_i64).prop_map(Word::Number).boxed(),
        Type::Options(options) => select(options)
            .prop_map(|(name, number)| Word::Named(name, number))
            .boxed(),
        Type::Bool => any::<bool>().prop_map(Word::Bool).boxed(),
        Type::Time => select(&MOMENTS[..])
            .prop_map(|(text, moment)| Word::Time(text, moment))
            .boxed(),
        Type::Version(words) => select(words).prop_map(Word::Version).boxed(),
        Type::Id => unreachable!("an id is compared with no value"),
    }
}

fn test(fact: &Fact) -> BoxedStrategy<Test> {
    let present = any::<bool>().prop_map(Test::Present);
    if fact.kind == Type::Id {
        return present.boxed();
    }
    let words = prop::collection::vec(word(fact), 1..3);
    let plain = prop_oneof![
        4 => word(fact).prop_map(Test::Is),
        2 => word(fact).prop_map(Test::IsNot),
        1 => words.clone().prop_map(Test::OneOf),
        1 => words.prop_map(Test::NoneOf),
        2 => present,
    ];
    match fact.kind {
        Type::Number | Type::Time | Type::Version(_) => {
            prop_oneof![2 => plain, 1 => word(fact).prop_map(Test::AtLeast)].boxed()
        }
        _ => plain.boxed(),
    }
}

fn field(facts: Vec<&'static Fact>) -> BoxedStrategy<Check> {
    select(facts)
        .prop_flat_map(|fact| test(fact).prop_map(move |test| Check::Field(fact, test)))
        .boxed()
}

fn same(facts: &[&'static Fact]) -> BoxedStrategy<Check> {
    let mut pairs = Vec::new();
    for left in facts {
        for right in facts.iter().filter(|right| left.is_like(right)) {
            pairs.push((*left, *right));
        }
    }
    select(pairs)
        .prop_map(|(left, right)| Check::Same(left, right))
        .boxed()
}

/// `all`, `any` and `not` over these, a few deep.
fn nested(leaf: BoxedStrategy<Check>, depth: u32) -> BoxedStrategy<Check> {
    let nest = |inner: BoxedStrategy<Check>| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 1..4).prop_map(Check::All),
            3 => prop::collection::vec(inner.clone(), 1..4).prop_map(Check::Any),
            2 => inner.prop_map(|part| Check::Not(Box::new(part))),
        ]
    };
    leaf.prop_recursive(depth, 10, 3, nest).boxed()
}

fn facts(which: impl Fn(&Fact) -> bool) -> Vec<&'static Fact> {
    FACTS.iter().filter(|fact| which(fact)).collect()
}

fn of_user() -> BoxedStrategy<Check> {
    let boxed = |check: BoxedStrategy<Check>| check.prop_map(Box::new);
    let device = nested(field(DEVICE_FACTS.iter().collect()), 1);
    let of_mailbox = facts(|fact| fact.table() == "mailbox" && fact.is_column());
    let mailbox = nested(
        prop_oneof![4 => field(of_mailbox.clone()), 1 => same(&of_mailbox)].boxed(),
        1,
    );
    let keys: Vec<&'static Fact> = of_mailbox
        .into_iter()
        .filter(|fact| matches!(fact.kind, Type::Text(_) | Type::Number | Type::Id))
        .collect();
    let leaf = prop_oneof![
        16 => field(facts(|_| true)),
        4 => same(&facts(|fact| fact.is_column() || fact.name == "environment.region")),
        2 => (prop::option::of(select(&ROLES[..])), any::<bool>()).prop_map(|(name, directly)| Check::Role(name, directly)),
        2 => (select(&PRIVILEGES[..]), 0..4_usize).prop_map(|(name, depth)| Check::Privilege(name, depth)),
        1 => select(&MODULES[..]).prop_map(Check::AppModuleShared),
        1 => boxed(device.clone()).prop_map(Check::EveryDevice),
        1 => boxed(device).prop_map(Check::SomeDevice),
        2 => (select(keys), boxed(mailbox)).prop_map(|(same, meets)| Check::NowhereElse(same, meets)),
        2 => of_environment_too(),
    ];
    nested(leaf.boxed(), 3)
}

/// What rules of either scope may look at beside fields.
fn of_environment_too() -> BoxedStrategy<Check> {
    prop_oneof![
        select(&ROLES[..]).prop_map(Check::RoleExists),
        select(&MODULES[..]).prop_map(Check::AppModuleExists),
        select(&ATTESTED[..]).prop_map(Check::Attested),
        Just(Check::Never),
    ]
    .boxed()
}

fn of_environment() -> BoxedStrategy<Check> {
    let leaf = prop_oneof![4 => field(facts(Fact::is_of_environment)), 1 => of_environment_too()];
    nested(leaf.boxed(), 2)
}

pub fn rule() -> BoxedStrategy<Rule> {
    let of = |of_user: bool, check: fn() -> BoxedStrategy<Check>| {
        (0..3_usize, prop::option::of(check()), check()).prop_map(move |(severity, when, check)| Rule {
            of_user,
            severity,
            when,
            check,
        })
    };
    prop_oneof![6 => of(true, of_user), 1 => of(false, of_environment)].boxed()
}

impl Rule {
    /// The rule as it stands in a rule file.
    pub fn toml(&self, id: &str) -> String {
        let scope = if self.of_user { "user" } else { "environment" };
        let severity = SEVERITIES[self.severity];
        let mut text = format!("[[rule]]\nid = \"{id}\"\ntitle = \"It is so\"\nscope = \"{scope}\"\n");
        let _ = writeln!(text, "severity = \"{severity}\"");
        if let Some(when) = &self.when {
            let _ = writeln!(text, "when = {}", when.toml());
        }
        let _ = writeln!(text, "check = {}\nremedy = \"Make it so.\"", self.check.toml());
        text
    }
}

/// A pack of these rules.
pub fn file(rules: &[Rule]) -> String {
    let mut text = "[pack]\nid = \"generated\"\ntitle = \"Generated\"\nversion = \"1\"\nsource = \"https://example.com\"\n"
        .to_owned()
        + DECLARED;
    for (position, rule) in rules.iter().enumerate() {
        text += &format!("\n{}", rule.toml(&id(position)));
    }
    text
}

pub fn id(position: usize) -> String {
    format!("rule-{position}")
}

fn list<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    let items: Vec<String> = items.iter().map(text).collect();
    format!("[{}]", items.join(", "))
}

impl Word {
    fn toml(&self) -> String {
        match self {
            Word::Text(text) | Word::Named(text, _) | Word::Version(text) => format!("\"{text}\""),
            Word::Number(number) => number.to_string(),
            Word::Bool(yes) => yes.to_string(),
            Word::Time(text, _) => (*text).to_owned(),
        }
    }
}

/// Everything that a check may say, but for `never`.
pub const OPERATORS: [&str; 19] = [
    "all",
    "any",
    "app_module_exists",
    "app_module_shared",
    "at_least",
    "attested",
    "every_device",
    "is",
    "is_not",
    "none_of",
    "not",
    "nowhere_else",
    "one_of",
    "present",
    "privilege",
    "role",
    "role_exists",
    "same_as",
    "some_device",
];

impl Check {
    /// The key that says how it compares.
    pub fn operator(&self) -> &'static str {
        match self {
            Check::All(_) => "all",
            Check::Any(_) => "any",
            Check::Not(_) => "not",
            Check::Field(_, Test::Is(_)) => "is",
            Check::Field(_, Test::IsNot(_)) => "is_not",
            Check::Field(_, Test::OneOf(_)) => "one_of",
            Check::Field(_, Test::NoneOf(_)) => "none_of",
            Check::Field(_, Test::AtLeast(_)) => "at_least",
            Check::Field(_, Test::Present(_)) => "present",
            Check::Same(..) => "same_as",
            Check::Role(..) => "role",
            Check::RoleExists(_) => "role_exists",
            Check::AppModuleExists(_) => "app_module_exists",
            Check::AppModuleShared(_) => "app_module_shared",
            Check::Privilege(..) => "privilege",
            Check::Attested(_) => "attested",
            Check::EveryDevice(_) => "every_device",
            Check::SomeDevice(_) => "some_device",
            Check::NowhereElse(..) => "nowhere_else",
            Check::Never => "never",
        }
    }

    pub fn toml(&self) -> String {
        match self {
            Check::All(parts) => format!("{{ all = {} }}", list(parts, Check::toml)),
            Check::Any(parts) => format!("{{ any = {} }}", list(parts, Check::toml)),
            Check::Not(part) => format!("{{ not = {} }}", part.toml()),
            Check::Field(fact, test) => {
                let test = match test {
                    Test::Is(word) => format!("is = {}", word.toml()),
                    Test::IsNot(word) => format!("is_not = {}", word.toml()),
                    Test::OneOf(words) => format!("one_of = {}", list(words, Word::toml)),
                    Test::NoneOf(words) => format!("none_of = {}", list(words, Word::toml)),
                    Test::AtLeast(word) => format!("at_least = {}", word.toml()),
                    Test::Present(wanted) => format!("present = {wanted}"),
                };
                format!("{{ field = \"{}\", {test} }}", fact.name)
            }
            Check::Same(left, right) => {
                format!("{{ field = \"{}\", same_as = \"{}\" }}", left.name, right.name)
            }
            Check::Role(name, directly) => format!(
                "{{ role = \"{}\"{} }}",
                name.unwrap_or("*"),
                if *directly { ", held = \"directly\"" } else { "" }
            ),
            Check::RoleExists(name) => format!("{{ role_exists = \"{name}\" }}"),
            Check::AppModuleExists(name) => format!("{{ app_module_exists = \"{name}\" }}"),
            Check::AppModuleShared(name) => format!("{{ app_module_shared = \"{name}\" }}"),
            Check::Privilege(name, depth) => {
                format!("{{ privilege = \"{name}\", depth = \"{}\" }}", DEPTHS[*depth])
            }
            Check::Attested(id) => format!("{{ attested = \"{id}\" }}"),
            Check::EveryDevice(part) => format!("{{ every_device = {} }}", part.toml()),
            Check::SomeDevice(part) => format!("{{ some_device = {} }}", part.toml()),
            Check::NowhereElse(same, meets) => format!(
                "{{ nowhere_else = {{ same = \"{}\", meets = {} }} }}",
                same.name,
                meets.toml()
            ),
            Check::Never => "{ never = true }".to_owned(),
        }
    }
}
