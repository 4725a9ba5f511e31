//! The tables of a generated environment, and what their columns may hold.

use crate::oracle::tables::Table;
use crate::rules::{DEPTHS, PRIVILEGES};

/// What a column holds.
#[derive(Clone, Copy)]
pub(super) enum Cells {
    /// The row's own id.
    Key,
    /// The id of a row of that table, which may not be there; null unless it is part of the key.
    Of(&'static str),
    /// One of these texts.
    Text(&'static [&'static str]),
    /// One of these numbers.
    Number(&'static [i64]),
    Bool,
    Time,
}
use Cells::{Bool, Key, Number, Of, Text, Time};

const WORDS: Cells = Text(&["anna", "Anna ", "ärger", "X@contoso.example", "", "  "]);
const PEOPLE: Cells = Text(&["anna@x.example", " BO@x.example", "X@contoso.example"]);
const METHODS: Cells = Number(&[0, 2, 3, 9]);

/// A table: the most rows, how many columns its rows are sorted by, and the columns.
pub(super) type Definition = (&'static str, usize, usize, &'static [(&'static str, Cells)]);

/// Every table.
pub(super) const TABLES: [Definition; 15] = [
    (
        "systemuser",
        4,
        1,
        &[
            ("systemuserid", Key),
            ("fullname", WORDS),
            ("domainname", PEOPLE),
            ("internalemailaddress", PEOPLE),
            ("isdisabled", Bool),
            ("accessmode", Number(&[0, 1, 4, 9])),
            ("islicensed", Bool),
            ("applicationid", Of("application")),
            ("businessunitid", Of("businessunit")),
            ("defaultmailbox", Of("mailbox")),
            ("isintegrationuser", Bool),
            ("x_level", Number(&[-1, 0, 1, 2])),
            ("x_joined", Time),
        ],
    ),
    (
        "mailbox",
        4,
        1,
        &[
            ("mailboxid", Key),
            ("emailaddress", WORDS),
            ("statecode", Number(&[0, 1])),
            ("regardingobjectid", Of("systemuser")),
            ("emailserverprofile", Of("emailserverprofile")),
            ("incomingemaildeliverymethod", METHODS),
            ("actdeliverymethod", METHODS),
            ("isforwardmailbox", Bool),
            ("testmailboxaccesscompletedon", Time),
            ("x_score", Number(&[-1, 0, 1, 2])),
        ],
    ),
    (
        "emailserverprofile",
        2,
        1,
        &[
            ("emailserverprofileid", Key),
            ("name", WORDS),
            ("servertype", Number(&[0, 3, 4])),
            ("usedefaulttenantid", Bool),
        ],
    ),
    (
        "businessunit",
        2,
        1,
        &[
            ("businessunitid", Key),
            ("name", WORDS),
            ("parentbusinessunitid", Of("businessunit")),
            ("x_size", Number(&[1, 2, 3])),
        ],
    ),
    (
        "organization",
        1,
        1,
        &[
            ("organizationid", Key),
            ("name", WORDS),
            ("requireapprovalforuseremail", Bool),
            ("x_opened", Time),
        ],
    ),
    (
        "role",
        3,
        1,
        &[
            ("roleid", Key),
            ("name", Text(&["sales", "Ärzte", "Other"])),
            ("parentrootroleid", Of("role")),
            ("roletemplateid", Of("template")),
            ("isinherited", Number(&[0, 1])),
        ],
    ),
    (
        "privilege",
        3,
        1,
        &[
            ("privilegeid", Key),
            ("name", Text(&PRIVILEGES)),
            ("canbebasic", Bool),
            ("canbelocal", Bool),
            ("canbedeep", Bool),
            ("canbeglobal", Bool),
        ],
    ),
    (
        "roleprivileges",
        6,
        2,
        &[
            ("roleid", Of("role")),
            ("privilegeid", Of("privilege")),
            ("privilegedepthmask", Number(&[0, 1, 2, 4, 8, 17])),
        ],
    ),
    (
        "systemuserroles",
        3,
        2,
        &[("systemuserid", Of("systemuser")), ("roleid", Of("role"))],
    ),
    (
        "team",
        2,
        1,
        &[
            ("teamid", Key),
            ("name", WORDS),
            ("teamtype", Number(&[0, 1, 2, 3])),
        ],
    ),
    (
        "teamroles",
        2,
        2,
        &[("teamid", Of("team")), ("roleid", Of("role"))],
    ),
    (
        "teammembership",
        3,
        2,
        &[("systemuserid", Of("systemuser")), ("teamid", Of("team"))],
    ),
    (
        "appmodule",
        2,
        1,
        &[
            ("appmoduleid", Key),
            ("uniquename", Text(&["APPforOutlookModule", "Other"])),
        ],
    ),
    (
        "appmoduleroles",
        2,
        2,
        &[("appmoduleid", Of("appmodule")), ("roleid", Of("role"))],
    ),
    (
        "access",
        4,
        2,
        &[
            ("systemuserid", Of("systemuser")),
            ("privilege", Text(&PRIVILEGES)),
            ("depth", Text(&DEPTHS)),
        ],
    ),
];

/// The id of a row; System Administrator's is the only template.
pub(super) fn id(table: &str, position: usize) -> String {
    if table == "template" && position == 0 {
        return "627090ff-40a3-4053-8790-584edc5be201".to_owned();
    }
    let number = table
        .bytes()
        .fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    format!("{number:08x}-0000-4000-8000-{:012x}", position + 1)
}

pub(super) fn rows_of(table: &str) -> usize {
    let known = TABLES.iter().find(|(name, ..)| *name == table);
    known.map_or(1, |(_, most, ..)| *most)
}

/// Columns that a table lacks.
pub fn gaps(name: &str, table: &Table) -> Vec<&'static str> {
    let known = TABLES.iter().filter(|(other, ..)| *other == name);
    let columns = known.flat_map(|(_, _, _, columns)| columns.iter().map(|(column, _)| *column));
    columns
        .filter(|column| !table.columns.contains(*column))
        .collect()
}
