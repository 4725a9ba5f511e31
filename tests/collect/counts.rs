//! The server's own count of rows: what it reveals, and what it must not be believed.

use clearance::snapshot::Snapshot;
use clearance::snapshot::manifest::{Counted, TableInfo};
use clearance::snapshot::tables::{TABLES, TableDef};
use dataverse_simulator::{
    Behaviour, Deployment, Fault, ScriptedFault, Simulator, TenantOptions, Trigger, generate,
};

use super::matrix::{
    behaviour, every_table, files, gather, has_pages, is_incomplete, nth, patient, scripted, small, whole,
};
use super::support::{Collection, collect_from, line, start};

fn collected(behaviour: Behaviour) -> Collection {
    let simulator = Simulator::start_blocking(small(), behaviour).unwrap();
    gather(&simulator, patient()).unwrap()
}

fn table<'a>(collection: &'a Collection, name: &str) -> &'a TableInfo {
    &collection.summary.manifest.tables[name]
}

/// Rows of a table as nothing disturbed them.
fn rows(table: &TableDef) -> u64 {
    whole().collection.summary.manifest.tables[table.name].rows
}

#[test]
fn every_table_has_the_rows_that_are_counted() {
    every_table(|table| {
        let info = &whole().collection.summary.manifest.tables[table.name];
        assert!(info.is_counted(), "{}", table.name);
        assert_eq!(info.counted.unwrap().query, Some(info.rows), "{}", table.name);
        let total = info.counted.unwrap().total;
        assert_eq!(
            total,
            table.is_read_whole().then_some(info.rows),
            "{}",
            table.name
        );
    });
}

#[test]
fn rows_that_were_left_out_once_are_read_after_all() {
    every_table(|table| {
        let collection = collected(scripted(table, nth(table), 1, Fault::RowsLeftOut(1)));
        assert_eq!(collection.gaps(), [], "{}", table.name);
        assert!(files(&collection.target) == whole().files, "{}", table.name);
        assert_eq!(collection.summary.traffic.retries, 1, "{}", table.name);
    });
}

#[test]
fn rows_that_are_left_out_without_a_word_are_a_gap() {
    every_table(|table| {
        let lost = Fault::RowsLeftOut(1);
        let gap = is_incomplete(table, scripted(table, nth(table), u64::MAX, lost));
        let Some(gap) = gap else { return };
        let start = format!(
            "{}.* Failed: GET {}: the server counts ",
            table.name, table.entity_set
        );
        assert!(gap.starts_with(&start) && gap.ends_with(" came"), "{gap}");
    });
}

#[test]
fn a_table_that_ends_early_is_a_gap() {
    every_table(|table| {
        if !has_pages(table) {
            return;
        }
        let gap = is_incomplete(table, scripted(table, 1, u64::MAX, Fault::EndsEarly)).expect("a gap");
        assert!(
            gap.starts_with(&format!(
                "{}.* Failed: GET {}: the server counts {} rows, 7 came",
                table.name,
                table.entity_set,
                rows(table)
            )),
            "{gap}"
        );
    });
}

#[test]
fn a_server_that_counts_nothing_is_no_gap() {
    let collection = collected(Behaviour {
        counts_nothing: true,
        functions_missing: true,
        ..behaviour()
    });
    assert_eq!(collection.gaps(), []);
    assert_eq!(collection.sums(), whole().collection.sums());
    for (name, info) in &collection.summary.manifest.tables {
        assert!(info.complete && !info.is_counted(), "{name}");
        assert_eq!(info.counted, Some(Counted::default()), "{name}");
    }
    // So it is in the file.
    let manifest = Snapshot::open(&collection.target).unwrap().manifest().clone();
    assert_eq!(manifest, collection.summary.manifest);
}

#[test]
fn a_table_that_is_not_counted_is_read_without() {
    every_table(|table| {
        let collection = collected(Behaviour {
            uncountable_tables: vec![table.name.to_owned()],
            ..behaviour()
        });
        assert_eq!(collection.gaps(), [], "{}", table.name);
        assert_eq!(collection.sums(), whole().collection.sums(), "{}", table.name);
        let tables = &collection.summary.manifest.tables;
        for (name, info) in tables {
            assert_eq!(
                info.is_counted(),
                name != table.name,
                "{name} without {}",
                table.name
            );
        }
        // A table that joins others does not spoil the totals of the others.
        let told = tables["systemuser"].counted.unwrap().total.is_some();
        let spoils = table.is_read_whole() && table.sorted_by.len() == 1;
        assert_eq!(told, !spoils, "{}", table.name);
    });
}

#[test]
fn a_total_that_is_a_day_old_proves_nothing() {
    for (off, far) in [(-500, false), (100, false), (101, true), (9000, true)] {
        let collection = collected(Behaviour {
            stale_totals: vec![("mailbox".to_owned(), off)],
            ..behaviour()
        });
        assert_eq!(collection.gaps(), [], "{off}");
        let info = table(&collection, "mailbox");
        assert!(info.complete, "{off}");
        let total = u64::try_from(info.rows as i64 + off).ok();
        assert_eq!(info.counted.unwrap().total, total, "{off}");
        assert_eq!(info.far_below_total(), total.filter(|_| far), "{off}");
        let said = collection.summary.manifest.shortfalls();
        assert_eq!(said.len(), usize::from(far), "{said:?}");
        assert!(
            said.iter().all(|said| said.starts_with("table `mailbox` has ")),
            "{said:?}"
        );
    }
}

#[test]
fn more_than_the_server_counts() {
    let tenant = generate(&TenantOptions {
        users: 5100,
        ..TenantOptions::default()
    });
    // As the careless do: 5,000 rows, and there it ends.
    let users = clearance::snapshot::tables::table("systemuser").unwrap();
    let simulator = start(
        tenant,
        Behaviour {
            page_size_limit: 5000,
            ..scripted(users, 2, 1, Fault::EndsEarly)
        },
    );
    let collection = collect_from(&simulator);
    assert_eq!(collection.gaps(), []);
    let info = table(&collection, "systemuser");
    let all = simulator.tenant().users.len() as u64;
    assert_eq!(info.rows, all);
    let counted = Counted {
        query: Some(all),
        more: false,
        total: Some(all),
    };
    assert_eq!(info.counted, Some(counted));
    assert!(info.is_counted());
    assert_eq!(collection.summary.traffic.retries, 1);
}

/// `$count=true` of a server that stops counting so early that most tables are beyond it.
const STOPS_AT: u64 = 5;

fn stops_early(behaviour: Behaviour) -> Behaviour {
    Behaviour {
        most_counted: STOPS_AT as usize,
        ..behaviour
    }
}

/// The requests for aggregates, by set.
fn aggregates(simulator: &Simulator) -> Vec<(String, String)> {
    let requests = simulator.requests().into_iter();
    let mut asked: Vec<_> = requests
        .filter(|request| request.query.contains("apply"))
        .map(|request| (request.target, request.query))
        .collect();
    asked.sort();
    asked
}

#[test]
fn an_aggregate_counts_where_the_count_stops() {
    let simulator = Simulator::start_blocking(small(), stops_early(behaviour())).unwrap();
    let collection = gather(&simulator, patient()).unwrap();
    assert_eq!(collection.gaps(), []);
    // The manifest, too: every table has the rows that are counted.
    assert!(files(&collection.target) == whole().files);
    assert_eq!(collection.summary.traffic.retries, 0);
    let asked = aggregates(&simulator);
    let mut beyond: Vec<&str> = TABLES
        .iter()
        .filter(|table| rows(table) > STOPS_AT)
        .map(|table| table.entity_set)
        .collect();
    beyond.sort_unstable();
    assert!(beyond.len() > 5 && beyond.len() < TABLES.len());
    assert_eq!(asked.iter().map(|(set, _)| set).collect::<Vec<_>>(), beyond);
    for (set, query) in asked {
        // As the rows were asked for: of these only a part.
        let part = ["privileges", "roleprivilegescollection", "tracelogs"].contains(&set.as_str());
        assert_eq!(query.starts_with("$apply=filter%28"), part, "{set}?{query}");
        assert!(
            query.ends_with("aggregate%28%24count%20as%20count%29"),
            "{set}?{query}"
        );
    }
}

#[test]
fn rows_left_out_beyond_the_count_are_read_after_all() {
    // The last row of a page, of every table that is beyond it.
    let beyond = TABLES.iter().filter(|table| rows(table) > STOPS_AT);
    let faults: Vec<ScriptedFault> = beyond
        .map(|table| {
            // The caller's own record is asked for first.
            let page = if table.name == "systemuser" { 2 } else { 1 };
            let when = Trigger::Target(table.entity_set.to_owned(), page);
            ScriptedFault::once(when, Fault::RowsLeftOut(1))
        })
        .collect();
    let tables = faults.len() as u64;
    let collection = collected(stops_early(Behaviour {
        faults,
        page_size_limit: 50,
        ..behaviour()
    }));
    assert_eq!(collection.gaps(), []);
    assert_eq!(collection.sums(), whole().collection.sums());
    assert_eq!(collection.summary.traffic.retries, tables);
    let paged = TABLES.iter().filter(|table| rows(table) > 50);
    assert!(paged.count() > 1, "rows in the middle of tables");
}

#[test]
fn rows_left_out_beyond_the_count_are_a_gap() {
    let table = clearance::snapshot::tables::table("mailbox").unwrap();
    let lost = scripted(table, 2, u64::MAX, Fault::RowsLeftOut(1));
    let gap = is_incomplete(table, stops_early(lost)).expect("a gap");
    // When it is read again, one row of every page, the first as well.
    let came = rows(table) - rows(table).div_ceil(7);
    assert_eq!(
        gap,
        format!(
            "mailbox.* Failed: GET mailboxes: the server counts {} rows, {came} came",
            rows(table)
        )
    );
}

#[test]
fn without_an_aggregate_the_count_is_all_there_is() {
    let mailboxes = clearance::snapshot::tables::table("mailbox").unwrap();
    let left_out = |what: Option<Fault>| {
        // All on one page; the second request is for the aggregate.
        let mut behaviour = stops_early(scripted(mailboxes, 1, 1, Fault::RowsLeftOut(1)));
        behaviour.page_size_limit = 5000;
        behaviour.faults.extend(what.map(|what| ScriptedFault {
            when: Trigger::Target(mailboxes.entity_set.to_owned(), 2),
            times: u64::MAX,
            what,
        }));
        behaviour
    };
    let content = |text: &str| left_out(Some(Fault::Content(text.to_owned())));
    for (behaviour, asked) in [
        // More rows than there are aggregates of.
        (
            Behaviour {
                most_aggregated: rows(mailboxes) as usize - 1,
                ..left_out(None)
            },
            1,
        ),
        (left_out(Some(Fault::Status(400))), 1),
        (left_out(Some(Fault::Status(404))), 1),
        (left_out(Some(Fault::Status(501))), 1),
        // Nothing that passes, either: every row that was sent is here.
        (left_out(Some(Fault::Status(500))), 5),
        // Answers to another question.
        (content(r#"{"value":[]}"#), 1),
        (content(r#"{"value":[{"count":null}]}"#), 1),
        (content(r#"{"value":[{"count":-1}]}"#), 1),
        (content(r#"{"value":[{"count":"99"}]}"#), 1),
        (content(r#"{"value":[{"count":4}]}"#), 1),
        (content(r#"{"value":[{"mailboxid":1},{"mailboxid":2}]}"#), 1),
    ] {
        let context = format!("{} {:?}", behaviour.most_aggregated, behaviour.faults.last());
        let simulator = Simulator::start_blocking(small(), behaviour).unwrap();
        let collection = gather(&simulator, patient()).unwrap();
        assert_eq!(collection.gaps(), [], "{context}");
        let info = table(&collection, "mailbox");
        assert!(info.complete && !info.is_counted(), "{context}");
        assert_eq!(info.rows, rows(mailboxes) - 1, "{context}");
        let counted = Counted {
            query: Some(STOPS_AT),
            more: true,
            total: Some(rows(mailboxes)),
        };
        assert_eq!(info.counted, Some(counted), "{context}");
        let of_mailboxes = |(set, _): &&(String, String)| set == mailboxes.entity_set;
        let requests = aggregates(&simulator);
        assert_eq!(requests.iter().filter(of_mailboxes).count(), asked, "{context}");
    }
}

#[test]
fn own_servers_without_anything_new() {
    let tenant = generate(&TenantOptions {
        users: 20,
        deployment: Deployment::OnPremises,
        ..TenantOptions::default()
    });
    let simulator = start(
        tenant,
        Behaviour {
            counts_nothing: true,
            ..Behaviour::default()
        },
    );
    let collection = collect_from(&simulator);
    let lines: Vec<String> = collection.gaps().iter().map(line).collect();
    assert_eq!(lines, Vec::<String>::new());
    assert!(
        collection
            .summary
            .manifest
            .tables
            .values()
            .all(|info| info.complete && !info.is_counted())
    );
}
