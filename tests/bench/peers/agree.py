"""Whether two runs say the same: every user's line, and every finding by user, rule and outcome."""

import duckdb

from job import FINDING_COLUMNS, VERDICT_COLUMNS

# What must be equal in a user's line. The first cause of someone in scope is compared by its remedy, which
# belongs to the rule: the sentence itself tells of single roles, which no peer explains.
COMPARED = VERDICT_COLUMNS[:11] + ["next_step", "CASE WHEN verdict = 'out-of-scope' THEN top_cause END"]


def rows(file, columns):
    """A CSV as a table expression of texts."""
    names = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in columns) + "}"
    return f"read_csv('{file}', header = true, columns = {names}, quote = '\"', escape = '\"', delim = ',', max_line_size = 100000)"


def digest(verdicts, findings=None):
    """Counts, and sums over hashes that do not depend on the order of rows."""
    database = duckdb.connect()
    summed = "count(*), sum(hash(line)), bit_xor(hash(line))"
    value = lambda column: f"coalesce({column}, '')"
    line = f"concat_ws('|', {', '.join(value(column) for column in COMPARED)})"
    said = {
        "users": database.execute(
            f"SELECT {summed} FROM (SELECT {line} AS line FROM {rows(verdicts, VERDICT_COLUMNS)})"
        ).fetchone(),
        "verdicts": dict(
            database.execute(
                f"SELECT verdict, count(*) FROM {rows(verdicts, VERDICT_COLUMNS)} GROUP BY ALL ORDER BY ALL"
            ).fetchall()
        ),
    }
    if findings:
        line = "concat_ws('|', coalesce(user_id, ''), rule, outcome, severity)"
        said["findings"] = database.execute(
            f"SELECT {summed} FROM (SELECT {line} AS line FROM {rows(findings, FINDING_COLUMNS)})"
        ).fetchone()
    return said


def difference(ours, theirs, most=5):
    """Some users' lines that differ, to look for the reason."""
    database = duckdb.connect()
    columns = ", ".join(f"coalesce({column}, '')" for column in COMPARED)
    said = lambda file: f"SELECT {columns} FROM {rows(file, VERDICT_COLUMNS)}"
    return database.execute(
        f"SELECT * FROM (({said(ours)} EXCEPT {said(theirs)}) UNION ALL ({said(theirs)} EXCEPT {said(ours)})) "
        f"ORDER BY 2 LIMIT {2 * most}"
    ).fetchall()
