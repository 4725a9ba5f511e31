//! Whose the devices of an inventory are, and checks of a user's devices.

use rustc_hash::FxHashMap;

use crate::rules::{Check, DeviceFact, Field, FieldSource, Test};

use super::devices::{Device, Devices, Told};
use super::people::People;
use super::tri::Tri;

/// How many devices a finding shows.
const MOST_SHOWN: usize = 5;

/// The devices of the users of one environment.
#[derive(Debug)]
pub(super) struct Owned<'a> {
    devices: &'a Devices,
    /// Where the devices of each user begin in `list`, and where those of the last end.
    starts: Vec<u32>,
    list: Vec<u32>,
}

impl<'a> Owned<'a> {
    pub(super) fn new(devices: &'a Devices, people: &People<'_>) -> Owned<'a> {
        let mut by_user: FxHashMap<&str, Vec<u32>> = FxHashMap::default();
        for (device, number) in devices.list.iter().zip(0..) {
            for user in &device.users {
                by_user.entry(user).or_default().push(number);
            }
        }
        let mut owned = Owned {
            devices,
            starts: Vec::with_capacity(people.len() + 1),
            list: Vec::new(),
        };
        let names = ["domainname", "internalemailaddress"].map(|column| people.texts(column));
        for user in 0..people.len() {
            let start = owned.list.len();
            owned.starts.push(start as u32);
            for names in names {
                let word = names.of(user).trim().to_lowercase();
                if let Some(devices) = by_user.get(&*word) {
                    owned.list.extend(devices);
                }
            }
            // Called by both names in one row, or by one in each of two.
            owned.list[start..].sort_unstable();
            let mut kept = start;
            for position in start..owned.list.len() {
                if position == start || owned.list[position] != owned.list[kept - 1] {
                    owned.list[kept] = owned.list[position];
                    kept += 1;
                }
            }
            owned.list.truncate(kept);
        }
        owned.starts.push(owned.list.len() as u32);
        owned
    }

    /// Positions in the inventory of the devices that belong to someone here.
    pub(super) fn matched(&self) -> &[u32] {
        &self.list
    }

    fn of(&self, user: usize) -> impl Iterator<Item = &'a Device> {
        let range = self.starts[user] as usize..self.starts[user + 1] as usize;
        self.list[range]
            .iter()
            .map(|number| &self.devices.list[*number as usize])
    }
}

/// A check of a user's devices, ready to be asked.
#[derive(Debug)]
pub(super) struct DeviceCheck<'a> {
    every: bool,
    node: DeviceNode<'a>,
}

#[derive(Debug)]
enum DeviceNode<'a> {
    All(Vec<DeviceNode<'a>>),
    Any(Vec<DeviceNode<'a>>),
    Not(Box<DeviceNode<'a>>),
    Test(DeviceFact, &'a Test),
    Same(DeviceFact, DeviceFact),
    /// What cannot be asked of a device; rule files with such a check are refused.
    Unknown,
}

impl<'a> DeviceCheck<'a> {
    pub(super) fn new(every: bool, check: &'a Check) -> DeviceCheck<'a> {
        DeviceCheck {
            every,
            node: DeviceNode::new(check),
        }
    }

    /// The answer for a user; unknown for one without devices.
    pub(super) fn tri(&self, owned: &Owned<'_>, user: usize) -> Tri {
        let mut devices = owned.of(user).peekable();
        if devices.peek().is_none() {
            return Tri::Unknown;
        }
        if self.every {
            devices.fold(Tri::True, |all, device| all.and(self.node.tri(device)))
        } else {
            devices.fold(Tri::False, |any, device| any.or(self.node.tri(device)))
        }
    }

    /// The devices that make the answer what it is, with what is told of them.
    pub(super) fn observed(&self, owned: &Owned<'_>, user: usize) -> String {
        let value = self.tri(owned, user);
        let mut words: Vec<String> = Vec::new();
        for device in owned.of(user).filter(|device| self.node.tri(device) == value) {
            let mut facts = Vec::new();
            self.node.deciding(device, &mut facts);
            facts.sort_unstable();
            facts.dedup();
            let facts: Vec<String> = facts
                .into_iter()
                .map(|fact| format!("{} {}", fact.words(), device.told(fact).words()))
                .collect();
            words.push(format!("{}: {}", device.words(), facts.join(", ")));
        }
        if words.is_empty() {
            return "no device".to_owned();
        }
        words.dedup();
        let rest = words.len().saturating_sub(MOST_SHOWN);
        words.truncate(MOST_SHOWN);
        if rest > 0 {
            words.push(format!("and {rest} more"));
        }
        words.join("; ")
    }

    /// Why the answer is not known.
    pub(super) fn why_unknown(&self, owned: &Owned<'_>, user: usize) -> String {
        if owned.of(user).next().is_none() {
            return "the device inventory has no row for the user".to_owned();
        }
        let mut reasons: Vec<String> = Vec::new();
        for device in owned
            .of(user)
            .filter(|device| self.node.tri(device) == Tri::Unknown)
        {
            let mut facts = Vec::new();
            self.node.deciding(device, &mut facts);
            facts.sort_unstable();
            facts.dedup();
            for fact in facts {
                let name = fact.words();
                let reason = match device.told(fact) {
                    Told::Nothing => format!("{}: the inventory does not tell its {name}", device.words()),
                    Told::Absent => format!("{}: without {name} there is nothing to compare", device.words()),
                    Told::Unreadable(text, why) => {
                        format!("{}: its {name} \"{text}\" {why}", device.words())
                    }
                    _ => continue,
                };
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
        }
        let rest = reasons.len().saturating_sub(MOST_SHOWN);
        reasons.truncate(MOST_SHOWN);
        if rest > 0 {
            reasons.push(format!("and {rest} more"));
        }
        reasons.join("; ")
    }
}

impl<'a> DeviceNode<'a> {
    fn new(check: &'a Check) -> DeviceNode<'a> {
        let nodes = |parts: &'a [Check]| parts.iter().map(DeviceNode::new).collect();
        let fact = |field: &Field| match field.source {
            FieldSource::Device(fact) => Some(fact),
            _ => None,
        };
        let node = match check {
            Check::All(parts) => Some(DeviceNode::All(nodes(parts))),
            Check::Any(parts) => Some(DeviceNode::Any(nodes(parts))),
            Check::Not(part) => Some(DeviceNode::Not(Box::new(DeviceNode::new(part)))),
            Check::Field(field, test) => fact(field).map(|fact| DeviceNode::Test(fact, test)),
            Check::SameAs(left, right) => fact(left)
                .zip(fact(right))
                .map(|(left, right)| DeviceNode::Same(left, right)),
            _ => None,
        };
        node.unwrap_or(DeviceNode::Unknown)
    }

    fn tri(&self, device: &Device) -> Tri {
        match self {
            DeviceNode::All(parts) => parts
                .iter()
                .fold(Tri::True, |all, part| all.and(part.tri(device))),
            DeviceNode::Any(parts) => parts
                .iter()
                .fold(Tri::False, |any, part| any.or(part.tri(device))),
            DeviceNode::Not(part) => part.tri(device).not(),
            DeviceNode::Test(fact, test) => device.told(*fact).test(test),
            DeviceNode::Same(left, right) => device.told(*left).same(device.told(*right)),
            DeviceNode::Unknown => Tri::Unknown,
        }
    }

    /// The facts that make the answer what it is.
    fn deciding(&self, device: &Device, facts: &mut Vec<DeviceFact>) {
        match self {
            DeviceNode::All(parts) | DeviceNode::Any(parts) => {
                let value = self.tri(device);
                for part in parts.iter().filter(|part| part.tri(device) == value) {
                    part.deciding(device, facts);
                }
            }
            DeviceNode::Not(part) => part.deciding(device, facts),
            DeviceNode::Test(fact, _) => facts.push(*fact),
            DeviceNode::Same(left, right) => facts.extend([*left, *right]),
            DeviceNode::Unknown => {}
        }
    }
}
