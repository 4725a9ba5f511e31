//! A simulated environment: all its rows, in plain vectors that a test may change as it likes.

use uuid::Uuid;

use crate::defect::Defect;
use crate::tables::{
    AppModule, AppModuleRole, BusinessUnit, EmailServerProfile, Mailbox, Organization, Privilege, Queue,
    Role, RolePrivilege, Solution, SystemUser, Team, TraceLog,
};

/// Where the environment runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deployment {
    /// Microsoft's cloud.
    #[default]
    Online,
    /// Own servers: the address names the organization, and newer functions are missing.
    OnPremises,
}

/// A defect that the generator put on a user: the truth that an audit should find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InjectedDefect {
    /// The user.
    pub systemuserid: Uuid,
    /// What is wrong.
    pub defect: Defect,
}

/// A simulated environment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tenant {
    /// Users, human or not.
    pub users: Vec<SystemUser>,
    /// Business units; one of them is the root.
    pub business_units: Vec<BusinessUnit>,
    /// Roles, each once per business unit.
    pub roles: Vec<Role>,
    /// Privileges that exist.
    pub privileges: Vec<Privilege>,
    /// Privileges of root roles.
    pub role_privileges: Vec<RolePrivilege>,
    /// User, role.
    pub user_roles: Vec<(Uuid, Uuid)>,
    /// Team, role.
    pub team_roles: Vec<(Uuid, Uuid)>,
    /// User, team.
    pub memberships: Vec<(Uuid, Uuid)>,
    /// Teams of all types.
    pub teams: Vec<Team>,
    /// Mailboxes of users and queues.
    pub mailboxes: Vec<Mailbox>,
    /// Email server profiles.
    pub profiles: Vec<EmailServerProfile>,
    /// The organization.
    pub organization: Organization,
    /// Apps.
    pub app_modules: Vec<AppModule>,
    /// Roles that may use an app.
    pub app_module_roles: Vec<AppModuleRole>,
    /// Log of server-side synchronization.
    pub trace_logs: Vec<TraceLog>,
    /// Queues.
    pub queues: Vec<Queue>,
    /// Solutions.
    pub solutions: Vec<Solution>,
    /// The user that signs in to the simulator. Not a user of the tenant: every answer is 403 0x80072560.
    pub caller: Uuid,
    /// Build, such as `9.2.24091.195`.
    pub version: String,
    /// Online or on-premises.
    pub deployment: Deployment,
    /// The Microsoft Entra tenant, as the sign-in challenge names it.
    pub directory: Uuid,
    /// Defects that the generator injected, in no particular order.
    pub injected: Vec<InjectedDefect>,
}

impl Tenant {
    /// The user with this id.
    pub fn user(&self, id: Uuid) -> Option<&SystemUser> {
        self.users.iter().find(|user| user.systemuserid == id)
    }

    /// The user with this id, to change.
    pub fn user_mut(&mut self, id: Uuid) -> Option<&mut SystemUser> {
        self.users.iter_mut().find(|user| user.systemuserid == id)
    }

    /// The mailbox that the user's `defaultmailbox` names.
    pub fn mailbox_of(&self, user: Uuid) -> Option<&Mailbox> {
        let id = self.user(user)?.defaultmailbox?;
        self.mailboxes.iter().find(|mailbox| mailbox.mailboxid == id)
    }

    /// The mailbox that the user's `defaultmailbox` names, to change.
    pub fn mailbox_of_mut(&mut self, user: Uuid) -> Option<&mut Mailbox> {
        let id = self.user(user)?.defaultmailbox?;
        self.mailboxes.iter_mut().find(|mailbox| mailbox.mailboxid == id)
    }

    /// The privilege with this name, ignoring case.
    pub fn privilege(&self, name: &str) -> Option<&Privilege> {
        let same = |known: &String| known.eq_ignore_ascii_case(name);
        self.privileges
            .iter()
            .find(|privilege| privilege.name.as_ref().is_some_and(same))
    }

    /// The copy of a role in a business unit.
    pub fn role_copy(&self, name: &str, business_unit: Uuid) -> Option<&Role> {
        self.roles
            .iter()
            .find(|role| role.name.as_deref() == Some(name) && role.businessunitid == Some(business_unit))
    }

    /// The root copy of a role.
    pub fn root_role(&self, name: &str) -> Option<&Role> {
        self.roles
            .iter()
            .find(|role| role.name.as_deref() == Some(name) && role.parentrootroleid == Some(role.roleid))
    }

    /// The root business unit.
    pub fn root_business_unit(&self) -> Option<&BusinessUnit> {
        self.business_units
            .iter()
            .find(|unit| unit.parentbusinessunitid.is_none())
    }

    /// Users who got this defect from the generator.
    pub fn users_with(&self, defect: Defect) -> Vec<Uuid> {
        self.injected
            .iter()
            .filter(|one| one.defect == defect)
            .map(|one| one.systemuserid)
            .collect()
    }

    /// Sets how deep a role (its root copy) holds a privilege: the raw mask, or `None` to take it away.
    /// Returns false if the role or the privilege does not exist.
    pub fn set_role_privilege(&mut self, role: &str, privilege: &str, mask: Option<i32>) -> bool {
        let (Some(roleid), Some(privilegeid)) = (
            self.root_role(role).map(|role| role.roleid),
            self.privilege(privilege).map(|row| row.privilegeid),
        ) else {
            return false;
        };
        self.put_role_privilege(roleid, privilegeid, mask);
        true
    }

    /// The same by identifiers.
    pub(crate) fn put_role_privilege(&mut self, roleid: Uuid, privilegeid: Uuid, mask: Option<i32>) {
        self.role_privileges
            .retain(|row| row.roleid != roleid || row.privilegeid != privilegeid);
        if let Some(privilegedepthmask) = mask {
            self.role_privileges.push(RolePrivilege {
                roleprivilegeid: crate::tables::pair_id(roleid, privilegeid),
                roleid,
                privilegeid,
                privilegedepthmask,
                ismanaged: Some(false),
                componentstate: Some(0),
                ..RolePrivilege::default()
            });
        }
    }

    /// Leaves the caller with one new role of these privileges and nothing else, neither direct nor
    /// through teams, to see how an audit copes with a caller who may read little.
    /// Names that do not exist are passed over.
    pub fn restrict_caller(&mut self, privileges: &[(&str, Depth)]) {
        let caller = self.caller;
        self.user_roles.retain(|(user, _)| *user != caller);
        self.memberships.retain(|(user, _)| *user != caller);
        let unit = self.user(caller).and_then(|user| user.businessunitid);
        let roleid = crate::tables::pair_id(caller, self.organization.organizationid);
        self.roles.retain(|role| role.roleid != roleid);
        self.role_privileges.retain(|row| row.roleid != roleid);
        self.roles.push(Role {
            roleid,
            name: Some("Audit Reader (restricted)".to_owned()),
            businessunitid: unit,
            parentrootroleid: Some(roleid),
            isinherited: Some(1),
            ismanaged: Some(false),
            componentstate: Some(0),
            ..Role::default()
        });
        self.user_roles.push((caller, roleid));
        for (name, depth) in privileges {
            self.set_role_privilege("Audit Reader (restricted)", name, Some(depth.mask()));
        }
    }
}

/// How far a privilege reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// Own rows.
    Basic,
    /// Rows of the business unit.
    Local,
    /// Rows of the business unit and those below it.
    Deep,
    /// All rows.
    Global,
}

impl Depth {
    /// The deepest bit of `privilegedepthmask`; higher bits are not depths, and 0 is no grant.
    pub fn from_mask(mask: i32) -> Option<Self> {
        match mask & 0x0f {
            0 => None,
            1 => Some(Self::Basic),
            2..=3 => Some(Self::Local),
            4..=7 => Some(Self::Deep),
            _ => Some(Self::Global),
        }
    }

    /// The bit in `privilegedepthmask`.
    pub fn mask(self) -> i32 {
        match self {
            Self::Basic => 1,
            Self::Local => 2,
            Self::Deep => 4,
            Self::Global => 8,
        }
    }

    /// The name in answers of the server, such as `Global`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Local => "Local",
            Self::Deep => "Deep",
            Self::Global => "Global",
        }
    }
}
