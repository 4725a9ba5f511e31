//! The device inventory: what people read their mail with, from a CSV that Intune, Configuration
//! Manager or a person wrote. Dataverse knows nothing of it.

mod columns;
mod values;

use rustc_hash::FxHashMap;

use crate::rules::DeviceFact;
use crate::rules::nearest::choice;

use columns::{Column, Header, spellings};
use values::{outlook_application, settle};

pub(super) use values::Told;

/// How many bad rows an error lists, and how many columns.
const MOST_LISTED: usize = 10;

/// A device inventory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Devices {
    pub(super) list: Vec<Device>,
    /// Lines of the rows that name no user.
    pub(super) unowned: Vec<u64>,
    /// How many rows there are.
    pub(super) rows: usize,
}

/// A device of someone; one with several Outlooks is here once for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Device {
    /// The line it was first told in.
    pub(super) line: u64,
    /// How many rows tell of it.
    pub(super) rows: usize,
    /// What its user is called, in lower case: sign-in name, e-mail address.
    pub(super) users: Vec<String>,
    name: String,
    facts: [Told; DeviceFact::ALL.len()],
}

impl Device {
    /// What is told of a fact.
    pub(super) fn told(&self, fact: DeviceFact) -> &Told {
        &self.facts[fact as usize]
    }

    /// What to call the device.
    pub(super) fn words(&self) -> String {
        if self.name.is_empty() {
            format!("device in line {}", self.line)
        } else {
            format!("device {}", self.name)
        }
    }
}

impl Devices {
    /// Cells that are filled in and not understood: line, fact, what is written.
    pub(super) fn unreadable(&self) -> impl Iterator<Item = (u64, DeviceFact, &str)> {
        self.list.iter().flat_map(|device| {
            DeviceFact::ALL
                .into_iter()
                .filter_map(|fact| match device.told(fact) {
                    Told::Unreadable(text, _) => Some((device.line, fact, &**text)),
                    _ => None,
                })
        })
    }
}

/// Why a device inventory cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DevicesError {
    /// Nothing is in it.
    #[error("the device inventory is empty\nhint: its first line names the columns")]
    Empty,
    /// No column says whose the devices are.
    #[error(
        "the device inventory has no column that names the user; its columns are {found}\nhint: a column named \
         {accepted} must be there"
    )]
    NoUser {
        /// Names of the columns there are.
        found: String,
        /// Names that would do.
        accepted: String,
    },
    /// Rows that do not fit under the header.
    #[error("{0}")]
    BadRows(String),
}

/// Reads a device inventory: CSV with a line of column names. Commas, semicolons and tabs may
/// separate.
///
/// # Errors
/// If no column names the user, or if rows do not have as many fields as the first line; all of
/// those are named.
pub fn parse_devices(text: &str) -> Result<Devices, DevicesError> {
    let mut text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut skipped = 0;
    // What PowerShell writes above a CSV unless told not to.
    if text.starts_with("#TYPE ") {
        text = text.split_once('\n').map_or("", |(_, rest)| rest);
        skipped = 1;
    }
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator(text.lines().next().unwrap_or_default()))
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let names = match records.next() {
        Some(Ok(names)) if !names.iter().all(|name| name.trim().is_empty()) => names,
        _ => return Err(DevicesError::Empty),
    };
    let header = Header::new(names.iter());
    if !header.has(Column::User) {
        return Err(DevicesError::NoUser {
            found: listed(names.iter().map(|name| format!("`{}`", name.trim())).collect()),
            accepted: choice(spellings(Column::User).iter().copied()),
        });
    }
    let mut gathered = Gathered::default();
    let mut bad = Vec::new();
    let line_at = |start: Option<&csv::Position>| start.map_or(0, |start| line_of(text, start)) + skipped;
    for record in records {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                bad.push(format!("line {} cannot be read", line_at(error.position())));
                continue;
            }
        };
        let line = line_at(record.position());
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if record.len() == names.len() {
            gathered.add(&header, &record, line);
        } else {
            bad.push(format!("line {line} has {}", record.len()));
        }
    }
    if !bad.is_empty() {
        return Err(DevicesError::BadRows(format!(
            "{} of the device inventory {} not have the {} fields of its first line: {}",
            if bad.len() == 1 { "a row" } else { "rows" },
            if bad.len() == 1 { "does" } else { "do" },
            names.len(),
            listed(bad)
        )));
    }
    Ok(gathered.finish())
}

/// The line of a record. Where it starts for the reader, empty lines may come first, and the end of
/// the line before.
fn line_of(text: &str, start: &csv::Position) -> u64 {
    let rest = usize::try_from(start.byte())
        .ok()
        .and_then(|start| text.get(start..));
    let before = rest
        .unwrap_or_default()
        .bytes()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'));
    start.line() + before.filter(|byte| *byte == b'\n').count() as u64
}

fn listed(mut words: Vec<String>) -> String {
    let rest = words.len().saturating_sub(MOST_LISTED);
    words.truncate(MOST_LISTED);
    let mut text = words.join(", ");
    if rest > 0 {
        text.push_str(&format!(" and {rest} more"));
    }
    text
}

/// What separates the fields: what the first line has most of.
fn separator(first: &str) -> u8 {
    let count = |separator: &u8| first.bytes().filter(|byte| byte == separator).count();
    // Of equals, the last counts: the comma.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

/// Devices as they are read. Where rows are of applications, those of one device are one device.
#[derive(Default)]
struct Gathered {
    devices: Devices,
    /// The Outlooks found on a device: channel and version.
    outlooks: Vec<Vec<(Told, Told)>>,
    by_name: FxHashMap<(Vec<String>, String), usize>,
}

impl Gathered {
    fn add(&mut self, header: &Header, record: &csv::StringRecord, line: u64) {
        let cells = |column| {
            header
                .positions(column)
                .filter_map(|position| record.get(position))
                .map(str::trim)
                .filter(|cell| !cell.is_empty())
        };
        let first = |column| cells(column).next().unwrap_or_default();
        self.devices.rows += 1;
        let mut users: Vec<String> = cells(Column::User).map(str::to_lowercase).collect();
        users.dedup();
        if users.is_empty() {
            self.devices.unowned.push(line);
            return;
        }
        let name = first(Column::Device).to_owned();
        let of_applications = header.has(Column::Application);
        let key = (users.clone(), name.to_lowercase());
        let known = self.by_name.get(&key).filter(|_| of_applications).copied();
        let position = known.unwrap_or_else(|| {
            let mut device = Device {
                line,
                rows: 0,
                users,
                name,
                facts: Default::default(),
            };
            for fact in DeviceFact::ALL {
                device.facts[fact as usize] = values::told(fact, first(Column::Fact(fact)));
            }
            self.devices.list.push(device);
            self.outlooks.push(Vec::new());
            self.by_name.insert(key, self.devices.list.len() - 1);
            self.devices.list.len() - 1
        });
        self.devices.list[position].rows += 1;
        if let Some(channel) = outlook_application(first(Column::Application)) {
            let version = values::told(DeviceFact::OutlookVersion, first(Column::ApplicationVersion));
            let found = (channel, version);
            if !self.outlooks[position].contains(&found) {
                self.outlooks[position].push(found);
            }
        }
    }

    fn finish(mut self) -> Devices {
        let mut list = Vec::with_capacity(self.devices.list.len());
        for (mut device, outlooks) in self.devices.list.drain(..).zip(self.outlooks) {
            let mut outlooks = outlooks.into_iter();
            let mut more = Vec::new();
            if let Some((channel, version)) = outlooks.next() {
                more.extend(outlooks.map(|found| {
                    // Its rows are counted with the first.
                    let further = Device {
                        rows: 0,
                        ..device.clone()
                    };
                    (further, found)
                }));
                put_outlook(&mut device, channel, version);
            }
            settle(&mut device.facts);
            list.push(device);
            for (mut device, (channel, version)) in more {
                put_outlook(&mut device, channel, version);
                settle(&mut device.facts);
                list.push(device);
            }
        }
        self.devices.list = list;
        self.devices
    }
}

fn put_outlook(device: &mut Device, channel: Told, version: Told) {
    device.facts[DeviceFact::OutlookChannel as usize] = channel;
    device.facts[DeviceFact::OutlookVersion as usize] = version;
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that cannot go on says so")]
mod tests {
    use super::*;

    /// Every device in a line: its users, its name, and what is told of it.
    fn read(text: &str) -> Vec<String> {
        let devices = parse_devices(text).expect("an inventory");
        devices
            .list
            .iter()
            .map(|device| {
                let facts: Vec<&str> = DeviceFact::ALL
                    .into_iter()
                    .map(|fact| match device.told(fact) {
                        Told::Nothing => "",
                        told => told.words(),
                    })
                    .collect();
                format!(
                    "{} {} {}",
                    device.users.join("+"),
                    device.words(),
                    facts.join("|")
                )
            })
            .collect()
    }

    #[test]
    fn the_plain_columns_are_read() {
        let text = "user,device,os,os_version,outlook_version,outlook_channel,browser,browser_version,internet_explorer\n\
                    Ada@Contoso.com,LAPTOP-7,Windows,10.0.22631,16.0.17328.20162,Current,Edge,120.0.2210.91,no\n\n\
                    bob@contoso.com,,,,,,,,\n";
        assert_eq!(
            read(text),
            [
                "ada@contoso.com device LAPTOP-7 Windows|10.0.22631|16.0.17328.20162|Current|Edge|120.0.2210.91|none",
                "bob@contoso.com device in line 4 ||||||",
            ]
        );
    }

    #[test]
    fn intunes_export_of_devices_is_read() {
        let text = "\u{feff}Device ID,Device name,Enrollment date,OS version,Primary user UPN,Primary user email address,\
                    Primary user display name,Ownership,OS,JoinType\r\n\
                    \"1\",\"DESKTOP-1, spare\",\"2024-01-01\",\"10.0.19045.3324\",\"ada@contoso.com\",\"Ada.L@contoso.com\",\
                    \"Lovelace, \"\"Ada\"\"\",Corporate,Windows,Azure AD joined\r\n";
        assert_eq!(
            read(text),
            ["ada@contoso.com+ada.l@contoso.com device DESKTOP-1, spare Windows|10.0.19045.3324|||||"]
        );
    }

    #[test]
    fn intunes_export_of_applications_is_read_device_by_device() {
        let text = "ApplicationKey,ApplicationName,ApplicationVersion,DeviceName,OSDescription,OSVersion,Platform,EmailAddress,UserName\n\
                    a,Microsoft 365 Apps for enterprise - en-us,16.0.17328.20162,PC-1,Windows,10.0.22631,Windows,ada@contoso.com,Ada\n\
                    b,Mozilla Firefox,118.0,PC-1,Windows,10.0.22631,Windows,ada@contoso.com,Ada\n\
                    c,Microsoft.OutlookForWindows,1.2024.619.100,PC-1,Windows,10.0.22631,Windows,ada@contoso.com,Ada\n\
                    d,7-Zip,23.01,PC-2,Windows,10.0.22631,Windows,ada@contoso.com,Ada\n";
        assert_eq!(
            read(text),
            [
                "ada@contoso.com+ada device PC-1 Windows|10.0.22631|16.0.17328.20162|Microsoft 365 Apps for enterprise - en-us|||",
                "ada@contoso.com+ada device PC-1 Windows|10.0.22631|1.2024.619.100|Microsoft.OutlookForWindows|||",
                "ada@contoso.com+ada device PC-2 Windows|10.0.22631|||||",
            ]
        );
        let devices = parse_devices(text).expect("an inventory");
        let rows: Vec<usize> = devices.list.iter().map(|device| device.rows).collect();
        assert_eq!((devices.rows, rows), (4, vec![3, 0, 1]));
    }

    #[test]
    fn configuration_managers_views_are_read() {
        let text = "#TYPE System.Data.DataRow\n\
                    Netbios_Name0;User_Principal_Name0;User_Name0;Caption0;Version0;VersionToReport0;cfgUpdateChannel0\n\
                    PC-3;ada@contoso.com;CONTOSO\\ada;Microsoft Windows 10 Enterprise;10.0.19045;16.0.9029.2253;\
                    http://officecdn.microsoft.com/pr/492350f6-3a01-4f97-b9c0-c7c6ddf67d60\n";
        assert_eq!(
            read(text),
            [
                "ada@contoso.com+contoso\\ada device PC-3 Microsoft Windows 10 Enterprise|10.0.19045|16.0.9029.2253|\
                 http://officecdn.microsoft.com/pr/492350f6-3a01-4f97-b9c0-c7c6ddf67d60|||"
            ]
        );
    }

    #[test]
    fn a_file_without_users_is_refused_with_the_names_that_would_do() {
        let said = parse_devices("Device name,OS\nPC-1,Windows\n")
            .expect_err("no user")
            .to_string();
        assert!(said.contains("its columns are `Device name`, `OS`"), "{said}");
        assert!(said.contains("`Primary user UPN`"), "{said}");
        for text in ["", "\u{feff}", "\n\n", " , \nada,Windows\n"] {
            assert_eq!(parse_devices(text), Err(DevicesError::Empty), "{text:?}");
        }
    }

    #[test]
    fn rows_that_do_not_fit_are_named_all_at_once() {
        let text = "user,os\nada,Windows\nbob\n\ncyd,Windows,11\n";
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let said = parse_devices(&text).expect_err("bad rows");
            assert_eq!(
                said.to_string(),
                "rows of the device inventory do not have the 2 fields of its first line: line 3 has 1, line 5 has 3"
            );
        }
    }

    #[test]
    fn lines_are_those_of_the_file_and_not_all_are_listed() {
        let text = format!("#TYPE System.Data.DataRow\nuser,os\n{}", "ada\n".repeat(12));
        let said = parse_devices(&text).expect_err("bad rows").to_string();
        let lines: Vec<String> = (3..13).map(|line| format!("line {line} has 1")).collect();
        let end = format!("first line: {} and 2 more", lines.join(", "));
        assert!(said.ends_with(&end), "{said}");
        let said = parse_devices("user,os\nada\n")
            .expect_err("a bad row")
            .to_string();
        assert_eq!(
            said,
            "a row of the device inventory does not have the 2 fields of its first line: line 2 has 1"
        );
    }

    #[test]
    fn rows_without_a_user_are_kept_apart() {
        let devices = parse_devices("os,user\nWindows,\nmacOS,ada\nWindows, \n").expect("an inventory");
        assert_eq!((devices.rows, &*devices.unowned), (3, &[2, 4][..]));
        assert_eq!(devices.list.len(), 1);
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_line() {
        let devices = parse_devices("user,os,outlook_version\nada,BeOS,2402\n").expect("an inventory");
        let found: Vec<_> = devices.unreadable().collect();
        assert_eq!(
            found,
            [
                (2, DeviceFact::OperatingSystem, "BeOS"),
                (2, DeviceFact::OutlookVersion, "2402")
            ]
        );
    }
}
