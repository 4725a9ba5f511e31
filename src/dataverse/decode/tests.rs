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

fn decode(rows: &[String]) -> Result<Page, PageError> {
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
    assert_eq!(page.left_out, Vec::<String>::new());
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
    assert_eq!(page.left_out, ["statecode", "enabledforact"]);
}

#[test]
fn wrong_values_are_named_with_column_and_row() {
    let cases = [
        (
            "statecode",
            r#""1""#,
            "column `statecode`, row 1 of the page: \"1\" where a whole number belongs",
        ),
        (
            "statecode",
            "1.5",
            "column `statecode`, row 1 of the page: 1.5 where a whole number belongs",
        ),
        (
            "statecode",
            "3000000000",
            "column `statecode`, row 1 of the page: 3000000000 does not fit into 32 bits",
        ),
        (
            "enabledforact",
            "0",
            "column `enabledforact`, row 1 of the page: 0 where true or false belongs",
        ),
        (
            "name",
            "true",
            "column `name`, row 1 of the page: true where text belongs",
        ),
        (
            "name",
            "[1]",
            "column `name`, row 1 of the page: a list where text belongs",
        ),
        (
            "name",
            "{}",
            "column `name`, row 1 of the page: an object where text belongs",
        ),
        (
            "mailboxid",
            "null",
            "column `mailboxid`, row 1 of the page: null, though it tells rows apart",
        ),
        (
            "mailboxid",
            "-",
            "column `mailboxid`, row 1 of the page: missing, though it tells rows apart",
        ),
        (
            "mailboxid",
            r#""abc""#,
            "column `mailboxid`, row 1 of the page: \"abc\" where a GUID belongs",
        ),
        (
            "testmailboxaccesscompletedon",
            r#""yesterday""#,
            "column `testmailboxaccesscompletedon`, row 1 of the page: \"yesterday\" where a time belongs",
        ),
    ];
    for (key, value, message) in cases {
        let error = decode(&[row(&[]), row(&[(key, value)])]).expect_err(message);
        assert_eq!(error, PageError::Value(message.to_owned()));
    }
    let twice = row(&[]).replace('}', ",\"statecode\":1}");
    assert_eq!(
        decode(&[twice]).expect_err("twice"),
        PageError::Value("column `statecode`, row 0 of the page: given twice".to_owned())
    );
}

#[test]
fn broken_text_is_malformed() {
    let whole = format!(r#"{{"value":[{}]}}"#, row(&[]));
    for end in 0..whole.len() {
        if whole.is_char_boundary(end) {
            assert!(
                matches!(page(&whole[..end], &columns()), Err(PageError::Malformed(_))),
                "{end}"
            );
        }
    }
    for text in [
        "[]",
        "{}",
        r#"{"value":null}"#,
        r#"{"value":[1]}"#,
        r#"{"value":[]}x"#,
    ] {
        assert!(
            matches!(page(text, &columns()), Err(PageError::Malformed(_))),
            "{text}"
        );
    }
}
