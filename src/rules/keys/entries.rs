//! The keys of packs, rules and the other entries of a rule file.

use super::{Holds, Key, may, must};

/// `[pack]`.
pub const PACK: [Key; 5] = [
    must(
        "id",
        Holds::Id,
        "Short name of the pack, in kebab-case. It stays the same for ever.",
        r#"id = "our-users""#,
    ),
    may(
        "title",
        Holds::Text,
        "What the pack is. One file of the pack must give it.",
        r#"title = "What we ask of user records""#,
    ),
    may(
        "version",
        Holds::Version,
        "Dotted numbers, such as the date of the source. One file of the pack must give it.",
        r#"version = "2026.11.23""#,
    ),
    may(
        "source",
        Holds::Text,
        "Where the requirements are published: a web address, which becomes a link, or any text, such as the title of a \
         document. The source of every entry that names none itself.",
        r#"source = "https://intranet.example/handbook""#,
    ),
    may(
        "read",
        Holds::Day,
        "The day on which the source was read.",
        "read = 2026-11-23",
    ),
];

/// `[privileges]`.
pub const PRIVILEGES: [Key; 4] = [
    may(
        "why",
        Holds::Text,
        "Why they matter; for entries without a `why` of their own.",
        r#"why = "Our add-in opens these tables.""#,
    ),
    may(
        "role",
        Holds::Text,
        "A role that grants them all: what an administrator does about a missing one is then, first, to give the user \
         that role.",
        r#"role = "Our Add-in User""#,
    ),
    may(
        "section",
        Holds::Text,
        "Step or section of the source; for entries without one of their own.",
        r#"section = "Chapter 3""#,
    ),
    may(
        "symptoms",
        Holds::Texts,
        "Error messages that a user sees without any one of them, besides those of the entry. `{name}` becomes the \
         privilege's name.",
        r#"symptoms = ["You need {name}."]"#,
    ),
];

/// `[[rule]]`.
pub const RULE: [Key; 17] = [
    must(
        "id",
        Holds::Id,
        "Its name, in kebab-case. It stays the same for ever: reports, waivers and scripts refer to it.",
        r#"id = "job-title-filled-in""#,
    ),
    must(
        "title",
        Holds::Text,
        "What should hold, in one line.",
        r#"title = "The user has a job title""#,
    ),
    may(
        "why",
        Holds::Text,
        "Why it matters, in a sentence or two.",
        r#"why = "Approvals are sent by job title.""#,
    ),
    must(
        "scope",
        Holds::Scope,
        "Whether it is judged for each user, or once for the environment.",
        r#"scope = "user""#,
    ),
    must(
        "severity",
        Holds::Severity,
        "What a failure does to the verdict. It cannot depend on a condition: such a rule is written twice, with opposite \
         `when`s.",
        r#"severity = "advises""#,
    ),
    may(
        "area",
        Holds::Area,
        "What part of the set-up it is about. It decides which of several causes is named first; without it, `other`, \
         which comes last.",
        r#"area = "account""#,
    ),
    may(
        "when",
        Holds::Check,
        "When the rule applies. Where this is false, the outcome is not-applicable. Without it, the rule always applies.",
        r#"when = { field = "systemuser.accessmode", is = "read-write" }"#,
    ),
    must(
        "check",
        Holds::Check,
        "What must hold.",
        r#"check = { field = "systemuser.fullname", present = true }"#,
    ),
    may(
        "cause",
        Holds::Text,
        "What is wrong when it fails, in one sentence. Without it, reports say that the title does not hold.",
        r#"cause = "The user has no job title.""#,
    ),
    must(
        "remedy",
        Holds::Text,
        "What an administrator does about it, click by click.",
        r#"remedy = "Enter the job title in Microsoft Entra ID.""#,
    ),
    may(
        "section",
        Holds::Text,
        "Step or section of the source.",
        r#"section = "Chapter 2""#,
    ),
    may(
        "source",
        Holds::Text,
        "Where the requirement is published: a web address or any text. Without it, the pack's; one of the two must be there.",
        r#"source = "https://intranet.example/titles""#,
    ),
    may(
        "read",
        Holds::Day,
        "The day on which the source was read. Without it, the pack's.",
        "read = 2026-11-23",
    ),
    may(
        "also",
        Holds::Texts,
        "Further sources that ask for the same: web addresses or any texts.",
        r#"also = ["https://intranet.example/approvals"]"#,
    ),
    may(
        "symptoms",
        Holds::Texts,
        "Error messages, word for word, that a user sees when it fails.",
        r#"symptoms = ["Nobody can approve this."]"#,
    ),
    may(
        "superseded",
        Holds::Superseded,
        "Marks an outdated requirement: it is shown, but evaluated only with `--include-superseded`.",
        r#"superseded = { on = 2026-06-30, by = "the new workflow", why = "It asks for no title." }"#,
    ),
    may(
        "quote",
        Holds::Facts,
        "Further facts that the evidence shows, such as a stored error text.",
        r#"quote = ["systemuser.domainname"]"#,
    ),
];

/// `superseded` of a rule.
pub const SUPERSEDED: [Key; 3] = [
    must("on", Holds::Day, "Since when.", "on = 2026-06-30"),
    must(
        "by",
        Holds::Text,
        "What replaced it.",
        r#"by = "the new workflow""#,
    ),
    must(
        "why",
        Holds::Text,
        "Why it no longer counts.",
        r#"why = "It asks for no title.""#,
    ),
];

/// `[[privilege]]`.
pub const PRIVILEGE: [Key; 15] = [
    must(
        "name",
        Holds::Privilege,
        "The privilege's name: `prv`, what may be done, and the table.",
        r#"name = "prvReadContact""#,
    ),
    may(
        "table",
        Holds::Text,
        "Logical name of the table it is about; none for a privilege that is about no table. An entry needs `table` or \
         `tab`.",
        r#"table = "contact""#,
    ),
    may(
        "row",
        Holds::Text,
        "Label of its row in the role editor.",
        r#"row = "Contact""#,
    ),
    may(
        "tab",
        Holds::Text,
        "Tab of the role editor that it stands on.",
        r#"tab = "Core Records""#,
    ),
    must(
        "depth",
        Holds::Depth,
        "The least depth that passes.",
        r#"depth = "basic""#,
    ),
    must(
        "severity",
        Holds::Severity,
        "What a failure does to the verdict.",
        r#"severity = "limits""#,
    ),
    may(
        "title",
        Holds::Text,
        "What should hold, in one line, in place of the generated words.",
        r#"title = "May read contacts""#,
    ),
    may(
        "why",
        Holds::Text,
        "Why it matters, in a sentence or two. Without it, that of `[privileges]`.",
        r#"why = "The pane shows the sender's contact.""#,
    ),
    may(
        "cause",
        Holds::Text,
        "What is wrong when it fails, in place of the generated words.",
        r#"cause = "The user may not read contacts.""#,
    ),
    may(
        "remedy",
        Holds::Text,
        "What an administrator does about it, in place of the generated words.",
        r#"remedy = "Assign the role Salesperson.""#,
    ),
    may(
        "section",
        Holds::Text,
        "Step or section of the source. Without it, that of `[privileges]`.",
        r#"section = "Chapter 3""#,
    ),
    may(
        "source",
        Holds::Text,
        "Where the requirement is published: a web address or any text. Without it, the pack's; one of the two must be there.",
        r#"source = "https://intranet.example/roles""#,
    ),
    may(
        "read",
        Holds::Day,
        "The day on which the source was read. Without it, the pack's.",
        "read = 2026-11-23",
    ),
    may(
        "also",
        Holds::Texts,
        "Further sources that ask for the same: web addresses or any texts.",
        r#"also = ["https://intranet.example/contacts"]"#,
    ),
    may(
        "symptoms",
        Holds::Texts,
        "Error messages, word for word, that a user sees without it, besides those of `[privileges]`. `{name}` becomes \
         the privilege's name.",
        r#"symptoms = ["You may not read this contact."]"#,
    ),
];

/// `[[feature]]`.
pub const FEATURE: [Key; 3] = [
    must(
        "id",
        Holds::Id,
        "Its name, in kebab-case.",
        r#"id = "contact-card""#,
    ),
    must(
        "title",
        Holds::Text,
        "What the user gets.",
        r#"title = "The card of a contact""#,
    ),
    must(
        "needs",
        Holds::Privileges,
        "The privileges that it needs, all of them, at any depth.",
        r#"needs = ["prvReadContact", "prvReadAccount"]"#,
    ),
];

/// `[[fact]]`.
pub const FACT: [Key; 3] = [
    must(
        "name",
        Holds::Column,
        "The table and the column, by their logical names. Tables are `systemuser`, `mailbox`, `emailserverprofile`, \
         `businessunit` and `organization`.",
        r#"name = "systemuser.jobtitle""#,
    ),
    must(
        "type",
        Holds::FactType,
        "What the column holds.",
        r#"type = "text""#,
    ),
    may(
        "options",
        Holds::Options,
        "For type `option`, and then needed: a name of your choice for each option, and the number that Dataverse \
         stores.",
        "options = { professional = 0, administrative = 1 }",
    ),
];
