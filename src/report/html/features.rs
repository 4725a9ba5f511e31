//! What more the app shows, beside the verdicts: for how many users, and to whom.

use serde::Serialize;

use super::super::summary::Report;
use super::super::text;
use super::layout::Who;

/// One feature, and for how many users in scope it lights up.
#[derive(Serialize)]
pub(super) struct FeatureView<'a> {
    id: &'a str,
    title: &'a str,
    pack: &'a str,
    lit: String,
    unlit: String,
    unknown: String,
    needs: String,
}

/// Ids of features, by whether they light up for one user.
#[derive(Default, Serialize)]
pub(super) struct Lights {
    lit: Vec<String>,
    unlit: Vec<String>,
    unknown: Vec<String>,
}

/// Every feature, in the order of the packs.
pub(super) fn views<'a>(report: &'a Report<'_>) -> Vec<FeatureView<'a>> {
    let rules = report.assessment.rules;
    let counts = report.assessment.feature_counts();
    let features = rules.features.iter().zip(counts);
    features
        .map(|(feature, count)| FeatureView {
            id: &feature.id,
            title: &feature.title,
            pack: rules.packs.get(feature.pack).map_or("", |pack| &pack.id),
            lit: text::thousands(count.lit),
            unlit: text::thousands(count.unlit),
            unknown: text::thousands(count.unknown),
            needs: feature.needs.join(", "),
        })
        .collect()
}

/// What lights up for a user.
pub(super) fn lights(report: &Report<'_>, (place, user): Who) -> Lights {
    let mut lights = Lights::default();
    for (id, lit) in report.assessment.environments[place].lit_by_id(user) {
        match lit {
            Some(true) => lights.lit.push(id.to_owned()),
            Some(false) => lights.unlit.push(id.to_owned()),
            None => lights.unknown.push(id.to_owned()),
        }
    }
    lights
}
