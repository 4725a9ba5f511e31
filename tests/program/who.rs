//! How `explain` is told which user is meant.

use super::desk::{Desk, Kept, text, valid};
use super::offices::{DOZEN, dozen, person};

/// Who is explained.
fn explained(desk: &Desk, user: &str) -> serde_json::Value {
    let ran = desk.good(["explain", "contoso.snapshot", "--json", "--user", user]);
    valid("explanation-1.schema.json", &ran.out)["user"].clone()
}

#[test]
fn users_are_found_by_any_of_their_names() {
    let mut tenant = dozen();
    let adele = person(&tenant, "Adele Vance");
    tenant.user_mut(adele).unwrap().domainname = Some("avance@contoso.onmicrosoft.example".to_owned());
    let desk = Desk::with(&Kept::collect(tenant), "contoso.snapshot");
    let id = adele.to_string();
    for word in [
        "avance@contoso.onmicrosoft.example",
        "AVance@Contoso.onmicrosoft.example",
        "adele.vance@contoso.example",
        &id,
        &id.to_uppercase(),
        "Adele Vance",
        " adele VANCE ",
    ] {
        let user = &explained(&desk, word);
        assert_eq!(text(user, "id"), id, "{word}");
        assert_eq!(text(user, "business_unit"), "West");
        assert_eq!(text(user, "environment"), "contoso");
    }
}

#[test]
fn a_name_that_two_people_share_lists_them() {
    let desk = Desk::with(&DOZEN, "contoso.snapshot");
    let tenant = dozen();
    let mut ids: Vec<(String, &str)> = tenant
        .users
        .iter()
        .filter(|user| user.fullname.as_deref() == Some("Karl Dubois"))
        .map(|user| {
            (
                user.systemuserid.to_string(),
                user.internalemailaddress.as_deref().unwrap(),
            )
        })
        .collect();
    ids.sort();
    let [(first, first_mail), (second, second_mail)] = &ids[..] else {
        panic!("{ids:?}")
    };
    let ran = desk.run(["explain", "contoso.snapshot", "--user", "karl dubois"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_eq!(
        ran.err,
        format!(
            "error: `karl dubois` is 2 users:\n  {first}  Karl Dubois <{first_mail}>, contoso\n  {second}  Karl Dubois \
             <{second_mail}>, contoso\nhint: give the id of the one you mean\n"
        )
    );
    assert_eq!(text(&explained(&desk, second), "email"), *second_mail);
}
