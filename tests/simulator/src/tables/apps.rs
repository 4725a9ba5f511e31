//! App modules, their roles, and solutions.

use jiff::Timestamp;
use uuid::Uuid;

use super::security::COMPONENT_STATE;
use super::table;
use crate::cell::Kind;

table! {
    /// A model-driven app (`appmodule`). App for Outlook is `AppforOutlookModule`.
    pub struct AppModule = "appmodule" / "appmodules" {
        /// Primary key.
        appmoduleid: Uuid = Kind::Key,
        /// Unique name.
        uniquename: Option<String> = Kind::Text,
        /// Display name.
        name: Option<String> = Kind::Text,
        /// Description.
        description: Option<String> = Kind::Text,
        /// Version of the app.
        appmoduleversion: Option<String> = Kind::Text,
        /// Client type.
        clienttype: Option<i32> = Kind::Int,
        /// True: part of a managed solution.
        ismanaged: Option<bool> = Kind::Bool,
        /// Publication state.
        componentstate: Option<i32> = Kind::Choice(COMPONENT_STATE),
        /// When the row was made.
        createdon: Option<Timestamp> = Kind::Date,
    }
}

table! {
    /// A role that may use an app (`appmoduleroles`). Unlike the other intersect tables its ids are lookups.
    pub struct AppModuleRole = "appmoduleroles" / "appmodulerolescollection" {
        /// Primary key.
        appmoduleroleid: Uuid = Kind::Key,
        /// The app.
        appmoduleid: Option<Uuid> = Kind::Lookup("appmodule", ""),
        /// The role.
        roleid: Option<Uuid> = Kind::Lookup("role", ""),
        /// True: part of a managed solution.
        ismanaged: Option<bool> = Kind::Bool,
        /// Publication state.
        componentstate: Option<i32> = Kind::Choice(COMPONENT_STATE),
    }
}

table! {
    /// An installed solution (`solution`). App for Outlook's is `AppforOutlook`.
    pub struct Solution = "solution" / "solutions" {
        /// Primary key.
        solutionid: Uuid = Kind::Key,
        /// Unique name.
        uniquename: Option<String> = Kind::Text,
        /// Display name.
        friendlyname: Option<String> = Kind::Text,
        /// Version.
        version: Option<String> = Kind::Text,
        /// True: managed.
        ismanaged: Option<bool> = Kind::Bool,
        /// When it was installed.
        installedon: Option<Timestamp> = Kind::Date,
    }
}
