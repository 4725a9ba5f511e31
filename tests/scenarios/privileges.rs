//! Groups of privileges, so that a scenario need not name forty. As the vendor lists them and as the
//! platform can grant them: own rows (Basic) at least, or the whole organization only.

use std::collections::BTreeSet;

use dataverse_simulator::{DEPLOYMENT_GUIDE, SUPPORT_ARTICLES};

/// Of the guide's 24, those that can be granted for the whole organization only.
const GUIDE_ORGANIZATION: [&str; 5] = [
    "prvReadOrganization",
    "prvSyncToOutlook",
    "prvReadQuery",
    "prvSearchAvailability",
    "prvOverrideCreatedOnCreatedBy",
];

/// The same of those that only the articles list, `prvUseOfficeApps` apart.
const ARTICLES_ORGANIZATION: [&str; 8] = [
    "prvReadAppModule",
    "prvReadAttribute",
    "prvReadEntity",
    "prvReadRelationship",
    "prvReadSystemApplicationMetadata",
    "prvReadSystemForm",
    "prvReadWebResource",
    "prvReadCompetitor",
];

/// Its least is the business unit's: there is no reading only one's own roles.
const ARTICLES_BUSINESS_UNIT: &str = "prvReadRole";

/// The rules that a list in a file names: ids as they are, groups spelled out, less those behind a `-`.
pub fn rules(names: &[String]) -> BTreeSet<&str> {
    let mut rules: BTreeSet<&str> = names.iter().flat_map(|name| group(name)).collect();
    for name in names.iter().filter_map(|name| name.strip_prefix('-')) {
        assert!(rules.remove(name), "`-{name}` takes out what is not there");
    }
    rules
}

fn group(name: &str) -> Vec<&str> {
    let organization = |privilege: &&str| {
        GUIDE_ORGANIZATION.contains(privilege) || ARTICLES_ORGANIZATION.contains(privilege)
    };
    let articles = || {
        let all = SUPPORT_ARTICLES.into_iter();
        all.filter(|privilege| *privilege != "prvUseOfficeApps")
    };
    match name {
        "guide" => DEPLOYMENT_GUIDE.to_vec(),
        "guide-own-rows" => DEPLOYMENT_GUIDE
            .into_iter()
            .filter(|one| !organization(one))
            .collect(),
        "guide-organization" => GUIDE_ORGANIZATION.to_vec(),
        "articles" => articles().collect(),
        "articles-own-rows" => articles()
            .filter(|one| !organization(one) && *one != ARTICLES_BUSINESS_UNIT)
            .collect(),
        "articles-organization" => ARTICLES_ORGANIZATION.to_vec(),
        except if except.starts_with('-') => Vec::new(),
        rule => vec![rule],
    }
}
