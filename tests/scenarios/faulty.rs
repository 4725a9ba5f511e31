//! Files that are refused, and what is said of them.

use super::{file, tenant};

/// A scenario of which nothing is wrong but what is put in.
fn with(more: &str) -> String {
    format!(
        "title = \"t\"\nstory = \"s.\"\nanswer = \"nothing-wrong\"\n\
         sources = [{{ page = \"https://learn.microsoft.com/\", dated = 2021-04-22 }}]\n{more}\n[expect]\nverdict = \"ready\"\n"
    )
}

pub fn are_refused() {
    let good = file::parse(&with("")).expect("a good file");
    tenant::build("contoso", 1, &good.environment()).expect("a sound tenant");
    for (more, message) in [
        ("colour = 1", "unknown field `colour`"),
        ("[[set]]\ntable = \"mailbox\"\nwher = {}", "unknown field `wher`"),
        (
            "message = \"m\"",
            "expect.explains: say which causes explain the `message`",
        ),
        (
            "[[set]]\ntable = \"mailboxes\"\nto = { name = \"n\" }",
            "set, number 1, table `mailboxes`: no such table",
        ),
        (
            "[[set]]\ntable = \"mailbox\"\nwhere = { name = \"Mario Silva\" }\nto = { actstatus = 2 }",
            "set, number 1, table `mailbox`: no row has `name` \"Mario Silva\"",
        ),
        (
            "[[set]]\ntable = \"mailbox\"\nwhere = { name = \"Maria Silva\" }\nto = { actstate = 2 }",
            "set, number 1, table `mailbox`: `actstate`: no such column; there are: mailboxid, name",
        ),
        (
            "[[set]]\ntable = \"mailbox\"\nwhere = { name = \"Maria Silva\" }\nto = { actstatus = \"2\" }",
            "`actstatus`: the value is not of the column's type (\"2\")",
        ),
        (
            "[[set]]\ntable = \"mailbox\"\nwhere = { name = \"Maria Silva\" }\nto = { actstatus = 1 }",
            "set, number 1, table `mailbox`: `actstatus` is 1 already",
        ),
        (
            "[[add]]\ntable = \"systemuserroles\"\nrow = { systemuserid = \"Maria Silva\", roleid = \"Salesperson @ North\" }",
            "add, number 1, table `systemuserroles`: `roleid`: nothing is called \"Salesperson @ North\"",
        ),
        (
            "[[remove]]\ntable = \"roleprivileges\"\nwhere = { privilegeid = [\"prvReadQueue\", \"prvReadQueues\"] }",
            "remove, number 1, table `roleprivileges`: `privilegeid`: nothing is called \"prvReadQueues\"",
        ),
        (
            "[[remove]]\ntable = \"teamroles\"\nwhere = { teamid = \"West Sales\" }",
            "remove, number 1, table `teamroles`: no row has `teamid` \"West Sales\"",
        ),
        (
            "[server]\ncaller = { prvReadMailbox = \"own\" }",
            "server.caller: `own` is none of none, basic, local, deep",
        ),
        (
            "[server]\ncaller = { prvReadMail = \"basic\" }",
            "server.caller: there is no privilege `prvReadMail`",
        ),
        (
            "[server]\nforbidden = [\"roles\"]",
            "server.forbidden: there is no table `roles`",
        ),
        ("shows = 3", "invalid type"),
    ] {
        let read = file::parse(&with(more));
        let built = read.and_then(|scenario| tenant::build("contoso", 1, &scenario.environment()));
        let fault = built.err().unwrap_or_else(|| panic!("accepted: {more}"));
        assert!(fault.contains(message), "{more}\n\n{fault}");
    }
}
