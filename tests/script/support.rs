//! Scripts as PowerShell's grammar has them, and what stands in them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use clearance::evaluate::{Inputs, Reported, Verdict, assess};
use clearance::report::script::{Script, ScriptAction, pac, powershell};
use clearance::snapshot::{Environment, Snapshot};
use clearance::what_if::Change;
use tree_sitter::{Node, Parser};

/// A script's text and its syntax tree.
pub struct Read {
    pub text: String,
    tree: tree_sitter::Tree,
}

impl Read {
    /// Parses a script. Where there is PowerShell, its own parser has to agree that nothing is wrong.
    pub fn new(text: String) -> Read {
        let mut parser = Parser::new();
        parser
            .set_language(&tree_sitter_powershell::LANGUAGE.into())
            .expect("a grammar");
        let bare = text
            .strip_prefix('\u{feff}')
            .expect("a byte order mark")
            .to_owned();
        let tree = parser.parse(&bare, None).expect("a tree");
        let read = Read { text: bare, tree };
        for node in read.nodes() {
            assert!(
                !node.is_error() && !node.is_missing(),
                "{} at {}: {}",
                node.kind(),
                node.start_position(),
                read.of(node)
            );
        }
        parse_with_powershell(&text);
        read
    }

    pub fn of(&self, node: Node<'_>) -> &str {
        &self.text[node.byte_range()]
    }

    /// All nodes, in the order of the text.
    pub fn nodes(&self) -> Vec<Node<'_>> {
        let mut found = Vec::new();
        let mut left = vec![self.tree.root_node()];
        while let Some(node) = left.pop() {
            found.push(node);
            let mut cursor = node.walk();
            let mut children: Vec<_> = node.children(&mut cursor).collect();
            children.reverse();
            left.extend(children);
        }
        found
    }

    pub fn of_kind(&self, kind: &str) -> Vec<Node<'_>> {
        self.nodes()
            .into_iter()
            .filter(|node| node.kind() == kind)
            .collect()
    }

    /// The name and the node of every function.
    pub fn functions(&self) -> BTreeMap<&str, Node<'_>> {
        let named = |node: Node<'_>| {
            let mut cursor = node.walk();
            let name = node
                .children(&mut cursor)
                .find(|child| child.kind() == "function_name");
            name.map(|name| self.of(name))
        };
        let functions = self.of_kind("function_statement");
        functions
            .into_iter()
            .map(|node| (named(node).expect("a name"), node))
            .collect()
    }

    /// The names of all commands, with the function that each is in.
    pub fn commands(&self) -> BTreeSet<(String, String)> {
        let functions = self.functions();
        let of = |node: Node<'_>| {
            let within = |function: &Node<'_>| {
                function.byte_range().start <= node.byte_range().start
                    && node.byte_range().end <= function.byte_range().end
            };
            let found = functions.iter().find(|(_, function)| within(function));
            found.map_or(String::new(), |(name, _)| (*name).to_owned())
        };
        let commands = self.of_kind("command_name");
        commands
            .into_iter()
            .map(|node| (self.of(node).to_owned(), of(node)))
            .collect()
    }

    /// The lines that `Add-Action` is called with: of each here-string, each line's fields.
    pub fn lines(&self) -> Vec<Vec<String>> {
        let strings = self.of_kind("verbatim_here_string_characters");
        let calls = self
            .of_kind("command_name")
            .into_iter()
            .filter(|node| self.of(*node) == "Add-Action");
        assert_eq!(strings.len(), calls.count(), "every here-string is an action's");
        let mut lines = Vec::new();
        for string in strings {
            let text = self.of(string);
            let text = text.strip_prefix("@'\n").expect("a beginning");
            let text = text.strip_suffix("\n'@").expect("an end");
            lines.extend(
                text.lines()
                    .map(|line| line.split(" | ").map(str::to_owned).collect::<Vec<_>>()),
            );
        }
        lines
    }
}

/// Lets PowerShell's own parser look at a script, if there is one; it runs nothing.
fn parse_with_powershell(text: &str) {
    let command = "$errors = $null; \
                   [void] [System.Management.Automation.Language.Parser]::ParseInput([Console]::In.ReadToEnd(), [ref] $null, [ref] $errors); \
                   $errors | ForEach-Object { $_.ToString() }";
    let Ok(mut shell) = Command::new("pwsh")
        .args(["-NoProfile", "-NonInteractive", "-Command", command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
    else {
        return;
    };
    shell
        .stdin
        .take()
        .expect("a pipe")
        .write_all(text.trim_start_matches('\u{feff}').as_bytes())
        .expect("it reads");
    let output = shell.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    assert!(output.status.success());
}

/// An action of these changes.
pub fn action<'a>(key: &'a str, title: &'a str, changes: &'a [Change]) -> ScriptAction<'a> {
    ScriptAction { key, title, changes }
}

pub fn powershell_of(environment: &Environment, actions: &[ScriptAction<'_>]) -> String {
    let script = Script::new(environment, actions).expect("changes that can be made");
    let mut text = Vec::new();
    powershell(&script, &mut text).expect("room");
    String::from_utf8(text).expect("text")
}

pub fn pac_of(environment: &Environment, actions: &[ScriptAction<'_>]) -> String {
    let script = Script::new(environment, actions).expect("changes that can be made");
    let mut text = Vec::new();
    pac(&script, environment, &mut text).expect("room");
    String::from_utf8(text).expect("text")
}

/// A snapshot with all its columns.
pub fn load(folder: &Path) -> Environment {
    let snapshot = Snapshot::open(folder).expect("a snapshot");
    let tables = snapshot.manifest().tables.iter();
    let needs = tables
        .map(|(name, info)| (name.clone(), info.columns.iter().cloned().collect()))
        .collect();
    snapshot.load(&needs).expect("its tables")
}

/// Everybody's verdict by the shipped rules.
pub fn verdicts(environment: &Environment) -> Vec<Verdict> {
    let rules = clearance::rules::load(&clearance::rules::packs::embedded()).expect("the shipped rules");
    let environments = [environment.clone()];
    let assessment = assess(&Inputs {
        rules: &rules,
        environments: &environments,
        attestations: &[],
        waivers: &[],
        devices: None,
        at: "2026-11-23T09:00:00Z".parse().expect("a moment"),
        include_disabled: false,
        include_superseded: false,
        reported: &Reported::All,
    })
    .expect("an assessment");
    let one = &assessment.environments[0];
    (0..one.users()).map(|user| one.verdict(user)).collect()
}

/// The sample environment of the repository.
pub fn contoso() -> Environment {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/contoso.snapshot"))
}

/// The text of a cell.
pub fn text(environment: &Environment, table: &str, column: &str, row: usize) -> String {
    let column = environment.table(table).and_then(|table| table.text(column));
    column.expect("a column of text").value(row).to_owned()
}
