//! Device inventories of every kind, with gaps.

use dataverse_simulator::{Tenant, TenantOptions};

use crate::case::Case;
use crate::oracle::rules::Device;
use crate::oracle::shake::Chance;
use crate::tenants::shaken;

/// None, one or a few devices for everyone with an address or a sign-in name, of every kind, with gaps.
fn some_devices(tenant: &Tenant, chance: &mut Chance) -> Vec<Device> {
    fn one<T: Copy>(chance: &mut Chance, of: &[T]) -> Option<T> {
        let told = chance.percent(85);
        let picked = of[chance.below(of.len())];
        told.then_some(picked)
    }
    let mut devices = Vec::new();
    for user in &tenant.users {
        let names: Vec<&String> = [&user.domainname, &user.internalemailaddress]
            .into_iter()
            .flatten()
            .filter(|name| !name.trim().is_empty())
            .collect();
        if names.is_empty() {
            continue;
        }
        for _ in 0..[0, 1, 1, 1, 2, 3][chance.below(6)] {
            let name = names[chance.below(names.len())];
            devices.push(Device {
                user: if chance.percent(30) {
                    name.to_uppercase()
                } else {
                    name.clone()
                },
                os: one(
                    chance,
                    &[
                        "Windows", "Windows", "Windows", "macOS", "iOS", "Android", "Linux",
                    ],
                ),
                os_version: one(
                    chance,
                    &[
                        [10, 0, 22631, 1],
                        [6, 3, 9600, 0],
                        [6, 1, 7601, 0],
                        [4, 3, 0, 0],
                        [17, 1, 0, 0],
                    ],
                ),
                outlook: one(
                    chance,
                    &[
                        [16, 0, 17328, 20162],
                        [16, 0, 9330, 2073],
                        [16, 0, 9330, 2072],
                        [16, 0, 4266, 1001],
                        [15, 0, 5023, 1000],
                        [15, 0, 4420, 1017],
                    ],
                ),
                channel: one(chance, &["MSI", "Click-to-Run"]),
                browser: one(
                    chance,
                    &["Edge", "Chrome", "Firefox", "Safari", "Internet Explorer"],
                ),
                browser_version: one(chance, &[[120, 0, 0, 0], [11, 0, 0, 0], [8, 0, 0, 0]]),
                internet_explorer: one(chance, &[[11, 0, 19041, 1], [10, 0, 0, 0]]),
            });
        }
    }
    devices
}

pub fn cases() -> Vec<Case> {
    (750..756)
        .map(|seed| {
            let tenant = shaken(seed, TenantOptions::default());
            let devices = some_devices(&tenant, &mut Chance(seed));
            let mut case = Case::new(format!("devices, seed {seed}"), tenant);
            case.devices = Some(devices);
            case.include_superseded = seed % 2 == 0;
            case
        })
        .collect()
}
