use super::*;

fn columns() -> Vec<Wanted> {
    let column = |name: &str, kind, property: &str| Wanted {
        name: name.to_owned(),
        kind,
        property: property.to_owned(),
        key: name == "mailboxid",
        optional: property.contains('@'),
    };
    vec![
        column("mailboxid", Kind::Id, "mailboxid"),
        column("name", Kind::Text, "name"),
        column("statecode", Kind::Integer, "statecode"),
        column("enabledforact", Kind::Boolean, "enabledforact"),
        column(
            "testmailboxaccesscompletedon",
            Kind::Timestamp,
            "testmailboxaccesscompletedon",
        ),
        column("regardingobjectid", Kind::Id, "_regardingobjectid_value"),
        column("regardingobjecttype", Kind::Text, "_regardingobjectid_value@x"),
    ]
}

fn row(changes: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("mailboxid", r#""00000000-0000-0000-0000-000000000001""#),
        ("name", r#""A \"B\" ü""#),
        ("statecode", "-1"),
        ("enabledforact", "false"),
        ("testmailboxaccesscompletedon", r#""2026-11-23T08:00:00Z""#),
        (
            "_regardingobjectid_value",
            r#""00000000-0000-0000-0000-00000000000A""#,
        ),
    ];
    for (key, value) in changes {
        match fields.iter_mut().find(|field| field.0 == *key) {
            Some(field) => field.1 = value,
            None => fields.push((key, value)),
        }
    }
    let fields: Vec<String> = fields
        .iter()
        .filter(|(_, value)| *value != "-")
        .map(|(key, value)| format!("{key:?}:{value}"))
        .collect();
    format!("{{{}}}", fields.join(","))
}

fn decode(rows: &[String]) -> Result<Page, String> {
    page(
        &format!(
            r#"{{"@odata.context":"c","value":[{}],"@odata.nextLink":"https:\/\/x"}}"#,
            rows.join(",")
        ),
        &columns(),
    )
}

#[test]
fn values_nulls_and_annotations() {
    let nulls = row(&[
        ("mailboxid", r#""00000000-0000-0000-0000-000000000002""#),
        ("name", "null"),
        ("statecode", "null"),
        ("enabledforact", "null"),
        ("testmailboxaccesscompletedon", "null"),
        ("_regardingobjectid_value", "null"),
    ]);
    let full = row(&[
        ("_regardingobjectid_value@x", r#""queue""#),
        ("more", r#"{"a":[1]}"#),
    ]);
    let page = decode(&[full, nulls]).expect("a page");
    assert_eq!(page.next.as_deref(), Some("https://x"));
    assert_eq!(page.unusable, []);
    let table = page.table;
    assert_eq!(table.rows, 2);
    assert_eq!(table.ids("mailboxid").expect("ids"), [Guid(1), Guid(2)]);
    let text = |name| table.text(name).expect("text").iter().collect::<Vec<_>>();
    assert_eq!(text("name"), [Some("A \"B\" ü"), None]);
    assert_eq!(text("regardingobjecttype"), [Some("queue"), None]);
    assert_eq!(
        table
            .integers("statecode")
            .expect("numbers")
            .iter()
            .collect::<Vec<_>>(),
        [Some(-1), None]
    );
    assert_eq!(
        table
            .booleans("enabledforact")
            .expect("booleans")
            .iter()
            .collect::<Vec<_>>(),
        [Some(false), None]
    );
    assert_eq!(
        table
            .timestamps("testmailboxaccesscompletedon")
            .expect("times")
            .iter()
            .collect::<Vec<_>>(),
        [Some(1_795_420_800_000), None]
    );
    assert_eq!(
        table.ids("regardingobjectid").expect("ids"),
        [Guid(10), Guid::NULL]
    );
}

#[test]
fn a_column_that_rows_do_not_have_is_named() {
    let page = decode(&[row(&[]), row(&[("statecode", "-"), ("enabledforact", "-")])]).expect("a page");
    let why = "the server left it out of its answer for some rows";
    let columns = ["statecode", "enabledforact"].map(|name| (name.to_owned(), why.to_owned()));
    assert_eq!(page.unusable, columns);
    assert_eq!(page.table.rows, 2);
}

#[test]
fn a_value_of_another_type_costs_its_column_only_and_is_not_quoted() {
    for (key, value, message) in [
        ("statecode", r#""1""#, "text where a whole number belongs"),
        (
            "statecode",
            "1.5",
            "a number with a fraction where a whole number belongs",
        ),
        (
            "statecode",
            "3000000000",
            "a number of more than 32 bits where a whole number belongs",
        ),
        ("enabledforact", "0", "a number where true or false belongs"),
        ("name", "true", "true or false where text belongs"),
        ("name", "[1,[2]]", "a list where text belongs"),
        ("name", r#"{"a":{}}"#, "an object where text belongs"),
        (
            "testmailboxaccesscompletedon",
            r#""yesterday""#,
            "text where a time belongs",
        ),
        (
            "_regardingobjectid_value",
            r#""abc""#,
            "text where a GUID belongs",
        ),
    ] {
        let second = ("mailboxid", r#""00000000-0000-0000-0000-000000000002""#);
        let page = decode(&[row(&[(key, value)]), row(&[second])]).expect(message);
        let name = key.trim_start_matches('_').trim_end_matches("_value");
        assert_eq!(
            page.unusable,
            [(name.to_owned(), format!("the server sent {message}"))]
        );
        assert_eq!(page.table.ids("mailboxid").expect("ids"), [Guid(1), Guid(2)]);
        // The columns stay beside each other, row by row.
        assert_eq!(page.table.text("name").expect("text").len(), 2, "{message}");
        assert_eq!(
            page.table.integers("statecode").expect("numbers").len(),
            2,
            "{message}"
        );
    }
}

#[test]
fn what_rows_are_told_apart_by_must_be_right() {
    for (value, message) in [
        ("null", "null, though it tells rows apart"),
        ("-", "missing, though it tells rows apart"),
        (r#""abc""#, "\"abc\" where a GUID belongs"),
        ("7", "a number where a GUID belongs"),
    ] {
        let third = ("mailboxid", r#""00000000-0000-0000-0000-000000000003""#);
        // A wrong value elsewhere in a lost record costs nothing more.
        let lost = row(&[("mailboxid", value), ("statecode", r#""x""#)]);
        let page = decode(&[row(&[]), lost, row(&[third])]).expect(message);
        let message = format!("record 2 of its page: column `mailboxid`: {message}");
        assert_eq!((page.lost, page.first_lost), (1, Some(message)));
        assert_eq!(page.unusable, []);
        assert_eq!(page.table.rows, 2);
        assert_eq!(page.table.ids("mailboxid").expect("ids"), [Guid(1), Guid(3)]);
        assert_eq!(page.table.text("name").expect("text").len(), 2);
        assert_eq!(page.next.as_deref(), Some("https://x"));
    }
    let twice = row(&[]).replace('}', ",\"statecode\":1}");
    let page = decode(&[twice, "7".to_owned(), "null".to_owned(), "[{}]".to_owned()]).expect("a page");
    assert_eq!(page.lost, 4);
    assert_eq!(
        page.first_lost.as_deref(),
        Some("record 1 of its page: column `statecode`: given twice")
    );
    assert_eq!(page.table.rows, 0);
}

#[test]
fn broken_text_is_malformed() {
    let whole = format!(r#"{{"value":[{}]}}"#, row(&[]));
    for end in 0..whole.len() {
        if whole.is_char_boundary(end) {
            assert!(page(&whole[..end], &columns()).is_err(), "{end}");
        }
    }
    for text in ["[]", "{}", r#"{"value":null}"#, r#"{"value":[]}x"#] {
        assert!(page(text, &columns()).is_err(), "{text}");
    }
}
