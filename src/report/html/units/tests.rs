//! The tree of units, its sums, and what is folded.

use super::*;
use crate::evaluate::tests::{environment, judged, rules};
use crate::rules::RuleSet;
use crate::snapshot::{Column, Environment};

/// Whoever has a name is ready.
fn named() -> RuleSet {
    let check = "check = { field = \"systemuser.fullname\", present = true }";
    rules("", &[("named", check)])
}

/// Units by id from 1, with the unit above (0 for none), and the unit of each user with whether they are ready.
fn place(above: &[u128], users: &[(u128, bool)]) -> Environment {
    let unit = |id: u128| match id {
        0 => Guid::NULL,
        id => Guid(1_000_000 + id),
    };
    let numbers = 1..=above.len() as u128;
    let names = numbers.clone().map(|number| Some(format!("Unit {number:04}")));
    let units = vec![
        ("businessunitid", Column::Id(numbers.map(unit).collect())),
        ("name", Column::Text(names.collect())),
        (
            "parentbusinessunitid",
            Column::Id(above.iter().map(|id| unit(*id)).collect()),
        ),
    ];
    let names = users.iter().map(|(_, ready)| ready.then_some("Ada"));
    let people = vec![
        (
            "systemuserid",
            Column::Id((1..=users.len() as u128).map(Guid).collect()),
        ),
        ("fullname", Column::Text(names.collect())),
        (
            "businessunitid",
            Column::Id(users.iter().map(|(id, _)| unit(*id)).collect()),
        ),
    ];
    environment(1, vec![("systemuser", people), ("businessunit", units)])
}

fn drawn(environment: Environment) -> UnitsView {
    let (rules, environments) = (named(), [environment]);
    let assessment = judged(&rules, &environments);
    let mut views = views(&Report::new(&assessment));
    assert_eq!(views.len(), 1);
    views.remove(0)
}

fn told(rows: &[RowView]) -> Vec<(&str, usize, &str, &str)> {
    rows.iter()
        .map(|row| (&*row.name, row.depth, &*row.not_ready, &*row.users))
        .collect()
}

#[test]
fn units_stand_under_their_own_with_what_is_below_them() {
    // 1 above 3 above 2; 4 has nobody; one user has no unit.
    let users = [(2, false), (2, true), (3, false), (0, true)];
    let view = drawn(place(&[0, 3, 1, 1], &users));
    assert!(view.is_tree && view.folded.is_empty() && view.rest.is_none());
    assert_eq!(
        told(&view.rows),
        [
            ("(no business unit)", 0, "0", "1"),
            ("Unit 0001", 0, "0", "0"),
            ("Unit 0003", 1, "1", "1"),
            ("Unit 0002", 2, "1", "2"),
        ]
    );
    let below: Vec<Option<&str>> = view.rows.iter().map(|row| row.below.as_deref()).collect();
    assert_eq!(
        below,
        [
            None,
            Some("with those below: 2 of 3 users not ready"),
            Some("with those below: 2 of 3 users not ready"),
            None
        ]
    );
    assert_eq!(view.rows[0].view, None, "nothing to look for");
    assert_eq!(view.rows[2].view.as_deref(), Some("unit=Unit%200003"));
    assert_eq!((&*view.total.not_ready, &*view.total.users), ("2", "4"));
}

/// Nothing in a snapshot keeps units from standing under one another.
#[test]
fn a_circle_of_units_ends() {
    let view = drawn(place(&[2, 1, 3], &[(1, false), (2, true), (3, true)]));
    let mut names = told(&view.rows);
    names.sort_unstable();
    assert_eq!(names.len(), 3);
    assert_eq!((&*view.total.not_ready, &*view.total.users), ("1", "3"));
}

#[test]
fn of_many_units_those_with_the_most_trouble_come_first_and_none_is_lost() {
    // Unit n has one user who is ready; the first 50 units have n more who are not.
    let mut users: Vec<(u128, bool)> = (1..=2_000).map(|unit| (unit, true)).collect();
    for unit in 1..=50 {
        users.extend((0..unit).map(|_| (unit, false)));
    }
    let above: Vec<u128> = (0..2_000).map(|unit| u128::from(unit > 0)).collect();
    let view = drawn(place(&above, &users));
    assert!(!view.is_tree);
    assert_eq!((view.rows.len(), view.folded.len()), (UNFOLDED, FOLDED));
    assert_eq!(
        told(&view.rows[..2]),
        [("Unit 0050", 0, "50", "51"), ("Unit 0049", 0, "49", "50")]
    );
    assert_eq!(view.rows[0].within, ["Unit 0001"]);
    let rest = view.rest.expect("most are folded");
    assert_eq!(rest.name, "The other 1,960 units");
    // Of the first fifty, the forty largest stand above: 11 to 50; 1 to 10 are folded.
    assert_eq!((&*rest.not_ready, &*rest.users), ("55", "2,015"));
    let others = view.others.expect("more than can be folded");
    assert_eq!((&*others.not_ready, &*others.users), ("0", "960"));
    assert_eq!((&*view.total.not_ready, &*view.total.users), ("1,275", "3,275"));
    let most: Vec<&str> = view.most.iter().map(|unit| &*unit.text).collect();
    assert_eq!(most, ["50 of 51", "49 of 50", "48 of 49"]);
    let worst = view.worst.expect("one stands out");
    assert_eq!((&*worst.name, &*worst.text), ("Unit 0050", "98.0 %"));
}
