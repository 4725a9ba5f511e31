//! The summary on the terminal.

use clearance::report::Report;
use clearance::report::terminal::{Look, summary};
use clearance::rules::Severity;

use crate::support::{rules, with_assessment, with_users};
use crate::text;

fn drawn(report: &Report<'_>, colour: bool) -> String {
    text(|out| summary(report, Look { width: 78, colour }, out))
}

#[test]
fn verdicts_come_first_and_their_bars_are_in_proportion() {
    with_assessment(|_, report| {
        // Forty blocks are nine users; the shares add to 100 %.
        let expected = "\
+contoso <i>: 2 of 9 users ready

  ready           2    22.2 %  █████████
  limited         1    11.1 %  ████
  blocked         5    55.6 %  ██████████████████████
  unknown         1    11.1 %  ████
  out-of-scope    1     (not counted)

Not seen, and other notices
";
        let drawn = drawn(report, false);
        assert!(drawn.starts_with(expected), "{drawn}");
        assert!(
            drawn.contains("\nWhat holds up most users, and what helps\n"),
            "{drawn}"
        );
        assert!(drawn.contains("\nCauses by number of users\n"), "{drawn}");
    });
}

#[test]
fn privileges_that_fail_for_equally_many_users_are_one_line() {
    with_assessment(|_, report| {
        let rules = rules();
        let blocking =
            |rule: &&clearance::rules::Rule| rule.privilege.is_some() && rule.severity == Severity::Blocks;
        let number = rules.rules.iter().filter(blocking).count();
        let drawn = drawn(report, false);
        let line = format!("  2  blocks   {number} privileges do not reach 2 users each: prvUseOfficeApps,");
        assert!(drawn.contains(&line), "{line}\n{drawn}");
        let list = drawn.split("What holds up most users").next().unwrap();
        assert_eq!(
            list.matches("prv").count(),
            3,
            "some of the names stand for all\n{list}"
        );
    });
}

#[test]
fn nobody_at_all_is_said() {
    with_users(&[], &rules(), |_, report| {
        let drawn = drawn(report, false);
        let expected = "+contoso <i>: no users in scope.\nNobody is there to be judged.\n";
        assert!(drawn.starts_with(expected), "{drawn}");
    });
}

#[test]
fn hostile_texts_do_not_reach_the_terminal_and_colour_says_nothing() {
    with_assessment(|_, report| {
        let plain = drawn(report, false);
        assert!(
            !plain.contains(['\u{1b}', '\u{7}', '\u{202e}', '\r', '\t']),
            "{plain}"
        );
        let coloured = drawn(report, true);
        assert!(coloured.contains('\u{1b}'));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
    });
}
