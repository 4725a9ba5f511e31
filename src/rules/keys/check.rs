//! The keys of a check.

use super::{Holds, Key, may, must};

/// What a check looks at: exactly one of these is in every check.
pub const SUBJECTS: [Key; 14] = [
    may(
        "field",
        Holds::Fact,
        "A fact, which is compared by one of the operators beside it.",
        r#"{ field = "systemuser.isdisabled", is = false }"#,
    ),
    may(
        "privilege",
        Holds::Privilege,
        "The user holds the privilege, at `depth` or more. Only in rules about users.",
        r#"{ privilege = "prvReadContact", depth = "local" }"#,
    ),
    may(
        "role",
        Holds::Text,
        "The user holds a security role of that name, whatever its case; `\"*\"` is any role. `held` says by which \
         ways. Only in rules about users.",
        r#"{ role = "Salesperson" }"#,
    ),
    may(
        "role_exists",
        Holds::Text,
        "The environment has a security role of that name, whatever its case.",
        r#"{ role_exists = "Salesperson" }"#,
    ),
    may(
        "app_module_exists",
        Holds::Text,
        "The environment has a model-driven app of that unique name, whatever its case.",
        r#"{ app_module_exists = "AppforOutlookModule" }"#,
    ),
    may(
        "app_module_shared",
        Holds::Text,
        "The app of that unique name is shared with a role that the user holds. Only in rules about users.",
        r#"{ app_module_shared = "AppforOutlookModule" }"#,
    ),
    may(
        "attested",
        Holds::Id,
        "Someone has signed off the statement of that id, in the file given with `--attestations`, and it has not \
         expired. For what Dataverse cannot show.",
        r#"{ attested = "data-processing-agreed" }"#,
    ),
    may(
        "nowhere_else",
        Holds::NowhereElse,
        "No mailbox of the same address in another environment of the audit meets a condition. Only in rules about users.",
        r#"{ nowhere_else = { same = "mailbox.emailaddress", meets = { field = "mailbox.actdeliverymethod", is = "server-side-sync" } } }"#,
    ),
    may(
        "every_device",
        Holds::CheckOfDevice,
        "The condition holds for each device of the user in the inventory given with `--devices`. Only in rules about users.",
        r#"{ every_device = { field = "device.outlook-version", at_least = "16.0" } }"#,
    ),
    may(
        "some_device",
        Holds::CheckOfDevice,
        "The condition holds for at least one device of the user in the inventory. Only in rules about users.",
        r#"{ some_device = { field = "device.browser", is = "edge" } }"#,
    ),
    may(
        "all",
        Holds::Checks,
        "Every check in the list holds. All that fail are reported, not only the first.",
        r#"{ all = [{ field = "systemuser.isdisabled", is = false }, { role = "*" }] }"#,
    ),
    may(
        "any",
        Holds::Checks,
        "At least one check in the list holds.",
        r#"{ any = [{ role = "Salesperson" }, { role = "Sales Manager" }] }"#,
    ),
    may(
        "not",
        Holds::Check,
        "The check does not hold. The opposite of unknown is unknown.",
        r#"{ not = { role = "System Administrator" } }"#,
    ),
    may(
        "never",
        Holds::True,
        "Never holds: a notice to everyone that the rule applies to.",
        "{ never = true }",
    ),
];

/// How a fact is compared: exactly one of these stands beside `field`.
pub const OPERATORS: [Key; 7] = [
    may(
        "is",
        Holds::Value,
        "Equal to the value. Texts are compared whole, whatever their case; no operator looks for a part of a text.",
        r#"{ field = "mailbox.incomingemailstatus", is = "success" }"#,
    ),
    may(
        "is_not",
        Holds::Value,
        "Not equal to the value. Null is unknown, not unequal.",
        r#"{ field = "systemuser.accessmode", is_not = "administrative" }"#,
    ),
    may(
        "one_of",
        Holds::Values,
        "Equal to one of the values.",
        r#"{ field = "emailserverprofile.servertype", one_of = ["exchange-online", "exchange-server"] }"#,
    ),
    may(
        "none_of",
        Holds::Values,
        "Equal to none of the values. Null is unknown.",
        r#"{ field = "businessunit.name", none_of = ["Archive", "Test"] }"#,
    ),
    may(
        "at_least",
        Holds::Least,
        "That value or a greater one: whole numbers, versions, and moments, of which later is greater. For less than \
         that, put it into `not`.",
        r#"{ field = "mailbox.testmailboxaccesscompletedon", at_least = 2026-01-01 }"#,
    ),
    may(
        "present",
        Holds::Boolean,
        "`true`: there is a value, and no empty or blank text. `false`: there is none. Unknown only where \
         there is nowhere to look: the column was not collected, or no row was found that it could stand in.",
        r#"{ field = "systemuser.internalemailaddress", present = true }"#,
    ),
    may(
        "same_as",
        Holds::SameType,
        "Equal to another fact of the same type; texts whatever their case and the blanks around them.",
        r#"{ field = "systemuser.internalemailaddress", same_as = "mailbox.emailaddress" }"#,
    ),
];

/// What else may stand in a check.
pub const COMPANIONS: [Key; 2] = [
    may(
        "depth",
        Holds::Depth,
        "Beside `privilege`, and needed there: the least depth that passes.",
        r#"{ privilege = "prvReadAccount", depth = "global" }"#,
    ),
    may(
        "held",
        Holds::Held,
        "Beside `role`: by which ways the role may be held. Without it, `anyhow`.",
        r#"{ role = "Salesperson", held = "directly" }"#,
    ),
];

/// `nowhere_else` of a check.
pub const NOWHERE_ELSE: [Key; 2] = [
    must(
        "same",
        Holds::MailboxFact,
        "The fact that tells that it is the same mailbox.",
        r#"same = "mailbox.emailaddress""#,
    ),
    must(
        "meets",
        Holds::CheckOfMailbox,
        "What must not hold for the other mailbox.",
        r#"meets = { field = "mailbox.statecode", is = "active" }"#,
    ),
];
