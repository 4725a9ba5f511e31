//! What an audit is given beside its snapshots.

use std::collections::BTreeMap;

use super::super::Tri;

/// Signed-off statements: what they say and the last day that they say it, as `YYYY-MM-DD`.
pub type Attestations = BTreeMap<String, (bool, String)>;

/// A row of a device inventory; what it does not tell is none.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// Sign-in name or e-mail address.
    pub user: String,
    pub os: Option<&'static str>,
    pub os_version: Option<[u64; 4]>,
    pub outlook: Option<[u64; 4]>,
    /// `MSI` or `Click-to-Run`.
    pub channel: Option<&'static str>,
    pub browser: Option<&'static str>,
    pub browser_version: Option<[u64; 4]>,
    pub internet_explorer: Option<[u64; 4]>,
}

impl Device {
    fn is(told: Option<&str>, name: &str) -> Tri {
        told.map_or(Tri::Unknown, |told| Tri::of(told == name))
    }

    pub(super) fn at_least(told: Option<[u64; 4]>, least: [u64; 4]) -> Tri {
        told.map_or(Tri::Unknown, |told| Tri::of(told >= least))
    }

    pub(super) fn runs(&self, os: &str) -> Tri {
        Device::is(self.os, os)
    }

    /// Facts §5.1: the page on system requirements of 2021-04-20.
    ///
    /// Reading: an Outlook that is there has to be good enough; the browser counts where none is told of.
    pub(super) fn meets_requirements(&self) -> Tri {
        let msi = Device::is(self.channel, "MSI");
        let outlook = |least| Device::at_least(self.outlook, least);
        let outlook_2013 = msi
            .and(outlook([15, 0, 5023, 1000]))
            .and(outlook([16, 0, 0, 0]).not());
        let good_outlook = outlook([16, 0, 9330, 2073])
            .or(msi.and(outlook([16, 0, 4266, 1001])))
            .or(outlook_2013);
        let no_outlook = Tri::of(self.outlook.is_none());
        let browser = |name| Device::is(self.browser, name);
        let internet_explorer =
            browser("Internet Explorer").and(Device::at_least(self.browser_version, [11, 0, 0, 0]));
        let good_browser = browser("Edge")
            .or(browser("Chrome"))
            .or(browser("Firefox"))
            .or(internet_explorer);
        let windows = self
            .runs("Windows")
            .and(Device::at_least(self.os_version, [6, 3, 0, 0]));
        let safari = browser("Safari").and(Device::at_least(self.browser_version, [9, 0, 0, 0]));
        let some_outlook = outlook([0; 4]);
        windows
            .and(good_outlook.or(no_outlook.and(good_browser)))
            .or(self.runs("macOS").and(some_outlook.or(no_outlook.and(safari))))
            .or(self
                .runs("iOS")
                .and(Device::at_least(self.os_version, [8, 0, 0, 0])))
            .or(self
                .runs("Android")
                .and(Device::at_least(self.os_version, [4, 4, 0, 0])))
    }
}

/// What does not come from a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Given {
    pub attestations: Attestations,
    /// The device inventory, if one is given.
    pub devices: Option<Vec<Device>>,
    /// Whether superseded rules apply.
    pub superseded: bool,
    /// Today in UTC, as `YYYY-MM-DD`.
    pub today: String,
}

impl Given {
    /// Absent or expired is unknown, `holds = false` is false; the last day itself still counts.
    pub(super) fn attested(&self, id: &str) -> Tri {
        match self.attestations.get(id) {
            Some((holds, until)) if *self.today <= **until => Tri::of(*holds),
            _ => Tri::Unknown,
        }
    }
}
