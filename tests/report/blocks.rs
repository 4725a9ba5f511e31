//! Reads the data blocks of a page as its script does, and holds them against the JSON and the
//! verdict CSV of the same audit.

use std::collections::BTreeMap;
use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// A page without its data blocks and its script, which are the last of it. Data is nothing but
/// base64.
pub fn markup(page: &str) -> String {
    let (markup, rest) = page.split_once("\n<script").expect("data and a script");
    let mut elements: Vec<&str> = rest.split("</script>\n").collect();
    let end = elements.pop().expect("an end");
    assert_eq!(end, "</body>\n</html>\n");
    let script = elements.pop().expect("a script");
    assert!(script.starts_with("<script>"), "{script}");
    for (position, block) in elements.into_iter().enumerate() {
        let (attributes, data) = block.split_once('>').expect("an element");
        let attributes = attributes.trim_start_matches("<script");
        let id = match position {
            0 => "data-index".to_owned(),
            one => format!("data-details-{}", one - 1),
        };
        let wanted = format!(" type=\"application/vnd.clearance+deflate\" id=\"{id}\"");
        assert_eq!(attributes, wanted);
        let is_base64 = |letter: char| letter.is_ascii_alphanumeric() || "+/=".contains(letter);
        assert!(data.chars().all(is_base64), "{id}");
    }
    format!("{markup}{end}")
}

/// The blocks of a page.
pub struct Blocks {
    pub index: Value,
    pub details: Vec<Value>,
}

type Row = BTreeMap<String, String>;

fn block(page: &str, id: &str) -> Option<Value> {
    let start = format!("<script type=\"application/vnd.clearance+deflate\" id=\"{id}\">");
    let mut found = page.split(&start).skip(1);
    let (data, _) = found.next()?.split_once("</script>")?;
    assert!(found.next().is_none(), "{id} twice");
    let deflated = STANDARD.decode(data).expect("base64");
    let mut json = String::new();
    flate2::read::DeflateDecoder::new(&deflated[..])
        .read_to_string(&mut json)
        .expect("deflated text");
    Some(serde_json::from_str(&json).expect("JSON"))
}

impl Blocks {
    pub fn of(page: &str) -> Blocks {
        let index = block(page, "data-index").expect("an index");
        let details = (0..).map_while(|number| block(page, &format!("data-details-{number}")));
        Blocks {
            details: details.collect(),
            index,
        }
    }

    pub fn list(&self, member: &str) -> &[Value] {
        self.index[member].as_array().expect("a list")
    }

    pub fn users(&self) -> usize {
        self.column("name").len()
    }

    fn column(&self, name: &str) -> &[Value] {
        self.index["users"][name].as_array().expect("a column")
    }

    /// What a column's code stands for; none for −1.
    fn coded(&self, column: &str, list: &str, user: usize) -> Option<&Value> {
        let code = self.column(column)[user].as_i64().expect("a code");
        (code != -1).then(|| &self.list(list)[code as usize])
    }

    pub fn id(&self, user: usize) -> String {
        let digits = &self.index["users"]["id"].as_str().expect("ids")[user * 32..][..32];
        let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &digits[part]);
        parts.join("-")
    }

    pub fn roles(&self, user: usize) -> Vec<&str> {
        let set = self.coded("roles", "role_sets", user).expect("a set");
        numbers(set).map(|role| text(&self.list("roles")[role])).collect()
    }

    fn rule(&self, position: usize) -> &Value {
        &self.list("rules")[position]
    }

    /// Rule id and outcome of everything in a case.
    fn case(&self, case: &Value) -> BTreeMap<&str, &str> {
        let parts = case.as_array().expect("a case").iter();
        parts
            .map(|part| {
                let part: Vec<usize> = numbers(part).collect();
                (
                    text(&self.rule(part[0])["id"]),
                    text(&self.list("outcomes")[part[1]]),
                )
            })
            .collect()
    }

    /// The details of a user: what is told, with texts in place of their positions.
    pub fn told(&self, user: usize) -> Vec<Told> {
        let each = self.index["per_block"].as_u64().expect("a number") as usize;
        let block = &self.details[user / each];
        let of_user = &block["users"][user % each];
        let words = of_user[1].as_array().expect("words");
        let told = of_user[0].as_array().expect("what is told").iter();
        told.map(|told| {
            let told: Vec<i64> = told
                .as_array()
                .expect("an entry")
                .iter()
                .map(|one| one.as_i64().expect("a number"))
                .collect();
            let finding = &block["findings"][told[0] as usize];
            let text_of = |position: &Value| filled(block, position.as_i64().expect("a position"), words);
            let rules =
                |member: &str| numbers(&finding[member]).map(|rule| text(&self.rule(rule)["id"]).to_owned());
            let outcome = finding["outcome"].as_u64().expect("a code") as usize;
            let mut lines: Vec<String> = finding["lines"]
                .as_array()
                .expect("lines")
                .iter()
                .map(text_of)
                .collect();
            lines.extend(Some(filled(block, told[1], words)).filter(|line| !line.is_empty()));
            Told {
                rules: rules("rules").collect(),
                follows: rules("follows").collect(),
                outcome: text(&self.list("outcomes")[outcome]).to_owned(),
                severity: text(&finding["severity"]).to_owned(),
                whole_environment: finding["whole_environment"].as_bool().expect("yes or no"),
                texts: ["title", "expected", "observed", "cause", "remedy", "consequences"]
                    .map(|member| (member, text_of(&finding[member])))
                    .into(),
                lines,
                ways: told[2..]
                    .chunks(2)
                    .map(|pair| way(block, &block["ways"][pair[0] as usize], &words[pair[1] as usize]))
                    .collect(),
            }
        })
        .collect()
    }
}

/// A text of a block, with words in its places; empty for −1.
fn filled(block: &Value, position: i64, words: &[Value]) -> String {
    if position == -1 {
        return String::new();
    }
    let parts = text(&block["texts"][position as usize]).split('\u{1}');
    // Every other part is the number of a place.
    let filled = parts.enumerate().map(|(index, part)| match index % 2 {
        0 => part.to_owned(),
        _ => match &words[part.parse::<usize>().expect("a place")] {
            Value::Array(path) => filled(block, path[0].as_i64().expect("a position"), &path[1..]),
            word => filled(block, word.as_i64().expect("a position"), &[]),
        },
    });
    filled.collect()
}

/// Each step as "kind name (note)", then what stops the way, by a path.
fn way(block: &Value, way: &Value, path: &Value) -> Vec<String> {
    let words = &path.as_array().expect("a path")[1..];
    let text_of = |position: &Value| filled(block, position.as_i64().expect("a position"), words);
    let steps = way["steps"].as_array().expect("steps").iter();
    let steps = steps.map(|step| {
        let (name, note) = (text_of(&step["name"]), text_of(&step["note"]));
        format!("{} {name} ({note})", text(&step["kind"]))
    });
    steps.chain([text_of(&way["stop"])]).collect()
}

/// One entry of a user's details.
pub struct Told {
    pub rules: Vec<String>,
    pub follows: Vec<String>,
    pub outcome: String,
    pub severity: String,
    pub whole_environment: bool,
    pub texts: BTreeMap<&'static str, String>,
    pub lines: Vec<String>,
    /// Each step as "kind name (note)", then what stops it.
    pub ways: Vec<Vec<String>>,
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

fn numbers(value: &Value) -> impl Iterator<Item = usize> {
    let list = value.as_array().expect("a list").iter();
    list.map(|number| number.as_u64().expect("a number") as usize)
}

/// A text as a page shows it.
fn shown(text: &str) -> String {
    let is_harmful =
        |c: char| c == '\u{202e}' || c == '\u{202d}' || c.is_control() && !['\n', '\r', '\t'].contains(&c);
    text.replace(is_harmful, "\u{fffd}")
}

/// Checks that a page's data says of every user what the JSON and the rows of the raw verdict CSV
/// say. Everyone must be listed.
pub fn agrees(page: &str, json: &Value, rows: &[Row]) -> Blocks {
    let blocks = Blocks::of(page);
    let users = json["users"].as_array().expect("users");
    assert_eq!((blocks.users(), rows.len()), (users.len(), users.len()));
    assert_eq!(blocks.index["folded"], Value::Null);
    assert_eq!(blocks.index["tool"], json["tool"]);
    assert_eq!(blocks.index["assessed_at"], json["assessed_at"]);
    let each = blocks.index["per_block"].as_u64().expect("a number") as usize;
    assert_eq!(blocks.details.len(), users.len().div_ceil(each));
    for (position, (user, row)) in users.iter().zip(rows).enumerate() {
        line_agrees(&blocks, position, user, row);
        details_agree(&blocks, position, user, json);
    }
    blocks
}

fn line_agrees(blocks: &Blocks, position: usize, user: &Value, row: &Row) {
    let id = blocks.id(position);
    assert_eq!(user["id"], id);
    assert_eq!(row["user_id"], id);
    for (column, member, cell) in [("name", "name", "full_name"), ("email", "email", "email")] {
        let said = text(&blocks.column(column)[position]);
        assert_eq!(said, text(&user[member]), "{column} of {id}");
        assert_eq!(said, row[cell], "{column} of {id}");
    }
    let environment = blocks.column("environment")[position].as_u64().expect("a place") as usize;
    let name = text(&blocks.list("environments")[environment]["name"]);
    assert_eq!(name, row["environment"], "{id}");
    let unit = blocks.coded("unit", "units", position);
    assert_eq!(
        unit.map_or("", |unit| text(&unit["name"])),
        row["business_unit"],
        "{id}"
    );
    assert!(unit.is_none_or(|unit| unit["environment"] == environment), "{id}");
    for (column, list) in [("verdict", "verdicts"), ("deployment", "deployments")] {
        let said = blocks.coded(column, list, position).expect("a code");
        let said = said.get("word").unwrap_or(said);
        assert_eq!(*said, user[column], "{column} of {id}");
        assert_eq!(text(said), row[column], "{column} of {id}");
    }
    for (column, cell) in [("cause", "top_cause"), ("step", "next_step")] {
        let said = blocks.coded(column, "texts", position).map_or("", text);
        assert_eq!(said, row[cell], "{column} of {id}");
    }
    // The counts, as the script makes them.
    let case = blocks.coded("case", "cases", position).expect("a case");
    let own = |outcome: &str, severity: &str| {
        let is_counted = |(rule, found): &(&str, &str)| {
            let mut rules = blocks.list("rules").iter();
            let rule = rules.find(|one| one["id"] == *rule).expect("a rule");
            *found == outcome
                && rule["scope"] == "user"
                && (severity.is_empty() || rule["severity"] == severity)
        };
        blocks
            .case(case)
            .into_iter()
            .filter(is_counted)
            .count()
            .to_string()
    };
    assert_eq!(own("fail", "blocks"), row["blocking"], "{id}");
    assert_eq!(own("fail", "limits"), row["limiting"], "{id}");
    assert_eq!(own("unknown", ""), row["unknown"], "{id}");
    assert_eq!(own("waived", ""), row["waived"], "{id}");
    // Features, by id.
    let features = user["features"].as_object().expect("features");
    match blocks.coded("features", "feature_sets", position) {
        None => assert!(features.is_empty(), "{id}"),
        Some(set) => {
            let mut said = 0;
            for (word, lit) in [
                ("lit", Value::Bool(true)),
                ("unlit", Value::Bool(false)),
                ("unknown", Value::Null),
            ] {
                for feature in numbers(&set[word]) {
                    let feature = text(&blocks.list("features")[feature]["id"]);
                    assert_eq!(features[feature], lit, "{feature} of {id}");
                    said += 1;
                }
            }
            assert_eq!(said, features.len(), "{id}");
        }
    }
}

/// What is told of a user: every finding of the JSON, and what is said of the environment.
fn details_agree(blocks: &Blocks, position: usize, user: &Value, json: &Value) {
    let id = text(&user["id"]);
    let findings = user["findings"].as_array().expect("findings");
    let mut wanted: BTreeMap<String, &Value> = BTreeMap::new();
    let environment_findings = json["environment_findings"].as_array().expect("findings");
    let of_environment = environment_findings.iter().filter(|finding| {
        user["verdict"] != "out-of-scope"
            && finding["environment"] == user["environment"]
            && finding["outcome"] != "not-applicable"
    });
    for finding in findings.iter().chain(of_environment) {
        wanted.insert(shown(text(&finding["rule"])), finding);
    }
    let case = blocks.case(blocks.coded("case", "cases", position).expect("a case"));
    let outcomes = wanted
        .iter()
        .map(|(rule, finding)| (rule.as_str(), text(&finding["outcome"])));
    assert_eq!(case, outcomes.collect(), "{id}");

    let told = blocks.told(position);
    let mut rules: Vec<&String> = told
        .iter()
        .flat_map(|one| one.rules.iter().chain(&one.follows))
        .collect();
    rules.sort_unstable();
    assert_eq!(
        rules,
        wanted.keys().collect::<Vec<_>>(),
        "{id}: each is told once"
    );
    for one in &told {
        let remedy = &one.texts["remedy"];
        assert!(
            !one.texts["title"].is_empty() && !remedy.is_empty(),
            "{id}: {:?}",
            one.rules
        );
        for rule in &one.rules {
            let finding = wanted[rule];
            assert_eq!(one.outcome, text(&finding["outcome"]), "{rule} of {id}");
            assert_eq!(one.severity, text(&finding["severity"]), "{rule} of {id}");
            let is_own = findings.iter().any(|own| shown(text(&own["rule"])) == *rule);
            assert_eq!(one.whole_environment, !is_own, "{rule} of {id}");
            if let [_] = one.rules[..] {
                for member in ["expected", "observed", "cause", "remedy"] {
                    assert_eq!(
                        one.texts[member],
                        shown(text(&finding[member])),
                        "{member}: {rule} of {id}"
                    );
                }
            } else {
                assert!(
                    shown(text(&finding["remedy"])).starts_with(remedy.as_str()),
                    "{rule} of {id}"
                );
            }
            // A path is drawn, or stands in the lines: each of its roles can be found.
            for path in finding["path"].as_array().expect("paths") {
                let path = shown(text(path));
                let is_drawn = one.ways.iter().any(|way| {
                    let role = way[0].trim_start_matches("Role ");
                    let role = role.rsplit_once(" (").map_or(role, |(role, _)| role);
                    path.starts_with(&format!("role \"{role}\""))
                });
                let is_cut =
                    path.starts_with('…') || one.lines.iter().any(|line| line.ends_with("not drawn"));
                assert!(
                    is_drawn || is_cut || one.lines.contains(&path),
                    "{path}: {rule} of {id}"
                );
            }
        }
        for way in &one.ways {
            assert!(
                way[0].starts_with("Role ") && way[way.len() - 2] == "User  ()",
                "{way:?}"
            );
        }
    }
}
