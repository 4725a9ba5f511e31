//! How the columns of a device inventory are headed.
//!
//! Spellings beside the plain ones, with where they are documented (read 2026-11-23):
//!
//! - Intune, *Devices > All devices > Export*: `Device name`, `Primary user UPN`, `Primary user
//!   email address`, `OS`, `OS version`.
//! - Intune's export API, reports `Devices` (`DeviceName`, `UPN`, `UserEmail`, `OS`, `OSVersion`)
//!   and `AppInvRawData`, once `DiscoveredAppsRawData` (`DeviceName`, `EmailAddress`, `Platform`,
//!   `OSDescription`, `OSVersion`, `ApplicationName`, `ApplicationVersion`, one row per device and
//!   application): <https://learn.microsoft.com/mem/intune/fundamentals/reports-export-graph-available-reports>.
//! - Configuration Manager: properties of `SMS_R_System`, `SMS_R_User`,
//!   `SMS_G_System_OPERATING_SYSTEM` and `SMS_G_System_OFFICE365PROPLUSCONFIGURATIONS`
//!   (`VersionToReport`, `cfgUpdateChannel`, `UpdateChannel`, `CDNBaseUrl`), and the columns of the
//!   SQL views of the same names, which end in `0`: <https://learn.microsoft.com/deployoffice/fieldnotes/build-dynamic-lean-configuration-manager>.

use crate::rules::DeviceFact;

/// What a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// Who uses the device.
    User,
    /// What the device is called.
    Device,
    /// A fact of the device.
    Fact(DeviceFact),
    /// An application that is installed.
    Application,
    /// Its version.
    ApplicationVersion,
}

/// Every column that is read, and its spellings: the one to recommend first. Where a file has
/// several of them, the first one that is filled in counts; of users, all do.
const COLUMNS: &[(Column, &[&str])] = &[
    (
        Column::User,
        &[
            "user",
            "UPN",
            "UserPrincipalName",
            "Primary user UPN",
            "email",
            "Primary user email address",
            "User email",
            "EmailAddress",
            "Mail0",
            "User_Name0",
            "Unique_User_Name0",
        ],
    ),
    (
        Column::Device,
        &[
            "device",
            "Device name",
            "computer",
            "Computer name",
            "Netbios_Name0",
            "Name",
        ],
    ),
    (
        Column::Fact(DeviceFact::OperatingSystem),
        &[
            "os",
            "Operating system",
            "OSDescription",
            "Platform",
            "Caption0",
            "Operating_System_Name_and0",
            "OperatingSystemNameandVersion",
        ],
    ),
    (
        Column::Fact(DeviceFact::OsVersion),
        &[
            "os_version",
            "Operating system version",
            "OS build",
            "Build01",
            "Version0",
        ],
    ),
    (
        Column::Fact(DeviceFact::OutlookVersion),
        &["outlook_version", "Outlook", "Office version", "VersionToReport"],
    ),
    (
        Column::Fact(DeviceFact::OutlookChannel),
        &[
            "outlook_channel",
            "Office channel",
            "Channel",
            "cfgUpdateChannel",
            "UpdateChannel",
            "CDNBaseUrl",
        ],
    ),
    (
        Column::Fact(DeviceFact::Browser),
        &["browser", "Default browser", "BrowserProgId"],
    ),
    (Column::Fact(DeviceFact::BrowserVersion), &["browser_version"]),
    (
        Column::Fact(DeviceFact::InternetExplorer),
        &["internet_explorer", "Internet Explorer version", "svcVersion"],
    ),
    (
        Column::Application,
        &["application", "Application name", "App name"],
    ),
    (
        Column::ApplicationVersion,
        &["application_version", "App version"],
    ),
];

/// Where each column of a file is: positions in the order in which they count.
#[derive(Debug)]
pub(super) struct Header {
    found: Vec<(Column, usize)>,
}

impl Header {
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Header {
        let mut found = Vec::new();
        for (column, spellings) in COLUMNS {
            for spelling in *spellings {
                let same = |name: &str| normal(name) == normal(spelling);
                let positions = names
                    .clone()
                    .enumerate()
                    .filter(|(_, name)| same(name))
                    .map(|(position, _)| (*column, position));
                for entry in positions {
                    if !found.contains(&entry) {
                        found.push(entry);
                    }
                }
            }
        }
        Header { found }
    }

    /// Where a column is, what counts first leading.
    pub(super) fn positions(&self, column: Column) -> impl Iterator<Item = usize> {
        self.found
            .iter()
            .filter(move |(other, _)| *other == column)
            .map(|(_, position)| *position)
    }

    pub(super) fn has(&self, column: Column) -> bool {
        self.positions(column).next().is_some()
    }
}

/// The spellings of a column.
pub(super) fn spellings(column: Column) -> &'static [&'static str] {
    COLUMNS
        .iter()
        .find(|(other, _)| *other == column)
        .map_or(&[], |(_, spellings)| spellings)
}

/// A heading without what differs from export to export: case, blanks and underscores, and the
/// `0` that ends the columns of Configuration Manager's views.
fn normal(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    let name: String = letters.flat_map(char::to_lowercase).collect();
    match name.strip_suffix('0') {
        Some(name) => name.to_owned(),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_means_two_columns() {
        let all: Vec<(Column, String)> = COLUMNS
            .iter()
            .flat_map(|(column, spellings)| spellings.iter().map(|spelling| (*column, normal(spelling))))
            .collect();
        for (position, (column, spelling)) in all.iter().enumerate() {
            for (other, same) in &all[position + 1..] {
                assert!(spelling != same, "{spelling} is {column:?} and {other:?}");
            }
        }
    }
}
