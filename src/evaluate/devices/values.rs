//! The words of a device inventory, read: what an export writes → what rules compare.
//!
//! What is not understood stays what it is, and makes a comparison unknown, never false.

use crate::rules::{DeviceFact, Test, Version};

use super::super::field::Cell;
use super::super::tri::Tri;

/// What an inventory tells of one fact of a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::evaluate) enum Told {
    /// No column, or an empty cell.
    #[default]
    Nothing,
    /// That there is none.
    Absent,
    /// One of the options, and how it was written.
    Option(i32, String),
    /// A version: its dotted numbers, and how it was written.
    Version(String, String),
    /// Something that is not understood, and what is wrong with it.
    Unreadable(String, &'static str),
}

const NO_VERSION: &str = "is not a version that can be compared";
const NOT_KNOWN: &str = "is not a name that is known here";
const NEW_OUTLOOK: &str =
    "is the new Outlook for Windows, whose numbers cannot be compared with those of other Outlooks";

impl Told {
    /// The outcome of a test.
    pub(in crate::evaluate) fn test(&self, test: &Test) -> Tri {
        match (self, test) {
            (Told::Nothing, _) => Cell::Null.test(test),
            (Told::Absent, Test::Present(wanted)) => (!wanted).into(),
            (Told::Absent, Test::NoneOf(_)) => Tri::True,
            (Told::Absent, _) => Tri::False,
            (Told::Option(number, _), _) => Cell::Integer(*number).test(test),
            (Told::Version(version, _), _) => Cell::Text(version).test(test),
            (Told::Unreadable(..), Test::Present(wanted)) => (*wanted).into(),
            (Told::Unreadable(..), _) => Tri::Unknown,
        }
    }

    /// Whether two facts are equal.
    pub(in crate::evaluate) fn same(&self, other: &Told) -> Tri {
        match (self, other) {
            (Told::Option(left, _), Told::Option(right, _)) => (left == right).into(),
            (Told::Version(left, _), Told::Version(right, _)) => {
                (Version::parse(left) == Version::parse(right)).into()
            }
            _ => Tri::Unknown,
        }
    }

    /// The value as it was written.
    pub(in crate::evaluate) fn words(&self) -> &str {
        match self {
            Told::Nothing => "not told",
            Told::Absent => "none",
            Told::Option(_, text) | Told::Version(_, text) | Told::Unreadable(text, _) => text,
        }
    }
}

/// Reads a cell.
pub(super) fn told(fact: DeviceFact, text: &str) -> Told {
    let text = text.trim();
    if text.is_empty() {
        return Told::Nothing;
    }
    let low = text.to_lowercase();
    if ["none", "no", "not installed", "false", "-"].contains(&&*low) {
        return Told::Absent;
    }
    let option = |number: Option<i32>| match number {
        Some(number) => Told::Option(number, text.to_owned()),
        None => Told::Unreadable(text.to_owned(), NOT_KNOWN),
    };
    let version = |version: Option<String>| match version {
        Some(version) => Told::Version(version, text.to_owned()),
        None => Told::Unreadable(text.to_owned(), NO_VERSION),
    };
    match fact {
        DeviceFact::OperatingSystem => option(operating_system(&low)),
        DeviceFact::OutlookChannel => option(channel(&low)),
        DeviceFact::Browser => option(browser(&low)),
        // 11 is the only one that was ever shipped with a Windows that is still about.
        DeviceFact::InternetExplorer if ["yes", "true", "installed"].contains(&&*low) => {
            Told::Version("11".to_owned(), text.to_owned())
        }
        DeviceFact::OutlookVersion => version(numbers(text).filter(|found| {
            // `2402` and `2016` are names of releases, not builds.
            Version::parse(found).is_some_and(|found| found.0.first().is_none_or(|first| *first < 100))
        })),
        DeviceFact::OsVersion | DeviceFact::BrowserVersion | DeviceFact::InternetExplorer => {
            version(numbers(text))
        }
    }
}

/// The numbers of the options in `rules::facts`.
fn operating_system(low: &str) -> Option<i32> {
    let has = |words: &[&str]| words.iter().any(|word| low.contains(word));
    // Longer names first: `Windows Phone` is none of these, and `darwin` holds `win`.
    if has(&["windows phone", "windows mobile", "holographic"]) {
        None
    } else if has(&["windows"]) {
        Some(0)
    } else if has(&["macos", "mac os", "macmdm", "os x", "osx"]) {
        Some(1)
    } else if has(&["ios", "ipados", "iphone", "ipad"]) {
        Some(2)
    } else if has(&["android"]) {
        Some(3)
    } else if has(&["chromeos", "chrome os"]) {
        Some(5)
    } else if has(&["linux", "ubuntu", "red hat"]) {
        Some(4)
    } else {
        None
    }
}

fn channel(low: &str) -> Option<i32> {
    let has = |words: &[&str]| words.iter().any(|word| low.contains(word));
    if has(&["new outlook", "new-outlook", "outlookforwindows", "outlook (new)"]) {
        return Some(2);
    }
    if has(&["msi", "windows installer"]) {
        return Some(0);
    }
    // Every update channel, by name or by the address that it is served from.
    let click_to_run = [
        "click",
        "c2r",
        "officecdn.microsoft.com",
        "current",
        "monthly",
        "semi",
        "deferred",
        "insider",
        "beta",
        "firstrelease",
        "first release",
        "broad",
        "targeted",
        "perpetual",
        "ltsc",
    ];
    has(&click_to_run).then_some(1)
}

/// By name, or by the id under which Windows keeps the default browser.
fn browser(low: &str) -> Option<i32> {
    let has = |words: &[&str]| words.iter().any(|word| low.contains(word));
    if has(&["edge"]) {
        Some(0)
    } else if has(&["internet explorer", "iexplore"]) || ["ie", "ie11", "ie.http", "ie.https"].contains(&low)
    {
        Some(1)
    } else if has(&["chromium"]) {
        None
    } else if has(&["chrome"]) {
        Some(2)
    } else if has(&["firefox"]) {
        Some(3)
    } else if has(&["safari"]) {
        Some(4)
    } else {
        None
    }
}

/// The first dotted number of a text: `14.2.1 (23C71)`, `Build 16.0.17328.20162`.
fn numbers(text: &str) -> Option<String> {
    let words = || text.split(|c: char| c.is_whitespace() || "()[],;/".contains(c));
    let is_version = |word: &&str| Version::parse(word).is_some();
    let dotted = words().find(|word| word.contains('.') && is_version(word));
    dotted.or_else(|| words().find(is_version)).map(str::to_owned)
}

/// Puts a device's facts in order where they tell of each other.
pub(super) fn settle(facts: &mut [Told; DeviceFact::ALL.len()]) {
    let [system, version, outlook, channel, ..] = facts;
    if let Told::Option(0, name) = &*system {
        let told = match &*version {
            Told::Version(version, _) => kernel(version),
            _ => None,
        };
        // `22H2` and no version at all: the name says which Windows it is.
        let told = told.or_else(|| match &*version {
            Told::Version(..) | Told::Absent => None,
            _ => numbers(name)
                .and_then(|version| kernel(&version).or(Some(version)))
                .filter(|version| !version.starts_with("20")),
        });
        if let Some(told) = told {
            let text = match &*version {
                Told::Nothing => name.clone(),
                written => written.words().to_owned(),
            };
            *version = Told::Version(told, text);
        }
        let is_new = |version: &str| version.starts_with("1.");
        if matches!(channel, Told::Nothing) && matches!(outlook, Told::Version(version, _) if is_new(version))
        {
            *channel = Told::Option(2, "new Outlook".to_owned());
        }
    }
    if let (Told::Option(2, _), Told::Version(_, text)) = (&*channel, &*outlook) {
        *outlook = Told::Unreadable(text.clone(), NEW_OUTLOOK);
    }
}

/// The kernel of the Windows of that name, where the name is no kernel's: `8.1` is 6.3.
fn kernel(name: &str) -> Option<String> {
    let kernel = match name {
        "7" => "6.1",
        "8" => "6.2",
        "8.1" => "6.3",
        "11" => "10.0.22000",
        _ => return None,
    };
    Some(kernel.to_owned())
}

/// What an installed application says of Outlook: its channel, if it is Outlook or an Office that
/// holds it. Component packages of an Office are named after it, too, and keep the number of its
/// first release.
pub(super) fn outlook_application(name: &str) -> Option<Told> {
    let low = name.trim().to_lowercase();
    let starts = |words: &[&str]| words.iter().any(|word| low.starts_with(word));
    if starts(&[
        "microsoft.outlookforwindows",
        "outlook for windows",
        "outlook (new)",
    ]) {
        return Some(Told::Option(2, name.trim().to_owned()));
    }
    let component = [" mui", "proofing", "shared", "setup metadata", "update", "osm"];
    if component.iter().any(|word| low.contains(word)) {
        return None;
    }
    if starts(&["microsoft 365 apps", "microsoft 365 - ", "microsoft office 365"]) {
        return Some(Told::Option(1, name.trim().to_owned()));
    }
    let office = [
        "microsoft office professional",
        "microsoft office standard",
        "microsoft office home and business",
        "microsoft office ltsc",
        "microsoft outlook",
    ];
    (starts(&office) || low == "outlook").then_some(Told::Nothing)
}

#[cfg(test)]
mod tests {
    use super::super::super::tri::Tri;
    use super::*;
    use crate::rules::Value;

    fn version(fact: DeviceFact, text: &str) -> Option<String> {
        match told(fact, text) {
            Told::Version(version, _) => Some(version),
            _ => None,
        }
    }

    fn option(fact: DeviceFact, text: &str) -> Option<i32> {
        match told(fact, text) {
            Told::Option(number, _) => Some(number),
            _ => None,
        }
    }

    #[test]
    fn builds_are_found_in_what_people_write() {
        let outlook = |text| version(DeviceFact::OutlookVersion, text);
        assert_eq!(outlook("16.0.17328.20162").as_deref(), Some("16.0.17328.20162"));
        assert_eq!(
            outlook("2402 (Build 16.0.17328.20162)").as_deref(),
            Some("16.0.17328.20162")
        );
        assert_eq!(outlook("16").as_deref(), Some("16"));
        assert_eq!(outlook("2402"), None);
        assert_eq!(outlook("2402 (Build 17328.20162)"), None);
        assert_eq!(outlook("2016"), None);
        assert_eq!(told(DeviceFact::OutlookVersion, " none "), Told::Absent);
        assert_eq!(told(DeviceFact::OutlookVersion, "  "), Told::Nothing);
        assert_eq!(
            version(DeviceFact::OsVersion, "14.2.1 (23C71)").as_deref(),
            Some("14.2.1")
        );
        assert_eq!(
            version(DeviceFact::InternetExplorer, "Yes").as_deref(),
            Some("11")
        );
        assert_eq!(told(DeviceFact::InternetExplorer, "no"), Told::Absent);
    }

    #[test]
    fn names_are_those_that_exports_write() {
        for (text, number) in [
            ("Windows", Some(0)),
            ("Microsoft Windows 11 Enterprise", Some(0)),
            ("Microsoft Windows NT Workstation 10.0 (Tablet Edition)", Some(0)),
            ("macOS", Some(1)),
            ("iOS/iPadOS", Some(2)),
            ("Android (personally-owned work profile)", Some(3)),
            ("AndroidForWork", Some(3)),
            ("Linux", Some(4)),
            ("ChromeOS", Some(5)),
            ("Windows Phone", None),
            ("BeOS", None),
        ] {
            assert_eq!(option(DeviceFact::OperatingSystem, text), number, "{text}");
        }
        for (text, number) in [
            ("MSI", Some(0)),
            ("Monthly Enterprise Channel", Some(1)),
            (
                "http://officecdn.microsoft.com/pr/492350f6-3a01-4f97-b9c0-c7c6ddf67d60",
                Some(1),
            ),
            ("Microsoft.OutlookForWindows", Some(2)),
            ("Retail", None),
        ] {
            assert_eq!(option(DeviceFact::OutlookChannel, text), number, "{text}");
        }
        for (text, number) in [
            ("MSEdgeHTM", Some(0)),
            ("IE.HTTP", Some(1)),
            ("Google Chrome", Some(2)),
            ("FirefoxURL-308046B0AF4A39CB", Some(3)),
            ("Safari", Some(4)),
            ("Opera", None),
        ] {
            assert_eq!(option(DeviceFact::Browser, text), number, "{text}");
        }
    }

    fn settled(system: &str, version: &str, outlook: &str, channel: &str) -> [Told; DeviceFact::ALL.len()] {
        let mut facts: [Told; DeviceFact::ALL.len()] = Default::default();
        for (fact, text) in DeviceFact::ALL
            .into_iter()
            .zip([system, version, outlook, channel])
        {
            facts[fact as usize] = told(fact, text);
        }
        settle(&mut facts);
        facts
    }

    #[test]
    fn windows_is_numbered_by_its_kernel() {
        for (system, version, kernel) in [
            ("Windows", "8.1", Some("6.3")),
            ("Windows", "7", Some("6.1")),
            ("Windows", "6.1.7601", Some("6.1.7601")),
            ("Windows", "10.0.19045.3324", Some("10.0.19045.3324")),
            ("Windows 11 Enterprise", "22H2", Some("10.0.22000")),
            // A version that is told says more than the name.
            ("Windows 11 Enterprise", "10.0.22631", Some("10.0.22631")),
            ("Windows 11 Enterprise", "none", None),
            ("Microsoft Windows 7 Professional", "", Some("6.1")),
            ("Microsoft Windows NT Workstation 6.1", "", Some("6.1")),
            ("Microsoft Windows Server 2019", "", None),
            ("Windows", "", None),
            ("Windows", "22H2", None),
            ("macOS", "11", Some("11")),
        ] {
            let found = match &settled(system, version, "", "")[DeviceFact::OsVersion as usize] {
                Told::Version(version, _) => Some(version.clone()),
                _ => None,
            };
            assert_eq!(found.as_deref(), kernel, "{system} {version}");
        }
    }

    #[test]
    fn the_new_outlook_is_not_compared() {
        let at_least = Test::AtLeast(Value::Version(Version(vec![16])));
        for (version, channel) in [("1.2024.619.100", ""), ("1.2024.619.100", "New Outlook")] {
            let facts = settled("Windows", "10.0.22631", version, channel);
            let outlook = &facts[DeviceFact::OutlookVersion as usize];
            assert_eq!(outlook.test(&at_least), Tri::Unknown);
            assert_eq!(outlook.test(&Test::Present(true)), Tri::True);
            assert!(matches!(
                facts[DeviceFact::OutlookChannel as usize],
                Told::Option(2, _)
            ));
        }
        let facts = settled("iOS", "17.1", "4.2410.1", "");
        assert_eq!(
            facts[DeviceFact::OutlookVersion as usize].test(&at_least),
            Tri::False
        );
    }

    #[test]
    fn what_is_absent_is_known_to_be() {
        let one_of = Test::OneOf(vec![Value::Integer(0)]);
        let none_of = Test::NoneOf(vec![Value::Integer(0)]);
        for (told, wants) in [
            (Told::Nothing, [Tri::Unknown, Tri::Unknown, Tri::False]),
            (Told::Absent, [Tri::False, Tri::True, Tri::False]),
            (Told::Option(0, String::new()), [Tri::True, Tri::False, Tri::True]),
            (
                Told::Unreadable("?".to_owned(), NOT_KNOWN),
                [Tri::Unknown, Tri::Unknown, Tri::True],
            ),
        ] {
            let found = [&one_of, &none_of, &Test::Present(true)].map(|test| told.test(test));
            assert_eq!(found, wants, "{told:?}");
        }
    }

    #[test]
    fn an_office_that_holds_outlook_is_known_by_its_name() {
        for (name, is_outlook) in [
            ("Microsoft 365 Apps for enterprise - en-us", true),
            ("Microsoft Office Professional Plus 2016", true),
            ("Microsoft.OutlookForWindows", true),
            ("Microsoft Outlook", true),
            ("Microsoft Outlook MUI (English) 2016", false),
            ("Microsoft Office Proofing Tools 2016 - English", false),
            ("Mozilla Firefox", false),
        ] {
            assert_eq!(outlook_application(name).is_some(), is_outlook, "{name}");
        }
    }

    #[test]
    fn facts_are_equal_by_what_they_mean() {
        let option = |number, text: &str| Told::Option(number, text.to_owned());
        let version = |numbers: &str| Told::Version(numbers.to_owned(), format!("Build {numbers}"));
        assert_eq!(option(0, "Windows").same(&option(0, "Windows 11")), Tri::True);
        assert_eq!(option(0, "Windows").same(&option(1, "macOS")), Tri::False);
        assert_eq!(version("16.0").same(&version("16")), Tri::True);
        assert_eq!(version("16.0").same(&version("16.1")), Tri::False);
        for other in [
            Told::Nothing,
            Told::Absent,
            option(0, "Windows"),
            Told::Unreadable("x".to_owned(), NO_VERSION),
        ] {
            assert_eq!(version("16.0").same(&other), Tri::Unknown, "{other:?}");
        }
    }

    #[test]
    fn names_of_windows_stand_for_their_kernels() {
        let names = ["7", "8", "8.1", "10", "11"].map(kernel);
        let names = names.each_ref().map(Option::as_deref);
        // Windows 10 is kernel 10.0, as its name says.
        assert_eq!(
            names,
            [Some("6.1"), Some("6.2"), Some("6.3"), None, Some("10.0.22000")]
        );
    }
}
