#!/usr/bin/env python3
"""Documents for a policy engine: users of a snapshot, one by one, with what clearance says of them.

    documents.py SNAPSHOT TABLE VERDICTS FINDINGS USERS FOLDER

Takes every so-manieth user, USERS in all; writes FOLDER/data.json and FOLDER/documents.ndjson.
"""

import json
import sys
from pathlib import Path

import duckdb

import agree
import job as shared
from job import Job


def main():
    snapshot, table, verdicts, findings, users, folder = sys.argv[1:]
    job = Job(snapshot, table)
    database = duckdb.connect()
    run = database.execute
    for name in job.manifest["tables"]:
        run(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{job.parquet(name)}')")
    wanted = {rule["id"].lower(): rule for rule in job.of_users("privilege")}
    names = dict(run("SELECT privilegeid, name FROM privilege").fetchall())
    passes, strong = {}, {}
    for role, privilege, mask in run("SELECT roleid, privilegeid, privilegedepthmask & 15 FROM roleprivileges").fetchall():
        rule = wanted.get(names[privilege].lower())
        if rule and mask >= rule["depth"]:
            passes.setdefault(role, []).append(rule["id"])
            if mask > 1:
                strong.setdefault(role, []).append(rule["id"])
    one = lambda sql: [row[0] for row in run(sql).fetchall()]
    root = "coalesce(r.parentrootroleid, r.roleid)"
    data = {
        "pass": passes,
        "strong": strong,
        "privileges": [rule["id"] for rule in wanted.values() if rule["id"].lower() in {n.lower() for n in names.values()}],
        "bound": dict.fromkeys(
            one(f"SELECT DISTINCT {root} FROM appmoduleroles JOIN appmodule USING (appmoduleid) JOIN role r USING (roleid) "
                f"WHERE lower(uniquename) = '{shared.APP}'"), True),
        "app_roles": dict.fromkeys(one(f"SELECT DISTINCT {root} FROM role r WHERE lower(name) = '{shared.APP_ROLE}'"), True),
        "group_teams": bool(one("SELECT count(*) FROM teamroles JOIN team USING (teamid) WHERE teamtype IN (2, 3)")[0]),
        "requires_approval": one("SELECT requireapprovalforuseremail FROM organization")[0],
        "severity": {rule["id"]: rule["severity"] for rule in job.rules},
    }
    run(f"""
    CREATE TABLE picked AS SELECT * EXCLUDE (place) FROM (
        SELECT *, row_number() OVER (ORDER BY systemuserid) - 1 AS place FROM systemuser)
    WHERE place % greatest(1, (SELECT count(*) FROM systemuser) // {int(users)}) = 0""")
    roles = {}
    for user, role in run(f"SELECT systemuserid, {root} FROM picked JOIN systemuserroles USING (systemuserid) JOIN role r USING (roleid)").fetchall():
        roles.setdefault(user, {}).setdefault("direct", []).append(role)
    for user, role, inherited in run(
        f"SELECT systemuserid, {root}, isinherited FROM picked JOIN teammembership USING (systemuserid) "
        "JOIN team USING (teamid) JOIN teamroles USING (teamid) JOIN role r USING (roleid) WHERE teamtype <> 1").fetchall():
        roles.setdefault(user, {}).setdefault("inherited" if inherited == 1 else "team_only", []).append(role)
    said = {}
    run(f"CREATE TABLE told AS SELECT user_id, verdict FROM {agree.rows(verdicts, shared.VERDICT_COLUMNS)} JOIN picked ON user_id = systemuserid")
    for user, verdict in run("SELECT * FROM told").fetchall():
        said[user] = {"verdict": verdict, "failed": [], "unknown": []}
    for user, rule, outcome in run(
        f"SELECT user_id, rule, outcome FROM {agree.rows(findings, shared.FINDING_COLUMNS)} JOIN picked ON user_id = systemuserid").fetchall():
        said[user]["failed" if outcome == "fail" else "unknown"].append(rule)

    def records(sql):
        cursor = run(sql)
        columns = [column[0] for column in cursor.description]
        return [dict(zip(columns, row)) for row in cursor.fetchall()]

    profiles = {row["emailserverprofileid"]: row for row in records(
        "SELECT emailserverprofileid, servertype, usedefaulttenantid, incomingcredentialretrieval FROM emailserverprofile")}
    mailbox_columns = ["mailboxid", "emailaddress", "regardingobjectid", "emailserverprofile"] + [
        name for name, _, kind in shared.STATE
        if kind != "bool" and name not in ("profile", "owner", "isdisabled", "accessmode", "islicensed", "isintegrationuser")]
    mailboxes = {row["mailboxid"]: row for row in records(
        f"SELECT {', '.join(f'm.{name}' for name in mailbox_columns)} FROM mailbox m JOIN picked ON mailboxid = defaultmailbox")}
    people = records("SELECT systemuserid, internalemailaddress, isdisabled, accessmode, islicensed, applicationid, isintegrationuser, defaultmailbox FROM picked")
    folder = Path(folder)
    (folder / "data.json").write_text(json.dumps(data), encoding="utf-8")
    with open(folder / "documents.ndjson", "w", encoding="utf-8") as file:
        for user in people:
            mailbox = mailboxes.get(user["defaultmailbox"])
            document = {
                "user": user,
                "mailbox": mailbox,
                "profile": profiles.get(mailbox["emailserverprofile"]) if mailbox else None,
            } | {way: roles.get(user["systemuserid"], {}).get(way, []) for way in ("direct", "inherited", "team_only")}
            file.write(json.dumps({"input": document, "expected": said[user["systemuserid"]]}) + "\n")


if __name__ == "__main__":
    main()
