//! What the generator can break for a user.

/// One thing that is wrong (or unknown, or merely odd) about one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Defect {
    /// `isdisabled` is true.
    Disabled,
    /// `accessmode` is 1.
    AccessModeAdministrative,
    /// `accessmode` is 2.
    AccessModeRead,
    /// `accessmode` is 4, which puts a person out of scope.
    AccessModeNonInteractive,
    /// `accessmode` is null.
    AccessModeNull,
    /// `islicensed` is false.
    Unlicensed,
    /// `islicensed` is null.
    LicenceNull,
    /// No mailbox at all.
    NoMailbox,
    /// `defaultmailbox` is null, but a mailbox says that it is the user's: no failure.
    DefaultMailboxNull,
    /// `defaultmailbox` is another user's.
    MailboxOfAnotherUser,
    /// `defaultmailbox` is a queue's.
    MailboxOfQueue,
    /// The mailbox's `regardingobjectid` is null.
    MailboxRegardingNull,
    /// A forward mailbox.
    ForwardMailbox,
    /// `statecode` is 1.
    InactiveMailbox,
    /// No email server profile.
    NoServerProfile,
    /// A POP3 profile.
    PopProfile,
    /// The profile's id leads to no profile.
    ProfileMissing,
    /// `emailrouteraccessapproval` is 3 (rejected).
    AddressRejected,
    /// `emailrouteraccessapproval` is 2 (pending).
    AddressPending,
    /// `emailrouteraccessapproval` is null.
    ApprovalNull,
    /// `isemailaddressapprovedbyo365admin` is false.
    NotApprovedByAdministrator,
    /// Incoming method 0.
    IncomingNone,
    /// Incoming method 1.
    IncomingLegacy,
    /// Incoming method 3.
    IncomingForward,
    /// Outgoing method 0.
    OutgoingNone,
    /// Appointments method 2.
    AppointmentsNone,
    /// Appointments method 0.
    AppointmentsLegacy,
    /// Incoming test 2.
    IncomingFailed,
    /// Incoming test 0.
    IncomingNotRun,
    /// Incoming test null.
    IncomingNull,
    /// Outgoing test 2.
    OutgoingFailed,
    /// Appointments test 2.
    AppointmentsFailed,
    /// Incoming tested but not enabled.
    IncomingNotEnabled,
    /// Appointments tested but not enabled.
    AppointmentsNotEnabled,
    /// App deployment 0.
    NotAdded,
    /// App deployment 2, with an error text.
    InstallFailed,
    /// App deployment 3, with an error text.
    UninstallFailed,
    /// App deployment 4.
    UpgradeRequired,
    /// App deployment waits.
    DeploymentScheduled,
    /// `orgmarkedasprimaryforexchangesync` is false.
    NotPrimaryEnvironment,
    /// A profile of Exchange Online in another tenant.
    OtherExchangeTenant,
    /// An Exchange Online profile with users' credentials.
    UserCredentials,
    /// The user's address is not the mailbox's.
    AddressDiffers,
    /// The user has no address.
    AddressEmpty,
    /// Both addresses differ in case and blanks only: no failure.
    AddressInOtherCase,
    /// No role by any path.
    NoRole,
    /// App role only through a team, whose copy has `isinherited` 0.
    AppRoleByTeamPrivilegesOnly,
    /// App role only through a team, whose copy has `isinherited` 1.
    AppRoleByTeamInherited,
    /// App role only through a team, whose copy has `isinherited` null.
    AppRoleByTeamInheritanceNull,
    /// One role with every privilege, not bound to the app module.
    RoleNotShared,
    /// One role that holds some privileges below the least depth, and one at mask 0.
    TooShallow,
    /// One role with the deployment guide's 24 privileges, without `prvUseOfficeApps` and the others.
    GuideOnlyRole,
    /// One role that lacks just this privilege.
    LacksPrivilege(&'static str),
}

/// Defects of the user's own row and mailbox. A user gets at most one of these.
pub(crate) const OF_MAILBOX: &[Defect] = &[
    Defect::Disabled,
    Defect::AccessModeAdministrative,
    Defect::AccessModeRead,
    Defect::AccessModeNonInteractive,
    Defect::AccessModeNull,
    Defect::Unlicensed,
    Defect::LicenceNull,
    Defect::NoMailbox,
    Defect::DefaultMailboxNull,
    Defect::MailboxOfAnotherUser,
    Defect::MailboxOfQueue,
    Defect::MailboxRegardingNull,
    Defect::ForwardMailbox,
    Defect::InactiveMailbox,
    Defect::NoServerProfile,
    Defect::PopProfile,
    Defect::ProfileMissing,
    Defect::AddressRejected,
    Defect::AddressPending,
    Defect::ApprovalNull,
    Defect::NotApprovedByAdministrator,
    Defect::IncomingNone,
    Defect::IncomingLegacy,
    Defect::IncomingForward,
    Defect::OutgoingNone,
    Defect::AppointmentsNone,
    Defect::AppointmentsLegacy,
    Defect::IncomingFailed,
    Defect::IncomingNotRun,
    Defect::IncomingNull,
    Defect::OutgoingFailed,
    Defect::AppointmentsFailed,
    Defect::IncomingNotEnabled,
    Defect::AppointmentsNotEnabled,
    Defect::NotAdded,
    Defect::InstallFailed,
    Defect::UninstallFailed,
    Defect::UpgradeRequired,
    Defect::DeploymentScheduled,
    Defect::NotPrimaryEnvironment,
    Defect::OtherExchangeTenant,
    Defect::UserCredentials,
    Defect::AddressDiffers,
    Defect::AddressEmpty,
    Defect::AddressInOtherCase,
];

/// Defects of the user's access, without the single privileges. A user gets at most one of these.
pub(crate) const OF_ACCESS: &[Defect] = &[
    Defect::NoRole,
    Defect::AppRoleByTeamPrivilegesOnly,
    Defect::AppRoleByTeamInherited,
    Defect::AppRoleByTeamInheritanceNull,
    Defect::RoleNotShared,
    Defect::TooShallow,
    Defect::GuideOnlyRole,
];
