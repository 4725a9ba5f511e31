//! By which edition of which pack was judged, and which features light up: told alike everywhere.

use std::fs;
use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};
use serde_json::Value;

use super::desk::{Desk, list, table, text, valid};
use super::offices::{CROWD, DOZEN};

/// What `sha256sum FILE… | cut -c -64 | sort | sha256sum` prints.
fn hash(files: &[PathBuf]) -> String {
    let hex = |bytes: &[u8]| -> String {
        let digest = digest(&SHA256, bytes);
        digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let mut lines: Vec<String> = files
        .iter()
        .map(|file| hex(&fs::read(file).expect("a rule file")) + "\n")
        .collect();
    lines.sort();
    hex(lines.concat().as_bytes())
}

fn pack_files(pack: &str) -> Vec<PathBuf> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let folder = rules.join(pack);
    if folder.is_dir() {
        let files = fs::read_dir(folder).expect("a folder");
        files.map(|file| file.expect("a file").path()).collect()
    } else {
        vec![rules.join(format!("{pack}.toml"))]
    }
}

#[test]
fn every_output_names_the_packs_and_the_hash_of_their_content() {
    let desk = Desk::with(&CROWD, "contoso.snapshot");
    let outputs = ["--html", "p.html", "--findings-csv", "f.csv", "--json", "a.json"];
    let ran = desk.good(["audit", "contoso.snapshot"].iter().chain(&outputs));
    let json = valid("assessment-1.schema.json", &desk.read("a.json"));
    let user = text(&list(&json, "users")[0], "id").to_owned();
    let explained = desk.good(["explain", "contoso.snapshot", "--user", &user]).out;
    let explanation = desk
        .good(["explain", "contoso.snapshot", "--user", &user, "--json"])
        .out;
    let explanation = valid("explanation-1.schema.json", &explanation);
    let listed = desk.good(["rules", "list"]).out;
    let page = desk.read("p.html");
    // Lines are broken where the width asks for it.
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");

    let packs = list(&json, "packs");
    assert_eq!(packs.len(), 4);
    for (pack, short) in packs.iter().zip(list(&explanation, "packs")) {
        let (id, version) = (text(pack, "id"), text(pack, "version"));
        let hash = hash(&pack_files(id));
        assert_eq!(text(pack, "sha256"), hash, "{id}");
        for member in ["id", "version", "sha256"] {
            assert_eq!(pack[member], short[member], "{id}");
        }
        let edition = format!("{id} {version} ({})", &hash[..12]);
        assert!(flat(&ran.err).contains(&edition), "summary: {edition}");
        assert!(flat(&explained).contains(&edition), "explanation: {edition}");
        assert!(page.contains(&edition), "page: {edition}");
        assert!(page.contains(&hash), "page: {hash}");
        assert!(listed.contains(&edition), "list: {edition}");
    }
    let rules = list(&json, "rules");
    let findings = table(&desk.read("f.csv"));
    assert!(findings.len() > 100);
    for row in &findings {
        let rule = rules.iter().find(|rule| text(rule, "id") == row["rule"]).unwrap();
        let pack = packs.iter().find(|pack| pack["id"] == rule["pack"]).unwrap();
        let (id, version) = (text(pack, "id"), text(pack, "version"));
        let edition = format!("; {id} {version} ({})", &text(pack, "sha256")[..12]);
        assert!(row["source"].ends_with(&edition), "{}", row["source"]);
    }
}

/// A checkout with other line ends holds the same rules; one with other rules does not.
#[test]
fn the_hash_is_of_the_content() {
    let desk = Desk::with(&DOZEN, "contoso.snapshot");
    let rule =
        "[pack]\nid = \"ours\"\ntitle = \"Ours\"\nversion = \"1\"\nsource = \"https://intranet.example\"\n";
    let hash = |file: &str| {
        desk.write("rules/ours.toml", file);
        let json = desk.good([
            "audit",
            "contoso.snapshot",
            "--rules",
            "rules",
            "--pack",
            "ours",
            "--json",
            "-",
            "--quiet",
        ]);
        let json = valid("assessment-1.schema.json", &json.out);
        text(&list(&json, "packs")[0], "sha256").to_owned()
    };
    fs::create_dir(desk.path("rules")).unwrap();
    let first = hash(rule);
    assert_eq!(hash(&rule.replace('\n', "\r\n")), first);
    assert_ne!(hash(&rule.replace("\"1\"", "\"1.0\"")), first);
}

#[test]
fn features_are_counted_alike_everywhere() {
    let desk = Desk::with(&CROWD, "contoso.snapshot");
    desk.good([
        "audit",
        "contoso.snapshot",
        "--quiet",
        "--html",
        "p.html",
        "--json",
        "a.json",
    ]);
    let json = valid("assessment-1.schema.json", &desk.read("a.json"));
    let page = desk.read("p.html");
    let users = list(&json, "users");
    let mut shown = 0;
    for pack in list(&json, "packs") {
        for feature in list(pack, "features") {
            let id = text(feature, "id");
            let of = |value: Value| {
                let lit = users
                    .iter()
                    .filter(|user| user["features"].get(id) == Some(&value));
                lit.count() as u64
            };
            let counts = [of(true.into()), of(false.into()), of(Value::Null)];
            let told = ["lit", "unlit", "unknown"].map(|member| feature[member].as_u64().unwrap());
            assert_eq!(told, counts, "{id}");
            assert_eq!(counts.iter().sum::<u64>(), json["summary"]["users"], "{id}");
            // On the page, the same three numbers in the feature's row.
            let row = page.split(&format!("<tr id=\"feature-{id}\">")).nth(1).expect(id);
            let row = row.split("</tr>").next().unwrap();
            let cells: Vec<&str> = row
                .split("<td")
                .skip(1)
                .map(|cell| cell.split(['>', '<']).nth(1).unwrap())
                .collect();
            assert_eq!(cells, counts.map(|count| count.to_string()), "{id}");
            shown += 1;
        }
    }
    assert_eq!(shown, 7, "the features of the catalogue");
    // Someone out of scope is not judged.
    let outside = users.iter().filter(|user| user["verdict"] == "out-of-scope");
    assert!(
        outside
            .inspect(|user| assert_eq!(user["features"], serde_json::json!({})))
            .count()
            > 0
    );
    // What a user's explanation says is what the assessment says.
    for user in users.iter().take(5) {
        let explained = desk
            .good([
                "explain",
                "contoso.snapshot",
                "--json",
                "--user",
                text(user, "id"),
            ])
            .out;
        let explained = valid("explanation-1.schema.json", &explained);
        for feature in list(&explained, "features") {
            if user["verdict"] != "out-of-scope" {
                assert_eq!(feature["lit"], user["features"][text(feature, "id")]);
            }
        }
    }
}
