//! `clearance rules docs`: the committed handbook is the one that is written, its examples are true,
//! its links lead somewhere, and no text of a rule file becomes markup.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::commands::{good, path, wrong};
use super::shipped;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn committed(name: &str) -> String {
    std::fs::read_to_string(root().join("docs").join(name)).expect("a committed handbook")
}

#[test]
fn the_committed_handbook_is_the_one_that_is_written() {
    for (option, name) in [("--markdown", "rules.md"), ("--html", "rules.html")] {
        assert!(
            good(&["docs", option, "-"]) == committed(name),
            "docs/{name} is out of date: run \
             `cargo run -- rules docs --markdown docs/rules.md --html docs/rules.html` and commit the result"
        );
    }
    assert!(
        good(&["docs"]) == committed("rules.md"),
        "Markdown is the default"
    );
}

#[test]
fn both_are_written_at_once_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let (markdown, html) = (folder.path().join("a.md"), folder.path().join("a.html"));
    let said = good(&["docs", "--markdown", path(&markdown), "--html", path(&html)]);
    assert_eq!(said, "");
    let read = |file: &Path| std::fs::read_to_string(file).expect("a file");
    assert!(read(&markdown) == committed("rules.md"));
    assert!(read(&html) == committed("rules.html"));

    assert_eq!(
        wrong(&["docs", "--markdown", "-", "--html", "-"]),
        "error: two reports cannot both go to standard output (`-`)\n"
    );
    let nowhere = folder.path().join("none").join("a.md");
    let said = wrong(&["docs", "--html", path(&html), "--markdown", path(&nowhere)]);
    assert_eq!(
        said,
        format!(
            "error: cannot write `{}`: the folder `{}` does not exist\nhint: name a file in a folder that exists \
             and that you may write to\n",
            nowhere.display(),
            folder.path().join("none").display()
        )
    );
    // A faulty rule file leaves what was there.
    std::fs::write(&html, "before").expect("a file");
    let rules = folder.path().join("broken.toml");
    std::fs::write(&rules, "rule = 1").expect("a file");
    wrong(&["docs", "--html", path(&html), "--rules", path(&rules)]);
    assert_eq!(read(&html), "before");
}

#[test]
fn the_packs_are_chosen_as_everywhere() {
    let text = good(&["docs", "--pack", "self-check"]);
    assert!(text.contains("\n### self-check\n"), "{text}");
    assert!(!text.contains("\n### deployment-guide\n"));
    assert!(text.contains("\n## Writing your own rules\n"));
    let said = wrong(&["docs", "--pack", "none"]);
    assert!(said.contains("there is no rule pack `none`"), "{said}");
}

/// Fenced blocks of that language: the words behind it, and the text.
fn blocks(markdown: &str, language: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        let Some(words) = line
            .strip_prefix("```")
            .and_then(|info| info.strip_prefix(language))
        else {
            continue;
        };
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push((words.trim().to_owned(), text.join("\n") + "\n"));
    }
    blocks
}

const PACK: &str =
    "[pack]\nid = \"own\"\ntitle = \"Own\"\nversion = \"1.0\"\nsource = \"https://example.com\"\n\n";

#[test]
fn every_example_is_a_rule_file_without_faults() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut seen = BTreeMap::new();
    for (index, (kind, text)) in blocks(&committed("rules.md"), "toml").into_iter().enumerate() {
        // Entries without their pack, and checks without their rules, get them.
        let whole = match kind.as_str() {
            "" => text,
            "rules" => format!("{PACK}{text}"),
            "checks" => {
                let mut rules = PACK.to_owned();
                for (number, check) in text.split("check = ").skip(1).enumerate() {
                    rules += &format!(
                        "[[rule]]\nid = \"check-{number}\"\ntitle = \"A check\"\nscope = \"user\"\nseverity = \
                         \"advises\"\nremedy = \"None.\"\ncheck = {check}\n"
                    );
                }
                rules
            }
            // A settings file: see `the_settings_are_taken`.
            "settings" => {
                *seen.entry(kind).or_insert(0) += 1;
                continue;
            }
            other => panic!("a block of `toml {other}`: say what it is"),
        };
        let file = folder.path().join(format!("{index}.toml"));
        std::fs::write(&file, whole).expect("a file");
        let said = good(&["check", path(&file)]);
        assert!(said.ends_with("no faults\n"), "{said}");
        *seen.entry(kind).or_insert(0) += 1;
    }
    assert!(
        seen[""] >= 2 && seen["rules"] >= 4 && seen["checks"] == 1 && seen["settings"] == 1,
        "{seen:?}"
    );
}

/// The first pack of the handbook, in a folder as the handbook has it.
fn tutorial() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, text) = blocks(&committed("rules.md"), "toml")
        .into_iter()
        .next()
        .expect("a block");
    std::fs::create_dir(folder.path().join("our-rules")).expect("a folder");
    std::fs::write(folder.path().join("our-rules/directory.toml"), &text).expect("a file");
    (folder, text)
}

#[test]
fn the_settings_are_taken() {
    let (folder, _) = tutorial();
    let blocks = blocks(&committed("rules.md"), "toml");
    let (_, settings) = blocks
        .iter()
        .find(|(kind, _)| kind == "settings")
        .expect("settings");
    std::fs::write(folder.path().join("clearance.toml"), settings).expect("a file");
    let (listed, _) = run_in(folder.path(), &["rules", "list"]);
    assert!(listed.ends_with("rules in 3 packs; 3 features\n"), "{listed}");
    let (shown, _) = run_in(folder.path(), &["rules", "show", "prvReadQueue"]);
    assert!(
        shown.contains("limits (by the settings; its pack says blocks)"),
        "{shown}"
    );
}

/// Runs the program in a folder: standard output and standard error.
fn run_in(folder: &Path, arguments: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_clearance"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .expect("the program");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (text(output.stdout), text(output.stderr))
}

#[test]
fn what_the_first_steps_show_is_what_is_printed() {
    let handbook = committed("rules.md");
    let (folder, text) = tutorial();
    let console = blocks(&handbook, "console");
    let shown = blocks(&handbook, "text");

    let check: Vec<&str> = console[0].1.lines().collect();
    assert_eq!(check[0], "$ clearance rules check our-rules");
    let (out, _) = run_in(folder.path(), &["rules", "check", "our-rules"]);
    assert_eq!(out.trim_end(), check[1]);

    // A snapshot from before the rules were there, as the sample is.
    let sample = root().join("fixtures/contoso.snapshot");
    let arguments = [
        "audit",
        path(&sample),
        "--rules",
        "our-rules",
        "--pack",
        "our-directory",
        "--csv",
        "-",
    ];
    let (out, errors) = run_in(folder.path(), &arguments);
    let reason = shown[1].1.trim_end();
    let mut reader = csv::Reader::from_reader(out.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let unknown: Vec<_> = rows.iter().filter(|row| &row[5] == "unknown").collect();
    assert!(unknown.len() > 100, "{errors}");
    let reason = reason
        .strip_prefix("Not known: ")
        .expect("what a reason begins with");
    for row in unknown {
        assert!(
            row[11].starts_with("Not known: ") && row[11].ends_with(reason),
            "{}",
            &row[11]
        );
    }

    let slip = text.replacen("jobtitle\", present", "jobtitle\", presnt", 1);
    assert_ne!(slip, text);
    std::fs::write(folder.path().join("our-rules/directory.toml"), slip).expect("a file");
    let (_, errors) = run_in(folder.path(), &["rules", "check", "our-rules"]);
    assert_eq!(errors.trim_end(), shown[0].1.trim_end());
}

/// The tags of a page's body, without their brackets.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    let (_, body) = page.split_once("</style>").expect("a style sheet");
    body.split('<')
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap_or_default())
}

/// Values of an attribute in the tags of a page.
fn attributes<'p>(page: &'p str, name: &str) -> Vec<&'p str> {
    let start = format!(" {name}=\"");
    tags(page)
        .filter_map(|tag| tag.split_once(&start)?.1.split('"').next())
        .collect()
}

#[test]
fn every_rule_has_an_anchor_and_every_link_a_place() {
    let page = committed("rules.html");
    let ids: Vec<&str> = attributes(&page, "id");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "an id is there twice");
    let set = shipped();
    for id in set
        .rules
        .iter()
        .map(|rule| &rule.id)
        .chain(set.features.iter().map(|feature| &feature.id))
    {
        assert!(unique.contains(id.as_str()), "{id}");
    }
    let mut inside = 0;
    for href in attributes(&page, "href") {
        match href.strip_prefix('#') {
            Some(id) => {
                inside += 1;
                assert!(unique.contains(id), "#{id} leads nowhere");
            }
            None => assert!(href.starts_with("https://"), "{href}"),
        }
    }
    assert!(inside > 50, "{inside}");
}

#[test]
fn the_page_asks_for_nothing_and_runs_nothing() {
    let page = committed("rules.html");
    assert!(
        page.contains("content=\"default-src &#x27;none&#x27;; style-src &#x27;sha256-"),
        "no policy"
    );
    for part in ["<script", " src=", " style=", "@import", "url("] {
        assert!(!page.contains(part), "{part}");
    }
}

/// Everything that breaks out of Markdown or HTML where it is let.
const HOSTILE: [&str; 14] = [
    "</title><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "# A heading",
    "1. a list",
    "- a list",
    "| a | cell |",
    "[a link](javascript:alert(1))",
    "![a picture](https://evil.example/p.png)",
    "<a href=\"javascript:alert(1)\">x</a>",
    "```\nfence",
    "` **bold** `",
    "<!-- a comment",
    "--> ]]> {{ 7 * 7 }} {% raw %} &lt;script&gt; &#60;b>",
    "text\n\n## A heading behind a text\n\n<b>and markup</b>\n\n    code",
];

/// A pack that has that text wherever a text may stand.
fn hostile_pack(text: &str, number: usize) -> String {
    // What JSON writes is a text of TOML, too, and in one line, which a key has to be.
    let text = serde_json::Value::from(text).to_string();
    format!(
        r#"
[pack]
id = "hostile-{number}"
title = {text}
version = "1.0"
source = {text}

[privileges]
why = {text}
section = {text}
symptoms = [{text}]

[[fact]]
name = "systemuser.x{number}"
type = "option"
options = {{ {text} = 1, other = 2 }}

[[rule]]
id = "rule-{number}"
title = {text}
why = {text}
scope = "user"
severity = "advises"
when = {{ role = {text} }}
check = {{ any = [
    {{ field = "systemuser.x{number}", is = {text} }},
    {{ field = "systemuser.fullname", is = {text} }},
    {{ role_exists = {text} }},
    {{ app_module_exists = {text} }},
] }}
cause = {text}
remedy = {text}
section = {text}
source = {text}
also = [{text}, "https://evil.example/<script>", "https://evil.example/|x"]
symptoms = [{text}]
superseded = {{ on = 2026-01-01, by = {text}, why = {text} }}

[[privilege]]
name = "prvHostile{number}"
table = {text}
row = {text}
tab = {text}
depth = "basic"
severity = "limits"
symptoms = [{text}]

[[privilege]]
name = "prvOther{number}"
tab = {text}
depth = "basic"
severity = "limits"
title = {text}
cause = {text}
remedy = {text}

[[feature]]
id = "feature-{number}"
title = {text}
needs = ["prvHostile{number}"]
"#
    )
}

/// The tags of a page, each with the names of its attributes.
fn kinds_of_tags(page: &str) -> BTreeSet<String> {
    let without_values = |tag: &str| tag.split('"').step_by(2).collect::<Vec<_>>().join("\"\"");
    tags(page).map(without_values).collect()
}

#[test]
fn texts_of_rule_files_never_become_markup() {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, text) in HOSTILE.into_iter().enumerate() {
        let file = folder.path().join(format!("{number}.toml"));
        std::fs::write(file, hostile_pack(text, number)).expect("a file");
    }
    let rules = ["--rules", path(folder.path())];
    let markdown = good(&["docs", rules[0], rules[1]]);
    let page = good(&["docs", "--html", "-", rules[0], rules[1]]);

    // The page has the tags of the shipped handbook and no others, and links to the web and itself.
    let known = kinds_of_tags(&committed("rules.html"));
    let seen = kinds_of_tags(&page);
    let strange: Vec<_> = seen.difference(&known).collect();
    assert!(strange.is_empty(), "{strange:?}");
    for href in attributes(&page, "href") {
        assert!(href.starts_with("https://") || href.starts_with('#'), "{href}");
    }

    // Read as Markdown, with every extension that there is: headings, links and markup are ours.
    let mut headings = 0;
    let mut shown = String::new();
    for event in Parser::new_ext(
        &markdown,
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH,
    ) {
        match event {
            Event::Html(markup) | Event::InlineHtml(markup) => {
                assert!(markup.starts_with("<a id=\"") || &*markup == "</a>", "{markup}");
            }
            Event::Start(Tag::Heading { .. }) => headings += 1,
            Event::Start(Tag::Link { dest_url, .. }) => {
                assert!(
                    dest_url.starts_with("https://") || dest_url.starts_with('#'),
                    "{dest_url}"
                );
            }
            Event::Start(Tag::Image { .. } | Tag::Strikethrough)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => {
                panic!("{event:?}");
            }
            Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell) => shown.push('\n'),
            Event::Text(text) | Event::Code(text) => shown.push_str(&text),
            _ => {}
        }
    }
    let before = Parser::new_ext(&committed("rules.md"), Options::ENABLE_TABLES)
        .filter(|event| matches!(event, Event::Start(Tag::Heading { .. })))
        .count();
    // Of each pack: its own, its rule, the privilege with words of its own, privileges, features.
    assert_eq!(headings, before + 5 * HOSTILE.len());
    // And all of it can be read.
    for text in HOSTILE {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let times = shown.matches(&line).count();
        assert!(times >= 10, "{line} is shown {times} times");
    }
}
