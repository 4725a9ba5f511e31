#!/usr/bin/env python3
"""The audit as the best DuckDB SQL that we know of.

    with_duckdb.py [--evidence] SNAPSHOT TABLE VERDICTS [FINDINGS]

Role copies are folded to their roots; what a role grants is a bit mask; the masks of direct roles and of
teams are united with `bit_or`; the state of user and mailbox is one number, and every distinct
number is judged once. All cores, only the columns that are needed, CSV by COPY, order not kept. With
--evidence, a finding also names what it was seen on, as ours do: the mailbox; of a privilege the
nearest of the user's roles, its business unit, its depth, and the team that it comes by. Of several
that are equally near it takes any, and it does not tell why a team's role falls short.
"""

import sys

import duckdb

import job as shared
from job import BOUND, ANY_ROLE, DIRECT_APP_ROLE, HAS_APP_ROLE, Job


def quoted(text):
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def access(job):
    """Tables `granted` (by user): the bits that are held, and those that perhaps are."""
    wanted = job.of_users("privilege")
    names = ", ".join(f"({quoted(rule['id'].lower())}, {rule['bit']}, {rule['depth']})" for rule in wanted)
    every = job.mask("privilege") | 1 << BOUND
    return f"""
    CREATE TEMP TABLE wanted AS
    WITH asked(name, bit, least) AS (VALUES {names}),
    there AS (
        SELECT p.privilegeid, a.bit, a.least, list_filter([1, 2, 4, 8], lambda depth:
            [coalesce(canbebasic, TRUE), coalesce(canbelocal, TRUE), coalesce(canbedeep, TRUE),
             coalesce(canbeglobal, TRUE)][CASE depth WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 4 THEN 3 ELSE 4 END]) AS can
        FROM privilege p JOIN asked a ON lower(p.name) = a.name)
    SELECT privilegeid, 1::BIGINT << bit AS bit,
        coalesce(list_min(list_filter(can, lambda depth: depth >= least)), list_max(can)) AS least
    FROM there WHERE len(can) > 0;

    CREATE TEMP TABLE roles AS
    WITH grants AS (
        SELECT roleid,
            bit_or(CASE WHEN privilegedepthmask & 15 >= least THEN bit ELSE 0 END) AS pass,
            bit_or(CASE WHEN privilegedepthmask & 15 >= greatest(least, 2) THEN bit ELSE 0 END) AS strong
        FROM roleprivileges JOIN wanted USING (privilegeid) GROUP BY roleid),
    shared AS (
        SELECT DISTINCT coalesce(r.parentrootroleid, r.roleid) AS root
        FROM appmodule JOIN appmoduleroles USING (appmoduleid) JOIN role r USING (roleid)
        WHERE lower(uniquename) = {quoted(shared.APP)}),
    copies AS (
        SELECT r.roleid, r.isinherited,
            coalesce(own.pass, 0) | coalesce(root.pass, 0) AS pass,
            coalesce(own.strong, 0) | coalesce(root.strong, 0) AS strong,
            1::BIGINT << {ANY_ROLE}
                | CASE WHEN s.root IS NOT NULL THEN 1::BIGINT << {BOUND} ELSE 0 END
                | CASE WHEN lower(r.name) = {quoted(shared.APP_ROLE)} THEN 1::BIGINT << {HAS_APP_ROLE} ELSE 0 END
                AS held,
            {quoted(shared.SYSTEM_ADMINISTRATOR)} IN (coalesce(r.roletemplateid, ''), coalesce(top.roletemplateid, '')) AS administers
        FROM role r
        LEFT JOIN grants own ON own.roleid = r.roleid
        LEFT JOIN grants root ON root.roleid = r.parentrootroleid
        LEFT JOIN role top ON top.roleid = r.parentrootroleid
        LEFT JOIN shared s ON s.root = coalesce(r.parentrootroleid, r.roleid))
    SELECT roleid,
        pass | held | CASE WHEN administers THEN {every} ELSE 0 END
            | CASE WHEN held & (1::BIGINT << {HAS_APP_ROLE}) <> 0 THEN 1::BIGINT << {DIRECT_APP_ROLE} ELSE 0 END AS direct,
        held | CASE WHEN isinherited = 1 THEN pass ELSE 0 END AS by_team,
        CASE WHEN isinherited = 1 THEN 0 ELSE strong END AS perhaps
    FROM copies;

    CREATE TEMP TABLE teams AS
    SELECT t.teamid,
        bit_or(CASE WHEN t.teamtype IS NULL THEN 0 ELSE by_team END) AS pass,
        bit_or(CASE WHEN t.teamtype IS NULL THEN by_team | perhaps ELSE perhaps END) AS maybe,
        bool_or(t.teamtype IN (2, 3)) AS grouped
    FROM teamroles tr JOIN roles USING (roleid) JOIN team t USING (teamid)
    WHERE t.teamtype IS DISTINCT FROM 1
    GROUP BY t.teamid;

    CREATE TEMP TABLE granted AS
    SELECT systemuserid, bit_or(pass) AS pass, bit_or(maybe) AS maybe FROM (
        SELECT systemuserid, direct AS pass, 0::BIGINT AS maybe FROM systemuserroles JOIN roles USING (roleid)
        UNION ALL
        SELECT systemuserid, pass, maybe FROM teammembership JOIN teams USING (teamid))
    GROUP BY systemuserid;
    """


# A column of the user or the mailbox as the part of a state.
SOURCES = {
    "found": "m.mailboxid IS NOT NULL",
    "profile": "CASE WHEN m.emailserverprofile IS NULL THEN 63 ELSE coalesce(p.position, 62) END",
    "owner": "CASE WHEN m.regardingobjectid IS NULL THEN 3 WHEN m.regardingobjectid = u.systemuserid THEN 0 ELSE 1 END",
    "application": "u.applicationid IS NOT NULL",
    "same_address": """coalesce(trim(u.internalemailaddress) <> ''
        AND lower(trim(u.internalemailaddress)) = lower(trim(m.emailaddress)), FALSE)""",
}
OF_USERS = {"isdisabled", "accessmode", "islicensed", "isintegrationuser"}


def packed():
    """The state as one number."""
    terms = []
    for name, place, bits, kind in shared.parts():
        most = (1 << bits) - 1
        column = f"{'u' if name in OF_USERS else 'm'}.{name}"
        if kind == "bool":
            value = f"({SOURCES[name]})::BIGINT"
        elif name in SOURCES:
            value = SOURCES[name]
        elif kind == "flag":
            value = f"coalesce({column}::BIGINT, {most})"
        else:
            value = f"CASE WHEN {column} IS NULL THEN {most} WHEN {column} BETWEEN 0 AND {most - 2} THEN {column} ELSE {most - 1} END"
        terms.append(f"({value})::BIGINT * {1 << place}")
    return " + ".join(terms)


def unpacked():
    """The parts of a state as columns."""
    for name, place, bits, kind in shared.parts():
        value = f"(state >> {place}) & {(1 << bits) - 1}"
        if kind == "bool":
            yield f"({value}) = 1 AS {name}"
        elif kind == "flag":
            yield f"CASE {value} WHEN 0 THEN FALSE WHEN 1 THEN TRUE END AS {name}"
        else:
            yield f"nullif({value}, {(1 << bits) - 1}) AS {name}"


def judged(job, asks):
    """Table `states`: what every distinct state means."""
    bits = {"fail": [], "unknown": []}
    for rule in job.of_users("own"):
        if rule["id"] in shared.JUDGED:
            when, check = shared.JUDGED[rule["id"]]
            bits["fail"].append(f"CASE WHEN {shared.failed(when, check)} THEN {1 << rule['bit']} ELSE 0 END")
            bits["unknown"].append(f"CASE WHEN {shared.unknown(when, check)} THEN {1 << rule['bit']} ELSE 0 END")
    return f"""
    CREATE TEMP TABLE states AS
    WITH here AS (SELECT DISTINCT state FROM people),
    parts AS (SELECT state, {', '.join(unpacked())} FROM here),
    facts AS (
        SELECT parts.*, profile IS NOT NULL AS profile_set, {asks} AS asks, NULL::BOOLEAN AS attested,
            p.servertype, p.usedefaulttenantid AS own_tenant, p.incomingcredentialretrieval AS retrieval
        FROM parts LEFT JOIN profiles p ON p.position = parts.profile)
    SELECT state, {shared.REASON} AS reason, {shared.DEPLOYMENT} AS deployment,
        ({' | '.join(bits['fail'])})::BIGINT AS fail, ({' | '.join(bits['unknown'])})::BIGINT AS unknown
    FROM facts;
    """


def masks(job):
    """Table `masks`: what fails and what is unknown, by user, and which rule is named first."""
    every = job.mask("privilege")
    bit = lambda name: 1 << job.by_id[name]["bit"]
    unseen = "(pass | maybe) & (1::BIGINT << %d) = 0 AND group_teams" % ANY_ROLE
    lacks = lambda place: f"(pass | maybe) & (1::BIGINT << {place}) = 0"
    perhaps = lambda place: f"pass & (1::BIGINT << {place}) = 0 AND maybe & (1::BIGINT << {place}) <> 0"
    holds = lambda place: f"pass & (1::BIGINT << {place}) <> 0"
    role, app = bit("user-has-a-role"), bit("app-module-shared-with-role")
    direct, group = bit("app-role-held-directly"), bit("group-team-membership-unseen")
    first = lambda mask: f"bit_count(({mask} & -{mask}) - 1)"
    cases = []
    for severity, outcome in (("blocks", "fail"), ("blocks", "unknown"), ("limits", "fail")):
        letter = outcome[0]
        code = 0 if outcome == "fail" else 1
        before = job.mask("own", severity, job.before_privileges())
        of_privileges = job.mask("privilege", severity)
        after = job.mask("own", severity, job.after_privileges())
        for column, wanted, which in (("o", before, 0), ("p", of_privileges, 1), ("o", after, 0)):
            if wanted:
                mask = f"({column}{letter} & {wanted})"
                cases.append(f"WHEN {mask} <> 0 THEN {which * 256 + code * 128} + {first(mask)}")
    own_blocks, own_limits = job.mask("own", "blocks"), job.mask("own", "limits")
    p_blocks, p_limits = job.mask("privilege", "blocks"), job.mask("privilege", "limits")
    return f"""
    CREATE TEMP TABLE masks AS
    WITH held AS (
        SELECT people.*, coalesce(g.pass, 0) AS pass, coalesce(g.maybe, 0) AS maybe,
            s.reason, s.deployment, s.fail, s.unknown,
            (SELECT coalesce(bool_or(grouped), FALSE) FROM teams) AS group_teams,
            (SELECT coalesce(bit_or(bit), 0) FROM wanted) AS there
        FROM people JOIN states s USING (state) LEFT JOIN granted g USING (systemuserid)),
    judged AS (
        SELECT * EXCLUDE (fail, unknown, pass, maybe, state),
            CASE WHEN {unseen} THEN 0 ELSE there & {every} & ~(pass | maybe) END AS pf,
            CASE WHEN {unseen} THEN there & {every} ELSE there & {every} & maybe & ~pass END AS pu,
            fail | CASE WHEN {unseen} THEN {group} WHEN {lacks(ANY_ROLE)} THEN {role}
                WHEN {lacks(BOUND)} AND {holds(ANY_ROLE)} THEN {app} ELSE 0 END
                | CASE WHEN {holds(HAS_APP_ROLE)} AND {lacks(DIRECT_APP_ROLE)} THEN {direct} ELSE 0 END AS of,
            unknown | CASE WHEN {unseen} THEN {role | app} ELSE
                CASE WHEN {perhaps(ANY_ROLE)} THEN {role} ELSE 0 END
                | CASE WHEN {perhaps(BOUND)} THEN {app} ELSE 0 END END AS ou
        FROM held)
    SELECT *, CASE WHEN reason <> 0 THEN -reason {' '.join(cases)} END AS first,
        CASE WHEN reason <> 0 THEN 'out-of-scope'
            WHEN pf & {p_blocks} <> 0 OR of & {own_blocks} <> 0 THEN 'blocked'
            WHEN pu & {p_blocks} <> 0 OR ou & {own_blocks} <> 0 THEN 'unknown'
            WHEN pf & {p_limits} <> 0 OR of & {own_limits} <> 0 THEN 'limited'
            ELSE 'ready' END AS verdict,
        CASE WHEN reason <> 0 THEN 0 ELSE bit_count(pf & {p_blocks}) + bit_count(of & {own_blocks}) END AS blocking,
        CASE WHEN reason <> 0 THEN 0 ELSE bit_count(pf & {p_limits}) + bit_count(of & {own_limits}) END AS limiting,
        CASE WHEN reason <> 0 THEN 0 ELSE bit_count(pu) + bit_count(ou) END AS unknown
    FROM judged;
    """


# A finding's texts where they are the same for everyone.
CONSTANT = """SELECT {name}, systemuserid, internalemailaddress, fullname, rule, outcome, severity, expected, observed,
    cause, remedy, source FROM masks JOIN {pairs} JOIN texts USING (code) WHERE reason = 0"""

# A mailbox's id in a text is that of the sample that the text was taken from.
SAMPLED = "'[0-9a-f]{8}-[0-9a-f-]{27}'"

OWN_EVIDENCE = """SELECT {name}, systemuserid, internalemailaddress, fullname, rule, outcome, severity, expected,
    CASE WHEN after IS NULL THEN observed ELSE before || defaultmailbox || after END, cause, remedy, source
    FROM masks JOIN own USING (of, ou) JOIN (
        SELECT *, regexp_split_to_array(observed, {sampled})[1] AS before,
            regexp_split_to_array(observed, {sampled})[2] AS after FROM texts) USING (code)
    WHERE reason = 0"""

PRIVILEGE_EVIDENCE = """
    SELECT {name}, m.systemuserid, internalemailaddress, fullname, rule, outcome, severity, expected,
        CASE WHEN r.name IS NULL THEN '`' || rule || '` is granted by none of the roles that reach the user'
            ELSE '`' || rule || '` granted at ' || depth || ' at most, by ' || way END,
        CASE WHEN r.name IS NULL THEN 'None of the user''s roles grants `' || rule || '`.'
            ELSE '`' || rule || '` does not reach the user: ' || way || ' : ' || rule || ' at ' || depth || '.' END,
        remedy, source
    FROM (
        SELECT * EXCLUDE (nearest), nearest.role AS roleid, nearest.team AS teamid,
            CASE WHEN nearest.mask >= 8 THEN 'Global' WHEN nearest.mask >= 4 THEN 'Deep'
                WHEN nearest.mask >= 2 THEN 'Local' ELSE 'Basic' END AS depth
        FROM needed LEFT JOIN near USING (systemuserid, bit)) n
    JOIN masks m USING (systemuserid) JOIN (SELECT * EXCLUDE (bit) FROM texts) USING (code)
    LEFT JOIN role r USING (roleid)
    LEFT JOIN businessunit b ON b.businessunitid = r.businessunitid
    LEFT JOIN team t USING (teamid),
    LATERAL (SELECT 'role "' || r.name || '" (copy in ' || b.name || ') ← '
        || CASE WHEN t.name IS NULL THEN 'assigned to the user' ELSE 'team "' || t.name || '"' END AS way)"""


def evidence():
    """Tables `needed`: privileges that do not reach a user, and `near`: the path by which each comes nearest."""
    return """
    CREATE TEMP TABLE needed AS
    SELECT systemuserid, code, code & 127 AS bit FROM masks JOIN expanded USING (pf, pu) WHERE reason = 0;

    CREATE TEMP TABLE near AS
    WITH depths AS (
        SELECT roleid AS root, bit_count(w.bit - 1)::INTEGER AS bit, bit_or(privilegedepthmask & 15) AS mask
        FROM roleprivileges JOIN wanted w USING (privilegeid) GROUP BY ALL),
    paths AS (
        SELECT systemuserid, roleid, NULL AS teamid FROM systemuserroles
        UNION ALL
        SELECT systemuserid, roleid, teamid FROM teammembership JOIN teamroles USING (teamid)
        JOIN team USING (teamid) WHERE teamtype IS DISTINCT FROM 1)
    SELECT systemuserid, bit, arg_max({'role': roleid, 'team': teamid, 'mask': mask}, mask) AS nearest
    FROM needed JOIN paths USING (systemuserid) JOIN role r USING (roleid)
    JOIN depths d USING (bit) WHERE d.root = coalesce(r.parentrootroleid, r.roleid)
    GROUP BY systemuserid, bit;
    """


def main():
    explains = "--evidence" in sys.argv
    snapshot, table, verdicts, *findings = (word for word in sys.argv[1:] if word != "--evidence")
    job = Job(snapshot, table)
    database = duckdb.connect(config={"preserve_insertion_order": "false"})
    run = database.execute
    for name in job.manifest["tables"]:
        run(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({quoted(job.parquet(name))})")
    channel, asks = run("SELECT emailconnectionchannel, requireapprovalforuseremail FROM organization").fetchone()
    assert channel == 0, "every verdict would be another"
    (apps,) = run(f"SELECT count(*) FROM appmodule WHERE lower(uniquename) = {quoted(shared.APP)}").fetchone()
    assert apps > 0, "every verdict would be another"
    run(access(job))
    run("CREATE TEMP TABLE profiles AS SELECT *, row_number() OVER () - 1 AS position FROM emailserverprofile")
    # A default mailbox that is not there would be looked for by its owner: that is left out, and refused.
    run(f"""
    CREATE TEMP TABLE people AS
    SELECT u.systemuserid, u.fullname, u.internalemailaddress, b.name AS unit,
        {'u.defaultmailbox, ' if explains else ''}{packed()} AS state
    FROM systemuser u
    LEFT JOIN mailbox m ON m.mailboxid = u.defaultmailbox
    LEFT JOIN profiles p ON p.emailserverprofileid = m.emailserverprofile
    LEFT JOIN businessunit b ON b.businessunitid = u.businessunitid
    """)
    (lost,) = run("SELECT count(*) FROM people WHERE state & 1 = 0").fetchone()
    assert lost == 0, "somebody's mailbox has to be looked for"
    run(judged(job, {True: "TRUE", False: "FALSE", None: "NULL::BOOLEAN"}[asks]))
    run(masks(job))

    run("CREATE TEMP TABLE texts(granted BOOLEAN, bit INTEGER, failed BOOLEAN, code INTEGER, rule VARCHAR, outcome VARCHAR, severity VARCHAR, expected VARCHAR, observed VARCHAR, cause VARCHAR, remedy VARCHAR, source VARCHAR)")
    rows = [
        (rule["mask"] == "privilege", rule["bit"], outcome == "fail",
         (256 if rule["mask"] == "privilege" else 0) + (0 if outcome == "fail" else 128) + rule["bit"],
         rule["id"], outcome, rule["severity"],
         text["expected"], text["observed"], text["cause"], text["remedy"], text["source"])
        for rule, outcome, text in job.texts()
    ]
    database.executemany(f"INSERT INTO texts VALUES ({', '.join('?' * 12)})", rows)
    run("CREATE TEMP TABLE causes(code INTEGER, cause VARCHAR, remedy VARCHAR)")
    run("INSERT INTO causes SELECT code, cause, remedy FROM texts")
    reasons = ", ".join(f"({-number}, {quoted(text)}, '')" for number, text in enumerate(shared.REASONS) if number)
    run(f"INSERT INTO causes VALUES {reasons}")
    deployments = "[" + ", ".join(map(quoted, shared.DEPLOYMENTS)) + "]"
    name = quoted(job.environment)
    run(f"""
    COPY (
        SELECT {name} AS environment, systemuserid AS user_id, fullname AS full_name, internalemailaddress AS email,
            unit AS business_unit, verdict, blocking, limiting, unknown, 0 AS waived,
            {deployments}[deployment + 1] AS deployment, cause AS top_cause, remedy AS next_step
        FROM masks LEFT JOIN causes ON code = first
    ) TO {quoted(verdicts)} (FORMAT csv, HEADER)
    """)
    if findings:
        missing = job.by_id["app-role-exists"]
        text = missing["texts"]["fail"]
        run("""
        CREATE TEMP TABLE expanded AS
        SELECT pf, pu, code FROM (SELECT DISTINCT pf, pu FROM masks WHERE reason = 0 AND (pf | pu) <> 0)
        JOIN texts ON texts.granted AND (CASE WHEN failed THEN pf ELSE pu END >> bit) & 1 = 1
        """)
        run("""
        CREATE TEMP TABLE own AS
        SELECT of, ou, code FROM (SELECT DISTINCT of, ou FROM masks WHERE reason = 0 AND (of | ou) <> 0)
        JOIN texts ON NOT texts.granted AND (CASE WHEN failed THEN of ELSE ou END >> bit) & 1 = 1
        """)
        if explains:
            run(evidence())
            branches = [PRIVILEGE_EVIDENCE.format(name=name), OWN_EVIDENCE.format(name=name, sampled=SAMPLED)]
        else:
            pairs = ["expanded USING (pf, pu)", "own USING (of, ou)"]
            branches = [CONSTANT.format(name=name, pairs=of) for of in pairs]
        run(f"""
        COPY (
            SELECT {name} AS environment, '' AS user_id, '' AS email, '' AS full_name, 'app-role-exists' AS rule,
                'fail' AS outcome, {quoted(missing['severity'])} AS severity, {quoted(text['expected'])} AS expected,
                {quoted(text['observed'])} AS observed, {quoted(text['cause'])} AS cause,
                {quoted(text['remedy'])} AS remedy, {quoted(text['source'])} AS source
            WHERE NOT EXISTS (SELECT 1 FROM role WHERE lower(name) = {quoted(shared.APP_ROLE)})
            UNION ALL {branches[0]}
            UNION ALL {branches[1]}
        ) TO {quoted(findings[0])} (FORMAT csv, HEADER)
        """)


if __name__ == "__main__":
    main()
