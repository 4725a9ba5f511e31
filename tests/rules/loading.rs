//! Files together: packs of one's own, clashes, torn files, choosing packs.

use clearance::rules::{Area, RuleSource, load, packs};

use super::{OWN, shipped};

fn own(name: &str, text: &str) -> RuleSource {
    RuleSource {
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

#[test]
fn a_pack_of_ones_own_reads_further_columns() {
    let mut sources = packs::embedded();
    sources.push(own("own.toml", OWN));
    let set = load(&sources).unwrap_or_else(|errors| panic!("{errors}"));
    let (_, rule) = set.find("mobile-phone").expect("the rule");
    assert_eq!(set.packs[rule.pack].id, "own");
    assert_eq!(rule.area, Area::Other);
    assert_eq!(rule.source, "https://example.com/handbook");
    let columns: Vec<String> = set
        .columns()
        .into_iter()
        .map(|(subject, column, _)| format!("{}.{column}", subject.table()))
        .collect();
    assert!(columns.contains(&"systemuser.mobilephone".to_owned()));
    assert!(columns.contains(&"systemuser.caltype".to_owned()));
    assert!(columns.contains(&"mailbox.officeappsdeploymenterror".to_owned()));
}

#[test]
fn columns_are_found_wherever_a_rule_reads_them() {
    let check = "{ not = { all = [{ field = \"mailbox.name\", same_as = \"systemuser.fullname\" }, \
                 { nowhere_else = { same = \"mailbox.emailaddress\", meets = { any = [\
                 { field = \"mailbox.statecode\", is = \"active\" }, \
                 { not = { field = \"mailbox.isforwardmailbox\", is = true } }] } } }] } }";
    let text = OWN.replace(
        "check = { field = \"systemuser.mobilephone\", present = true }",
        &format!("check = {check}"),
    );
    let set = load(&[own("own.toml", &text)]).unwrap_or_else(|errors| panic!("{errors}"));
    let mut columns: Vec<String> = set
        .columns()
        .into_iter()
        .map(|(subject, column, _)| format!("{}.{column}", subject.table()))
        .collect();
    columns.sort();
    assert_eq!(
        columns,
        [
            "mailbox.emailaddress",
            "mailbox.isforwardmailbox",
            "mailbox.name",
            "mailbox.statecode",
            "systemuser.caltype",
            "systemuser.fullname",
        ]
    );
}

#[test]
fn an_option_declared_again_stays_what_it_was() {
    let again = |options: &str| {
        let text = OWN.replace(
            "options = { professional = 0, administrative = 1 }",
            &format!(
                "options = {{ professional = 0, administrative = 1 }}\n\n[[fact]]\nname = \"mailbox.statecode\"\n\
                 type = \"option\"\noptions = {{ {options} }}"
            ),
        ) + "[[rule]]\nid = \"mailbox-on\"\ntitle = \"The mailbox is on\"\nscope = \"user\"\nseverity = \"advises\"\n\
             check = { field = \"mailbox.statecode\", is = \"active\" }\nremedy = \"Activate it.\"\n";
        load(&[own("own.toml", &text)])
    };
    let set = again("active = 0, off = 1").unwrap_or_else(|errors| panic!("{errors}"));
    let (_, rule) = set.find("mailbox-on").expect("the rule");
    assert_eq!(rule.check.describe(), "`mailbox.statecode` is Active");
    // A number of one's own for a known name would be compared with the known number, unnoticed.
    let said = again("active = 1").expect_err("another number").to_string();
    assert!(
        said.starts_with("error: option `active` of `mailbox.statecode` is known as 0\n"),
        "{said}"
    );
}

#[test]
fn a_clash_between_files_names_both_places() {
    let mut sources = packs::embedded();
    sources.push(own("own.toml", &OWN.replace("mobile-phone", "user-enabled")));
    let said = load(&sources).expect_err("a clash").to_string();
    assert!(said.contains("rule `user-enabled` is there twice"), "{said}");
    assert!(said.contains("own.toml:18:6"), "{said}");
    assert!(said.contains("(built in) support-articles.toml:"), "{said}");
    assert!(
        said.ends_with("1 fault in 1 rule file; nothing was evaluated"),
        "{said}"
    );
}

#[test]
fn packs_are_chosen_by_id() {
    let chosen =
        |ids: &[&str]| shipped().select_packs(&ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
    let all = shipped();
    assert_eq!(chosen(&[]).expect("all").rules.len(), all.rules.len());
    let set = chosen(&["platform-changes", "support-articles"]).expect("two packs");
    assert_eq!(set.packs.len(), 2);
    assert_eq!(
        set.packs[set.find("user-enabled").expect("a rule").1.pack].id,
        "support-articles"
    );
    assert_eq!(
        set.packs[set.rules.last().expect("a rule").pack].id,
        "platform-changes"
    );
    assert!(set.find("mailbox-exists").is_none());
    assert!(
        set.features
            .iter()
            .all(|feature| set.packs[feature.pack].id == "support-articles")
    );
    let said = chosen(&["suport-articles"])
        .expect_err("no such pack")
        .to_string();
    assert_eq!(
        said,
        "there is no rule pack `suport-articles`\nhint: did you mean `support-articles`?"
    );
}

#[test]
fn torn_files_are_refused_and_never_a_panic() {
    // Cut off anywhere, or with a stray character anywhere: every span must still be drawable.
    let text = OWN.replace("Our own rules", "Règles à nous — 规则");
    for (position, _) in text.char_indices() {
        let _ = load(&[own("cut.toml", &text[..position])]);
        for stray in ["\"", "\u{e9}", "\0", "]", "\r", "{"] {
            let torn = format!("{}{stray}{}", &text[..position], &text[position..]);
            if let Err(errors) = load(&[own("torn.toml", &torn)]) {
                assert!(errors.to_string().contains("nothing was evaluated"));
                assert!(errors.count() > 0);
            }
        }
    }
}
