//! What the program refuses: the whole text, the exit code, and nothing left behind.

use super::desk::{Desk, Ran};

/// One refusal: arguments, exit code, and everything on standard error.
pub struct Refusal<'a> {
    pub arguments: Vec<&'a str>,
    pub code: i32,
    pub said: String,
    /// Environment variables, beside those of every run.
    pub variables: Vec<(&'a str, &'a str)>,
}

/// A refusal of a line of arguments, which are separated by blanks.
pub fn refusal<'a>(arguments: &'a str, code: i32, said: impl Into<String>) -> Refusal<'a> {
    Refusal {
        arguments: arguments.split(' ').collect(),
        code,
        said: said.into(),
        variables: Vec::new(),
    }
}

impl<'a> Refusal<'a> {
    pub fn with(mut self, name: &'a str, value: &'a str) -> Refusal<'a> {
        self.variables.push((name, value));
        self
    }

    /// One more argument, which may hold blanks.
    pub fn and(mut self, argument: &'a str) -> Refusal<'a> {
        self.arguments.push(argument);
        self
    }
}

/// Runs all cases, so that one message shows everything that is wrong.
pub fn all_are_refused<'a>(desk: &Desk, cases: impl IntoIterator<Item = Refusal<'a>>) {
    let mut wrong = String::new();
    for case in cases {
        let before = desk.everything();
        let mut command = desk.command(&case.arguments);
        let ran = Ran::from(command.envs(case.variables.iter().copied()).output().unwrap());
        let line = case.arguments.join(" ");
        if (ran.code, ran.err.as_str()) != (case.code, case.said.as_str()) {
            wrong += &format!("--- {line}\n    exit code {}, expected {}\n", ran.code, case.code);
            wrong += &format!("{}    expected\n{}", ran.err, case.said);
        }
        if !ran.out.is_empty() {
            wrong += &format!("--- {line}\n    wrote to standard output: {}\n", ran.out);
        }
        let after = desk.everything();
        if after != before {
            let left: Vec<_> = after.keys().filter(|path| !before.contains_key(*path)).collect();
            wrong += &format!("--- {line}\n    changed files, left {left:?}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
