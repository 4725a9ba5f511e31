//! Query options, errors, metadata and functions.

// A test that cannot go on should stop.
#![allow(clippy::expect_used)]

mod support;

use dataverse_simulator::{
    Behaviour, Deployment, Simulator, TenantOptions, Violation, effective_depth, generate,
};
use serde_json::json;
use support::{get, get_preferring, get_target, send};

fn start() -> Simulator {
    let mut tenant = generate(&TenantOptions {
        users: 30,
        ..TenantOptions::default()
    });
    tenant.users[0].fullname = Some("Zoë O'Neill".to_owned());
    tenant.users[1].title = None;
    tenant.users[2]
        .extra
        .insert("cts_region".to_owned(), json!("North"));
    tenant.users[3].extra.insert("cts_level".to_owned(), json!(4));
    let behaviour = Behaviour {
        omit_columns: vec![("mailbox".to_owned(), "hostid".to_owned())],
        forbidden_tables: vec!["tracelog".to_owned()],
        ..Behaviour::default()
    };
    Simulator::start_blocking(tenant, behaviour).expect("a simulator")
}

fn count(simulator: &Simulator, filter: &str) -> usize {
    let filter = filter
        .replace(' ', "%20")
        .replace('"', "%22")
        .replace('ë', "%C3%AB");
    let answer = get(
        simulator,
        &format!("systemusers?$select=fullname&$filter={filter}"),
    );
    assert_eq!(
        answer.status,
        200,
        "{filter}: {}",
        String::from_utf8_lossy(&answer.body)
    );
    answer.rows().len()
}

#[test]
fn filters_select_rows() {
    let simulator = start();
    let users = simulator.tenant().users.len();
    let id = simulator.tenant().users[0].systemuserid;
    let unit = simulator.tenant().users[0].businessunitid.expect("a unit");
    let in_unit = simulator
        .tenant()
        .users
        .iter()
        .filter(|user| user.businessunitid == Some(unit))
        .count();
    assert_eq!(count(&simulator, "fullname eq 'zoë o''neill'"), 1);
    assert_eq!(
        count(
            &simulator,
            "contains(fullname,'O''NEILL') and startswith(fullname,'zo')"
        ),
        1
    );
    assert_eq!(count(&simulator, &format!("systemuserid eq {id}")), 1);
    assert_eq!(count(&simulator, &format!("systemuserid eq '{id}'")), 1);
    assert_eq!(
        count(&simulator, &format!("_businessunitid_value eq {unit}")),
        in_unit
    );
    assert_eq!(
        count(&simulator, &format!("not (_businessunitid_value eq {unit})")),
        users - in_unit
    );
    assert_eq!(count(&simulator, "title eq null or systemuserid ne null"), users);
    assert_eq!(
        count(
            &simulator,
            "createdon ge 2026-11-01 and createdon lt 2030-01-01T00:00:00Z"
        ),
        1
    );
    assert_eq!(count(&simulator, "cts_region eq 'north' or cts_level gt 3"), 2);
    let list = format!(
        "Microsoft.Dynamics.CRM.In(PropertyName=@p1,PropertyValues=@p2) and accessmode ge 0&@p1='systemuserid'&@p2=[\"{id}\"]"
    );
    assert_eq!(count(&simulator, &list), 1);
    let inline = format!(
        "Microsoft.Dynamics.CRM.In(PropertyName='businessunitid',PropertyValues=[\"{unit}\",\"{unit}\"])"
    );
    assert_eq!(count(&simulator, &inline), in_unit);
}

#[test]
fn a_null_is_neither_less_nor_greater() {
    let simulator = start();
    let unset = simulator
        .tenant()
        .users
        .iter()
        .filter(|user| user.azurestate.is_none())
        .count();
    assert_eq!(unset, 0);
    let licensed = |value: Option<bool>| {
        simulator
            .tenant()
            .users
            .iter()
            .filter(|user| user.islicensed == value)
            .count()
    };
    assert_eq!(count(&simulator, "islicensed eq false"), licensed(Some(false)));
    assert_eq!(
        count(&simulator, "not (title eq 'x')"),
        simulator.tenant().users.len() - 1
    );
}

#[test]
fn bad_queries_are_refused_as_the_service_refuses_them() {
    let simulator = start();
    let refused = |resource: &str, status: u16, text: &str| {
        let answer = get(&simulator, resource);
        let message = answer.json()["error"]["message"].to_string();
        assert_eq!(answer.status, status, "{resource}: {message}");
        assert!(message.contains(text), "{resource}: {message}");
    };
    let unknown = "Could not find a property named 'nosuch' on type 'Microsoft.Dynamics.CRM.systemuser'.";
    refused("systemusers?$select=nosuch", 400, unknown);
    refused("systemusers?$filter=nosuch%20eq%201", 400, unknown);
    refused("systemusers?$select=businessunitid", 400, "'businessunitid'");
    refused(
        "mailboxes?$select=regardingobjecttypecode",
        400,
        "'regardingobjecttypecode'",
    );
    refused("mailboxes?$select=hostid", 400, "'hostid'");
    refused("appmodulerolescollection?$select=roleid", 400, "'roleid'");
    refused(
        "systemusers?$filter=accessmode%20eq%20'0'",
        400,
        "incompatible types",
    );
    refused("systemusers?$filter=accessmode%20eq", 400, "Syntax error");
    refused("systemusers?$filter=(accessmode%20eq%200", 400, "Syntax error");
    refused("systemusers?$skip=5", 501, "Skip");
    refused("systemusers?$format=json", 400, "$format");
    refused("systemusers?select=fullname", 400, "'select'");
    refused("roleprivileges", 404, "roleprivileges");
    refused("appmoduleroles", 404, "appmoduleroles");
    refused("SystemUsers", 404, "SystemUsers");
    refused(
        "tracelogs?$select=level",
        403,
        "missing prvReadTraceLog privilege",
    );
    let many = vec!["accessmode%20eq%200"; 501].join("%20or%20");
    refused(&format!("systemusers?$filter={many}"), 400, "conditions");
    let long = "x".repeat(33_000);
    assert_eq!(
        get(
            &simulator,
            &format!("systemusers?$filter=fullname%20eq%20'{long}'")
        )
        .status,
        414
    );
}

#[test]
fn an_aggregate_counts_rows_and_does_nothing_else() {
    let simulator = start();
    let users = simulator.tenant().users.len();
    let counted = |resource: &str| get(&simulator, resource).json()["value"].clone();
    assert_eq!(
        counted("systemusers?$apply=aggregate($count%20as%20count)"),
        json!([{ "count": users }])
    );
    let unlicensed = count(&simulator, "islicensed eq false");
    assert!(unlicensed > 0 && unlicensed < users);
    // A filter that has parentheses of its own.
    assert_eq!(
        counted("systemusers?$apply=filter((islicensed%20eq%20false))/aggregate($count%20as%20n)"),
        json!([{ "n": unlicensed }])
    );
    let formatted = get_preferring(
        &simulator,
        "systemusers?$apply=aggregate($count%20as%20n)",
        "odata.include-annotations=\"*\"",
    );
    assert_eq!(
        formatted.json()["value"][0]["n@OData.Community.Display.V1.FormattedValue"],
        users.to_string()
    );
    for resource in [
        "systemusers?$apply=groupby((accessmode))",
        "systemusers?$apply=aggregate(accessmode%20with%20max%20as%20n)",
        "systemusers?$apply=aggregate($count%20as%20)",
        "systemusers?$apply=aggregate($count%20as%20n)&$top=1",
        "systemusers/$count?$apply=aggregate($count%20as%20n)",
    ] {
        assert_eq!(get(&simulator, resource).status, 501, "{resource}");
    }
    let unknown = get(
        &simulator,
        "systemusers?$apply=filter(nosuch%20eq%201)/aggregate($count%20as%20n)",
    );
    assert_eq!((unknown.status, unknown.code().as_str()), (400, "0x0"));
}

#[test]
fn an_aggregate_may_be_refused() {
    let tenant = start().tenant().clone();
    let users = tenant.users.len();
    let asked = |behaviour| {
        let simulator = Simulator::start_blocking(tenant.clone(), behaviour).expect("a simulator");
        let answer = get(&simulator, "systemusers?$apply=aggregate($count%20as%20n)");
        (answer.status, answer.json()["error"]["code"].clone())
    };
    let most_aggregated = |most_aggregated| Behaviour {
        most_aggregated,
        ..Behaviour::default()
    };
    assert_eq!(asked(most_aggregated(users)).0, 200);
    assert_eq!(asked(most_aggregated(users - 1)), (400, json!("0x8004e023")));
    let uncountable = Behaviour {
        uncountable_tables: vec!["systemuser".to_owned()],
        ..Behaviour::default()
    };
    assert_eq!(asked(uncountable).0, 400);
    let counts_nothing = Behaviour {
        counts_nothing: true,
        ..Behaviour::default()
    };
    assert_eq!(asked(counts_nothing).0, 501);
}

#[test]
fn rows_are_sorted_by_columns_as_asked() {
    let simulator = start();
    let resource = "systemusers?$select=accessmode,fullname&$orderby=accessmode%20desc,fullname";
    let rows: Vec<(i64, String)> = support::all(&simulator, resource, 7)
        .iter()
        .map(|row| {
            (
                -row["accessmode"].as_i64().unwrap_or(-1),
                row["fullname"].as_str().unwrap_or_default().to_lowercase(),
            )
        })
        .collect();
    assert_eq!(rows.len(), simulator.tenant().users.len());
    assert!(rows.is_sorted(), "{rows:?}");
}

#[test]
fn plain_ids_of_intersect_tables_are_selected_by_their_own_names() {
    let simulator = start();
    for (set, columns) in [
        (
            "roleprivilegescollection",
            "roleid,privilegeid,privilegedepthmask",
        ),
        ("systemuserrolescollection", "systemuserid,roleid"),
        ("teamrolescollection", "teamid,roleid"),
        ("teammemberships", "systemuserid,teamid"),
        ("appmodulerolescollection", "_appmoduleid_value,_roleid_value"),
    ] {
        let answer = get(&simulator, &format!("{set}?$select={columns}"));
        assert_eq!(answer.status, 200, "{set}");
        let first = &answer.rows()[0];
        for column in columns.split(',') {
            assert!(!first[column].is_null(), "{set} {column}: {first}");
        }
    }
}

#[test]
fn annotations_come_only_when_asked_for() {
    let simulator = start();
    let resource = "mailboxes?$select=statecode,_regardingobjectid_value";
    let plain = get(&simulator, resource).rows();
    assert!(
        plain
            .iter()
            .all(|row| row.as_object().is_some_and(|row| row.len() == 4)),
        "{}",
        plain[0]
    );
    let annotated = get_preferring(
        &simulator,
        resource,
        "odata.include-annotations=\"Microsoft.Dynamics.CRM.lookuplogicalname\"",
    );
    let types: Vec<String> = annotated
        .rows()
        .iter()
        .map(|row| row["_regardingobjectid_value@Microsoft.Dynamics.CRM.lookuplogicalname"].to_string())
        .collect();
    assert!(types.contains(&"\"queue\"".to_owned()) && types.contains(&"\"systemuser\"".to_owned()));
    let labelled = get_preferring(&simulator, resource, "odata.include-annotations=\"*\"").rows();
    assert!(
        labelled
            .iter()
            .any(|row| row["statecode@OData.Community.Display.V1.FormattedValue"] == "Active")
    );
}

#[test]
fn functions_answer_for_the_caller_and_for_users() {
    let simulator = start();
    let tenant = simulator.tenant();
    assert_eq!(get(&simulator, "WhoAmI").json()["UserId"], json!(tenant.caller));
    assert_eq!(
        get(&simulator, "RetrieveVersion()").json()["Version"],
        json!(tenant.version)
    );
    for user in tenant.users.iter().take(12) {
        let id = user.systemuserid;
        let names = "%5B%22prvreadmailbox%22,%22prvUseOfficeApps%22,%22prvNoSuchThing%22%5D";
        let function = "Microsoft.Dynamics.CRM.RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p1)";
        let answer = get(&simulator, &format!("systemusers({id})/{function}?@p1={names}")).json();
        let rows = answer["RolePrivileges"].as_array().expect("privileges");
        for name in ["prvReadMailbox", "prvUseOfficeApps"] {
            let found = rows
                .iter()
                .find(|row| row["PrivilegeName"] == name)
                .map(|row| row["Depth"].clone());
            assert_eq!(
                found,
                effective_depth(tenant, id, name).map(|depth| json!(depth.name()))
            );
        }
        assert!(rows.iter().all(|row| row["PrivilegeName"] != "prvNoSuchThing"));
    }
}

#[test]
fn metadata_names_sets_and_columns() {
    let simulator = start();
    let tables = get(&simulator, "EntityDefinitions?$select=LogicalName,EntitySetName").rows();
    assert!(tables.len() > 40);
    let set = |name: &str| {
        tables
            .iter()
            .find(|table| table["LogicalName"] == name)
            .map(|table| table["EntitySetName"].clone())
    };
    assert_eq!(set("roleprivileges"), Some(json!("roleprivilegescollection")));
    let columns = get(
        &simulator,
        "EntityDefinitions(LogicalName='mailbox')/Attributes?$select=LogicalName,AttributeType",
    )
    .rows();
    assert!(
        columns
            .iter()
            .any(|column| column["LogicalName"] == "regardingobjectid")
    );
    assert!(columns.iter().all(|column| column["LogicalName"] != "hostid"));
    let document = get(&simulator, "").rows();
    assert!(document.iter().any(|set| set["name"] == "teammemberships"));
}

#[test]
fn forbidden_requests_are_counted() {
    let simulator = start();
    let object = simulator.tenant().users[0]
        .azureactivedirectoryobjectid
        .expect("an object");
    assert_eq!(
        get(
            &simulator,
            &format!("systemusers(azureactivedirectoryobjectid={object})")
        )
        .status,
        200
    );
    let signed = [("Authorization", "Bearer simulated"), ("CallerObjectId", "x")];
    assert_eq!(
        send(&simulator, "GET", "/api/data/v9.2/WhoAmI", &signed)
            .expect("an answer")
            .status,
        200
    );
    assert_eq!(
        send(&simulator, "DELETE", "/api/data/v9.2/systemusers", &signed[..1])
            .expect("an answer")
            .status,
        405
    );
    let stats = simulator.stats();
    assert_eq!(stats.writes_by_reading, 2);
    assert_eq!(stats.by_method["DELETE"], 1);
    assert_eq!(simulator.requests()[2].violations, [Violation::Method]);
}

#[test]
fn signing_in_is_asked_for() {
    let behaviour = Behaviour {
        expired_tokens: vec!["old".to_owned()],
        expiring_token: Some(("short".to_owned(), 2)),
        ..Behaviour::default()
    };
    let mut tenant = generate(&TenantOptions {
        users: 5,
        ..TenantOptions::default()
    });
    let simulator = Simulator::start_blocking(tenant.clone(), behaviour).expect("a simulator");
    let status = |headers: &[(&str, &str)]| {
        send(&simulator, "GET", "/api/data/v9.2/WhoAmI", headers)
            .expect("an answer")
            .status
    };
    let challenge = send(&simulator, "GET", "/api/data/v9.2/", &[]).expect("an answer");
    assert_eq!(challenge.status, 401);
    assert!(
        challenge
            .header("www-authenticate")
            .is_some_and(|text| text.contains("authorization_uri="))
    );
    assert_eq!(status(&[("Authorization", "Bearer wrong")]), 401);
    assert_eq!(status(&[("Authorization", "Bearer old")]), 401);
    let short = [("Authorization", "Bearer short")];
    assert_eq!([status(&short), status(&short), status(&short)], [200, 200, 401]);
    tenant.caller = tenant.directory;
    let stranger = Simulator::start_blocking(tenant, Behaviour::default()).expect("a simulator");
    let answer = get(&stranger, "WhoAmI");
    assert_eq!((answer.status, answer.code().as_str()), (403, "0x80072560"));
}

#[test]
fn on_premises_has_the_organization_in_its_address_and_lacks_the_function() {
    let options = TenantOptions {
        users: 5,
        deployment: Deployment::OnPremises,
        ..TenantOptions::default()
    };
    let simulator = Simulator::start_blocking(generate(&options), Behaviour::default()).expect("a simulator");
    assert!(simulator.url().ends_with("/contoso"));
    assert_eq!(get(&simulator, "WhoAmI").status, 200);
    assert_eq!(
        get_target(&simulator, "/contoso/api/data/v9.2/WhoAmI", "").status,
        404
    );
    let user = simulator.tenant().caller;
    let function = "Microsoft.Dynamics.CRM.RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p1)";
    let answer = get(
        &simulator,
        &format!("systemusers({user})/{function}?@p1=%5B%22prvReadUser%22%5D"),
    );
    assert_eq!((answer.status, answer.code().as_str()), (404, "0x80060888"));
}
