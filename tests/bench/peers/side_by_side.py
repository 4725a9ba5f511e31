#!/usr/bin/env python3
"""Checks that the peers agree with clearance, then times all of them. Started by `run`; ends with 1 if one does
not agree.

    side_by_side.py USERS RUNS SCRATCH
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import agree
import job as shared

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", "target"))
BENCH = TARGET / "bench"
CLEARANCE = TARGET / "release/clearance"
FLOOR = TARGET / "release/examples/floor"
GENERATE = TARGET / "release/examples/generate"
PEERS = Path(__file__).parent
DOCUMENTS = 5_000
REGORUS = "0.14.1"

# What is wrong in the snapshot (see generate.rs), whether findings are written, and how many runs at most.
JOBS = [
    ("snapshot to verdict CSV", 100, False, 100),
    ("snapshot to verdict and findings CSV", 80, True, 3),
    ("snapshot to verdict and findings CSV, much wrong", 10, True, 2),
]


def run(*words):
    """Runs a program that must succeed; what it prints."""
    done = subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def timed(*words):
    """Wall, user and system seconds, and the peak of resident memory in MiB."""
    with tempfile.NamedTemporaryFile("r") as told:
        run("/usr/bin/time", "--output", told.name, "--format", "%e %U %S %M", *words)
        wall, user, system, memory = map(float, told.read().split())
    return wall, user, system, memory / 1024


class Contest:
    """One job on one snapshot."""

    def __init__(self, users, whole, findings, scratch):
        self.snapshot = BENCH / (f"{users}.snapshot" if whole == 100 else f"{users}-{whole}.snapshot")
        if not self.snapshot.exists():
            run(GENERATE, self.snapshot, users, 1, "--whole", whole)
        self.verdicts = scratch / "verdicts.csv"
        self.findings = scratch / "findings.csv" if findings else None
        self.table = scratch / "rules.json"
        self.outputs = [self.verdicts] + ([self.findings] if findings else [])
        self.sizes = None

    def clear(self):
        """Removes the outputs, so that no run pays for those of the one before."""
        for output in self.outputs:
            output.unlink(missing_ok=True)

    def ours(self):
        """The audit."""
        options = ["--findings-csv", self.findings] if self.findings else []
        return [CLEARANCE, "--quiet", "audit", self.snapshot, "--csv", self.verdicts, *options]

    def peer(self, script, *options):
        """The same by a script in Python."""
        return [sys.executable, PEERS / script, *options, self.snapshot, self.table, *self.outputs]

    def floor(self, mode):
        """Reading and writing alone."""
        pairs = [word for output, size in zip(self.outputs, self.sizes) for word in (output, size)]
        return [FLOOR, mode, self.snapshot, *pairs]

    def prepare(self):
        """Runs the audit once; what it says, and the table of rules and texts for the peers."""
        findings = self.findings or self.verdicts.with_name("prepared.csv")
        run(CLEARANCE, "--quiet", "audit", self.snapshot, "--csv", self.verdicts, "--findings-csv", findings)
        listed = json.loads(run(CLEARANCE, "rules", "list", "--json"))
        self.table.write_text(json.dumps(shared.prepare(listed, findings)), encoding="utf-8")
        self.sizes = [output.stat().st_size for output in self.outputs]
        if not self.findings:
            findings.unlink()
        return agree.digest(self.verdicts, self.findings)

    def check(self, name, words, said, keep):
        """Whether a peer says the same; what it does not is printed."""
        self.clear()
        run(*words)
        theirs = agree.digest(self.verdicts, self.findings)
        if theirs == said:
            return True
        print(f"\n{name} says otherwise and is not timed: {theirs}, not {said}\n")
        if keep:
            for line in agree.difference(keep, self.verdicts):
                print(f"    {line}")
        return False


def rego(contest, scratch):
    """By way of judging, byte code machine and interpreter: seconds per user of judging alone, and with parsing the
    documents. Without a way that judges anybody otherwise."""
    contest.clear()
    run(*contest.ours())
    run(sys.executable, PEERS / "documents.py", contest.snapshot, contest.table, *contest.outputs, DOCUMENTS, scratch)
    program = BENCH / "rego/release/rego-peer"
    seconds = {}
    for way, name in (("machine", "byte code"), ("interpreter", "interpreter")):
        words = [program, PEERS / "rego/policy.rego", scratch / "data.json", scratch / "documents.ndjson", way]
        try:
            seconds[name] = [float(word) for word in run(*words).split()]
        except subprocess.CalledProcessError:
            print(f"\nThe Rego engine ({way}) says otherwise and is not timed.\n")
    return seconds


def median(values):
    """The middle one."""
    return statistics.median(values)


def counted(number):
    """Runs for people."""
    return f"{number} runs" if number > 1 else "one run"


def size(number):
    """Bytes for people."""
    return f"{number / 1e9:.2f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"


def main():
    users, runs, scratch = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    scratch = Path(tempfile.mkdtemp(prefix="clearance-bench-", dir=scratch))
    versions = run(sys.executable, "-c", "import duckdb, polars; print(duckdb.__version__, polars.__version__)").split()
    agreed = True
    try:
        for title, whole, findings, most in JOBS:
            contest = Contest(users, whole, findings, scratch)
            said = contest.prepare()
            read = sum(file.stat().st_size for file in contest.snapshot.iterdir())
            names = {"verdicts": 0, "findings": said.get("findings", [0])[0]}
            contenders = {"clearance": contest.ours()}
            small = users <= 100_000
            keep = scratch / "ours.csv" if small else None
            if keep:
                shutil.copy(contest.verdicts, keep)
            peers = {
                f"DuckDB {versions[0]}": contest.peer("with_duckdb.py"),
                f"Polars {versions[1]}": contest.peer("with_polars.py"),
            }
            # One job is enough to see what evidence costs.
            if findings and whole > 10:
                peers["DuckDB, with evidence"] = contest.peer("with_duckdb.py", "--evidence")
            for name, words in peers.items():
                if not contest.check(name, words, said, keep):
                    agreed = False
                    continue
                contenders[name] = words
                names[name] = [output.stat().st_size for output in contest.outputs]
            contenders["decode + write"] = contest.floor("decode")
            contenders["read + write"] = contest.floor("bytes")

            judged = rego(contest, scratch) if findings and whole > 10 else None
            agreed &= judged is None or len(judged) == 2
            times = {name: [] for name in contenders}
            for _ in range(min(runs, most)):
                for name, words in contenders.items():
                    contest.clear()
                    times[name].append(timed(*words))
            contest.clear()

            told = f", {names['findings']:,} rows of findings" if findings else ""
            print(f"\n**{title[0].upper()}{title[1:]}**: {users:,} users{told}; reads {size(read)}, writes {size(sum(contest.sizes))}; "
                  f"medians of {counted(len(times['clearance']))}\n")
            print("| | wall | user | system | memory | written | wall ÷ ours |")
            print("|---|--:|--:|--:|--:|--:|--:|")
            ours = median([run[0] for run in times["clearance"]])
            for name in contenders:
                wall, user, system = (median([run[column] for run in times[name]]) for column in range(3))
                memory = max(run[3] for run in times[name])
                written = size(sum(names[name] if name in names else contest.sizes))
                print(f"| {name} | {wall:.2f} s | {user:.2f} s | {system:.2f} s | {memory:.0f} MiB | {written} | {wall / max(ours, 0.01):.2f} |")
            if judged:
                judging = float(run(FLOOR, "judge", contest.snapshot))
                print("\nJudging alone, everything in memory, nothing read or written:\n")
                print("| | wall | ÷ ours |")
                print("|---|--:|--:|")
                print(f"| clearance | {judging:.2f} s | 1 |")
                for way, (alone, with_parsing) in judged.items():
                    for what, seconds in (("", alone), (", with parsing its documents", with_parsing)):
                        print(f"| regorus {REGORUS}, {way}{what}¹ | {seconds * users:.0f} s | {seconds * users / max(judging, 0.001):.0f} |")
                print(f"\n¹ Measured on {min(DOCUMENTS, users):,} users, on all cores, and multiplied.")
            print(f"\nVerdicts: {', '.join(f'{count:,} {verdict}' for verdict, count in said['verdicts'].items())}.", flush=True)
    finally:
        shutil.rmtree(scratch)
    sys.exit(0 if agreed else 1)


if __name__ == "__main__":
    main()
