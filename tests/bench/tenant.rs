//! A made-up environment of any size, straight into a snapshot.
//!
//! Seeded: the same [`Shape`] gives the same tables. If not said otherwise, the shape is that of the
//! budget (`design.md` §9): every user has 3 roles, 2 team memberships and one mailbox; 300 roles
//! with a copy in each of 50 business units; 2,000 teams. About two in three users are healthy; the
//! others have one fault each, or lack privileges. What a verdict should be is the simulator's
//! business: this here is only large.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use arrow_array::{BooleanArray, Int32Array, StringArray, TimestampMillisecondArray};
use clearance::rules::{load, packs};
use clearance::snapshot::manifest::{
    Collected, Deployment, DeploymentFrom, DepthName, EnvironmentInfo, FORMAT, Manifest, SelfCheck,
};
use clearance::snapshot::{Column, Guid, SnapshotWriter, Table, tables};

const BUSINESS_UNITS: usize = 50;
const ROLES_PER_USER: usize = 3;
const TEAMS_PER_USER: usize = 2;
const ROLES_PER_TEAM: usize = 2;

/// How large an environment is, and how much is wrong in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) users: usize,
    pub(crate) seed: u64,
    /// Roles, each with a copy in every business unit.
    pub(crate) roles: usize,
    pub(crate) teams: usize,
    /// Of 300 roles so many grant everything; who holds none of these mostly lacks privileges.
    pub(crate) whole: usize,
}

impl Shape {
    /// The shape of the budget.
    pub(crate) fn of(users: usize, seed: u64) -> Shape {
        Shape {
            users,
            seed,
            roles: 300,
            teams: 2_000,
            whole: 100,
        }
    }

    /// Whether a role grants everything: every third, if not said otherwise.
    fn is_whole(&self, role: usize) -> bool {
        role * self.whole % 300 < self.whole
    }
}

/// Rows per page, as the server would have sent them.
const PAGE: usize = 5_000;

const GIVEN: &[&str] = &[
    "Anna", "Bo", "Chloé", "Dmitri", "Emre", "Fátima", "Göran", "Hana", "Ivo", "Jun",
];
const FAMILY: &[&str] = &[
    "Andersen", "Bianchi", "Costa", "Duarte", "Eriksson", "Fischer", "García", "Hughes",
];

/// Writes the snapshot of an environment of that shape.
pub(crate) fn write(target: &Path, shape: &Shape) -> Result<(), Box<dyn Error>> {
    let wanted = load(&packs::embedded())?.wanted_privileges();
    let writer = SnapshotWriter::create(target)?;
    let put = |name: &str, columns: Vec<(&str, Column)>| -> Result<(), Box<dyn Error>> {
        let definition = tables::table(name).ok_or_else(|| format!("no table `{name}`"))?;
        let rows = match columns.first() {
            Some((_, Column::Id(key))) => key.len(),
            _ => return Err(format!("the first column of `{name}` is no key").into()),
        };
        let columns = columns
            .into_iter()
            .map(|(name, column)| (name.to_owned(), column));
        let table = Table {
            rows,
            columns: columns.collect(),
        };
        writer.table(definition, &[table], rows.div_ceil(PAGE).max(1) as u64, true)?;
        Ok(())
    };
    let mut tenant = Tenant::new(*shape, wanted.len());
    put("businessunit", tenant.business_units())?;
    put("privilege", tenant.privileges(&wanted))?;
    put("role", tenant.roles())?;
    put("roleprivileges", tenant.grants())?;
    put("team", tenant.teams())?;
    put("teamroles", tenant.team_roles())?;
    put("organization", tenant.organization())?;
    put("emailserverprofile", tenant.profiles())?;
    put("appmodule", tenant.app())?;
    put("appmoduleroles", tenant.app_roles())?;
    put("systemuser", tenant.users())?;
    put("systemuserroles", tenant.held())?;
    put("teammembership", tenant.memberships())?;
    put("mailbox", tenant.mailboxes())?;
    writer.finish(manifest(wanted))?;
    Ok(())
}

/// The ids of everything, and the numbers that the rest is drawn from.
struct Tenant {
    shape: Shape,
    random: Random,
    units: Vec<Guid>,
    privileges: Vec<Guid>,
    /// By business unit, then role; the first unit has the roots.
    copies: Vec<Vec<Guid>>,
    teams: Vec<Guid>,
    profiles: Vec<Guid>,
    app: Guid,
    users: Vec<Guid>,
    mailboxes: Vec<Guid>,
}

impl Tenant {
    fn new(shape: Shape, privileges: usize) -> Tenant {
        let mut random = Random(shape.seed);
        Tenant {
            shape,
            units: random.ids(BUSINESS_UNITS),
            privileges: random.ids(privileges),
            copies: (0..BUSINESS_UNITS).map(|_| random.ids(shape.roles)).collect(),
            teams: random.ids(shape.teams),
            profiles: random.ids(3),
            app: random.id(),
            users: random.ids(shape.users),
            mailboxes: random.ids(shape.users),
            random,
        }
    }

    fn business_units(&self) -> Vec<(&'static str, Column)> {
        let root = self.units[0];
        let parents = self
            .units
            .iter()
            .map(|id| if *id == root { Guid::NULL } else { root });
        vec![
            ("businessunitid", Column::Id(self.units.clone())),
            (
                "name",
                text((0..BUSINESS_UNITS).map(|unit| Some(format!("Business unit {unit}")))),
            ),
            ("parentbusinessunitid", Column::Id(parents.collect())),
        ]
    }

    fn privileges(&self, names: &[String]) -> Vec<(&'static str, Column)> {
        let all = || flags(names.iter().map(|_| Some(true)));
        vec![
            ("privilegeid", Column::Id(self.privileges.clone())),
            ("name", text(names.iter().cloned().map(Some))),
            ("canbebasic", all()),
            ("canbelocal", all()),
            ("canbedeep", all()),
            ("canbeglobal", all()),
        ]
    }

    fn roles(&self) -> Vec<(&'static str, Column)> {
        let each =
            || (0..BUSINESS_UNITS).flat_map(|unit| (0..self.shape.roles).map(move |role| (unit, role)));
        let id = |unit: usize, role: usize| self.copies[unit][role];
        let parent = |(unit, role)| if unit == 0 { Guid::NULL } else { id(0, role) };
        vec![
            (
                "roleid",
                Column::Id(each().map(|(unit, role)| id(unit, role)).collect()),
            ),
            ("name", text(each().map(|(_, role)| Some(format!("Role {role}"))))),
            (
                "businessunitid",
                Column::Id(each().map(|(unit, _)| self.units[unit]).collect()),
            ),
            ("parentroleid", Column::Id(each().map(parent).collect())),
            (
                "parentrootroleid",
                Column::Id(each().map(|(_, role)| id(0, role)).collect()),
            ),
            ("roletemplateid", Column::Id(each().map(|_| Guid::NULL).collect())),
            (
                "isinherited",
                numbers(each().map(|(_, role)| [Some(1), Some(1), Some(0), None][role % 4])),
            ),
        ]
    }

    /// Some roles grant everything, the others about half of it at some depth.
    fn grants(&mut self) -> Vec<(&'static str, Column)> {
        let (mut roles, mut privileges, mut masks) = (Vec::new(), Vec::new(), Vec::new());
        for role in 0..self.shape.roles {
            for privilege in 0..self.privileges.len() {
                let whole = self.shape.is_whole(role);
                if whole || self.random.below(2) == 0 {
                    roles.push(self.copies[0][role]);
                    privileges.push(self.privileges[privilege]);
                    masks.push(Some(if whole { 8 } else { 1 << self.random.below(4) }));
                }
            }
        }
        vec![
            ("roleid", Column::Id(roles)),
            ("privilegeid", Column::Id(privileges)),
            ("privilegedepthmask", numbers(masks)),
        ]
    }

    /// Seven in ten are owner teams, one an access team, two group teams.
    fn teams(&self) -> Vec<(&'static str, Column)> {
        let kind = |team: usize| Some([0, 0, 0, 0, 0, 0, 0, 1, 2, 3][team % 10]);
        vec![
            ("teamid", Column::Id(self.teams.clone())),
            (
                "name",
                text((0..self.shape.teams).map(|team| Some(format!("Team {team}")))),
            ),
            ("teamtype", numbers((0..self.shape.teams).map(kind))),
            (
                "businessunitid",
                Column::Id(
                    (0..self.shape.teams)
                        .map(|team| self.units[team % BUSINESS_UNITS])
                        .collect(),
                ),
            ),
            ("isdefault", flags((0..self.shape.teams).map(|_| Some(false)))),
            (
                "azureactivedirectoryobjectid",
                Column::Id(vec![Guid::NULL; self.shape.teams]),
            ),
        ]
    }

    fn team_roles(&mut self) -> Vec<(&'static str, Column)> {
        let mut edges = Vec::new();
        for team in 0..self.shape.teams {
            for role in self.random.some(ROLES_PER_TEAM, self.shape.roles) {
                edges.push((self.teams[team], self.copies[team % BUSINESS_UNITS][role]));
            }
        }
        edge_columns("teamid", "roleid", edges)
    }

    fn organization(&mut self) -> Vec<(&'static str, Column)> {
        vec![
            ("organizationid", Column::Id(vec![ORGANIZATION])),
            ("name", text([Some("bench".to_owned())])),
            ("emailconnectionchannel", numbers([Some(0)])),
            ("requireapprovalforuseremail", flags([Some(true)])),
            ("officeappsautodeploymentenabled", flags([Some(true)])),
            ("defaultemailserverprofileid", Column::Id(vec![self.profiles[0]])),
        ]
    }

    /// Exchange Online, Exchange Server, POP3.
    fn profiles(&self) -> Vec<(&'static str, Column)> {
        let names = ["Exchange Online", "Exchange Server", "POP3"];
        vec![
            ("emailserverprofileid", Column::Id(self.profiles.clone())),
            ("name", text(names.map(|name| Some(name.to_owned())))),
            ("servertype", numbers([Some(3), Some(0), Some(1)])),
            (
                "incomingcredentialretrieval",
                numbers([Some(2), Some(1), Some(1)]),
            ),
            ("incomingauthenticationprotocol", numbers([Some(0); 3])),
            ("usedefaulttenantid", flags([Some(true), None, None])),
            ("exchangeonlinetenantid", text([None, None, None])),
            ("useautodiscover", flags([Some(true), Some(false), Some(false)])),
            ("statecode", numbers([Some(0); 3])),
        ]
    }

    fn app(&self) -> Vec<(&'static str, Column)> {
        vec![
            ("appmoduleid", Column::Id(vec![self.app])),
            ("uniquename", text([Some("AppforOutlookModule".to_owned())])),
            ("name", text([Some("Dynamics 365 App for Outlook".to_owned())])),
        ]
    }

    /// Half of the roles, the whole ones among them.
    fn app_roles(&self) -> Vec<(&'static str, Column)> {
        let bound = (0..self.shape.roles).filter(|role| self.shape.is_whole(*role) || role % 4 == 0);
        let edges = bound.map(|role| (self.app, self.copies[0][role])).collect();
        edge_columns("appmoduleid", "roleid", edges)
    }

    fn users(&mut self) -> Vec<(&'static str, Column)> {
        let users = self.users.len();
        let mut draw = |most: usize| -> Vec<usize> { (0..users).map(|_| self.random.below(most)).collect() };
        let (fault, given, family) = (draw(100), draw(GIVEN.len()), draw(FAMILY.len()));
        let name = |user: usize| format!("{} {}", GIVEN[given[user]], FAMILY[family[user]]);
        let is = |wanted: usize| flags(fault.iter().map(|fault| Some(*fault == wanted)));
        let application = |user: usize| {
            if fault[user] == 1 {
                self.users[user]
            } else {
                Guid::NULL
            }
        };
        let mode = |fault: &usize| Some(if *fault == 2 { 4 } else { 0 });
        let email = |user: usize| {
            let domain = if fault[user] == 3 {
                "contoso.example"
            } else {
                "bench.example"
            };
            (fault[user] != 4).then(|| format!("user{user}@{domain}"))
        };
        let unit = |user: usize| self.units[user % BUSINESS_UNITS];
        vec![
            ("systemuserid", Column::Id(self.users.clone())),
            ("fullname", text((0..users).map(|user| Some(name(user))))),
            (
                "domainname",
                text((0..users).map(|user| Some(format!("user{user}@bench.example")))),
            ),
            ("internalemailaddress", text((0..users).map(email))),
            ("isdisabled", is(0)),
            ("accessmode", numbers(fault.iter().map(mode))),
            ("islicensed", flags(fault.iter().map(|fault| Some(*fault != 5)))),
            ("applicationid", Column::Id((0..users).map(application).collect())),
            ("azureactivedirectoryobjectid", Column::Id(self.users.clone())),
            ("businessunitid", Column::Id((0..users).map(unit).collect())),
            (
                "defaultmailbox",
                Column::Id((0..users).map(|user| self.mailbox_of(user)).collect()),
            ),
            ("isintegrationuser", flags(fault.iter().map(|_| Some(false)))),
        ]
    }

    /// Mailboxes have ids of their own, in another order than the users.
    fn mailbox_of(&self, user: usize) -> Guid {
        self.mailboxes[(user + self.mailboxes.len() / 3) % self.mailboxes.len()]
    }

    fn held(&mut self) -> Vec<(&'static str, Column)> {
        let mut edges = Vec::with_capacity(self.users.len() * ROLES_PER_USER);
        for user in 0..self.users.len() {
            for role in self.random.some(ROLES_PER_USER, self.shape.roles) {
                edges.push((self.users[user], self.copies[user % BUSINESS_UNITS][role]));
            }
        }
        edge_columns("systemuserid", "roleid", edges)
    }

    fn memberships(&mut self) -> Vec<(&'static str, Column)> {
        let mut edges = Vec::with_capacity(self.users.len() * TEAMS_PER_USER);
        for user in 0..self.users.len() {
            for team in self.random.some(TEAMS_PER_USER, self.shape.teams) {
                edges.push((self.users[user], self.teams[team]));
            }
        }
        edge_columns("systemuserid", "teamid", edges)
    }

    fn mailboxes(&mut self) -> Vec<(&'static str, Column)> {
        let users = self.users.len();
        // Two in a hundred for each fault below; everybody else is healthy.
        let fault: Vec<usize> = (0..users).map(|_| self.random.below(50)).collect();
        let option = |healthy: i32, faults: &[(usize, Option<i32>)]| {
            numbers(
                fault
                    .iter()
                    .map(|fault| match faults.iter().find(|(other, _)| other == fault) {
                        Some((_, value)) => *value,
                        None => Some(healthy),
                    }),
            )
        };
        let flag =
            |healthy: bool, other: usize| flags(fault.iter().map(|fault| Some((*fault != other) == healthy)));
        let profile = |fault: &usize| match fault {
            0 => Guid::NULL,
            1 => self.profiles[2],
            2 => self.profiles[1],
            _ => self.profiles[0],
        };
        let owner = |user: usize| {
            if fault[user] == 3 {
                Guid::NULL
            } else {
                self.users[user]
            }
        };
        let moments = || {
            let values = (0..users).map(|user| Some(1_795_000_000_000 + user as i64 % 86_400_000));
            Column::Timestamp(TimestampMillisecondArray::from_iter(values).with_timezone("UTC"))
        };
        let error = |fault: &usize| (*fault == 13).then(|| "The add-in could not be installed.".to_owned());
        vec![
            (
                "mailboxid",
                Column::Id((0..users).map(|user| self.mailbox_of(user)).collect()),
            ),
            (
                "name",
                text((0..users).map(|user| Some(format!("Mailbox {user}")))),
            ),
            (
                "emailaddress",
                text((0..users).map(|user| Some(format!("user{user}@bench.example")))),
            ),
            ("statecode", option(0, &[(4, Some(1))])),
            ("regardingobjectid", Column::Id((0..users).map(owner).collect())),
            (
                "regardingobjecttype",
                text((0..users).map(|_| Some("systemuser".to_owned()))),
            ),
            (
                "emailserverprofile",
                Column::Id(fault.iter().map(profile).collect()),
            ),
            ("emailrouteraccessapproval", option(1, &[(5, Some(2)), (6, None)])),
            ("isemailaddressapprovedbyo365admin", flag(true, 7)),
            (
                "incomingemaildeliverymethod",
                option(2, &[(8, Some(0)), (9, Some(1))]),
            ),
            ("outgoingemaildeliverymethod", option(2, &[(10, Some(0))])),
            ("actdeliverymethod", option(1, &[(11, Some(2)), (9, Some(0))])),
            (
                "incomingemailstatus",
                option(1, &[(12, Some(2)), (14, Some(0)), (15, None)]),
            ),
            ("outgoingemailstatus", option(1, &[(16, Some(2))])),
            ("actstatus", option(1, &[(12, Some(2)), (17, Some(0))])),
            ("enabledforincomingemail", flag(true, 12)),
            ("enabledforoutgoingemail", flag(true, 16)),
            ("enabledforact", flag(true, 17)),
            (
                "officeappsdeploymentstatus",
                option(1, &[(13, Some(2)), (18, Some(0)), (19, Some(4))]),
            ),
            ("officeappsdeploymentscheduled", flag(false, 18)),
            ("officeappsdeploymentcompleteon", moments()),
            ("officeappsdeploymenterror", text(fault.iter().map(error))),
            ("orgmarkedasprimaryforexchangesync", flag(true, 20)),
            ("isforwardmailbox", flag(false, 21)),
            ("testmailboxaccesscompletedon", moments()),
        ]
    }
}

const ORGANIZATION: Guid = Guid(0x0c1e_a2a2_ce00_4000_8000_0000_0000_0001);

fn manifest(wanted_privileges: Vec<String>) -> Manifest {
    let depths = [
        "prvReadUser",
        "prvReadRole",
        "prvReadTeam",
        "prvReadBusinessUnit",
        "prvReadMailbox",
        "prvReadEmailServerProfile",
        "prvReadOrganization",
        "prvReadAppModule",
    ];
    Manifest {
        format: FORMAT,
        environment: EnvironmentInfo {
            url: "https://bench.crm4.dynamics.com".to_owned(),
            organization_id: ORGANIZATION.to_string(),
            name: "bench".to_owned(),
            build: Some("9.2.24091.195".to_owned()),
            deployment: Deployment::Online,
            deployment_from: DeploymentFrom::Host,
            region: Some("crm4".to_owned()),
        },
        collected: Collected {
            started: jiff::Timestamp::UNIX_EPOCH,
            finished: jiff::Timestamp::UNIX_EPOCH,
            by: Guid(1).to_string(),
            tool: "tests/bench".to_owned(),
        },
        tables: BTreeMap::new(),
        gaps: Vec::new(),
        wanted_privileges,
        selfcheck: SelfCheck {
            depths: depths.map(|name| (name.to_owned(), DepthName::Global)).into(),
        },
        verified: None,
    }
}

fn text(values: impl IntoIterator<Item = Option<String>>) -> Column {
    Column::Text(StringArray::from_iter(values))
}

fn numbers(values: impl IntoIterator<Item = Option<i32>>) -> Column {
    Column::Integer(Int32Array::from_iter(values))
}

fn flags(values: impl IntoIterator<Item = Option<bool>>) -> Column {
    Column::Boolean(BooleanArray::from_iter(values))
}

fn edge_columns(
    from: &'static str,
    to: &'static str,
    edges: Vec<(Guid, Guid)>,
) -> Vec<(&'static str, Column)> {
    let (left, right) = edges.into_iter().unzip();
    vec![(from, Column::Id(left)), (to, Column::Id(right))]
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }

    /// A random (version 4) id.
    fn id(&mut self) -> Guid {
        let number = u128::from(self.next()) << 64 | u128::from(self.next());
        Guid(
            uuid::Builder::from_random_bytes(number.to_be_bytes())
                .into_uuid()
                .as_u128(),
        )
    }

    /// Ids in ascending order, as tables hold them.
    fn ids(&mut self, count: usize) -> Vec<Guid> {
        let mut ids: Vec<Guid> = (0..count).map(|_| self.id()).collect();
        ids.sort_unstable();
        ids
    }

    /// Different numbers below a limit.
    fn some(&mut self, count: usize, limit: usize) -> Vec<usize> {
        let mut numbers: Vec<usize> = Vec::with_capacity(count);
        while numbers.len() < count {
            let number = self.below(limit);
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        numbers
    }
}
