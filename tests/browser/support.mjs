// Reports to look at, and a browser to look with.

import { execFile, spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { chromium } from 'playwright-core';

const run = promisify(execFile);
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const TOKEN = 'sample';

/** A program of the workspace: the one that the variable names, else the one built last. */
export function program(name, variable) {
  if (process.env[variable]) return process.env[variable];
  const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
  const built = ['release', 'debug']
    .map((profile) => join(target, profile, name))
    .filter((place) => existsSync(place))
    .sort((left, right) => statSync(right).mtimeMs - statSync(left).mtimeMs);
  if (built.length === 0) throw new Error(`${name} is not built; run cargo build --workspace, or set ${variable}`);
  return built[0];
}

/** Audits snapshots or an address: the page, the JSON and the CSV of one and the same evaluation. */
async function audit(folder, name, sources, environment = {}) {
  const file = (ending) => join(folder, `${name}.${ending}`);
  const options = ['--quiet', '--html', file('html'), '--json', file('json'), '--csv', file('csv')];
  const all = ['audit', ...[sources].flat(), ...options];
  await run(program('clearance', 'CLEARANCE_BIN'), all, { env: { ...process.env, ...environment } });
  const bytes = await readFile(file('html'));
  return {
    name,
    url: pathToFileURL(file('html')).href,
    html: bytes.toString('utf8'),
    bytes: bytes.length,
    json: JSON.parse(await readFile(file('json'), 'utf8')),
    csv: await readFile(file('csv'), 'utf8'),
  };
}

/** What to do first, as the program says it by itself. */
async function plan(snapshot) {
  const { stdout } = await run(program('clearance', 'CLEARANCE_BIN'), ['plan', snapshot, '--json'], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

/** Does something with the address of an invented environment of the simulator. */
export async function withSimulated(options, use) {
  const simulator = spawn(program('dataverse-simulator', 'SIMULATOR_BIN'), ['--token', TOKEN, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let address;
    for await (const line of createInterface({ input: simulator.stdout })) {
      address = line.match(/ at (http:\/\/\S+)$/)?.[1];
      if (address) break;
    }
    if (!address) throw new Error('the simulator ended without telling its address');
    return await use(address);
  } finally {
    simulator.kill();
  }
}

/** Audits an invented environment. */
function auditSimulated(folder, name, options) {
  return withSimulated(options, (address) => audit(folder, name, address, { CLEARANCE_TOKEN: TOKEN }));
}

/** Collects an invented environment. */
function collectSimulated(snapshot, options) {
  const environment = { env: { ...process.env, CLEARANCE_TOKEN: TOKEN } };
  return withSimulated(options, (address) =>
    run(program('clearance', 'CLEARANCE_BIN'), ['collect', address, '-o', snapshot, '--quiet'], environment),
  );
}

/** The reports that all tests look at. */
export async function makeReports() {
  const folder = await mkdtemp(join(tmpdir(), 'clearance-reports-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const sample = (name) => join(root, 'fixtures', `${name}.snapshot`);
    const reports = [
      { ...(await audit(folder, 'contoso', sample('contoso'))), plan: await plan(sample('contoso')) },
      await audit(folder, 'several', ['contoso', 'fabrikam', 'northwind'].map(sample)),
      await auditSimulated(folder, 'hostile', [
        '--users=400',
        '--hostile-names',
        '--environment-name=<img src=x onerror="window.__pwned=1"><script>window.__pwned=1</script>\u202egnp',
      ]),
      await auditSimulated(folder, 'thousand', ['--users=1000']),
    ];
    return { reports, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Explains one user of a snapshot: the page and the JSON of one and the same evaluation. */
async function explain(folder, name, snapshot, user, message) {
  const html = join(folder, `${name}.html`);
  const options = ['explain', snapshot, '--user', user, '--error', message, '--html', html, '--json'];
  const { stdout } = await run(program('clearance', 'CLEARANCE_BIN'), options);
  return { name, url: pathToFileURL(html).href, json: JSON.parse(stdout) };
}

/** The explanations that all tests look at: a role that stays with a team, someone ready, hostile names. */
export async function makeExplanations() {
  const folder = await mkdtemp(join(tmpdir(), 'clearance-explanations-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const contoso = join(root, 'fixtures', 'contoso.snapshot');
    const { json } = await audit(folder, 'contoso', contoso);
    const stays = (user) => user.findings?.some((finding) => finding.cause.includes('stay with the team'));
    const team = json.users.find(stays);
    const ready = json.users.find((user) => user.verdict === 'ready');
    const hostile = join(folder, 'hostile.snapshot');
    await collectSimulated(hostile, ['--users=60', '--hostile-names']);
    const crowd = (await audit(folder, 'crowd', hostile)).json;
    const named = (user) => user.name?.includes('<script>') && user.verdict === 'blocked';
    const victim = crowd.users.find(named) ?? crowd.users.find((user) => user.name?.includes('<'));
    const pages = [
      await explain(folder, 'team', contoso, team.id, "You haven't been authorized to use this app."),
      await explain(folder, 'ready', contoso, ready.id, 'Something went wrong during sign-in'),
      await explain(folder, 'hostile', hostile, victim.id, '<script>window.__pwned=1</script>\u202e</style>'),
    ];
    return { pages, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Debian's Chromium, or the one that CHROMIUM names; it asks nobody for anything. */
export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // Chromium refuses its sandbox to root.
    chromiumSandbox: process.getuid?.() !== 0 && process.env.CHROMIUM_SANDBOX !== '0',
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page that keeps account of whatever a report must never do. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  const seen = { console: [], errors: [], requests: [], dialogs: [], popups: [] };
  page.on('console', (message) => seen.console.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  page.on('dialog', (dialog) => {
    seen.dialogs.push(dialog.message());
    return dialog.dismiss();
  });
  page.on('popup', (popup) => seen.popups.push(popup.url()));
  context.on('request', (request) => seen.requests.push(request.url()));
  await page.goto(url, { waitUntil: 'load' });
  return { page, context, seen };
}

/** Opens every fold, as a reader would in the end. */
export function openFolds(page) {
  return page.evaluate(() => {
    for (const fold of document.querySelectorAll('details')) fold.open = true;
  });
}
