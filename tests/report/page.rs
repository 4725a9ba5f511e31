//! What must be true of the page whatever the names in it.

use std::collections::HashSet;

use clearance::evaluate::Assessment;
use clearance::report::{Report, html};
use clearance::rules::RuleSet;

use crate::blocks::markup;
use crate::support::{
    MARIA, NAMES, NO_ROLE, OUT_OF_SCOPE, assessed, environment, rules, with_assessment, with_users,
};
use crate::text;

/// The markup of the page: without the data blocks and the script.
fn page(report: &Report<'_>) -> String {
    markup(&text(|out| html::write(report, out)))
}

/// The page of [`NAMES`], by rules and in an environment that mean harm as well.
fn hostile_page() -> String {
    let mut rules = rules();
    rules.rules[2].source = "javascript:alert(1)".to_owned();
    rules.rules[3].source = "https://example.com/\"><script>alert(1)</script> (read 2026-11-23)".to_owned();
    rules.rules[4].remedy = "</details></main><script>alert(1)</script>".to_owned();
    rules.rules[5].id = "a b\" onclick=\"x".to_owned();
    let mut environments = [environment(&NAMES, &rules)];
    environments[0].manifest.environment.name = "\u{1b}[2J<script>x</script>\u{202e}".to_owned();
    let mut assessment: Assessment<'_> = assessed(&rules, &environments);
    let notice = "Waiver of </title><script>alert(1)</script> by {{ user }} expired.";
    assessment.notices.push(notice.to_owned());
    page(&Report::new(&assessment))
}

/// Pages of ordinary, hostile, many and no users.
fn pages() -> [String; 5] {
    let of = |names: &[&str], rules: &RuleSet| {
        let mut drawn = String::new();
        with_users(names, rules, |_, report| drawn = page(report));
        drawn
    };
    let (some, many) = (["Maria Silva"; 250], ["Maria Silva"; 1_000]);
    [
        of(&NAMES, &rules()),
        hostile_page(),
        of(&some, &rules()),
        of(&many, &rules()),
        of(&[], &rules()),
    ]
}

/// The values of an attribute, as written.
fn values<'p>(page: &'p str, attribute: &str) -> Vec<&'p str> {
    let start = format!(" {attribute}=\"");
    page.split(&start)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

/// What stands between angle brackets.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').skip(1).filter_map(|rest| rest.split('>').next())
}

/// The part of the page about one user.
fn entry(page: &str, user: usize) -> &str {
    let (_, rest) = page.split_once(&format!("id=\"user-0-{user}\"")).unwrap();
    rest.split_once("</details>").unwrap().0
}

#[test]
fn hostile_names_stay_text() {
    let page = hostile_page();
    for harm in [
        "<script",
        "<img",
        "<b>",
        "<i>",
        "</style><style>",
        "</p><script",
        "javascript:alert(1)\"",
        " style=",
    ] {
        let found = page
            .find(harm)
            .map(|at| page[at..].chars().take(60).collect::<String>());
        assert_eq!(found, None, "{harm}");
    }
    assert!(tags(&page).all(|tag| !tag.contains(" on")), "an event handler");
    assert_eq!(page.matches("</style>").count(), 1);
    assert_eq!(page.matches("</title>").count(), page.matches("<title").count());
    assert!(
        page.contains("{{ 7 * 7 }}{% endif %}"),
        "a name is not a template"
    );
    assert!(
        !page.contains(['\u{1b}', '\u{7}', '\u{202e}']),
        "marks and control characters"
    );
    assert!(
        page.contains("&lt;script&gt;alert(1)&lt;&#x2f;script&gt;"),
        "names are shown as they are"
    );
    assert!(
        page.contains(NAMES[OUT_OF_SCOPE]),
        "honest names in other directions stay"
    );
    assert!(page.contains("lert(2)"), "a gap is told");
    let hrefs = values(&page, "href");
    assert!(
        hrefs.iter().all(|href| href.starts_with(['#', 'h'])),
        "only fragments and web addresses"
    );
}

#[test]
fn nothing_is_fetched() {
    with_assessment(|_, report| {
        let page = page(report);
        for name in ["link", "script", "iframe", "img", "object", "embed", "base"] {
            let is_it = |tag: &str| tag.split([' ', '/']).next() == Some(name);
            assert!(!tags(&page).any(is_it), "{name}");
        }
        assert!(!tags(&page).any(|tag| tag.contains(" src")), "a source");
        assert!(
            !page.contains("@import") && !page.contains("url(http"),
            "a style from elsewhere"
        );
    });
}

#[test]
fn ids_are_unique_and_links_lead_somewhere() {
    for page in pages() {
        let ids = values(&page, "id");
        let set: HashSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), set.len(), "ids repeat");
        let links = values(&page, "href").into_iter();
        let named = values(&page, "aria-labelledby").into_iter();
        let wanted = links
            .filter_map(|href| href.strip_prefix('#'))
            .chain(named.flat_map(str::split_whitespace));
        for anchor in wanted {
            assert!(set.contains(anchor), "#{anchor} leads nowhere");
        }
    }
}

#[test]
fn every_element_is_closed() {
    for page in pages() {
        let mut open: Vec<&str> = Vec::new();
        for tag in tags(&page) {
            let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or("");
            if tag.starts_with('/') {
                assert_eq!(open.pop(), Some(name), "</{name}> closes nothing; open: {open:?}");
            } else if !tag.ends_with('/') && !tag.starts_with('!') && !["meta", "br"].contains(&name) {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }
}

#[test]
fn numbers_and_bytes_are_the_same_everywhere_and_each_time() {
    with_assessment(|_, report| {
        let page = page(report);
        assert!(page.contains("<span class=\"figure\">2</span> of 9 users ready"));
        for (word, count) in [
            ("blocked", "5 users"),
            ("unknown", "1 user"),
            ("limited", "1 user"),
            ("ready", "2 users"),
        ] {
            let (_, group) = page.split_once(&format!("id=\"users-{word}\"")).unwrap();
            let (_, group) = group.split_once("<span class=\"group-count\">").unwrap();
            assert!(
                group.starts_with(&format!("{count}</span>")),
                "{word}: {}",
                &group[..20]
            );
        }
        let whole = || text(|out| html::write(report, out));
        assert!(whole() == whole(), "the same bytes each time");
    });
}

#[test]
fn findings_are_grouped_as_on_the_terminal() {
    with_assessment(|_, report| {
        let page = page(report);
        let items = |user| entry(&page, user).matches("<li class=\"finding\">").count();
        assert_eq!(
            items(MARIA),
            3,
            "the right to open the app, what blocks and what limits"
        );
        assert_eq!(items(NO_ROLE), 1);
        assert!(entry(&page, NO_ROLE).contains("<dt>Follows from it</dt>"));
        assert!(entry(&page, NO_ROLE).contains("<a href=\"#rule-prvReadMailbox\">"));
    });
}

/// Everyone who is not ready has an entry, as long as they are few; the others are names in a list.
#[test]
fn a_few_users_are_written_out() {
    with_users(&["Maria Silva"; 400], &rules(), |_, report| {
        let page = page(report);
        let entries = values(&page, "id")
            .into_iter()
            .filter(|id| id.starts_with("user-"));
        assert_eq!(entries.count(), 280, "seven of ten");
        assert_eq!(page.matches("not written out").count(), 0);
    });
}

/// Many are told by their cases: how many users, and the first of what is wrong.
#[test]
fn many_users_are_told_by_their_cases() {
    with_users(&["Maria Silva"; 1_000], &rules(), |_, report| {
        let page = page(report);
        let mut ids = values(&page, "id").into_iter();
        assert!(!ids.any(|id| id.starts_with("user-")));
        assert!(page.len() < 330 << 10, "{} bytes", page.len());
        // Beside what is the same for any number of users, a further one takes little: an id, and where it is.
        with_users(&["Maria Silva"; 2_000], &rules(), |_, report| {
            let more = self::page(report).len() - page.len();
            assert!(more < 1_000 * 64, "{more} bytes for 1,000 users");
        });
        // As `NAMES` says of every ten: two failed a test of incoming email, the others one each.
        for (verdict, cases) in [
            ("blocked", [200, 100, 100, 100].as_slice()),
            ("unknown", &[100]),
            ("limited", &[100]),
        ] {
            let (_, group) = page.split_once(&format!("id=\"users-{verdict}\"")).unwrap();
            let (group, _) = group.split_once("</details>").unwrap();
            let told = group.split("<p class=\"finding-title\">").skip(1);
            let told: Vec<usize> = told
                .map(|case| case.split(' ').next().unwrap().parse().unwrap())
                .collect();
            assert_eq!(told, cases, "{verdict}");
            let all: usize = cases.iter().sum();
            assert!(
                group.contains(&format!("{all} users are not written out")),
                "{verdict}"
            );
        }
        let incoming = "200 users: <a href=\"#users\" data-view=\"verdict=blocked&amp;rule=incoming-email-test-passed\">";
        assert!(page.contains(incoming));
        let (_, without_role) = page
            .split_once("verdict=blocked&amp;rule=user-has-a-role\">")
            .unwrap();
        let (case, _) = without_role.split_once("</li>").unwrap();
        assert!(case.contains("privileges do not reach the user"));
        assert!(case.contains("<dt>First to do</dt>"));
    });
}
