"""What the peers share: the rules as data, and where each stands in the bit masks.

`clearance` itself says which rules there are and in which order causes are named; how each is judged
is written anew in every peer. Texts are constants here, by rule and outcome: the one of middling
length among ours, so that a peer writes about as many bytes without having to explain anything.
"""

import csv
import itertools
import json
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

SEVERITIES = ["blocks", "limits", "advises"]
AREAS = ["account", "environment", "role", "app", "privilege", "mailbox", "synchronization", "deployment", "client", "other"]

# Rules that cannot say anything of one environment online, without devices, attestations and the
# server's own answers. A peer leaves them out.
SILENT = {
    "client-system-requirements",
    "outlook-2016-or-later",
    "internet-explorer-11",
    "exchange-oauth-provider-registered",
    "mailbox-synchronizes-one-environment",
    "app-added-from-one-environment",
    "exchange-web-services-retirement",
    "access-model-disagrees",
}

DEPTHS = {"basic": 1, "local": 2, "deep": 4, "global": 8}
DEPLOYMENTS = ["not-added", "added", "install-failed", "uninstall-failed", "upgrade-required", "unknown", "pending"]
REASONS = [
    "",
    "application user: not a person",
    "integration user: not a person",
    "access mode Support User: not a person who works here",
    "access mode Non-interactive: cannot sign in to apps",
    "access mode Delegated Admin: not a person who works here",
    "access mode is not one that people have",
    "disabled",
]

VERDICT_COLUMNS = [
    "environment", "user_id", "full_name", "email", "business_unit", "verdict", "blocking", "limiting",
    "unknown", "waived", "deployment", "top_cause", "next_step",
]
FINDING_COLUMNS = [
    "environment", "user_id", "email", "full_name", "rule", "outcome", "severity", "expected", "observed",
    "cause", "remedy", "source",
]
APP_ROLE = "dynamics 365 app for outlook user"
APP = "appforoutlookmodule"
SYSTEM_ADMINISTRATOR = "627090ff-40a3-4053-8790-584edc5be201"

# Bits of a role's mask beyond the privileges.
BOUND, ANY_ROLE, HAS_APP_ROLE, DIRECT_APP_ROLE = 50, 51, 52, 53


def least_depths():
    """Least depth by privilege, from the rule files."""
    depths = {}
    for file in sorted((ROOT / "rules").rglob("*.toml")):
        for privilege in tomllib.loads(file.read_text(encoding="utf-8")).get("privilege", []):
            depths[privilege["name"]] = DEPTHS[privilege["depth"]]
    return depths


def middling(texts):
    """The text whose length is nearest the mean."""
    mean = sum(map(len, texts)) / len(texts)
    return min(texts, key=lambda text: (abs(len(text) - mean), text))


def prepare(listed, findings, sample=200_000):
    """The table of rules: from `clearance rules list --json` and the start of our findings CSV."""
    seen = {}
    with open(findings, encoding="utf-8-sig", newline="") as file:
        for row in itertools.islice(csv.DictReader(file), sample):
            seen.setdefault((row["rule"], row["outcome"]), []).append(row)
    rules = [
        rule | {"position": position}
        for position, rule in enumerate(listed)
        if rule["superseded"] is None and rule["id"] not in SILENT
    ]
    order = sorted(
        (rule for rule in rules if rule["scope"] == "user"),
        key=lambda rule: (
            SEVERITIES.index(rule["severity"]),
            AREAS.index(rule["area"]),
            rule["id"] != "mailbox-exists",
            rule["position"],
        ),
    )
    bits = {"privilege": 0, "own": 0}
    depths = least_depths()
    for rule in order:
        mask = "privilege" if rule["id"] in depths else "own"
        rule |= {"mask": mask, "bit": bits[mask], "depth": depths.get(rule["id"])}
        bits[mask] += 1
    assert bits["privilege"] <= BOUND and bits["own"] <= 62, bits
    for rule in rules:
        rule["texts"] = {}
        for outcome in ("fail", "unknown"):
            rows = seen.get((rule["id"], outcome)) or [dict.fromkeys(FINDING_COLUMNS, rule["title"])]
            rule["texts"][outcome] = {
                column: middling([row[column] for row in rows])
                for column in ("expected", "observed", "cause", "remedy", "source")
            }
    return {"rules": rules, "order": [rule["id"] for rule in order]}


class Job:
    """The rules of one run, and the questions that every peer asks about them."""

    def __init__(self, snapshot, table):
        self.snapshot = Path(snapshot)
        self.manifest = json.loads((self.snapshot / "manifest.json").read_text(encoding="utf-8"))
        self.environment = self.manifest["environment"]["name"]
        self.rules = json.loads(Path(table).read_text(encoding="utf-8"))["rules"]
        self.by_id = {rule["id"]: rule for rule in self.rules}
        # A peer does not work out what gaps and unproven depths leave open: there must be none.
        environment = self.manifest["environment"]
        assert environment["deployment"] == "online" and not self.manifest["gaps"]
        assert all(table["complete"] for table in self.manifest["tables"].values())
        assert set(self.manifest["selfcheck"]["depths"].values()) == {"global"}
        assert [int(part) for part in environment["build"].split(".")] >= [9, 1, 0, 4206]
        assert environment["region"] != "dod"

    def parquet(self, table):
        """The file of a table."""
        return str(self.snapshot / f"{table}.parquet")

    def of_users(self, mask):
        """Rules of users in one of the masks."""
        return [rule for rule in self.rules if rule.get("mask") == mask]

    def mask(self, mask, severity=None, areas=None):
        """The bits of a mask whose rules have that severity and area."""
        return sum(
            1 << rule["bit"]
            for rule in self.of_users(mask)
            if severity in (None, rule["severity"]) and (areas is None or rule["area"] in areas)
        )

    def before_privileges(self):
        """Areas whose causes are named before a missing privilege."""
        return AREAS[: AREAS.index("privilege")]

    def after_privileges(self):
        """Areas whose causes are named after it."""
        return AREAS[AREAS.index("privilege") + 1 :]

    def texts(self):
        """A row of texts by mask, bit and outcome, for rules of users."""
        for rule in self.rules:
            if "mask" in rule:
                for outcome in ("fail", "unknown"):
                    yield rule, outcome, rule["texts"][outcome]


# The state of a user and their mailbox in one number: what each part is read from, how many bits it
# has, and whether it is a flag or an option. The highest value of an option is null, the next any other.
STATE = [
    ("found", 1, "bool"),
    ("statecode", 2, "option"),
    ("emailrouteraccessapproval", 3, "option"),
    ("isemailaddressapprovedbyo365admin", 2, "flag"),
    ("incomingemaildeliverymethod", 3, "option"),
    ("outgoingemaildeliverymethod", 3, "option"),
    ("actdeliverymethod", 3, "option"),
    ("incomingemailstatus", 3, "option"),
    ("outgoingemailstatus", 3, "option"),
    ("actstatus", 3, "option"),
    ("enabledforincomingemail", 2, "flag"),
    ("enabledforact", 2, "flag"),
    ("officeappsdeploymentstatus", 3, "option"),
    ("officeappsdeploymentscheduled", 2, "flag"),
    ("orgmarkedasprimaryforexchangesync", 2, "flag"),
    ("isforwardmailbox", 2, "flag"),
    ("profile", 6, "option"),
    ("owner", 2, "option"),
    ("isdisabled", 2, "flag"),
    ("accessmode", 3, "option"),
    ("islicensed", 2, "flag"),
    ("isintegrationuser", 2, "flag"),
    ("application", 1, "bool"),
    ("same_address", 1, "bool"),
]
assert sum(bits for _, bits, _ in STATE) <= 62




# When a rule applies and what must hold, as SQL over the parts of a state: null is what is not known, and
# SQL's logic is the same three-valued one. Whoever has no mailbox has no facts of one: `found` is in
# every condition that needs it. `asks` is what the organization says about approval.
MAILBOX = "found"
ONLINE = "servertype = 3"
PROFILE = "found AND profile_set"
JUDGED = {
    "mailbox-exists": ("TRUE", "found"),
    "mailbox-belongs-to-user": (MAILBOX, "owner = 0"),
    "mailbox-not-forward": (MAILBOX, "isforwardmailbox IS NULL OR NOT isforwardmailbox"),
    "mailbox-has-server-profile": (MAILBOX, "profile_set"),
    "mailbox-active": (MAILBOX, "statecode = 0"),
    "mailbox-profile-is-exchange": (PROFILE, "servertype IN (0, 2, 3)"),
    "exchange-oauth-enabled": (f"{PROFILE} AND servertype IN (0, 2)", "attested"),
    "exchange-same-tenant": (f"{PROFILE} AND {ONLINE}", "own_tenant IS NULL OR own_tenant"),
    "exchange-online-profile-server-to-server": (f"{PROFILE} AND {ONLINE}", "retrieval IN (2, 7)"),
    "mailbox-address-approved": (f"{MAILBOX} AND asks", "emailrouteraccessapproval = 1"),
    "mailbox-address-approved-by-administrator": (
        f"{PROFILE} AND asks AND {ONLINE}",
        "isemailaddressapprovedbyo365admin",
    ),
    "incoming-email-by-server-side-sync": (MAILBOX, "incomingemaildeliverymethod = 2"),
    "outgoing-email-by-server-side-sync": (MAILBOX, "outgoingemaildeliverymethod = 2"),
    "appointments-by-server-side-sync": (MAILBOX, "actdeliverymethod = 1"),
    "incoming-email-test-passed": (f"{MAILBOX} AND incomingemaildeliverymethod = 2", "incomingemailstatus = 1"),
    "outgoing-email-test-passed": (f"{MAILBOX} AND outgoingemaildeliverymethod = 2", "outgoingemailstatus = 1"),
    "appointments-test-passed": (f"{MAILBOX} AND actdeliverymethod = 1", "actstatus = 1"),
    "incoming-email-enabled": (
        f"{MAILBOX} AND incomingemaildeliverymethod = 2 AND incomingemailstatus = 1",
        "enabledforincomingemail",
    ),
    "appointments-enabled": (f"{MAILBOX} AND actdeliverymethod = 1 AND actstatus = 1", "enabledforact"),
    "app-added-to-outlook": (MAILBOX, "officeappsdeploymentstatus = 1"),
    "app-deployment-healthy": (MAILBOX, "officeappsdeploymentstatus IN (0, 1)"),
    "mailbox-primary-environment": (f"{MAILBOX} AND actdeliverymethod = 1", "orgmarkedasprimaryforexchangesync"),
    "legacy-outlook-client-delivery": (
        MAILBOX,
        "incomingemaildeliverymethod <> 1 AND outgoingemaildeliverymethod <> 1 AND actdeliverymethod <> 0",
    ),
    "primary-email-matches-mailbox": (MAILBOX, "same_address"),
    "user-enabled": ("TRUE", "NOT isdisabled"),
    "user-access-mode-read-write": ("TRUE", "accessmode = 0"),
    "user-licensed": ("TRUE", "islicensed"),
}

# Where a state comes to be out of scope, by position in REASONS; 0 is in scope.
REASON = """CASE WHEN application THEN 1 WHEN isintegrationuser THEN 2
    WHEN accessmode = 3 THEN 3 WHEN accessmode = 4 THEN 4 WHEN accessmode = 5 THEN 5
    WHEN accessmode > 5 THEN 6 WHEN isdisabled THEN 7 ELSE 0 END"""

# By position in DEPLOYMENTS.
DEPLOYMENT = """CASE WHEN NOT found THEN 5 WHEN officeappsdeploymentscheduled THEN 6
    WHEN officeappsdeploymentstatus BETWEEN 0 AND 4 THEN officeappsdeploymentstatus ELSE 5 END"""


def parts():
    """Each part of a state with its place: name, first bit, bits, kind."""
    place = 0
    for name, bits, kind in STATE:
        yield name, place, bits, kind
        place += bits


def failed(when, check):
    """Whether a rule fails, as SQL that is never null."""
    return f"coalesce(({when}) AND NOT ({check}), FALSE)"


def unknown(when, check):
    """Whether a rule is unknown, as SQL that is never null."""
    return f"coalesce({when}, TRUE) AND NOT coalesce({check}, FALSE) AND (({when}) IS NULL OR ({check}) IS NULL)"
