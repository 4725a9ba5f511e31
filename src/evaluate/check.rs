//! Checks made ready for one environment: evaluated for all users at once, or for one user with
//! everything that was observed on the way.
//!
//! Both go through the same [`Leaf::tri`], but for what is asked of a million users by many rules: columns
//! and access. What helped, in seconds of user time of `clearance audit SNAPSHOT --csv FILE` on a million
//! users (`tests/bench`, two busy cores, the middle of three runs): 1.85 when every value was tested and
//! every answer about access asked user by user; 1.46 with each small number tested once per rule, access
//! taken 64 users at a time, and bits packed without a branch.

use smallvec::{SmallVec, smallvec};

use crate::access::{Access, Reach, Requirement};
use crate::rules::{Check, Depth, Held, Test};

use super::columns::Columns;
use super::elsewhere::Elsewhere;
use super::field::{Cell, FieldReader, Places};
use super::owned::{DeviceCheck, Owned};
use super::people::{People, Place};
use super::reached::{self, Question};
use super::tri::{Planes, Tri};
use super::words::put;

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
    MailboxExists(YesOrNo),
    /// A question about access, by its position.
    Access(usize, Requirement),
    /// Whether the server was asked about the user's access.
    Verified(YesOrNo),
    /// Whether the server agrees with the tables.
    ModelAgrees(YesOrNo),
    /// Whether the user's team memberships can have been seen.
    MembershipSeen(YesOrNo),
    /// The same mailbox in other environments.
    Elsewhere(FieldReader<'a>, Elsewhere),
    /// The user's devices.
    Devices(DeviceCheck<'a>),
}

/// A test of what is true or false of a user: what it says of either.
#[derive(Clone, Copy, Debug)]
pub(super) struct YesOrNo {
    yes: Tri,
    no: Tri,
}

impl YesOrNo {
    pub(super) fn new(test: &Test) -> YesOrNo {
        let [yes, no] = [true, false].map(|value| Cell::Boolean(value).test(test));
        YesOrNo { yes, no }
    }

    fn of(self, value: impl Into<Tri>) -> Tri {
        match value.into() {
            Tri::True => self.yes,
            Tri::False => self.no,
            Tri::Unknown => Tri::Unknown,
        }
    }
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

/// What the leaves had to say that decide; most rules have a single one.
pub(super) type Deciding<'n, 'a> = SmallVec<[Observation<'n, 'a>; 2]>;

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
    pub(super) fn planes(&self, scene: &Scene<'_>, columns: &Columns<'_, '_>) -> Planes {
        let len = scene.people.len();
        match self {
            Node::All(parts) => parts.iter().fold(Planes::all(len, Tri::True), |all, part| {
                all.and(&part.planes(scene, columns))
            }),
            Node::Any(parts) => parts.iter().fold(Planes::all(len, Tri::False), |any, part| {
                any.or(&part.planes(scene, columns))
            }),
            Node::Not(part) => part.planes(scene, columns).not(),
            Node::Leaf(Leaf::Constant { value, .. }) => Planes::all(len, *value),
            Node::Leaf(Leaf::Field(reader, test)) => match columns.of(reader, test) {
                Some(planes) => planes.clone(),
                None => reader.planes(test, &scene.people),
            },
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

    /// Whether a privilege is asked for, alone or with other things.
    pub(super) fn asks_for_privilege(&self) -> bool {
        match self {
            Node::All(parts) | Node::Any(parts) => parts.iter().any(Node::asks_for_privilege),
            Node::Not(part) => part.asks_for_privilege(),
            Node::Leaf(leaf) => leaf.privilege().is_some(),
        }
    }

    /// The leaves that make this node's value what it is, in order: of a failing `all` every
    /// failing part, of an unknown one every part that is not known.
    pub(super) fn deciding<'n>(&'n self, scene: &Scene<'_>, user: usize) -> Deciding<'n, 'a> {
        match self {
            Node::All(parts) | Node::Any(parts) => {
                let value = self.tri(scene, user);
                let relevant = parts.iter().filter(|part| part.tri(scene, user) == value);
                relevant.flat_map(|part| part.deciding(scene, user)).collect()
            }
            Node::Not(part) => part.deciding(scene, user),
            Node::Leaf(leaf) => smallvec![Observation {
                leaf,
                value: leaf.tri(scene, user),
            }],
        }
    }
}

impl Leaf<'_> {
    /// The answer for one user.
    pub(super) fn tri(&self, scene: &Scene<'_>, user: usize) -> Tri {
        match self {
            Leaf::Constant { value, .. } => *value,
            Leaf::Field(reader, test) => reader.test(test, &scene.people, user),
            Leaf::Same(left, right) => left.same(right, &scene.people, user),
            Leaf::MailboxExists(test) => {
                let place = scene.people.place(crate::rules::Subject::Mailbox, user);
                test.of(place.exists())
            }
            Leaf::Access(position, _) => scene.access.reach(user, *position).into(),
            Leaf::Verified(test) => test.of(scene.access.is_verified(user)),
            Leaf::ModelAgrees(test) => test.of(scene.access.disagreements(user).is_empty()),
            Leaf::MembershipSeen(test) => test.of(scene.access.membership_seen(user)),
            Leaf::Elsewhere(reader, elsewhere) => reader
                .cell(&scene.people, user)
                .map_or(Tri::Unknown, |cell| elsewhere.tri(cell)),
            Leaf::Devices(check) => scene
                .devices
                .as_ref()
                .map_or(Tri::Unknown, |owned| check.tri(owned, user)),
        }
    }

    /// The position of the privilege that is asked for, if one is.
    pub(super) fn privilege(&self) -> Option<usize> {
        match self {
            Leaf::Access(position, Requirement::Privilege(..)) => Some(*position),
            _ => None,
        }
    }

    /// Writes what was read and where, for a person.
    pub(super) fn observe(&self, scene: &Scene<'_>, user: usize, to: &mut String) {
        let people = &scene.people;
        match self {
            Leaf::Constant { observed, .. } => to.push_str(observed),
            Leaf::Field(reader, _) => reader.observe(people, user, to),
            Leaf::Same(left, right) => {
                left.observe(people, user, to);
                to.push_str("; ");
                right.observe(people, user, to);
            }
            Leaf::MailboxExists(_) => to.push_str(match people.place(crate::rules::Subject::Mailbox, user) {
                Place::Row(_) => "table `mailbox`: the user's mailbox was found",
                _ => "table `mailbox`: no mailbox of the user was found",
            }),
            Leaf::Access(position, requirement) => {
                reached::observe(scene, Question::new(*position, requirement), user, to);
            }
            Leaf::Verified(_) => to.push_str("table `access`: the server was not asked about the user"),
            Leaf::ModelAgrees(_) => {
                to.push_str("table `access`: the server answers otherwise for ");
                let mut comma = "";
                for requirement in scene.access.disagreements(user) {
                    if let Requirement::Privilege(name, depth) = requirement {
                        put(to, format_args!("{comma}{name} at {}", depth.name()));
                        comma = ", ";
                    }
                }
            }
            Leaf::MembershipSeen(_) => {
                to.push_str("tables `systemuserroles` and `teammembership`: no role by any path");
                if scene.access.is_membership_unseen(user) {
                    to.push_str(", while a group team carries one");
                }
            }
            Leaf::Elsewhere(reader, elsewhere) => {
                reader.observe(people, user, to);
                match reader.cell(people, user).map(|cell| elsewhere.words(cell)) {
                    Some(words) if !words.is_empty() => put(to, format_args!("; {words}")),
                    _ => {}
                }
            }
            Leaf::Devices(check) => {
                if let Some(owned) = &scene.devices {
                    to.push_str(&check.observed(owned, user));
                }
            }
        }
    }

    /// Writes why the answer is not known; nothing where that is not to be told.
    pub(super) fn why_unknown(&self, scene: &Scene<'_>, user: usize, to: &mut String) {
        let people = &scene.people;
        match self {
            Leaf::Constant { reason, .. } => to.push_str(reason.as_deref().unwrap_or_default()),
            Leaf::Field(reader, _) => reader.why_unknown(people, user, to),
            Leaf::Same(left, right) => {
                let is_open =
                    |reader: &FieldReader<'_>| matches!(reader.cell(people, user), None | Some(Cell::Null));
                if is_open(left) {
                    left.why_unknown(people, user, to);
                }
                if is_open(left) && is_open(right) {
                    to.push_str("; ");
                }
                if is_open(right) {
                    right.why_unknown(people, user, to);
                }
            }
            Leaf::MailboxExists(_) => {
                people.why_no_record(crate::rules::Subject::Mailbox, Place::NotSeen, user, to);
            }
            Leaf::Access(position, requirement) => {
                reached::why_unknown(scene, Question::new(*position, requirement), user, to);
            }
            Leaf::Elsewhere(reader, elsewhere) => {
                let why = reader
                    .cell(people, user)
                    .and_then(|cell| elsewhere.why_unknown(cell));
                match why {
                    Some(why) => to.push_str(&why),
                    None => reader.why_unknown(people, user, to),
                }
            }
            Leaf::Devices(check) => {
                if let Some(owned) = &scene.devices {
                    to.push_str(&check.why_unknown(owned, user));
                }
            }
            Leaf::MembershipSeen(_) => {
                if let Some(gap) = scene.access.role_gap() {
                    put(
                        to,
                        format_args!(
                            "no role of the user was seen, and that does not prove there is none: {gap}"
                        ),
                    );
                }
            }
            Leaf::Verified(_) | Leaf::ModelAgrees(_) => {}
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
