//! Every output of one audit tells the same numbers.

use serde_json::Value;

use super::blocks::markup;
use super::desk::{Desk, Ran, Row, list, table, text, valid};
use super::offices::{CROWD, HOSTILE};

/// All outputs of one audit.
struct Outputs {
    ran: Ran,
    verdicts: Vec<Row>,
    findings: Vec<Row>,
    json: Value,
    html: String,
}

/// Everybody audited, some failures accepted.
fn audit(more: &[&str]) -> Outputs {
    let desk = Desk::with(&CROWD, "contoso.snapshot");
    desk.write(
        "waivers.toml",
        "[[waiver]]\n\
         rules = [\"incoming-email-test-passed\", \"prvReadQueue\", \"app-deployment-healthy\"]\n\
         environments = [\"contoso\"]\nreason = \"Migration\"\napproved_by = \"Dana Reed\"\n\
         on = 2026-11-01\nuntil = 2026-12-31\n",
    );
    let mut arguments = vec!["audit", "contoso.snapshot", "--waivers", "waivers.toml"];
    for (option, file) in [
        ("--csv", "verdicts.csv"),
        ("--findings-csv", "findings.csv"),
        ("--json", "audit.json"),
        ("--html", "report.html"),
    ] {
        arguments.extend([option, file]);
    }
    arguments.extend(more);
    let ran = desk.good(arguments);
    assert_eq!(ran.out, "");
    Outputs {
        ran,
        verdicts: table(&desk.read("verdicts.csv")),
        findings: table(&desk.read("findings.csv")),
        json: valid("assessment-1.schema.json", &desk.read("audit.json")),
        html: desk.read("report.html"),
    }
}

fn count(rows: &[Row], column: &str, value: &str) -> u64 {
    rows.iter().filter(|row| row[column] == value).count() as u64
}

#[test]
fn verdicts_add_up_everywhere() {
    let outputs = audit(&[]);
    let summary = &outputs.json["summary"];
    let mut users = 0;
    for verdict in ["ready", "limited", "blocked", "unknown", "out-of-scope"] {
        let number = count(&outputs.verdicts, "verdict", verdict);
        assert!(number > 0, "nobody is {verdict}, so little is shown");
        assert_eq!(
            summary[verdict.replace('-', "_")],
            number,
            "{verdict} in the JSON"
        );
        if verdict != "out-of-scope" {
            users += number;
        }
        // The terminal: a line that begins with the word and the number.
        let words = |line: &str| {
            line.split_whitespace()
                .take(2)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert!(
            outputs
                .ran
                .err
                .lines()
                .any(|line| words(line) == [verdict, &number.to_string()]),
            "{number} {verdict} on the terminal:\n{}",
            outputs.ran.err
        );
        // The page: the legend of the chart.
        let legend = outputs.html.split("<table class=\"legend\">").nth(1).unwrap();
        let row = legend
            .split("<tr>")
            .find(|row| row.contains(&format!("#users-{verdict}\"")));
        let cell = row.unwrap().split("<td class=\"number strong\">").nth(1).unwrap();
        assert_eq!(
            cell.split('<').next(),
            Some(number.to_string().as_str()),
            "{verdict} on the page"
        );
    }
    assert_eq!(summary["users"], users);
    // Nobody is left out: 200 people and the accounts of the tenant.
    assert_eq!(
        outputs.verdicts.len() as u64,
        CROWD.manifest()["tables"]["systemuser"]["rows"]
    );
}

#[test]
fn each_user_is_told_alike() {
    let outputs = audit(&[]);
    let users = list(&outputs.json, "users");
    assert_eq!(outputs.verdicts.len(), users.len());
    assert!(users.is_sorted_by_key(|user| text(user, "id")));
    for (row, user) in outputs.verdicts.iter().zip(users) {
        let id = text(user, "id");
        for (column, member) in [
            ("user_id", "id"),
            ("verdict", "verdict"),
            ("deployment", "deployment"),
        ] {
            assert_eq!(row[column], text(user, member), "{column} of {id}");
        }
        let name = text(user, "name");
        let cell = row["full_name"].as_str();
        assert!(
            cell == name || cell.strip_prefix('\'') == Some(name),
            "{id}: {cell}"
        );
        let of = |outcome: &str, severity: &str| {
            let findings = list(user, "findings").iter();
            let wanted = findings.filter(|finding| {
                finding["outcome"] == outcome && (severity.is_empty() || finding["severity"] == severity)
            });
            wanted.count().to_string()
        };
        assert_eq!(row["blocking"], of("fail", "blocks"), "{id}");
        assert_eq!(row["limiting"], of("fail", "limits"), "{id}");
        assert_eq!(row["unknown"], of("unknown", ""), "{id}");
        assert_eq!(row["waived"], of("waived", ""), "{id}");
        // No environment rule fails in this tenant, so the user's own rules give the verdict.
        let verdict = match text(user, "verdict") {
            "out-of-scope" => {
                assert_eq!(row["top_cause"], text(user, "reason"));
                assert_eq!(list(user, "findings").len(), 0);
                continue;
            }
            verdict => verdict,
        };
        let expected = if of("fail", "blocks") != "0" {
            "blocked"
        } else if of("unknown", "blocks") != "0" {
            "unknown"
        } else if of("fail", "limits") != "0" {
            "limited"
        } else {
            "ready"
        };
        assert_eq!(verdict, expected, "{id}");
        assert_eq!(verdict == "ready", row["top_cause"].is_empty(), "{id}");
        assert_eq!(verdict == "ready", row["next_step"].is_empty(), "{id}");
    }
}

#[test]
fn findings_and_rule_counts_are_the_same_in_all() {
    let outputs = audit(&["--raw-csv"]);
    let of_users = list(&outputs.json, "users").iter().flat_map(|user| {
        let findings = list(user, "findings").iter();
        findings.map(move |finding| (text(user, "id"), finding))
    });
    let of_environments = list(&outputs.json, "environment_findings")
        .iter()
        .map(|finding| ("", finding));
    let told: Vec<_> = of_environments.chain(of_users).collect();
    assert_eq!(outputs.findings.len(), told.len());
    for (row, (id, finding)) in outputs.findings.iter().zip(told) {
        assert_eq!(row["user_id"], id);
        for column in [
            "rule", "outcome", "severity", "expected", "observed", "cause", "remedy",
        ] {
            assert_eq!(row[column], text(finding, column), "{column} of {id}");
        }
        assert!(row["source"].starts_with("https://"), "{row:?}");
    }

    let users = outputs.json["summary"]["users"].as_u64().unwrap();
    let (mut failing, mut accepted) = (0, 0);
    for rule in list(&outputs.json, "rules") {
        let id = text(rule, "id");
        let number = |outcome: &str| rule[outcome].as_u64().unwrap();
        let outcomes = ["pass", "fail", "unknown", "waived", "not_applicable"].map(number);
        assert_eq!(
            outcomes.iter().sum::<u64>(),
            users,
            "{id}: every user in scope counts once"
        );
        let rows: Vec<Row> = outputs
            .findings
            .iter()
            .filter(|row| row["rule"] == id)
            .cloned()
            .collect();
        if rule["scope"] == "user" {
            for outcome in ["fail", "unknown", "waived"] {
                assert_eq!(
                    count(&rows, "outcome", outcome),
                    number(outcome),
                    "{id} {outcome}"
                );
            }
        }
        failing += number("fail");
        accepted += number("waived");
        let page = outputs
            .html
            .split(&format!("id=\"rule-{id}\""))
            .nth(1)
            .unwrap_or_else(|| panic!("{id}"));
        let cells = page
            .split("<tbody><tr>")
            .nth(1)
            .unwrap()
            .split("</tr>")
            .next()
            .unwrap();
        let cells: Vec<&str> = cells
            .split("<td>")
            .skip(1)
            .map(|cell| cell.split('<').next().unwrap())
            .collect();
        assert_eq!(
            cells,
            outcomes.map(|number| number.to_string()),
            "{id} on the page"
        );
    }
    assert!(
        failing > 100 && accepted > 3,
        "hardly anything fails, so little is shown"
    );
}

#[test]
fn hostile_names_stay_names() {
    let safe = audit(&[]);
    let raw = audit(&["--raw-csv"]);
    for (name, cell) in HOSTILE {
        let user = list(&safe.json, "users")
            .iter()
            .find(|user| text(user, "name") == name);
        let id = text(user.expect("the JSON has the name as it is"), "id");
        let full_name = |rows: &[Row]| {
            let row = rows.iter().find(|row| row["user_id"] == id).unwrap();
            row["full_name"].clone()
        };
        assert_eq!(full_name(&safe.verdicts), cell);
        assert_eq!(full_name(&raw.verdicts), name);
    }
    for row in safe.verdicts.iter().chain(&safe.findings) {
        for (column, cell) in row {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{column}: {cell:?}"
            );
        }
    }
    // Formulas are there to be left as they are, in more columns than one.
    for column in ["full_name", "business_unit"] {
        assert!(
            raw.verdicts.iter().any(|row| row[column].starts_with('=')),
            "{column}"
        );
    }

    let page = &markup(&safe.html);
    for tag in ["<script", "<img", "<iframe", "<!--#", "javascript:alert(1)\""] {
        assert!(!page.contains(tag), "{tag}");
    }
    for tag in page.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        assert!(!tag.contains(" on"), "an event handler in <{tag}>");
    }
    assert!(
        page.contains("&lt;script&gt;alert(1)&lt;"),
        "the name is there, as text"
    );
    assert!(page.contains(&"x".repeat(400)));
    for (place, text) in [("page", page), ("terminal", &safe.ran.err)] {
        for steering in ['\u{1b}', '\u{202e}', '\u{200f}', '\u{7}'] {
            let found = text
                .find(steering)
                .map(|at| &text[text.floor_char_boundary(at.saturating_sub(80))..at]);
            assert_eq!(found, None, "{steering:?} on the {place}");
        }
    }
}
