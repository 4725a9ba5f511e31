//! A hand-made assessment for the tests of the writers: every verdict, every outcome, and names
//! that try to break out.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::evaluate::{
    CauseCount, Deployment, Finding, Outcome, RuleCount, Summary, TopCause, UserRow, Verdict,
};
use crate::rules::model::{Check, PrivilegeEntry, Superseded};
use crate::rules::{Area, Depth, Pack, Rule, RuleIndex, RuleSet, Scope, Severity};
use crate::snapshot::manifest::{self, Collected, EnvironmentInfo, SelfCheck};
use crate::snapshot::{Gap, GapReason, Guid, Manifest};

use super::summary::{self, Report, Subjects};

/// Names that mean harm, or that are merely long or empty.
pub(crate) const HOSTILE: [&str; 12] = [
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "\u{202e}gnp.exe",
    "{{ 7 * 7 }} {% raw %}",
    "</style><style>*{display:none}",
    "\" onmouseover=\"alert(1)",
    "Anna\r\nLee\tOne",
    "&lt;b&gt; & <b>",
    "]]><!-- --><svg onload=alert(1)>",
    "\u{1b}[31mred\u{7}",
    "محمد بن سلمان",
    "",
];

pub(crate) struct Sample {
    pub(crate) rules: RuleSet,
    pub(crate) notices: Vec<String>,
    pub(crate) environments: Vec<One>,
}

pub(crate) struct One {
    pub(crate) manifest: Manifest,
    pub(crate) people: Vec<Person>,
}

pub(crate) struct Person {
    name: String,
    email: String,
    unit: String,
    reason: Option<&'static str>,
    /// Outcomes other than pass, by rule.
    outcomes: BTreeMap<RuleIndex, Outcome>,
}

/// One environment with the rules it is seen by.
struct Seen<'a> {
    one: &'a One,
    rules: &'a RuleSet,
    hostile: bool,
}

impl Sample {
    /// Two hundred ordinary users.
    pub(crate) fn contoso() -> Sample {
        Sample::of(200, false)
    }

    /// Users with hostile names, an environment and rules that mean harm.
    pub(crate) fn hostile() -> Sample {
        let mut sample = Sample::of(60, true);
        sample.environments[0].manifest.environment.name = "\u{1b}[2J<script>x</script>\u{202e}".into();
        sample
            .notices
            .push("Waiver of </title><script>alert(1)</script> by {{ user }} expired.".into());
        sample.rules.rules[2].source = "javascript:alert(1)".into();
        sample.rules.rules[3].source =
            "https://example.com/\"><script>alert(1)</script> (read 2026-11-23)".into();
        sample.rules.rules[4].remedy = "</details></main><script>alert(1)</script>".into();
        sample.rules.rules[5].id = "a b\" onclick=\"x".into();
        sample
    }

    /// An environment without users.
    pub(crate) fn nobody() -> Sample {
        let mut sample = Sample::of(0, false);
        sample.notices.clear();
        sample.environments[0].manifest.gaps.clear();
        sample
    }

    pub(crate) fn of(users: usize, hostile: bool) -> Sample {
        let rules = rules();
        let people = (0..users).map(|index| person(index, hostile, &rules)).collect();
        Sample {
            rules,
            notices: vec![
                "contoso: table `tracelog` could not be read: forbidden (prvReadTraceLog).".into(),
                "The waiver by Dana Reed for `outgoing-email-test-passed` expired on 2026-10-31; it no longer counts."
                    .into(),
            ],
            environments: vec![One { manifest: manifest(), people }],
        }
    }

    pub(crate) fn report(&self) -> Report<'_> {
        let hostile = self
            .environments
            .iter()
            .any(|one| one.manifest.environment.name.contains('<'));
        let mut summary = Summary::default();
        let mut counts = vec![RuleCount::default(); self.rules.rules.len()];
        let mut causes: Vec<CauseCount> = (0..counts.len())
            .map(|index| CauseCount {
                index,
                users: 0,
                deciding: 0,
            })
            .collect();
        let mut environments: Vec<&dyn Subjects> = Vec::new();
        for one in &self.environments {
            // Leaked: the tests' reports live as long as the test.
            let seen = Box::leak(Box::new(Seen {
                one,
                rules: &self.rules,
                hostile,
            }));
            for user in 0..seen.users() {
                let verdict = seen.row(user).verdict;
                summary::tally(&mut summary, verdict);
                if verdict == Verdict::OutOfScope {
                    continue;
                }
                for (index, count) in counts.iter_mut().enumerate() {
                    match seen.outcome(index, user) {
                        Outcome::Pass => count.pass += 1,
                        Outcome::Fail => count.fail += 1,
                        Outcome::Unknown => count.unknown += 1,
                        Outcome::NotApplicable => count.not_applicable += 1,
                        Outcome::Waived => count.waived += 1,
                    }
                    causes[index].users = count.fail;
                }
                if let Some(top) = seen.top_cause(user).filter(|top| top.outcome == Outcome::Fail) {
                    causes[top.index].deciding += 1;
                }
            }
            environments.push(seen);
        }
        causes.retain(|cause| cause.users > 0 && self.rules.rules[cause.index].severity != Severity::Advises);
        Report {
            rules: &self.rules,
            assessed_at: moment("2026-11-23T09:00:00Z"),
            notices: &self.notices,
            environments,
            summary,
            rule_counts: counts,
            causes,
        }
    }
}

impl Subjects for Seen<'_> {
    fn manifest(&self) -> &Manifest {
        &self.one.manifest
    }

    fn users(&self) -> usize {
        self.one.people.len()
    }

    fn is_reported(&self, user: usize) -> bool {
        user < self.users()
    }

    fn row(&self, user: usize) -> UserRow<'_> {
        let person = &self.one.people[user];
        let failing = |severity: Severity| {
            let rules = &self.rules.rules;
            let outcomes = person.outcomes.iter();
            outcomes
                .filter(|(rule, outcome)| rules[**rule].severity == severity && **outcome == Outcome::Fail)
                .count()
        };
        let of = |wanted: Outcome| {
            person
                .outcomes
                .values()
                .filter(|outcome| **outcome == wanted)
                .count() as u32
        };
        let blocking_unknown = person.outcomes.iter().any(|(rule, outcome)| {
            self.rules.rules[*rule].severity == Severity::Blocks && *outcome == Outcome::Unknown
        });
        let verdict = match () {
            () if person.reason.is_some() => Verdict::OutOfScope,
            () if failing(Severity::Blocks) > 0 => Verdict::Blocked,
            () if blocking_unknown => Verdict::Unknown,
            () if failing(Severity::Limits) > 0 => Verdict::Limited,
            () => Verdict::Ready,
        };
        UserRow {
            id: Guid(0x1000 + user as u128),
            name: &person.name,
            email: &person.email,
            business_unit: person.unit.as_str().into(),
            verdict,
            reason: person.reason,
            deployment: if user.is_multiple_of(3) {
                Deployment::NotAdded
            } else {
                Deployment::Added
            },
            blocking: failing(Severity::Blocks) as u32,
            limiting: failing(Severity::Limits) as u32,
            unknown: of(Outcome::Unknown),
            waived: of(Outcome::Waived),
        }
    }

    fn outcome(&self, rule: RuleIndex, user: usize) -> Outcome {
        self.one.people[user]
            .outcomes
            .get(&rule)
            .copied()
            .unwrap_or(Outcome::Pass)
    }

    fn findings(&self, user: usize) -> Vec<Finding<'_>> {
        let person = &self.one.people[user];
        person
            .outcomes
            .iter()
            .map(|(&index, &outcome)| self.finding(index, outcome))
            .collect()
    }

    fn causes(&self, user: usize) -> Vec<Finding<'_>> {
        let mut causes = self.findings(user);
        causes.sort_by_key(|finding| (finding.rule.severity, finding.rule.area, finding.index));
        causes
    }

    fn top_cause(&self, user: usize) -> Option<TopCause<'_>> {
        let verdict = self.row(user).verdict;
        let explains = |finding: &Finding<'_>| match verdict {
            Verdict::Blocked => finding.outcome == Outcome::Fail && finding.rule.severity == Severity::Blocks,
            Verdict::Limited => finding.outcome == Outcome::Fail && finding.rule.severity == Severity::Limits,
            Verdict::Unknown => finding.outcome == Outcome::Unknown,
            Verdict::Ready | Verdict::OutOfScope => false,
        };
        let top = self.causes(user).into_iter().find(explains)?;
        Some(TopCause {
            index: top.index,
            outcome: top.outcome,
            cause: top.cause.into(),
            remedy: &top.rule.remedy,
        })
    }

    fn environment_findings(&self) -> Vec<Finding<'_>> {
        if self.one.people.is_empty() {
            return Vec::new();
        }
        vec![
            self.finding(0, Outcome::Unknown),
            self.finding(self.rules.rules.len() - 1, Outcome::NotApplicable),
        ]
    }

    fn name_of(&self, _id: &str) -> Option<&str> {
        Some("Svc Collector")
    }
}

impl Seen<'_> {
    fn finding(&self, index: RuleIndex, outcome: Outcome) -> Finding<'_> {
        let rule = &self.rules.rules[index];
        let access = matches!(rule.area, Area::Privilege | Area::App | Area::Role);
        let name = if self.hostile {
            "<img src=x onerror=alert(1)>"
        } else {
            "Sales Person"
        };
        Finding {
            index,
            rule,
            outcome,
            expected: match &rule.privilege {
                Some(entry) => format!("`{}` at {} or above", entry.name, entry.depth.name()),
                None => "mailbox.incomingemailstatus (Incoming Email Status) is Success (1)".into(),
            },
            observed: match &rule.privilege {
                Some(entry) => format!("no role that reaches the user grants `{}`", entry.name),
                None => "mailbox.incomingemailstatus = Failure (2)".into(),
            },
            cause: match outcome {
                Outcome::NotApplicable => "The privilege does not exist in this environment.".into(),
                Outcome::Unknown => format!("Not known: {} could not be read.", rule.title),
                _ => format!("Not so: {}.", rule.title),
            },
            path: Vec::new(),
            nearest: if access {
                vec![format!(
                    "role \"{name}\" (copy in BU West) ← team \"Field Sales\" (team privileges only): at Basic it \
                     does not reach the member"
                )]
            } else {
                Vec::new()
            },
            remedy: rule.remedy.clone(),
        }
    }
}

fn person(index: usize, hostile: bool, rules: &RuleSet) -> Person {
    const FIRST: [&str; 10] = [
        "Maria", "Noah", "Aiko", "Lena", "Omar", "Chloé", "Iván", "Ruth", "Sanjay", "Tove",
    ];
    const LAST: [&str; 9] = [
        "Silva",
        "Okafor",
        "Tanaka",
        "Braun",
        "Haddad",
        "Martin",
        "Petrov",
        "Cohen",
        "Lindqvist",
    ];
    const UNITS: [&str; 5] = ["Contoso", "Sales West", "Sales East", "Service", "Marketing"];
    let mut name = format!("{} {}", FIRST[index % 10], LAST[index * 7 % 9]);
    let mut email = format!("{}.{index}@contoso.example", FIRST[index % 10].to_lowercase());
    if hostile {
        name = if index == 20 {
            "W".repeat(400)
        } else {
            HOSTILE[index % HOSTILE.len()].into()
        };
        email = HOSTILE[(index + 3) % HOSTILE.len()].into();
    }
    let mut outcomes = BTreeMap::new();
    let find = |id: &str| rules.find(id).map_or(1, |(index, _)| index);
    match index % 40 {
        0 | 1 => {
            outcomes.insert(find("user-has-a-role"), Outcome::Fail);
            let privileges = rules
                .rules
                .iter()
                .enumerate()
                .filter(|(_, rule)| rule.privilege.is_some());
            outcomes.extend(privileges.take(24).map(|(rule, _)| (rule, Outcome::Fail)));
        }
        2..=7 => _ = outcomes.insert(find("incoming-email-test-passed"), Outcome::Fail),
        8 => _ = outcomes.insert(find("mailbox-exists"), Outcome::Fail),
        9 => _ = outcomes.insert(find("mailbox-exists"), Outcome::Unknown),
        10..=13 => _ = outcomes.insert(find("appointments-test-passed"), Outcome::Fail),
        14 => _ = outcomes.insert(find("prvUseOfficeApps"), Outcome::Fail),
        15 => _ = outcomes.insert(find("outgoing-email-test-passed"), Outcome::Waived),
        _ => {}
    }
    if index.is_multiple_of(5) {
        outcomes.insert(find("app-added-to-outlook"), Outcome::Fail);
    }
    let out = index % 40 == 39;
    Person {
        name,
        email,
        unit: if hostile {
            HOSTILE[(index + 5) % HOSTILE.len()].into()
        } else {
            UNITS[index % 5].into()
        },
        reason: out.then_some("an application user"),
        outcomes: if out { BTreeMap::new() } else { outcomes },
    }
}

fn rules() -> RuleSet {
    use Severity::{Advises, Blocks, Limits};
    let guide = "https://learn.microsoft.com/dynamics365/outlook-app/deploy-dynamics-365-app-for-outlook";
    let rule = |id: &str, title: &str, severity, area, remedy: &str| Rule {
        id: id.into(),
        pack: 0,
        title: title.into(),
        why: Some("Without it the pane opens and asks for a sign-in that never ends.".into()),
        scope: Scope::User,
        severity,
        area,
        when: None,
        check: Check::All(Vec::new()),
        cause: None,
        remedy: remedy.into(),
        section: Some("Step 2.1".into()),
        source: guide.into(),
        also: Vec::new(),
        symptoms: vec![
            "We can't load this app because your email account isn't configured with server-side sync".into(),
        ],
        superseded: None,
        privilege: None,
        quote: Vec::new(),
    };
    let mut rules = vec![
        Rule {
            scope: Scope::Environment,
            ..rule(
                "internet-facing-deployment",
                "The deployment is reachable from the internet",
                Blocks,
                Area::Environment,
                "Configure IFD and attest it.",
            )
        },
        rule(
            "user-has-a-role",
            "The user holds a security role",
            Blocks,
            Area::Role,
            "Assign the role Dynamics 365 App for Outlook User directly, or add the user to a team that carries it.",
        ),
        rule(
            "mailbox-exists",
            "The user has a mailbox record",
            Blocks,
            Area::Mailbox,
            "Open Email Configuration > Mailboxes and create the mailbox, or wait until the user record is synchronized.",
        ),
        rule(
            "incoming-email-test-passed",
            "Incoming email passed Test & Enable",
            Blocks,
            Area::Synchronization,
            "Select the mailbox in Email Configuration > Mailboxes and run Test & Enable Mailbox; read its Alerts if it fails again.",
        ),
        rule(
            "outgoing-email-test-passed",
            "Outgoing email passed Test & Enable",
            Limits,
            Area::Synchronization,
            "Run Test & Enable Mailbox for outgoing email.",
        ),
        rule(
            "appointments-test-passed",
            "Appointments, contacts and tasks passed Test & Enable",
            Limits,
            Area::Synchronization,
            "Run Test & Enable Mailbox for appointments, contacts and tasks.",
        ),
        rule(
            "app-added-to-outlook",
            "The app has been added to the user's Outlook",
            Advises,
            Area::Deployment,
            "Settings > Dynamics 365 App for Outlook > Add App to Outlook for the user.",
        ),
        Rule {
            superseded: Some(Superseded {
                on: "2025-11-06".into(),
                by: "the vendor's requirements page".into(),
                why: "Internet Explorer is gone.".into(),
            }),
            ..rule(
                "internet-explorer-11",
                "Internet Explorer 11 is present",
                Advises,
                Area::Client,
                "Nothing any more.",
            )
        },
    ];
    let names = "UseOfficeApps ReadActionCard ReadContact WriteContact CreateContact AppendContact ReadMailbox \
                 WriteMailbox ReadOrganization SyncToOutlook ReadQuery SearchAvailability ReadQueue CreateActivity \
                 ReadActivity WriteActivity AppendActivity DeleteContact AssignContact ReadConnection ReadUserQuery \
                 ReadTeam ReadBusinessUnit AppendToActivity ReadCompetitor";
    for (index, name) in names.split_whitespace().enumerate() {
        let id = format!("prv{name}");
        rules.push(Rule {
            pack: usize::from(index == 0),
            privilege: Some(PrivilegeEntry {
                name: id.clone(),
                table: Some("contact".into()),
                tab: Some("Core Records".into()),
                depth: if index.is_multiple_of(4) { Depth::Global } else { Depth::Basic },
            }),
            ..rule(
                &id,
                &format!("Privilege {id}"),
                Blocks,
                Area::Privilege,
                "Assign the role Dynamics 365 App for Outlook User, or add the privilege to a role that the user holds.",
            )
        });
    }
    let pack = |id: &str, title: &str, version: &str| Pack {
        id: id.into(),
        title: title.into(),
        version: version.into(),
        source: guide.into(),
    };
    RuleSet {
        packs: vec![
            pack(
                "deployment-guide",
                "Deploy and install Dynamics 365 App for Outlook",
                "2021.4.22",
            ),
            pack(
                "support-articles",
                "Support articles on opening the app",
                "2025.3.6",
            ),
        ],
        rules,
        features: Vec::new(),
    }
}

fn manifest() -> Manifest {
    Manifest {
        format: 1,
        environment: EnvironmentInfo {
            url: "https://contoso.crm4.dynamics.com".into(),
            organization_id: "11111111-2222-3333-4444-555555555555".into(),
            name: "contoso".into(),
            build: Some("9.2.24091.195".into()),
            deployment: manifest::Deployment::Online,
            deployment_from: manifest::DeploymentFrom::Host,
            region: Some("crm4".into()),
        },
        collected: Collected {
            started: moment("2026-11-23T08:00:00Z"),
            finished: moment("2026-11-23T08:00:41Z"),
            by: "00000000-0000-0000-0000-0000000000aa".into(),
            tool: "clearance 0.1.0".into(),
        },
        tables: BTreeMap::new(),
        gaps: vec![Gap {
            table: "tracelog".into(),
            column: None,
            reason: GapReason::Forbidden,
            detail: "prvReadTraceLog".into(),
        }],
        wanted_privileges: Vec::new(),
        selfcheck: SelfCheck::default(),
        verified: None,
    }
}

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}
