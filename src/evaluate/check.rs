//! Checks made ready for one environment: evaluated for all users at once, or for one user with
//! everything that was observed on the way.
//!
//! Both go through the same [`Leaf::tri`], but for what is asked of a million users by many rules: columns
//! and access. What helped, in seconds of user time of `clearance audit SNAPSHOT --csv FILE` on a million
//! users (`tests/bench`, two busy cores, the middle of three runs): 1.85 when every value was tested and
//! every answer about access asked user by user; 1.46 with each small number tested once per rule, access
//! taken 64 users at a time, and bits packed without a branch.

use crate::access::{Access, Reach, Requirement};
use crate::rules::{Check, Depth, Held, Test};

use super::elsewhere::Elsewhere;
use super::field::{FieldReader, Places};
use super::owned::{DeviceCheck, Owned};
use super::people::{People, Place};
use super::tri::{Planes, Tri};

/// What a leaf needs to see.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) people: People<'a>,
    pub(super) access: Access<'a>,
    /// The users' devices, where an inventory was given.
    pub(super) devices: Option<Owned<'a>>,
}

/// A check, ready to be asked.
#[derive(Debug)]
pub(super) enum Node<'a> {
    All(Vec<Node<'a>>),
    Any(Vec<Node<'a>>),
    Not(Box<Node<'a>>),
    Leaf(Leaf<'a>),
}

/// One comparison.
#[derive(Debug)]
pub(super) enum Leaf<'a> {
    /// The same for every user of the environment, with what was observed and, if unknown, why.
    Constant {
        value: Tri,
        observed: String,
        reason: Option<String>,
    },
    /// A fact of a collected table.
    Field(FieldReader<'a>, &'a Test),
    /// Two facts of collected tables.
    Same(FieldReader<'a>, FieldReader<'a>),
    /// Whether the user's mailbox was found.
    MailboxExists(&'a Test),
    /// A question about access, by its position.
    Access(usize, Requirement),
    /// Whether the server was asked about the user's access.
    Verified(&'a Test),
    /// Whether the server agrees with the tables.
    ModelAgrees(&'a Test),
    /// Whether the user's team memberships can have been seen.
    MembershipSeen(&'a Test),
    /// The same mailbox in other environments.
    Elsewhere(FieldReader<'a>, Elsewhere),
    /// The user's devices.
    Devices(DeviceCheck<'a>),
}

impl From<Reach> for Tri {
    fn from(reach: Reach) -> Tri {
        match reach {
            Reach::Pass => Tri::True,
            Reach::Fail => Tri::False,
            Reach::Unknown => Tri::Unknown,
        }
    }
}

/// What one leaf had to say about one user.
#[derive(Clone, Debug)]
pub(super) struct Observation<'n, 'a> {
    pub(super) leaf: &'n Leaf<'a>,
    pub(super) value: Tri,
}

/// The requirement that a check makes of a user's access, if it is about access.
pub(super) fn requirement(check: &Check) -> Option<Requirement> {
    Some(match check {
        Check::Privilege(name, depth) => Requirement::Privilege(name.clone(), *depth),
        Check::Role {
            name: None,
            held: Held::Anyhow,
        } => Requirement::AnyRole,
        Check::Role {
            name: None,
            held: Held::Directly,
        } => Requirement::AnyRoleDirectly,
        Check::Role {
            name: Some(name),
            held: Held::Anyhow,
        } => Requirement::RoleNamed(name.clone()),
        Check::Role {
            name: Some(name),
            held: Held::Directly,
        } => Requirement::RoleNamedDirectly(name.clone()),
        Check::AppModuleShared(module) => Requirement::AppModuleShared(module.clone()),
        _ => return None,
    })
}

/// A feature asks for its privileges at any depth.
pub(super) fn feature_requirement(privilege: &str) -> Requirement {
    Requirement::Privilege(privilege.to_owned(), Depth::Basic)
}

impl<'a> Node<'a> {
    /// The answer for every user.
    pub(super) fn planes(&self, scene: &Scene<'_>) -> Planes {
        let len = scene.people.len();
        match self {
            Node::All(parts) => parts.iter().fold(Planes::all(len, Tri::True), |all, part| {
                all.and(&part.planes(scene))
            }),
            Node::Any(parts) => parts.iter().fold(Planes::all(len, Tri::False), |any, part| {
                any.or(&part.planes(scene))
            }),
            Node::Not(part) => part.planes(scene).not(),
            Node::Leaf(Leaf::Constant { value, .. }) => Planes::all(len, *value),
            Node::Leaf(Leaf::Field(reader, test)) => reader.planes(test, &scene.people),
            Node::Leaf(Leaf::Access(position, _)) if !scene.access.is_served() => {
                Planes::from_words(len, |word| scene.access.modelled_of(word, *position))
            }
            Node::Leaf(leaf) => Planes::pack(len, |user| leaf.tri(scene, user)),
        }
    }

    /// The answer for one user; for a node that no user enters into, any number will do.
    pub(super) fn tri(&self, scene: &Scene<'_>, user: usize) -> Tri {
        match self {
            Node::All(parts) => parts
                .iter()
                .fold(Tri::True, |all, part| all.and(part.tri(scene, user))),
            Node::Any(parts) => parts
                .iter()
                .fold(Tri::False, |any, part| any.or(part.tri(scene, user))),
            Node::Not(part) => part.tri(scene, user).not(),
            Node::Leaf(leaf) => leaf.tri(scene, user),
        }
    }

    /// The leaves that make this node's value what it is, in order: of a failing `all` every
    /// failing part, of an unknown one every part that is not known.
    pub(super) fn deciding<'n>(&'n self, scene: &Scene<'_>, user: usize) -> Vec<Observation<'n, 'a>> {
        match self {
            Node::All(parts) | Node::Any(parts) => {
                let value = self.tri(scene, user);
                let relevant = parts.iter().filter(|part| part.tri(scene, user) == value);
                relevant.flat_map(|part| part.deciding(scene, user)).collect()
            }
            Node::Not(part) => part.deciding(scene, user),
            Node::Leaf(leaf) => vec![Observation {
                leaf,
                value: leaf.tri(scene, user),
            }],
        }
    }
}

impl Leaf<'_> {
    /// The answer for one user.
    pub(super) fn tri(&self, scene: &Scene<'_>, user: usize) -> Tri {
        let is = |value: bool, test: &Test| super::field::Cell::Boolean(value).test(test);
        match self {
            Leaf::Constant { value, .. } => *value,
            Leaf::Field(reader, test) => reader.test(test, &scene.people, user),
            Leaf::Same(left, right) => left.same(right, &scene.people, user),
            Leaf::MailboxExists(test) => match scene.people.place(crate::rules::Subject::Mailbox, user) {
                Place::Row(_) => is(true, test),
                Place::Nowhere => is(false, test),
                Place::NotSeen => Tri::Unknown,
            },
            Leaf::Access(position, _) => scene.access.reach(user, *position).into(),
            Leaf::Verified(test) => is(scene.access.is_verified(user), test),
            Leaf::ModelAgrees(test) => is(scene.access.disagreements(user).is_empty(), test),
            Leaf::MembershipSeen(test) => match scene.access.membership_seen(user) {
                Reach::Pass => is(true, test),
                Reach::Unknown => Tri::Unknown,
                Reach::Fail => is(false, test),
            },
            Leaf::Elsewhere(reader, elsewhere) => reader
                .cell(&scene.people, user)
                .map_or(Tri::Unknown, |cell| elsewhere.tri(cell)),
            Leaf::Devices(check) => scene
                .devices
                .as_ref()
                .map_or(Tri::Unknown, |owned| check.tri(owned, user)),
        }
    }

    /// What was read and where, for a person.
    pub(super) fn observed(&self, scene: &Scene<'_>, user: usize) -> String {
        let people = &scene.people;
        match self {
            Leaf::Constant { observed, .. } => observed.clone(),
            Leaf::Field(reader, _) => reader.observed(people, user),
            Leaf::Same(left, right) => {
                format!(
                    "{}; {}",
                    left.observed(people, user),
                    right.observed(people, user)
                )
            }
            Leaf::MailboxExists(_) => match people.place(crate::rules::Subject::Mailbox, user) {
                Place::Row(_) => "table `mailbox`: the user's mailbox was found".to_owned(),
                _ => "table `mailbox`: no mailbox of the user was found".to_owned(),
            },
            Leaf::Access(_, requirement) => super::reached::observed_access(scene, requirement, user),
            Leaf::Verified(_) => "table `access`: the server was not asked about the user".to_owned(),
            Leaf::ModelAgrees(_) => {
                let differing: Vec<String> = scene
                    .access
                    .disagreements(user)
                    .into_iter()
                    .filter_map(|requirement| match requirement {
                        Requirement::Privilege(name, depth) => Some(format!("{name} at {}", depth.name())),
                        _ => None,
                    })
                    .collect();
                format!(
                    "table `access`: the server answers otherwise for {}",
                    differing.join(", ")
                )
            }
            Leaf::MembershipSeen(_) => {
                let carried = match scene.access.is_membership_unseen(user) {
                    true => ", while a group team carries one",
                    false => "",
                };
                format!("tables `systemuserroles` and `teammembership`: no role by any path{carried}")
            }
            Leaf::Elsewhere(reader, elsewhere) => {
                let own = reader.observed(people, user);
                match reader.cell(people, user).map(|cell| elsewhere.words(cell)) {
                    Some(words) if !words.is_empty() => format!("{own}; {words}"),
                    _ => own,
                }
            }
            Leaf::Devices(check) => scene
                .devices
                .as_ref()
                .map_or_else(String::new, |owned| check.observed(owned, user)),
        }
    }

    /// Why the answer is not known.
    pub(super) fn why_unknown(&self, scene: &Scene<'_>, user: usize) -> Option<String> {
        let people = &scene.people;
        match self {
            Leaf::Constant { reason, .. } => reason.clone(),
            Leaf::Field(reader, _) => reader.why_unknown(people, user),
            Leaf::Same(left, right) => {
                let reasons: Vec<String> = [left, right]
                    .into_iter()
                    .filter(|reader| {
                        matches!(reader.cell(people, user), None | Some(super::field::Cell::Null))
                    })
                    .filter_map(|reader| reader.why_unknown(people, user))
                    .collect();
                (!reasons.is_empty()).then(|| reasons.join("; "))
            }
            Leaf::MailboxExists(_) => {
                people.why_no_record(crate::rules::Subject::Mailbox, Place::NotSeen, user)
            }
            Leaf::Access(position, requirement) => Some(super::reached::why_access_unknown(
                scene,
                *position,
                requirement,
                user,
            )),
            Leaf::Elsewhere(reader, elsewhere) => reader
                .cell(people, user)
                .and_then(|cell| elsewhere.why_unknown(cell))
                .or_else(|| reader.why_unknown(people, user)),
            Leaf::Devices(check) => {
                let owned = scene.devices.as_ref()?;
                Some(check.why_unknown(owned, user))
            }
            Leaf::MembershipSeen(_) => scene.access.role_gap().map(|gap| {
                format!("no role of the user was seen, and that does not prove there is none: {gap}")
            }),
            Leaf::Verified(_) | Leaf::ModelAgrees(_) => None,
        }
    }
}

/// The answer for every mailbox of an environment, where a mailbox and not a user is the subject.
pub(super) fn mailbox_tri(node: &Node<'_>, places: &impl Places, index: usize) -> Tri {
    match node {
        Node::All(parts) => parts
            .iter()
            .fold(Tri::True, |all, part| all.and(mailbox_tri(part, places, index))),
        Node::Any(parts) => parts
            .iter()
            .fold(Tri::False, |any, part| any.or(mailbox_tri(part, places, index))),
        Node::Not(part) => mailbox_tri(part, places, index).not(),
        Node::Leaf(Leaf::Field(reader, test)) => reader.test(test, places, index),
        Node::Leaf(Leaf::Same(left, right)) => left.same(right, places, index),
        Node::Leaf(Leaf::Constant { value, .. }) => *value,
        Node::Leaf(_) => Tri::Unknown,
    }
}
