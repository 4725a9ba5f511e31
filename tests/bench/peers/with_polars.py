#!/usr/bin/env python3
"""The audit with Polars: lazy frames, the streaming engine, all cores.

    with_polars.py SNAPSHOT TABLE VERDICTS [FINDINGS]

The same plan as with_duckdb.py: masks by role and team, united by user; one number for the state of user
and mailbox, every distinct number judged once. CSV by `sink_csv`, order not kept.
"""

import sys

import polars as pl

import job as shared
from job import BOUND, ANY_ROLE, DIRECT_APP_ROLE, HAS_APP_ROLE, Job

col, when, lit = pl.col, pl.when, pl.lit
NONE = lit(0, dtype=pl.Int64)


def bit(place):
    """A mask of one bit."""
    return lit(1 << place, dtype=pl.Int64)


def mask(number):
    """A mask of many bits."""
    return lit(number, dtype=pl.Int64)


def least_depth():
    """The least depth that the environment can grant: the nearest above, else the nearest below."""
    can = {1: "canbebasic", 2: "canbelocal", 4: "canbedeep", 8: "canbeglobal"}
    grants = {depth: col(column).fill_null(True) for depth, column in can.items()}
    above = pl.min_horizontal(*(when(can & (col("least") <= depth)).then(depth) for depth, can in grants.items()))
    highest = pl.max_horizontal(*(when(can).then(depth) for depth, can in grants.items()))
    return pl.coalesce(above, highest)


def access(job, scan):
    """By user, the bits that are held and those that perhaps are; whether a group team carries a role;
    the privileges that exist."""
    wanted = pl.LazyFrame(
        [(rule["id"].lower(), 1 << rule["bit"], rule["depth"]) for rule in job.of_users("privilege")],
        schema={"key": pl.String, "bit": pl.Int64, "least": pl.Int32},
        orient="row",
    )
    there = (
        scan("privilege")
        .with_columns(key=col("name").str.to_lowercase())
        .join(wanted, on="key")
        .select("privilegeid", "bit", least=least_depth())
        .filter(col("least").is_not_null())
        .collect()
    )
    depth = col("privilegedepthmask") & 15
    grants = (
        scan("roleprivileges")
        .join(there.lazy(), on="privilegeid")
        .group_by("roleid")
        .agg(
            own_pass=when(depth >= col("least")).then("bit").otherwise(0).bitwise_or(),
            own_strong=when(depth >= pl.max_horizontal("least", 2)).then("bit").otherwise(0).bitwise_or(),
        )
    )
    role = scan("role")
    root = pl.coalesce("parentrootroleid", "roleid")
    bound = (
        scan("appmodule")
        .filter(col("uniquename").str.to_lowercase() == shared.APP)
        .join(scan("appmoduleroles"), on="appmoduleid")
        .join(role, on="roleid")
        .select(root=root, bound=bit(BOUND))
        .unique()
    )
    named = role.select(parentrootroleid="roleid", above="roletemplateid")
    app_role = col("name").str.to_lowercase() == shared.APP_ROLE
    administers = (col("roletemplateid") == shared.SYSTEM_ADMINISTRATOR).fill_null(False) | (
        col("above") == shared.SYSTEM_ADMINISTRATOR
    ).fill_null(False)
    roles = (
        role.with_columns(root=root)
        .join(grants, on="roleid", how="left")
        .join(
            grants.rename({"roleid": "parentrootroleid", "own_pass": "root_pass", "own_strong": "root_strong"}),
            on="parentrootroleid",
            how="left",
        )
        .join(named, on="parentrootroleid", how="left")
        .join(bound, on="root", how="left")
        .with_columns(
            granted=col("own_pass").fill_null(0) | col("root_pass").fill_null(0),
            strong=col("own_strong").fill_null(0) | col("root_strong").fill_null(0),
            held=bit(ANY_ROLE) | col("bound").fill_null(0) | when(app_role).then(bit(HAS_APP_ROLE)).otherwise(NONE),
            everything=when(administers).then(mask(job.mask("privilege") | 1 << BOUND)).otherwise(NONE),
        )
        .select(
            "roleid",
            direct=col("granted")
            | col("held")
            | col("everything")
            | when(app_role).then(bit(DIRECT_APP_ROLE)).otherwise(NONE),
            by_team=col("held") | when(col("isinherited") == 1).then("granted").otherwise(NONE),
            perhaps=when(col("isinherited") == 1).then(NONE).otherwise("strong"),
        )
        .collect()
    )
    untyped = col("teamtype").is_null()
    teams = (
        scan("teamroles")
        .join(roles.lazy(), on="roleid")
        .join(scan("team").select("teamid", "teamtype"), on="teamid")
        .filter(untyped | (col("teamtype") != 1))
        .group_by("teamid")
        .agg(
            given=when(untyped).then(NONE).otherwise("by_team").bitwise_or(),
            maybe=when(untyped).then(col("by_team") | col("perhaps")).otherwise("perhaps").bitwise_or(),
            grouped=col("teamtype").is_in([2, 3]).any(),
        )
        .collect()
    )
    direct = scan("systemuserroles").join(roles.lazy(), on="roleid").select(
        "systemuserid", given="direct", maybe=NONE
    )
    by_team = scan("teammembership").join(teams.lazy(), on="teamid").select("systemuserid", "given", "maybe")
    granted = (
        pl.concat([direct, by_team])
        .group_by("systemuserid")
        .agg(col("given").bitwise_or(), col("maybe").bitwise_or())
    )
    return granted, bool(teams["grouped"].any()), int(there["bit"].bitwise_or() or 0)


def packed():
    """The state as one number."""
    sources = {
        "found": col("mailboxid").is_not_null(),
        "profile": when(col("emailserverprofile").is_null()).then(63).otherwise(col("position").fill_null(62)),
        "owner": when(col("regardingobjectid").is_null())
        .then(3)
        .when(col("regardingobjectid") == col("systemuserid"))
        .then(0)
        .otherwise(1),
        "application": col("applicationid").is_not_null(),
        "same_address": (
            (col("internalemailaddress").str.strip_chars() != "")
            & (
                col("internalemailaddress").str.strip_chars().str.to_lowercase()
                == col("emailaddress").str.strip_chars().str.to_lowercase()
            )
        ).fill_null(False),
    }
    terms = []
    for name, place, bits, kind in shared.parts():
        most = (1 << bits) - 1
        value = sources.get(name)
        if value is None and kind == "flag":
            value = col(name).cast(pl.Int64).fill_null(most)
        elif value is None:
            is_known = col(name).is_between(0, most - 2)
            value = when(col(name).is_null()).then(most).when(is_known).then(name).otherwise(most - 1)
        terms.append(value.cast(pl.Int64) * (1 << place))
    return pl.sum_horizontal(terms)


def unpacked():
    """The parts of a state as columns."""
    for name, place, bits, kind in shared.parts():
        value = (col("state") // (1 << place)) & ((1 << bits) - 1)
        if kind == "bool":
            yield (value == 1).alias(name)
        elif kind == "flag":
            yield when(value <= 1).then(value == 1).alias(name)
        else:
            yield when(value != (1 << bits) - 1).then(value).alias(name)


def judged(job, people, profiles, asks):
    """What every distinct state means."""
    bits = {"fail": [], "unknown": []}
    for rule in job.of_users("own"):
        if rule["id"] in shared.JUDGED:
            applies, check = shared.JUDGED[rule["id"]]
            for outcome, of in (("fail", shared.failed), ("unknown", shared.unknown)):
                bits[outcome].append(pl.sql_expr(of(applies, check)).cast(pl.Int64) * (1 << rule["bit"]))
    return (
        people.lazy()
        .select("state")
        .unique()
        .with_columns(*unpacked())
        .join(profiles, left_on="profile", right_on="position", how="left")
        .with_columns(
            profile_set=col("profile").is_not_null(),
            asks=lit(asks, dtype=pl.Boolean),
            attested=lit(None, dtype=pl.Boolean),
        )
        .select(
            "state",
            reason=pl.sql_expr(shared.REASON),
            deployment=pl.sql_expr(shared.DEPLOYMENT),
            fail=pl.sum_horizontal(bits["fail"]),
            unknown=pl.sum_horizontal(bits["unknown"]),
        )
        .collect()
    )


def masks(job, people, states, granted, group_teams, there):
    """What fails and what is unknown, by user; the verdict; and which rule is named first."""
    privileges = there & job.mask("privilege")
    of = lambda rule: mask(1 << job.by_id[rule]["bit"])
    reached = col("given") | col("maybe")
    lacks = lambda place: reached & bit(place) == 0
    holds = lambda place: col("given") & bit(place) != 0
    perhaps = lambda place: ~holds(place) & (col("maybe") & bit(place) != 0)
    unseen = lacks(ANY_ROLE) & lit(group_teams)
    role, app = of("user-has-a-role"), of("app-module-shared-with-role")
    frame = (
        people.lazy()
        .join(states.lazy(), on="state")
        .join(granted, on="systemuserid", how="left")
        .with_columns(col("given").fill_null(0), col("maybe").fill_null(0))
        .select(
            "systemuserid", "fullname", "internalemailaddress", "unit", "reason", "deployment",
            pf=when(unseen).then(NONE).otherwise(mask(privileges) & ~reached),
            pu=when(unseen).then(mask(privileges)).otherwise(mask(privileges) & col("maybe") & ~col("given")),
            of=col("fail")
            | when(unseen).then(of("group-team-membership-unseen"))
            .when(lacks(ANY_ROLE)).then(role)
            .when(lacks(BOUND) & holds(ANY_ROLE)).then(app)
            .otherwise(NONE)
            | when(holds(HAS_APP_ROLE) & lacks(DIRECT_APP_ROLE)).then(of("app-role-held-directly")).otherwise(NONE),
            ou=col("unknown")
            | when(unseen).then(role | app).otherwise(
                when(perhaps(ANY_ROLE)).then(role).otherwise(NONE) | when(perhaps(BOUND)).then(app).otherwise(NONE)
            ),
        )
    )
    in_scope = col("reason") == 0
    count = lambda severity: (
        (col("pf") & mask(job.mask("privilege", severity))).bitwise_count_ones()
        + (col("of") & mask(job.mask("own", severity))).bitwise_count_ones()
    )
    any_unknown = (col("pu") & mask(job.mask("privilege", "blocks")) != 0) | (
        col("ou") & mask(job.mask("own", "blocks")) != 0
    )
    first = when(~in_scope).then(-col("reason"))
    for severity, outcome, code in (("blocks", "f", 0), ("blocks", "u", 128), ("limits", "f", 0)):
        for column, wanted, base in (
            ("o" + outcome, job.mask("own", severity, job.before_privileges()), 0),
            ("p" + outcome, job.mask("privilege", severity), 256),
            ("o" + outcome, job.mask("own", severity, job.after_privileges()), 0),
        ):
            if wanted:
                here = col(column) & mask(wanted)
                first = first.when(here != 0).then(here.bitwise_trailing_zeros().cast(pl.Int64) + base + code)
    told = lambda number: when(in_scope).then(number).otherwise(0)
    return frame.with_columns(
        first=first.otherwise(None).cast(pl.Int64),
        verdict=when(~in_scope).then(lit("out-of-scope"))
        .when(count("blocks") > 0).then(lit("blocked"))
        .when(any_unknown).then(lit("unknown"))
        .when(count("limits") > 0).then(lit("limited"))
        .otherwise(lit("ready")),
        blocking=told(count("blocks")),
        limiting=told(count("limits")),
        unknown=told(col("pu").bitwise_count_ones() + col("ou").bitwise_count_ones()),
    )


def expanded(people, texts, fail, unknown):
    """The codes of the rules that a pair of masks tells of."""
    pairs = people.filter((col("reason") == 0) & ((col(fail) | col(unknown)) != 0)).select(fail, unknown).unique()
    of = when(col("outcome") == "fail").then(fail).otherwise(unknown)
    return pairs.join(texts, how="cross").filter(of & col("mask") != 0).select(fail, unknown, "code")


def main():
    snapshot, table, verdicts, *findings = sys.argv[1:]
    job = Job(snapshot, table)
    scan = lambda name: pl.scan_parquet(job.parquet(name))
    organization = scan("organization").select("emailconnectionchannel", "requireapprovalforuseremail").collect()
    channel, asks = organization.row(0)
    apps = scan("appmodule").filter(col("uniquename").str.to_lowercase() == shared.APP).collect().height
    assert channel == 0 and apps > 0, "every verdict would be another"

    granted, group_teams, there = access(job, scan)
    profiles = scan("emailserverprofile").with_row_index("position").select(
        "emailserverprofileid", "servertype", col("position").cast(pl.Int64),
        own_tenant="usedefaulttenantid", retrieval="incomingcredentialretrieval",
    )
    people = (
        scan("systemuser")
        .join(scan("mailbox").with_columns(defaultmailbox="mailboxid"), on="defaultmailbox", how="left")
        .join(
            profiles.select("emailserverprofileid", "position"),
            left_on="emailserverprofile", right_on="emailserverprofileid", how="left",
        )
        .join(scan("businessunit").select("businessunitid", unit="name"), on="businessunitid", how="left")
        .select("systemuserid", "fullname", "internalemailaddress", "unit", state=packed())
        .collect(engine="streaming")
    )
    assert people.filter(col("state") & 1 == 0).height == 0, "somebody's mailbox has to be looked for"
    states = judged(job, people, profiles, asks)
    people = masks(job, people, states, granted, group_teams, there).collect(engine="streaming")

    texts = pl.LazyFrame(
        [
            (rule["mask"], (256 if rule["mask"] == "privilege" else 0) + (128 if outcome == "unknown" else 0) + rule["bit"],
             1 << rule["bit"], rule["id"], outcome, rule["severity"], *text.values())
            for rule, outcome, text in job.texts()
        ],
        schema={"kind": pl.String, "code": pl.Int64, "mask": pl.Int64}
        | dict.fromkeys(("rule", "outcome", "severity", "expected", "observed", "cause", "remedy", "source"), pl.String),
        orient="row",
    )
    causes = pl.concat([
        texts.select(first="code", top_cause="cause", next_step="remedy"),
        pl.LazyFrame(
            [(-number, reason, "") for number, reason in enumerate(shared.REASONS) if number],
            schema={"first": pl.Int64, "top_cause": pl.String, "next_step": pl.String}, orient="row",
        ),
    ])
    deployments = pl.LazyFrame(
        {"deployment": range(len(shared.DEPLOYMENTS)), "word": shared.DEPLOYMENTS},
        schema={"deployment": pl.Int64, "word": pl.String},
    )
    environment = lit(job.environment).alias("environment")
    (
        people.lazy()
        .join(causes, on="first", how="left")
        .with_columns(col("deployment").cast(pl.Int64))
        .join(deployments, on="deployment", how="left")
        .select(
            environment, user_id="systemuserid", full_name="fullname", email="internalemailaddress",
            business_unit="unit", verdict="verdict", blocking="blocking", limiting="limiting", unknown="unknown",
            waived=lit(0), deployment="word", top_cause="top_cause", next_step="next_step",
        )
        .sink_csv(verdicts, maintain_order=False, engine="streaming")
    )
    if findings:
        missing = job.by_id["app-role-exists"]
        there = scan("role").filter(col("name").str.to_lowercase() == shared.APP_ROLE).collect().height
        lines = [] if there else [
            {"environment": job.environment, "user_id": "", "email": "", "full_name": "", "rule": missing["id"],
             "outcome": "fail", "severity": missing["severity"]} | missing["texts"]["fail"]
        ]
        of_environment = pl.LazyFrame(lines, schema=dict.fromkeys(shared.FINDING_COLUMNS, pl.String))
        frames = [of_environment]
        in_scope = people.lazy().filter(col("reason") == 0)
        for kind, fail, unknown in (("privilege", "pf", "pu"), ("own", "of", "ou")):
            rows = expanded(people.lazy(), texts.filter(col("kind") == kind).select("code", "mask", "outcome"), fail, unknown)
            frames.append(
                in_scope.join(rows, on=[fail, unknown]).join(texts, on="code").select(
                    environment, "rule", "outcome", "severity", "expected", "observed", "cause", "remedy", "source",
                    user_id="systemuserid", email="internalemailaddress", full_name="fullname",
                ).select(shared.FINDING_COLUMNS)
            )
        pl.concat(frames).sink_csv(findings[0], maintain_order=False, engine="streaming")


if __name__ == "__main__":
    main()
