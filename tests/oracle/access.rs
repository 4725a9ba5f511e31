//! Who may do what, by `design.md` §5, one user and one privilege at a time.

use super::Tri;
use super::tables::{HashMap, Row, Snapshot, Value, boolean, int, text};

const SYSTEM_ADMINISTRATOR: &str = "627090ff-40a3-4053-8790-584edc5be201";
const APP_ROLE: &str = "Dynamics 365 App for Outlook User";

/// The tables that access is built from.
const ACCESS_TABLES: [&str; 7] = [
    "role",
    "roleprivileges",
    "privilege",
    "systemuserroles",
    "team",
    "teamroles",
    "teammembership",
];

/// A depth as a number, so that depths compare; 0 is no grant.
pub type Depth = u8;
pub const NONE: Depth = 0;
pub const BASIC: Depth = 1;
pub const LOCAL: Depth = 2;
pub const DEEP: Depth = 3;
pub const GLOBAL: Depth = 4;

/// How a role reaches a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    Direct,
    /// A team that can carry roles.
    Team,
    /// A team whose row is missing or whose type is null: it may carry roles.
    UnknownTeam,
}

/// One role copy that a user holds.
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    pub role: &'a str,
    pub via: Via,
}

/// Whether a privilege exists in the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Existence<'a> {
    /// It does, under these ids, and this is the least depth that can be asked for there.
    Exists { ids: Vec<&'a str>, least: Depth },
    /// It does not, or `canbe*` says that it cannot be granted at all.
    DoesNotExist,
    /// It was not asked for, or the privilege table is not whole.
    Unknown { least: Depth },
}

/// What a role copy grants of one privilege.
struct Grant {
    /// What it grants for certain.
    depth: Depth,
    /// It may grant more: its row or a depth is missing.
    maybe_more: bool,
}

/// Access in one environment.
pub struct Access<'a> {
    snapshot: &'a Snapshot,
    roles: HashMap<&'a str, &'a Row>,
    teams: HashMap<&'a str, &'a Row>,
    user_roles: HashMap<&'a str, Vec<&'a str>>,
    user_teams: HashMap<&'a str, Vec<&'a str>>,
    team_roles: HashMap<&'a str, Vec<&'a str>>,
    /// Cells of `privilegedepthmask` by role and privilege.
    masks: HashMap<(&'a str, &'a str), Vec<Option<&'a Value>>>,
    /// The server's own answers: depth by user and lower-case privilege name.
    server: HashMap<&'a str, HashMap<String, Depth>>,
    /// Whether not seeing something proves that it is not there.
    pub whole: bool,
    /// Whether some team of type 2 or 3 carries a role.
    group_team_carries_role: bool,
}

impl<'a> Access<'a> {
    pub fn new(snapshot: &'a Snapshot) -> Access<'a> {
        let by_id = |table, key| -> HashMap<&'a str, &'a Row> {
            snapshot
                .rows(table)
                .iter()
                .filter_map(|row| Some((text(row, key)?, row)))
                .collect()
        };
        let pairs = |table, key, other| {
            let mut map: HashMap<&'a str, Vec<&'a str>> = HashMap::default();
            for row in snapshot.rows(table) {
                if let (Some(key), Some(other)) = (text(row, key), text(row, other)) {
                    map.entry(key).or_default().push(other);
                }
            }
            map
        };
        let mut masks: HashMap<(&str, &str), Vec<Option<&Value>>> = HashMap::default();
        for row in snapshot.rows("roleprivileges") {
            if let (Some(role), Some(privilege)) = (text(row, "roleid"), text(row, "privilegeid")) {
                masks
                    .entry((role, privilege))
                    .or_default()
                    .push(row.get("privilegedepthmask"));
            }
        }
        let mut server: HashMap<&str, HashMap<String, Depth>> = HashMap::default();
        for row in snapshot.rows("access") {
            let Some(user) = text(row, "systemuserid") else {
                continue;
            };
            // A verified user who holds nothing has one row with nulls, so the user is entered first.
            let answers = server.entry(user).or_default();
            if let (Some(privilege), Some(depth)) = (text(row, "privilege"), text(row, "depth")) {
                let depth = depth_of_word(depth);
                let held = answers.entry(privilege.to_lowercase()).or_insert(NONE);
                *held = depth.max(*held);
            }
        }
        let mut access = Access {
            snapshot,
            roles: by_id("role", "roleid"),
            teams: by_id("team", "teamid"),
            user_roles: pairs("systemuserroles", "systemuserid", "roleid"),
            user_teams: pairs("teammembership", "systemuserid", "teamid"),
            team_roles: pairs("teamroles", "teamid", "roleid"),
            masks,
            server,
            whole: whole(snapshot),
            group_team_carries_role: false,
        };
        access.group_team_carries_role = access.team_roles.keys().any(|team| {
            access
                .teams
                .get(team)
                .is_some_and(|team| matches!(int(team, "teamtype"), Some(2 | 3)))
        });
        access
    }

    /// Every role copy that a user holds, by every path.
    pub fn paths(&self, user: &str) -> Vec<Path<'a>> {
        let none = Vec::new();
        let mut paths = Vec::new();
        for role in self.user_roles.get(user).unwrap_or(&none) {
            paths.push(Path {
                role,
                via: Via::Direct,
            });
        }
        for team in self.user_teams.get(user).unwrap_or(&none) {
            let via = match self.teams.get(team).map(|team| int(team, "teamtype")) {
                Some(Some(0 | 2 | 3)) => Via::Team,
                Some(Some(1)) => continue, // access teams carry no roles
                // Reading: a team type that the contract does not list is as unknown as a null one.
                None | Some(_) => Via::UnknownTeam,
            };
            for role in self.team_roles.get(team).unwrap_or(&none) {
                paths.push(Path { role, via });
            }
        }
        paths
    }

    /// *Membership not yet seen*: no role by any path, and a group team that carries one.
    ///
    /// Reading: a role through a team of unknown type is a path.
    pub fn membership_unseen(&self, user: &str) -> bool {
        self.group_team_carries_role && self.paths(user).is_empty()
    }

    /// Whether no membership of the user can be unseen, for the self-check.
    ///
    /// Reading: that there is no role by any path, and that no group team carries one, are misses: *a
    /// miss is only proved by whole tables* holds for both.
    pub fn memberships_seen(&self, user: &str) -> Tri {
        if !self.paths(user).is_empty() {
            Tri::True
        } else if self.whole {
            Tri::of(!self.group_team_carries_role)
        } else {
            Tri::Unknown
        }
    }

    /// What is not seen is false only if the tables are whole, else unknown.
    fn unless_missed(&self, user: &str) -> Tri {
        if self.whole && !self.membership_unseen(user) {
            Tri::False
        } else {
            Tri::Unknown
        }
    }

    /// Whether the user holds some role, by any path.
    ///
    /// Reading: an assignment of a role without a role row is an assignment all the same.
    pub fn has_role(&self, user: &str) -> Tri {
        let paths = self.paths(user);
        if paths.iter().any(|path| path.via != Via::UnknownTeam) {
            Tri::True
        } else if !paths.is_empty() {
            Tri::Unknown
        } else {
            self.unless_missed(user)
        }
    }

    /// Whether the role has that name.
    fn is_named(&self, role: &str, name: &str) -> Tri {
        match self.roles.get(role).and_then(|row| text(row, "name")) {
            Some(own) => Tri::of(own.to_lowercase() == name.to_lowercase()),
            None => Tri::Unknown,
        }
    }

    /// Whether the environment has the app role.
    pub fn app_role_exists(&self) -> Tri {
        self.role_exists(APP_ROLE)
    }

    /// Whether the environment has a role of that name.
    ///
    /// Reading: *the same holds for app-role-exists* is taken whole: all seven tables and the three
    /// read depths, not the role table and prvReadRole alone.
    pub fn role_exists(&self, name: &str) -> Tri {
        let seen = self
            .roles
            .keys()
            .map(|role| self.is_named(role, name))
            .fold(Tri::False, Tri::or);
        if seen == Tri::False && !self.whole {
            Tri::Unknown
        } else {
            seen
        }
    }

    /// Whether the user holds the app role by some path, and whether directly.
    pub fn app_role_held(&self, user: &str) -> (Tri, Tri) {
        self.role_held(user, Some(APP_ROLE))
    }

    /// Whether the user holds the role of that name, or any role, by some path, and whether directly.
    ///
    /// Reading: a miss in tables that are not whole is unknown here too. *Membership not yet seen*
    /// names the rules that it makes unknown, and `app-role-held-directly` is not one of them.
    pub fn role_held(&self, user: &str, name: Option<&str>) -> (Tri, Tri) {
        let missed = if self.whole { Tri::False } else { Tri::Unknown };
        let (mut by_some_path, mut directly) = (missed, missed);
        for path in self.paths(user) {
            let named = name.map_or(Tri::True, |name| self.is_named(path.role, name));
            match path.via {
                Via::Direct => {
                    by_some_path = by_some_path.or(named);
                    directly = directly.or(named);
                }
                Via::Team => by_some_path = by_some_path.or(named),
                Via::UnknownTeam => by_some_path = by_some_path.or(named.and(Tri::Unknown)),
            }
        }
        (by_some_path, directly)
    }

    /// The root of a role copy; itself if its row is missing or says nothing.
    fn root(&self, role: &'a str) -> &'a str {
        self.roles
            .get(role)
            .and_then(|row| text(row, "parentrootroleid"))
            .unwrap_or(role)
    }

    /// Whether System Administrator is held directly. Not seeing it proves nothing by itself; the
    /// callers take care of that.
    fn is_administrator(&self, user: &str) -> bool {
        let from_template = |role: &str| {
            self.roles
                .get(role)
                .and_then(|row| text(row, "roletemplateid"))
                .is_some_and(|template| template.eq_ignore_ascii_case(SYSTEM_ADMINISTRATOR))
        };
        self.user_roles
            .get(user)
            .into_iter()
            .flatten()
            .any(|role| from_template(role) || from_template(self.root(role)))
    }

    /// Whether a role that the user holds is bound to one of these app modules.
    pub fn app_module_shared(&self, user: &str, modules: &[&str]) -> Tri {
        if self.is_administrator(user) {
            return Tri::True;
        }
        let bound: Vec<&str> = self
            .snapshot
            .rows("appmoduleroles")
            .iter()
            .filter(|row| text(row, "appmoduleid").is_some_and(|module| modules.contains(&module)))
            .filter_map(|row| text(row, "roleid"))
            .map(|role| self.root(role))
            .collect();
        // Reading: a miss also needs the table of the bindings to be whole.
        let missed = if self.snapshot.complete("appmoduleroles") {
            self.unless_missed(user)
        } else {
            Tri::Unknown
        };
        let mut shared = missed;
        for path in self.paths(user) {
            let this = if bound.contains(&self.root(path.role)) {
                if path.via == Via::UnknownTeam {
                    Tri::Unknown
                } else {
                    Tri::True
                }
            } else if self.roles.contains_key(path.role) {
                Tri::False
            } else {
                Tri::Unknown // its row is missing, so its root is not known
            };
            shared = shared.or(this);
        }
        shared
    }

    /// Whether a privilege exists, and the least depth that can be asked for in this environment.
    ///
    /// Reading: names compare without case, as Dataverse's own filters do.
    pub fn existence(&self, privilege: &str, least: Depth) -> Existence<'a> {
        if !self.asked(privilege) {
            return Existence::Unknown { least };
        }
        let rows: Vec<&Row> = self
            .snapshot
            .rows("privilege")
            .iter()
            .filter(|row| text(row, "name").is_some_and(|name| name.eq_ignore_ascii_case(privilege)))
            .collect();
        if rows.is_empty() {
            let proved = self.snapshot.complete("privilege") && self.snapshot.has_column("privilege", "name");
            return if proved {
                Existence::DoesNotExist
            } else {
                Existence::Unknown { least }
            };
        }
        // A null `canbe*` counts as grantable. Reading: so does one that was not collected.
        let columns = [
            (BASIC, "canbebasic"),
            (LOCAL, "canbelocal"),
            (DEEP, "canbedeep"),
            (GLOBAL, "canbeglobal"),
        ];
        let grantable: Vec<Depth> = columns
            .iter()
            .filter(|(_, column)| rows.iter().any(|row| boolean(row, column) != Some(false)))
            .map(|(depth, _)| *depth)
            .collect();
        let above = grantable.iter().copied().find(|depth| *depth >= least);
        let below = grantable.iter().copied().rfind(|depth| *depth < least);
        match above.or(below) {
            Some(least) => {
                let ids = rows.iter().filter_map(|row| text(row, "privilegeid")).collect();
                Existence::Exists { ids, least }
            }
            None => Existence::DoesNotExist,
        }
    }

    fn asked(&self, privilege: &str) -> bool {
        self.snapshot
            .wanted_privileges
            .contains(&privilege.to_lowercase())
    }

    /// What a role copy grants of a privilege: the greatest over its own rows and its root's.
    fn grant(&self, role: &'a str, privileges: &[&'a str]) -> Grant {
        // Reading: a role without a row has an unknown root, so it may grant more than its own rows say.
        let mut grant = Grant {
            depth: NONE,
            maybe_more: !self.roles.contains_key(role),
        };
        for privilege in privileges {
            for role in [role, self.root(role)] {
                for mask in self.masks.get(&(role, *privilege)).into_iter().flatten() {
                    match mask {
                        Some(Value::Int(mask)) => grant.depth = grant.depth.max(depth_of_mask(*mask)),
                        // Reading: a depth that is null or was not collected may be any.
                        _ => grant.maybe_more = true,
                    }
                }
            }
        }
        grant
    }

    /// What the model says: does the privilege reach the user at the least depth?
    fn model(&self, user: &str, privileges: &[&'a str], least: Depth) -> Tri {
        if self.is_administrator(user) {
            return Tri::True;
        }
        let mut best = Tri::False;
        for path in self.paths(user) {
            let grant = self.grant(path.role, privileges);
            let reached = match path.via {
                Via::Direct => Tri::of(grant.depth >= least),
                Via::Team => self.through_team(path.role, grant.depth, least),
                Via::UnknownTeam => match self.through_team(path.role, grant.depth, least) {
                    Tri::False => Tri::False,
                    _ => Tri::Unknown,
                },
            };
            let reached = if grant.maybe_more {
                reached.or(Tri::Unknown)
            } else {
                reached
            };
            best = best.or(reached); // greatest wins: pass, then unknown, then fail
        }
        if best == Tri::False {
            self.unless_missed(user)
        } else {
            best
        }
    }

    /// The member's privilege inheritance of the copy that the team holds.
    fn through_team(&self, role: &str, depth: Depth, least: Depth) -> Tri {
        match self.roles.get(role).and_then(|row| row.get("isinherited")) {
            Some(Value::Int(1)) => Tri::of(depth >= least),
            // 0, and null is treated as 0.
            Some(_) if depth > BASIC && depth >= least => Tri::Unknown,
            Some(_) => Tri::False,
            // Reading: not collected is no null. It may be 1, so enough depth is unknown, even at Basic.
            None if depth >= least => Tri::Unknown,
            None => Tri::False,
        }
    }

    /// The server's own answer for a verified user and a privilege that was asked for. It decides even
    /// where tables are not whole.
    fn server(&self, user: &str, privilege: &str, least: Depth) -> Option<Tri> {
        let answers = self.server.get(user).filter(|_| self.asked(privilege))?;
        let held = answers.get(&privilege.to_lowercase()).copied().unwrap_or(NONE);
        Some(Tri::of(held >= least))
    }

    /// Condition and check of a privilege's rule: it exists; it reaches the user at the least depth.
    pub fn privilege(&self, user: &str, privilege: &str, existence: &Existence<'a>) -> (Tri, Tri) {
        match existence {
            Existence::DoesNotExist => (Tri::False, Tri::False),
            // Reading: "passes every privilege that exists" says nothing about one that may not exist, so
            // an administrator's is unknown too; only the server's own answer can show that it is held.
            Existence::Unknown { least } => (
                Tri::Unknown,
                self.server(user, privilege, *least).unwrap_or(Tri::Unknown),
            ),
            Existence::Exists { ids, least } => {
                let server = self.server(user, privilege, *least);
                (Tri::True, server.unwrap_or_else(|| self.model(user, ids, *least)))
            }
        }
    }

    /// Whether the server was asked about this user.
    pub fn verified(&self, user: &str) -> bool {
        self.server.contains_key(user)
    }

    /// Whether model and server disagree about one privilege. The model's `unknown` is no disagreement.
    pub fn disagrees(&self, user: &str, privilege: &str, existence: &Existence<'a>) -> bool {
        let Existence::Exists { ids, least } = existence else {
            return false;
        };
        let Some(server) = self.server(user, privilege, *least) else {
            return false;
        };
        let model = self.model(user, ids, *least);
        model != Tri::Unknown && model != server
    }
}

/// *A miss is only proved by whole tables.*
///
/// Reading: a table without a column that access needs is as little whole as one without its last
/// rows. (`team.teamtype` and `role.isinherited` have rules of their own and are not among these.)
fn whole(snapshot: &Snapshot) -> bool {
    ACCESS_TABLES.iter().all(|table| snapshot.complete(table))
        && ["prvReadRole", "prvReadTeam", "prvReadUser"]
            .iter()
            .all(|read| snapshot.proven_global(read))
        && snapshot.has_column("role", "parentrootroleid")
        && snapshot.has_column("role", "roletemplateid")
        && snapshot.has_column("privilege", "name")
}

/// `privilegedepthmask`: higher bits are ignored, and the greatest of the four wins.
fn depth_of_mask(mask: i64) -> Depth {
    match mask & 0x0F {
        8.. => GLOBAL,
        4..=7 => DEEP,
        2 | 3 => LOCAL,
        1 => BASIC,
        _ => NONE,
    }
}

fn depth_of_word(word: &str) -> Depth {
    match word.to_lowercase().as_str() {
        "basic" => BASIC,
        "local" => LOCAL,
        "deep" => DEEP,
        "global" => GLOBAL,
        _ => NONE,
    }
}
