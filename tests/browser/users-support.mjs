// Reports with few and with many users, and what the program's own CSV and JSON say of them.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { TOKEN, program, root, withSimulated } from './support.mjs';

const run = promisify(execFile);
const sample = (name) => join(root, 'fixtures', `${name}.snapshot`);

/** The reports by name, each audited when it is first asked for, all in one folder. */
export class Reports {
  static async make() {
    return new Reports(await mkdtemp(join(tmpdir(), 'clearance-users-')));
  }

  constructor(folder) {
    this.folder = folder;
    this.made = new Map();
  }

  remove() {
    return rm(this.folder, { recursive: true, force: true });
  }

  get(name) {
    if (!this.made.has(name)) this.made.set(name, this.audit(name));
    return this.made.get(name);
  }

  async audit(name) {
    if (name === 'hostile') {
      const options = ['--users=400', '--hostile-names', '--environment-name=<script>window.__pwned=1</script>\u202egnp'];
      return withSimulated(options, (address) => this.write(name, [address], { CLEARANCE_TOKEN: TOKEN }));
    }
    if (name === 'environments') return this.write(name, [sample('contoso'), sample('fabrikam')]);
    if (name === 'contoso') return this.write(name, [sample('contoso')]);
    // A number of users.
    const snapshot = join(this.folder, `${name}.snapshot`);
    await run(program('examples/generate', 'GENERATE_BIN'), [snapshot, name]);
    const report = await this.write(name, [snapshot]);
    await rm(snapshot, { recursive: true });
    return report;
  }

  /** One evaluation, written in all its forms. The JSON of very many users is too long for a string. */
  async write(name, sources, environment = {}) {
    const file = (ending) => join(this.folder, `${name}.${ending}`);
    const options = ['audit', ...sources, '--quiet', '--html', file('html'), '--csv', file('csv')];
    const isSmall = Number.isNaN(Number(name)) || Number(name) <= 20_000;
    if (isSmall) options.push('--json', file('json'));
    const start = performance.now();
    await run(program('clearance', 'CLEARANCE_BIN'), options, { env: { ...process.env, ...environment } });
    const seconds = (performance.now() - start) / 1000;
    const csv = await readFile(file('csv'));
    return {
      name,
      url: pathToFileURL(file('html')).href,
      bytes: (await stat(file('html'))).size,
      seconds,
      csv,
      rows: records(csv.toString('utf8')),
      json: isSmall ? JSON.parse(await readFile(file('json'), 'utf8')) : null,
    };
  }
}

/** The records of a CSV file with a head, as RFC 4180 has it. */
export function records(text) {
  const lines = [];
  let line = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n|$)/gy;
  for (const match of text.replace(/^\ufeff/, '').matchAll(cell)) {
    line.push(match[1] === undefined ? match[2] : match[1].replaceAll('""', '"'));
    if (match[3] === ',') continue;
    if (line.length > 1) lines.push(line);
    line = [];
  }
  const [head, ...rest] = lines;
  return rest.map((cells) => Object.fromEntries(cells.map((text, place) => [head[place], text])));
}

/** As a reader looks for it: without case and accents. */
export const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
/** Whom a search has to find. */
export const found = (rows, q) => {
  const words = plain(q).split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const fields = [row.full_name, row.email, row.business_unit].map(plain);
    return words.every((word) => fields.some((field) => field.includes(word)));
  });
};

/** The table of users in an opened page. */
export class Table {
  constructor(page) {
    this.page = page;
    this.search = page.getByRole('searchbox');
    this.grid = page.getByRole('grid', { name: 'Users' });
    this.panel = page.getByRole('dialog');
  }

  static async open(page) {
    await page.locator('#users-live[data-ready]').waitFor({ timeout: 30_000 });
    return new Table(page);
  }

  /** How many users are shown, as the page tells. */
  async hits() {
    return Number((await this.page.locator('.hits').textContent()).replaceAll(',', '').match(/\d+/)[0]);
  }

  async toggles() {
    const all = await this.page.locator('.toggle').allTextContents();
    return Object.fromEntries(
      all.map((text) => {
        const [, label, count] = text.match(/^(.*?)\s*([\d,]+)$/);
        return [label.toLowerCase().replaceAll(' ', '-'), Number(count.replaceAll(',', ''))];
      }),
    );
  }

  toggle(label) {
    return this.page.locator('.toggle', { hasText: label });
  }

  /** The choices of a filter: [text, users]. */
  async choices(title) {
    const control = this.page.getByLabel(title, { exact: true }).first();
    if (await control.evaluate((one) => one.tagName === 'INPUT')) {
      await control.focus();
      const texts = await control.evaluate((one) => [...one.list.options].map((option) => [option.value, option.label]));
      return texts.map(([value, text]) => [value, number(text)]);
    }
    const texts = await control.locator('option').allTextContents();
    return texts.slice(1).map((text) => [text.replace(/ \([\d,]+\)$/, ''), number(text)]);
  }

  async choose(title, choice) {
    const control = this.page.getByLabel(title, { exact: true }).first();
    if (await control.evaluate((one) => one.tagName === 'INPUT')) {
      await control.fill(choice ?? '');
      await control.press('Enter');
      return;
    }
    const label = choice === null ? 'any' : (await control.locator('option').allTextContents()).find((text) => text.replace(/ \([\d,]+\)$/, '') === choice);
    await control.selectOption({ label });
  }

  async clear() {
    const clear = this.page.getByRole('button', { name: 'Clear all' });
    if (await clear.isVisible()) await clear.click();
  }

  /** The texts of a row, by its place in the list (from 0): what is drawn now. */
  async row(place) {
    const row = this.grid.locator(`[role="row"][aria-rowindex="${place + 2}"]`);
    return (await row.evaluateAll(rowsOf))[0]?.[1];
  }

  /** The first and the last row. The keyboard stays at the last. */
  async ends() {
    await this.grid.locator('.row[tabindex="0"]').focus();
    await this.page.keyboard.press('Home');
    const first = await this.row(0);
    await this.page.keyboard.press('End');
    return [first, await this.row((await this.hits()) - 1)];
  }

  /** Every row, by scrolling through all. */
  async all() {
    const rows = new Map();
    for (let top = 0, next = 0; next !== null; top = next) {
      next = await this.grid.evaluate(async (grid, to) => {
        grid.scrollTop = to;
        await new Promise(requestAnimationFrame);
        await new Promise(requestAnimationFrame);
        const below = to + grid.clientHeight;
        return below < grid.scrollHeight ? below : null;
      }, top);
      for (const [place, cells] of await this.grid.locator('.row').evaluateAll(rowsOf)) rows.set(place, cells);
    }
    return [...rows].sort(([one], [other]) => one - other).map(([, cells]) => cells);
  }

  /** The address of the page behind `#`. */
  hash() {
    return this.page.evaluate(() => location.hash);
  }

  /** Asks for a view as a link would, and waits until it is shown. */
  async go(hash) {
    await this.page.evaluate(async (address) => {
      location.hash = address;
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
    }, hash);
  }

  /** What the panel says: its name, and its lists of words. */
  async told() {
    await this.panel.locator('.sheet').waitFor();
    return this.panel.evaluate((panel) => ({
      name: panel.querySelector('h2').textContent,
      verdict: panel.querySelector('.answer-word').textContent,
      sheet: Object.fromEntries([...panel.querySelectorAll('.sheet > div')].map((one) => [one.children[0].textContent, one.children[1].textContent])),
      findings: [...panel.querySelectorAll('.told > li')].map((one) => one.textContent),
      rules: [...panel.querySelectorAll('.told a[href^="#rule"]')].map((one) => one.textContent),
    }));
  }

  /** Saves what is shown, as bytes, with the name of the file. */
  async save() {
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      this.page.getByRole('button', { name: /^Save/ }).click(),
    ]);
    return { fileName: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  }
}

const number = (text) => Number(text.match(/([\d,]+)\)$/)[1].replaceAll(',', ''));

/** The place of each row in the list, and its texts by column. Runs in the page. */
function rowsOf(rows) {
  return rows.map((row) => {
    const cells = {};
    for (const cell of row.querySelectorAll('[role="gridcell"]')) {
      const texts = [...cell.childNodes].filter((one) => one.className !== 'cell-title').map((one) => one.textContent);
      cells[cell.className.match(/of-(\w+)/)[1]] = texts.join('');
    }
    return [Number(row.getAttribute('aria-rowindex')) - 2, cells];
  });
}
