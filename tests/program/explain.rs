//! `explain`: what an administrator reads about one user.

use std::sync::LazyLock;

use dataverse_simulator::{APP_ROLE, DEPLOYMENT_GUIDE, TenantOptions, generate};
use serde_json::{Value, json};

use super::desk::{Desk, Kept, list, text, valid};
use super::offices::{ALL_BUT_ONE, DOZEN, person, settle};

/// The privileges of the guide that the platform grants for the whole organization only.
const GLOBAL: [&str; 5] = [
    "prvReadOrganization",
    "prvSyncToOutlook",
    "prvReadQuery",
    "prvSearchAvailability",
    "prvOverrideCreatedOnCreatedBy",
];

/// What is said of the app's role to somebody who has nothing to do with it.
const UNASSIGNED: &str = "Role \"Dynamics 365 App for Outlook User\" (copy in West) would give it, but it is assigned \
                          neither to the user nor to one of the user's teams.";

fn desk() -> Desk {
    Desk::with(&DOZEN, "contoso.snapshot")
}

/// The explanation as JSON, checked against its published schema.
fn explained(desk: &Desk, user: &str) -> Value {
    let ran = desk.good(["explain", "contoso.snapshot", "--json", "--user", user]);
    assert_eq!(ran.err, "");
    valid("explanation-1.schema.json", &ran.out)
}

fn drawn(desk: &Desk, user: &str) -> String {
    let ran = desk.good(["explain", "contoso.snapshot", "--user", user]);
    assert_eq!(ran.err, "");
    ran.out
}

/// The text without its line breaks and indents, to look for sentences in.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The rules of the causes with that outcome and severity, in the order they are named.
fn causes<'v>(explanation: &'v Value, outcome: &str, severity: &str) -> Vec<&'v str> {
    let all = list(explanation, "causes").iter();
    let wanted = all.filter(|cause| cause["outcome"] == outcome && cause["severity"] == severity);
    wanted.map(|cause| text(cause, "rule")).collect()
}

fn cause<'v>(explanation: &'v Value, rule: &str) -> &'v Value {
    let mut all = list(explanation, "causes").iter();
    let found = all.find(|cause| cause["rule"] == rule);
    found.unwrap_or_else(|| panic!("no cause {rule} in {explanation:#}"))
}

#[test]
fn the_guide_alone_is_not_enough() {
    let explanation = explained(&desk(), "bruno.wilber@contoso.example");
    assert_eq!(explanation["verdict"], "blocked");
    assert_eq!(
        (&explanation["reason"], &explanation["would_be"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(causes(&explanation, "fail", "blocks"), ["prvUseOfficeApps"]);
    assert_eq!(causes(&explanation, "unknown", "blocks"), [""; 0]);
    let first = &list(&explanation, "causes")[0];
    assert_eq!(text(first, "rule"), "prvUseOfficeApps");
    assert_eq!(first["expected"], "`prvUseOfficeApps` at global");
    assert_eq!(
        first["observed"],
        "`prvUseOfficeApps`: granted by no role of the user"
    );
    assert_eq!(first["path"], json!([]));
    assert_eq!(
        first["nearest"],
        json!([
            "role \"Contoso Outlook Pilot\" (copy in West) ← assigned to the user: the role does not grant it",
            UNASSIGNED
        ])
    );
    // The shipped role would give all of what is missing.
    let helper = &explanation["helper"];
    assert_eq!(
        (text(helper, "role"), text(helper, "standing")),
        (APP_ROLE, "not-assigned")
    );
    assert_eq!(list(helper, "gives").len(), 17);
    assert_eq!(list(helper, "lacks").len(), 0);
    // What the support articles ask for besides only limits, and none of the guide's 24 is missing.
    let limits = causes(&explanation, "fail", "limits");
    assert_eq!(limits.len(), 16, "{limits:?}");
    assert!(
        !limits.iter().any(|rule| DEPLOYMENT_GUIDE.contains(rule)),
        "{limits:?}"
    );
    assert_eq!(list(&explanation, "causes").len(), 17);
}

#[test]
fn all_but_one_privilege_says_just_that() {
    let desk = desk();
    let explanation = explained(&desk, "Carla Sandoval");
    assert_eq!(list(&explanation, "causes").len(), 1);
    assert_eq!(causes(&explanation, "fail", "blocks"), ["prvUseOfficeApps"]);
    assert!(
        list(&explanation, "features")
            .iter()
            .all(|feature| feature["lit"] == true)
    );

    let drawn = drawn(&desk, "Carla Sandoval");
    let (evidence, rest) = drawn.split_once("    What to do  ").expect("a remedy");
    assert_eq!(
        evidence.replace(text(&explanation["user"], "id"), "ID"),
        "\
Carla Sandoval
  E-mail        carla.sandoval@contoso.example
  Signs in as   carla.sandoval@contoso.example
  Business unit West
  Environment   contoso
  Id            ID

BLOCKED: the app will not work.

What stands in the way, the most important first

 1. Privilege prvUseOfficeApps (Use Dynamics 365 App for Outlook) at Organization depth is missing
    [blocks] Required: the app cannot be counted on without it.
    Because     None of the user's roles grants `prvUseOfficeApps`.
    Expected    `prvUseOfficeApps` at global
    Found       `prvUseOfficeApps`: granted by no role of the user
    Nearest     role \"Outlook Access (unshared)\" (copy in West) ← assigned to the user: the role
                does not grant it
    Would help  Role \"Dynamics 365 App for Outlook User\" (copy in West) would give it, but it is
                assigned neither to the user nor to one of the user's teams.
"
    );
    let rest = in_one_line(rest);
    let steps = "Assign the role to the user. In the Power Platform admin centre open the environment > Settings > Users \
                 + permissions > Users, select the user, choose Manage security roles and tick Dynamics 365 App for \
                 Outlook User (classic: Settings > Security > Users > Manage Roles). Or grant it in a role that the user \
                 holds, to everyone who holds that. In the Power Platform admin centre open the environment > Settings > \
                 Users + permissions > Security roles, open Outlook Access (unshared), tab Business Management > \
                 Privacy-related privileges, row Use Dynamics 365 App for Outlook, and set it to Organization. Source";
    assert!(rest.starts_with(steps), "{rest}");
    assert!(
        rest.contains("Rule prvUseOfficeApps What more the app shows"),
        "{rest}"
    );
}

#[test]
fn a_role_that_stays_with_its_team() {
    let desk = desk();
    let explanation = explained(&desk, "Diego Okafor");
    assert_eq!(explanation["verdict"], "blocked");
    let path = "role \"Dynamics 365 App for Outlook User\" (copy in West) ← team \"Outlook West\" (team privileges only)";
    let basic: Vec<&str> = DEPLOYMENT_GUIDE
        .into_iter()
        .filter(|name| !GLOBAL.contains(name))
        .collect();
    assert_eq!(basic.len(), 19);
    // At Basic it does not reach the member; above Basic it is not known whether it does.
    assert_eq!(causes(&explanation, "fail", "blocks"), basic);
    let mut open = GLOBAL.to_vec();
    open.push("prvUseOfficeApps");
    assert_eq!(causes(&explanation, "unknown", "blocks"), open);
    for rule in basic {
        let cause = cause(&explanation, rule);
        assert_eq!(cause["path"], json!([format!("{path} : {rule} at Basic")]));
        assert_eq!(
            cause["nearest"],
            json!([format!(
                "{path}: the role's privileges stay with the team, and at Basic they do not reach its members"
            ), "Role \"Dynamics 365 App for Outlook User\" (copy in West) would give it if it were assigned to the user; \
                so far only team \"Outlook West\" holds it.".to_owned()])
        );
        assert_eq!(
            cause["observed"],
            format!("`{rule}` granted at basic at most, by {path}")
        );
    }
    for rule in open {
        assert_eq!(
            cause(&explanation, rule)["path"],
            json!([format!("{path} : {rule} at Global")])
        );
    }
    // It is a role all the same, and the app is shared with it.
    for rule in ["user-has-a-role", "app-module-shared-with-role"] {
        assert!(
            list(&explanation, "causes")
                .iter()
                .all(|cause| cause["rule"] != rule),
            "{rule}"
        );
    }

    // To a person, all of it is one cause with two ways out.
    let drawn = in_one_line(&drawn(&desk, "Diego Okafor"));
    for sentence in [
        "1. Role \"Dynamics 365 App for Outlook User\" stays with team \"Outlook West\" [blocks] Required: the app cannot \
         be counted on without it. Because The user has the role from the team, not directly. Its setting for members: \
         team privileges only. What it grants at User (Basic) depth then stays with the team: 26 privileges. Whether \
         what it grants above that depth reaches the members is not documented: 15 privileges. Missing \
         prvReadEmailServerProfile, ",
        "Not known prvUseOfficeApps, prvReadOrganization, ",
        "What to do Either assign the role to the user. In the Power Platform admin centre open the environment > \
         Settings > Users + permissions > Users, select the user, choose Manage security roles and tick Dynamics 365 App \
         for Outlook User (classic: Settings > Security > Users > Manage Roles). Or let the role reach the members of \
         its teams. In the Power Platform admin centre open the environment > Settings > Users + permissions > Security \
         roles, open Dynamics 365 App for Outlook User and set Member's privilege inheritance to Direct User (Basic) \
         access level and Team privileges (classic: Settings > Security > Security Roles). It then reaches the members \
         of every team that holds the role. Source",
        "Follows from it: app-role-held-directly What more",
    ] {
        assert!(drawn.contains(sentence), "{sentence}\n{drawn}");
    }
    let way = &cause(&explanation, "prvReadMailbox")["ways"][0];
    assert_eq!(
        way,
        &json!({
            "role": APP_ROLE, "business_unit": "West", "team": "team \"Outlook West\"",
            "inheritance": "team privileges only", "depth": "basic",
            "stop": "the role's privileges stay with the team, and at Basic they do not reach its members"
        })
    );
}

#[test]
fn a_role_that_reaches_the_members_of_its_team() {
    let explanation = explained(&desk(), "Emily Braun");
    assert_eq!(explanation["verdict"], "ready");
    // The guide advises to assign it directly; that changes nothing.
    assert_eq!(
        causes(&explanation, "fail", "advises"),
        ["app-role-held-directly"]
    );
    assert_eq!(list(&explanation, "causes").len(), 1);
    assert_eq!(
        cause(&explanation, "app-role-held-directly")["path"],
        json!([
            "role \"Dynamics 365 App for Outlook User\" (copy in South) ← team \"Outlook South\" (direct user \
                (Basic) access level and team privileges)"
        ])
    );
}

#[test]
fn inheritance_that_was_never_set_counts_as_team_only_and_is_said() {
    let desk = desk();
    let (unset, team_only) = (explained(&desk, "Farid Haddad"), explained(&desk, "Diego Okafor"));
    assert_eq!(unset["verdict"], "blocked");
    for outcome in ["fail", "unknown"] {
        assert_eq!(
            causes(&unset, outcome, "blocks"),
            causes(&team_only, outcome, "blocks")
        );
    }
    let path = "role \"Dynamics 365 App for Outlook User\" (copy in contoso) ← team \"Outlook Head Office\" (inheritance \
                not set, which counts as team privileges only)";
    assert_eq!(
        cause(&unset, "prvReadMailbox")["path"],
        json!([format!("{path} : prvReadMailbox at Basic")])
    );
    assert!(in_one_line(&drawn(&desk, "Farid Haddad")).contains(path));
}

#[test]
fn out_of_scope_is_explained_with_what_would_be() {
    let desk = desk();
    for (user, reason, rule) in [
        ("Grady Archie", "disabled", "user-enabled"),
        (
            "Henrietta Mueller",
            "access mode Non-interactive: cannot sign in to apps",
            "user-access-mode-read-write",
        ),
    ] {
        let explanation = explained(&desk, user);
        assert_eq!(explanation["verdict"], "out-of-scope", "{user}");
        assert_eq!(explanation["reason"], reason);
        assert_eq!(explanation["would_be"], "blocked");
        assert_eq!(causes(&explanation, "fail", "blocks"), [rule]);
        let drawn = drawn(&desk, user);
        let words = format!(
            "OUT-OF-SCOPE: not someone the app is for ({reason}).\nOtherwise the verdict would be BLOCKED.\n"
        );
        assert!(drawn.contains(&words), "{drawn}");
        // Being disabled is itself an answer.
        let alone = "Nobody can sign in with a disabled account: that alone keeps the app from working.\nOnce it is \
                     enabled, nothing else that was seen blocks the app.\n";
        assert_eq!(drawn.contains(alone), user == "Grady Archie", "{drawn}");
    }
    // Nobody's own doing: an application is judged like everyone, and stays out of scope.
    let explanation = explained(&desk, "# Power Automate");
    assert_eq!(explanation["reason"], "application user: not a person");
    // Judged as if in scope, there is no "otherwise".
    let ran = desk.good([
        "explain",
        "contoso.snapshot",
        "--json",
        "--include-disabled",
        "--user",
        "Grady Archie",
    ]);
    let explanation = valid("explanation-1.schema.json", &ran.out);
    assert_eq!(explanation["verdict"], "blocked");
    assert_eq!(
        (&explanation["reason"], &explanation["would_be"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn no_role_comes_before_what_follows_from_it_and_the_account_before_both() {
    let desk = desk();
    let isaiah = explained(&desk, "Isaiah Langer");
    assert_eq!(isaiah["verdict"], "blocked");
    let mut blocking = vec!["user-has-a-role"];
    blocking.extend(DEPLOYMENT_GUIDE);
    blocking.push("prvUseOfficeApps");
    assert_eq!(causes(&isaiah, "fail", "blocks"), blocking);
    assert_eq!(
        text(&list(&isaiah, "causes")[0], "observed"),
        "tables `systemuserroles`, `teammembership`, `teamroles`: no role by any path"
    );

    let johanna = explained(&desk, "Johanna Lorenz");
    blocking.insert(0, "user-access-mode-read-write");
    assert_eq!(causes(&johanna, "fail", "blocks"), blocking);
    let first = &list(&johanna, "causes")[0];
    assert_eq!(text(first, "observed"), "`systemuser.accessmode` is Read (2)");
}

/// The same dozen where an Entra group team carries a role, so that a membership may not have been
/// seen.
static WITH_GROUPS: LazyLock<Kept> = LazyLock::new(|| {
    let mut tenant = generate(&TenantOptions {
        users: 2,
        defects: false,
        group_team_roles: true,
        ..TenantOptions::default()
    });
    settle(&mut tenant, "Adele Vance", "West", &[]);
    settle(&mut tenant, "Bruno Wilber", "West", &[APP_ROLE]);
    Kept::collect(tenant)
});

#[test]
fn a_membership_that_may_not_have_been_seen_proves_nothing() {
    let desk = Desk::with(&WITH_GROUPS, "contoso.snapshot");
    let explanation = explained(&desk, "Adele Vance");
    assert_eq!(explanation["verdict"], "unknown");
    assert_eq!(causes(&explanation, "fail", "blocks"), [""; 0]);
    let unknown = causes(&explanation, "unknown", "blocks");
    assert_eq!(unknown[0], "user-has-a-role");
    assert_eq!(
        unknown.len(),
        1 + 1 + 24 + 1,
        "role, app module, the guide's 24, the one more: {unknown:?}"
    );
    assert!(causes(&explanation, "fail", "advises").contains(&"group-team-membership-unseen"));
    let drawn = in_one_line(&drawn(&desk, "Adele Vance"));
    assert!(
        drawn.contains("Dataverse lists the members of such a team only after they have signed in once"),
        "{drawn}"
    );
    // Whoever has a role that was seen is judged by it.
    assert_eq!(explained(&desk, "Bruno Wilber")["verdict"], "ready");
}

/// More people whose roles or mailbox are not as they should be.
static ODD: LazyLock<Kept> = LazyLock::new(|| {
    let mut tenant = generate(&TenantOptions {
        users: 2,
        defects: false,
        group_team_roles: false,
        ..TenantOptions::default()
    });
    settle(&mut tenant, "Adele Vance", "West", &[APP_ROLE]);
    settle(&mut tenant, "Bruno Wilber", "West", &[ALL_BUT_ONE]);
    let adele = person(&tenant, "Adele Vance");
    let mailbox = tenant.mailbox_of_mut(adele).expect("a mailbox");
    // The retired client: nothing is synchronized, tested or enabled by the server.
    mailbox.incomingemaildeliverymethod = Some(1);
    mailbox.incomingemailstatus = Some(0);
    mailbox.enabledforincomingemail = Some(false);
    for (privilege, mask) in [
        ("prvReadOrganization", Some(1)),
        ("prvReadQuery", Some(2)),
        ("prvReadQueue", None),
        ("prvUseOfficeApps", Some(4)),
    ] {
        assert!(tenant.set_role_privilege(ALL_BUT_ONE, privilege, mask));
    }
    Kept::collect(tenant)
});

#[test]
fn what_follows_from_the_way_mail_goes_is_no_cause_of_its_own() {
    let desk = Desk::with(&ODD, "contoso.snapshot");
    let explanation = explained(&desk, "Adele Vance");
    assert_eq!(
        causes(&explanation, "fail", "blocks"),
        ["incoming-email-by-server-side-sync"]
    );
    assert_eq!(
        causes(&explanation, "fail", "advises"),
        ["legacy-outlook-client-delivery"]
    );
    let drawn = in_one_line(&drawn(&desk, "Adele Vance"));
    assert!(
        drawn.contains(
            "first 1. Incoming email of the mailbox does not go by server-side synchronization [blocks] Required"
        ),
        "{drawn}"
    );
    assert!(
        drawn.contains(
            "Follows from it: “A direction of the mailbox is still left to Microsoft Dynamics 365 for Outlook, the \
             retired client” (legacy-outlook-client-delivery) What more"
        ),
        "{drawn}"
    );
    assert!(!drawn.contains(" 2. "), "{drawn}");
}

#[test]
fn a_role_that_grants_too_little_is_one_cause() {
    let desk = Desk::with(&ODD, "contoso.snapshot");
    let explanation = explained(&desk, "Bruno Wilber");
    let lacking = [
        "prvReadOrganization",
        "prvReadQuery",
        "prvReadQueue",
        "prvUseOfficeApps",
    ];
    for rule in lacking {
        assert_eq!(cause(&explanation, rule)["outcome"], "fail", "{rule}");
    }
    let way = &cause(&explanation, "prvReadQuery")["ways"][0];
    assert_eq!(
        (&way["depth"], &way["stop"]),
        (
            &json!("local"),
            &json!("it is granted at Local, which is less than Global")
        )
    );
    let drawn = in_one_line(&drawn(&desk, "Bruno Wilber"));
    // The tenant shares the app with no such role: that comes first, and the right to open the app before the rest.
    let first = "1. The app is shared with none of the roles that the user holds";
    let second =
        "2. Privilege prvUseOfficeApps (Use Dynamics 365 App for Outlook) at Organization depth is missing";
    let third = "3. Role \"Outlook Access (unshared)\" lacks 3 of the privileges [blocks] Required: the app cannot be \
                  counted on without them. Because The user's roles grant these privileges not at all, or less deeply \
                  than needed. Not granted prvReadQueue Too little prvReadOrganization (at User, Organization is needed), \
                  prvReadQuery (at Business Unit, Organization is needed) Path role \"Outlook Access (unshared)\" (copy in \
                  West) ← assigned to the user Would help Role \"Dynamics 365 App for Outlook User\" (copy in West) would \
                  give all 3, but it is assigned neither to the user nor to one of the user's teams. What to do Assign the \
                  role to the user. ";
    let place = |part: &str| drawn.find(part).unwrap_or_else(|| panic!("{part}\n{drawn}"));
    assert!(place(first) < place(second) && place(second) < place(third));
}
