//! What a change of a rule means for verdicts: every pair of severities, with and without a change of
//! what is asked for.

use clearance::rules::diff::{Difference, Effect, RuleDifference};
use clearance::rules::{RuleSource, load};

const PACK: &str =
    "[pack]\nid = \"own\"\ntitle = \"Own\"\nversion = \"1.0\"\nsource = \"https://example.com\"\n\n";

/// What differs in the one rule or feature between the two entries.
fn difference(old: &str, new: &str) -> Difference {
    let set = |entry: &str| {
        let source = RuleSource {
            name: "own.toml".to_owned(),
            text: format!("{PACK}{entry}"),
        };
        load(&[source]).unwrap_or_else(|errors| panic!("{errors}"))
    };
    Difference::between(&set(old), &set(new))
}

fn of_rule(old: &str, new: &str) -> Option<RuleDifference> {
    let packs = difference(old, new).packs;
    packs.into_iter().next()?.rules.into_iter().next()
}

fn rule(severity: &str, more: &str, check: &str) -> String {
    format!(
        "[[rule]]\nid = \"it\"\ntitle = \"It\"\nscope = \"user\"\nseverity = \"{severity}\"\nremedy = \"Do it.\"\n\
         {more}check = {check}\n"
    )
}

const ACTIVE: &str = "{ field = \"mailbox.statecode\", is = \"active\" }";
const NAMED: &str = "{ field = \"mailbox.name\", present = true }";

#[test]
fn every_change_of_severity_is_told_by_what_it_does() {
    use Effect::{BlocksNobody, CanBlock, CanLimit, EitherWay, LimitsInstead, LimitsNobody};
    // Before, now, what it means when nothing else changed, and when the check did, too.
    for (was, is, alone, with_check) in [
        ("blocks", "blocks", None, Some(EitherWay)),
        ("blocks", "limits", Some(LimitsInstead), Some(EitherWay)),
        ("blocks", "advises", Some(BlocksNobody), Some(BlocksNobody)),
        ("limits", "blocks", Some(CanBlock), Some(CanBlock)),
        ("limits", "limits", None, Some(EitherWay)),
        ("limits", "advises", Some(LimitsNobody), Some(LimitsNobody)),
        ("advises", "blocks", Some(CanBlock), Some(CanBlock)),
        ("advises", "limits", Some(CanLimit), Some(CanLimit)),
        ("advises", "advises", None, None),
    ] {
        let told = of_rule(&rule(was, "", ACTIVE), &rule(is, "", ACTIVE));
        assert_eq!(told.and_then(|rule| rule.effect), alone, "{was} → {is}");
        let told = of_rule(&rule(was, "", ACTIVE), &rule(is, "", NAMED));
        let told = told.expect("another check is a difference");
        assert_eq!(told.effect, with_check, "{was} → {is}, another check");
    }
    // A superseded rule is not evaluated: it weighs nothing.
    let superseded = "superseded = { on = 2026-01-01, by = \"https://example.com\", why = \"Old.\" }\n";
    let told = of_rule(&rule("limits", superseded, ACTIVE), &rule("limits", "", ACTIVE));
    assert_eq!(told.and_then(|rule| rule.effect), Some(CanLimit));
    let told = of_rule(&rule("blocks", "", ACTIVE), &rule("blocks", superseded, ACTIVE));
    assert_eq!(told.and_then(|rule| rule.effect), Some(BlocksNobody));
}

#[test]
fn a_depth_asks_for_more_or_for_less() {
    use Effect::{AsksLess, CanBlock, CanLimit, EitherWay};
    let privilege = |severity: &str, depth: &str| {
        format!(
            "[[privilege]]\nname = \"prvReadA\"\ntable = \"a\"\ntab = \"Core Records\"\nseverity = \"{severity}\"\n\
             depth = \"{depth}\"\n"
        )
    };
    for (severity, was, is, effect) in [
        ("blocks", "basic", "local", Some(CanBlock)),
        ("limits", "basic", "local", Some(CanLimit)),
        ("advises", "basic", "local", None),
        ("blocks", "global", "deep", Some(AsksLess)),
        ("limits", "global", "deep", Some(AsksLess)),
    ] {
        let told = of_rule(&privilege(severity, was), &privilege(severity, is));
        assert_eq!(
            told.and_then(|rule| rule.effect),
            effect,
            "{severity}: {was} → {is}"
        );
    }
    // Less severe and deeper at once: for some more, for some less.
    let told = of_rule(&privilege("blocks", "basic"), &privilege("limits", "local"));
    assert_eq!(told.and_then(|rule| rule.effect), Some(EitherWay));
}

#[test]
fn spellings_of_one_check_are_wording() {
    let nested = format!("{{ all = [{ACTIVE}, {{ all = [{NAMED}] }}] }}");
    let any = |left: &str, right: &str| format!("{{ any = [{left}, {{ any = [{right}] }}] }}");
    for (old, new) in [
        (nested.clone(), format!("{{ all = [{NAMED}, {ACTIVE}] }}")),
        (any(ACTIVE, NAMED), any(NAMED, ACTIVE)),
        (any(ACTIVE, ACTIVE), ACTIVE.to_owned()),
        (
            "{ field = \"systemuser.internalemailaddress\", same_as = \"mailbox.emailaddress\" }".to_owned(),
            "{ field = \"mailbox.emailaddress\", same_as = \"systemuser.internalemailaddress\" }".to_owned(),
        ),
    ] {
        let told = of_rule(&rule("blocks", "", &old), &rule("blocks", "", &new)).expect("it is told");
        assert!(told.is_reworded(), "{old} → {new}: {told:?}");
        assert_eq!(
            (told.wording, told.effect),
            (vec!["check"], None),
            "{old} → {new}"
        );
    }
    // A list of either kind inside the other is no spelling of it.
    let told = of_rule(
        &rule("blocks", "", &nested),
        &rule("blocks", "", &format!("{{ any = [{ACTIVE}, {NAMED}] }}")),
    );
    assert_eq!(told.and_then(|rule| rule.effect), Some(Effect::EitherWay));
}

#[test]
fn a_feature_is_reworded_or_needs_something_else() {
    let feature = |title: &str, needs: &str| {
        format!("[[feature]]\nid = \"it\"\ntitle = \"{title}\"\nneeds = [{needs}]\n")
    };
    let both = "\"prvReadA\", \"prvReadB\"";
    let told = |new: &str| {
        let difference = difference(&feature("It", both), new);
        let features = difference.packs.into_iter().next().map(|pack| pack.features);
        let first = features.and_then(|features| features.into_iter().next());
        first.map(|feature| (feature.needs.is_some(), feature.wording))
    };
    assert_eq!(told(&feature("It", both)), None);
    assert_eq!(told(&feature("That", both)), Some((false, vec!["title"])));
    assert_eq!(
        told(&feature("It", "\"prvReadB\", \"prvReadA\"")),
        Some((false, vec!["needs"]))
    );
    assert_eq!(told(&feature("It", "\"prvReadA\"")), Some((true, vec![])));
}
