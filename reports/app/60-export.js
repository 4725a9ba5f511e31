// The shown users as the verdict CSV: the columns, the order, the quoting and the guard against formulas
// of `clearance audit --csv`, byte for byte (src/report/csv.rs).

const CSV_COLUMNS = [
  'environment', 'user_id', 'full_name', 'email', 'business_unit', 'verdict',
  'blocking', 'limiting', 'unknown', 'waived', 'deployment', 'top_cause', 'next_step',
];
/** Rows that become one piece of the file. */
const PIECE = 2000;

/** A cell of text from outside: what a spreadsheet would take for a formula gets an apostrophe. */
function csvCell(text) {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** For each case how many of the user's own rules block, limit, are unknown and are waived. */
function csvCounts(index) {
  return index.cases.map((findings) => {
    const own = findings.filter(([rule]) => index.rules[rule].scope === 'user');
    const of = (outcome, severity) =>
      own.filter(([rule, code]) => index.outcomes[code] === outcome && (!severity || index.rules[rule].severity === severity)).length;
    return [of('fail', 'blocks'), of('fail', 'limits'), of('unknown'), of('waived')];
  });
}

/** The file in pieces. */
function csvOf(index, positions) {
  const counts = csvCounts(index);
  const cells = (texts) => texts.map(csvCell);
  const environments = cells(index.environments.map(({ name }) => name));
  const units = cells(index.units.map(({ name }) => name));
  const texts = cells(index.texts);
  const { users } = index;
  const row = (at) =>
    [
      environments[users.environment[at]],
      index.id(at),
      csvCell(users.name[at]),
      csvCell(users.email[at]),
      units[users.unit[at]] ?? '',
      index.verdict(at),
      ...(index.verdict(at) === 'out-of-scope' ? [0, 0, 0, 0] : counts[users.case[at]]),
      index.deployment(at).word,
      texts[users.cause[at]] ?? '',
      texts[users.step[at]] ?? '',
    ].join(',');
  const pieces = [`\ufeff${CSV_COLUMNS.join(',')}\r\n`];
  for (let from = 0; from < positions.length; from += PIECE) {
    pieces.push(`${Array.from(positions.subarray(from, from + PIECE), row).join('\r\n')}\r\n`);
  }
  return pieces;
}

/** Hands a file to the reader. */
function save(fileName, type, pieces) {
  const address = URL.createObjectURL(new Blob(pieces, { type }));
  const link = element('a', { href: address, download: fileName });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
