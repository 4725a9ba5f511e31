#!/usr/bin/env python3
"""DuckDB opens every table of the sample snapshots as it is, and what an audit writes as Parquet.

    python tests/duckdb/check.py [--program CLEARANCE] [SNAPSHOT...]

Snapshots are there for other tools, too; this is one of them, and it shares no code with the
program that wrote the files. With a program, each snapshot is also audited by it, and the tables of
`--parquet` must hold the rows of the CSVs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

# Which type DuckDB must see, by column: one of every kind in several tables.
TEXT, OPTION, BOOLEAN, TIME = "VARCHAR", "INTEGER", "BOOLEAN", "TIMESTAMP WITH TIME ZONE"
TYPES = {
    "systemuser": {
        "systemuserid": TEXT,
        "businessunitid": TEXT,
        "defaultmailbox": TEXT,
        "fullname": TEXT,
        "accessmode": OPTION,
        "isdisabled": BOOLEAN,
        "islicensed": BOOLEAN,
    },
    "mailbox": {
        "mailboxid": TEXT,
        "regardingobjectid": TEXT,
        "emailserverprofile": TEXT,
        "incomingemailstatus": OPTION,
        "officeappsdeploymentstatus": OPTION,
        "isforwardmailbox": BOOLEAN,
        "officeappsdeploymentcompleteon": TIME,
        "testmailboxaccesscompletedon": TIME,
    },
    "emailserverprofile": {"servertype": OPTION, "usedefaulttenantid": BOOLEAN},
    "organization": {"emailconnectionchannel": OPTION, "requireapprovalforuseremail": BOOLEAN},
    "privilege": {"privilegeid": TEXT, "name": TEXT, "canbeglobal": BOOLEAN},
    "roleprivileges": {"roleid": TEXT, "privilegeid": TEXT, "privilegedepthmask": OPTION},
    "role": {"parentrootroleid": TEXT, "isinherited": OPTION},
    "team": {"teamtype": OPTION, "isdefault": BOOLEAN},
    "tracelog": {"level": OPTION, "createdon": TIME},
}

# People and the privileges that their own roles give them: through the root copy of each role,
# as the privileges hang on that one.
ROLES_OF_PEOPLE = """
    SELECT u.fullname, count(DISTINCT ur.roleid) AS roles, count(DISTINCT p.name) AS privileges
    FROM systemuser u
    JOIN systemuserroles ur USING (systemuserid)
    JOIN role r USING (roleid)
    JOIN roleprivileges rp ON rp.roleid = coalesce(r.parentrootroleid, r.roleid)
    JOIN privilege p USING (privilegeid)
    WHERE NOT u.isdisabled AND rp.privilegedepthmask & 15 <> 0
    GROUP BY ALL
    ORDER BY privileges DESC
"""


class Checks:
    """Counts what held and says what did not."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def __call__(self, held, what):
        if held:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED: {what}")


def check_snapshot(folder, check):
    """Opens all tables of one snapshot."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    database = duckdb.connect()
    for table, about in manifest["tables"].items():
        file = folder / f"{table}.parquet"
        database.from_parquet(str(file)).create_view(table)
        (rows,) = database.execute(f'SELECT count(*) FROM "{table}"').fetchone()
        check(rows == about["rows"], f"{file}: {rows} rows, the manifest says {about['rows']}")
        described = database.execute(f'DESCRIBE "{table}"').fetchall()
        types = {row[0]: row[1] for row in described}
        check(
            sorted(types) == sorted(about["columns"]),
            f"{file}: columns {sorted(types)}, the manifest says {sorted(about['columns'])}",
        )
        for column, expected in TYPES.get(table, {}).items():
            found = types.get(column)
            check(found == expected, f"{file}: {column} is {found}, not {expected}")
        known = {TEXT, OPTION, BOOLEAN, TIME}
        strange = {column: kind for column, kind in types.items() if kind not in known}
        check(not strange, f"{file}: {strange}")

    files = {path.stem for path in folder.glob("*.parquet")}
    check(files == set(manifest["tables"]), f"{folder}: files {files ^ set(manifest['tables'])}")

    people = database.execute(ROLES_OF_PEOPLE).fetchall()
    wanted = len(manifest["wanted_privileges"])
    check(len(people) > 20, f"{folder}: {len(people)} people with privileges")
    check(
        people and people[0][2] > wanted // 2,
        f"{folder}: nobody holds more than {people[0][2] if people else 0} of {wanted} privileges",
    )
    (orphans,) = database.execute(
        """
        SELECT count(*) FROM systemuserroles ur
        LEFT JOIN systemuser u USING (systemuserid) LEFT JOIN role r USING (roleid)
        WHERE u.systemuserid IS NULL OR r.roleid IS NULL
        """
    ).fetchone()
    check(orphans == 0, f"{folder}: {orphans} rows of systemuserroles lead nowhere")
    database.close()
    return len(manifest["tables"]), people[0] if people else None


# What `audit --parquet` writes as numbers; everything else is text.
COUNTS = {
    "verdicts": ["blocking", "limiting", "unknown", "waived"],
    "findings": [],
}


def check_audit(program, snapshot, check):
    """Audits a snapshot and compares the Parquet tables with the CSVs."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        options = ["--raw-csv", "--parquet", folder / "tables"]
        options += ["--csv", folder / "verdicts.csv", "--findings-csv", folder / "findings.csv"]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1795420800"}
        audit = [program, "--quiet", "audit", snapshot, *options]
        subprocess.run(audit, check=True, env=environment)
        database = duckdb.connect()
        for table, counts in COUNTS.items():
            file = folder / "tables" / f"{table}.parquet"
            database.from_parquet(str(file)).create_view(table)
            types = {row[0]: row[1] for row in database.execute(f"DESCRIBE {table}").fetchall()}
            expected = {name: OPTION if name in counts else TEXT for name in types}
            check(types == expected, f"{snapshot}: {table} has {types}")
            # In order, and everything as text, so that no cell is taken for anything else.
            written = database.read_csv(
                str(folder / f"{table}.csv"),
                header=True,
                all_varchar=True,
                na_values="",
                delimiter=",",
                quotechar='"',
                escapechar='"',
            ).fetchall()
            cells = ", ".join(f'CAST("{name}" AS VARCHAR)' for name in types)
            read = database.execute(f"SELECT {cells} FROM {table}").fetchall()
            check(len(read) > 20, f"{snapshot}: {table} has {len(read)} rows")
            check(read == written, f"{snapshot}: {table} is not what its CSV says")
        database.close()


def main():
    """Checks the snapshots named, or all samples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", help="the program, to audit the snapshots with")
    parser.add_argument("snapshots", nargs="*")
    arguments = parser.parse_args()
    folders = [Path(name) for name in arguments.snapshots] or sorted(FIXTURES.glob("*.snapshot"))
    if not folders:
        sys.exit(f"there are no snapshots in {FIXTURES}")
    check = Checks()
    for folder in folders:
        tables, most = check_snapshot(folder, check)
        print(f"{folder.name}: {tables} tables; most privileges by own roles: {most}")
        if arguments.program:
            check_audit(arguments.program, folder, check)
    print(f"{check.passed} passed, {check.failed} failed")
    sys.exit(1 if check.failed else 0)


if __name__ == "__main__":
    main()
