//! The three many-to-many tables that a tenant keeps as plain pairs.

use uuid::Uuid;

use super::table;
use crate::cell::Kind;
use crate::random::SplitMix64;

table! {
    /// A role held by a user (`systemuserroles`).
    pub(crate) struct SystemUserRole = "systemuserroles" / "systemuserrolescollection" {
        systemuserroleid: Uuid = Kind::Key,
        systemuserid: Uuid = Kind::Guid,
        roleid: Uuid = Kind::Guid,
    }
}

table! {
    /// A role held by a team (`teamroles`).
    pub(crate) struct TeamRole = "teamroles" / "teamrolescollection" {
        teamroleid: Uuid = Kind::Key,
        teamid: Uuid = Kind::Guid,
        roleid: Uuid = Kind::Guid,
    }
}

table! {
    /// A user's membership of a team (`teammembership`).
    pub(crate) struct TeamMembership = "teammembership" / "teammemberships" {
        teammembershipid: Uuid = Kind::Key,
        teamid: Uuid = Kind::Guid,
        systemuserid: Uuid = Kind::Guid,
    }
}

/// The primary key of a pair: any fixed function of both ids will do, as long as its order has nothing
/// to do with theirs.
pub(crate) fn pair_id(left: Uuid, right: Uuid) -> Uuid {
    let fold = |id: Uuid| {
        let (high, low) = id.as_u64_pair();
        high.rotate_left(17) ^ low
    };
    SplitMix64::new(fold(left).rotate_left(1) ^ fold(right)).uuid()
}
