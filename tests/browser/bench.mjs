// How quick the HTML report is to use, and what it takes:  node bench.mjs [USERS …]
//
// For each number of users (20,000, 100,000 and 1,000,000 if none is said) a snapshot is generated and
// audited, and the report opened in a browser of its own. A time is from the event until the browser has
// painted what came of it: the median and the worst of several. Nothing here is asserted.
// Build first: cargo build --release --workspace --bins --example generate

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { program, startBrowser } from './support.mjs';

const run = promisify(execFile);
const sizes = process.argv.slice(2).map(Number);
if (sizes.some((size) => !(size > 0))) throw new Error('usage: node bench.mjs [USERS …]');
if (!sizes.length) sizes.push(20_000, 100_000, 1_000_000);

const folder = await mkdtemp(join(tmpdir(), 'clearance-bench-'));
const results = [];
try {
  for (const users of sizes) results.push(await measure(users));
} finally {
  await rm(folder, { recursive: true, force: true });
}
print(results);

async function measure(users) {
  const [snapshot, html] = [join(folder, `${users}.snapshot`), join(folder, `${users}.html`)];
  await run(program('examples/generate', 'GENERATE_BIN'), [snapshot, String(users)]);
  const from = performance.now();
  await run(program('clearance', 'CLEARANCE_BIN'), ['audit', snapshot, '--quiet', '--html', html]);
  const audited = performance.now() - from;
  await rm(snapshot, { recursive: true });
  const opened = await open(html);
  const result = { users, audited, bytes: (await stat(html)).size, ...opened };
  await rm(html);
  return result;
}

async function open(html) {
  const browser = await startBrowser();
  try {
    // The page's policy would stop what measures.
    const context = await browser.newContext({ bypassCSP: true, viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    await page.goto(pathToFileURL(html).href);
    await page.locator('#users-live[data-ready]').waitFor({ timeout: 120_000 });
    const start = await page.evaluate(() => ({
      painted: performance.getEntriesByName('first-contentful-paint')[0].startTime,
      live: performance.getEntriesByName('users-live')[0].startTime,
      listed: document.querySelector('.hits').textContent,
    }));
    const memory = await memoryOf(browser, context, page);
    const acts = await page.evaluate(timed);
    return { ...start, memory, acts, memoryAfter: await memoryOf(browser, context, page) };
  } finally {
    await browser.close();
  }
}

/** Runs in the page: for each kind of act the times of several, in milliseconds. */
async function timed() {
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const time = async (acts) => {
    const times = [];
    for (const act of acts) {
      await new Promise((resolve) => setTimeout(resolve, 400));
      const from = performance.now();
      await act();
      await painted();
      times.push(performance.now() - from);
    }
    return times;
  };
  const search = document.getElementById('users-search');
  const type = (text) => {
    search.value = text;
    search.dispatchEvent(new Event('input'));
  };
  const choose = (id, place) => {
    const select = document.getElementById(id);
    if (select.options) select.selectedIndex = place;
    else select.value = place === 0 ? '' : select.list.options[place].value;
    select.dispatchEvent(new Event('change'));
  };
  const name = document.querySelector('.row .of-name a').textContent.toLowerCase();
  const typed = [...name].map((_, end) => () => type(name.slice(0, end + 1)));
  const sorts = () => [...document.querySelectorAll('.sort')].map((button) => () => button.click());
  const times = {};
  times['search, letter by letter'] = await time([...typed.slice(0, 10), () => type('')]);
  times['filter by verdict'] = await time([...document.querySelectorAll('.toggle')].flatMap((one) => [() => one.click(), () => one.click()]));
  times['filter by cause'] = await time([1, 2, 3, 4, 0].map((place) => () => choose('users-rule', place)));
  times['order, the first time'] = await time(sorts());
  times['order, again'] = await time(sorts());
  document.querySelector('.clear').click();
  const grid = document.querySelector('[role="grid"]');
  times['scroll to anywhere'] = await time([0.1, 0.9, 0.3, 0.7, 0.5, 0].map((share) => () => (grid.scrollTop = share * grid.scrollHeight)));
  const opens = [0, 0.2, 0.4, 0.6, 0.8].map((share) => async () => {
    grid.querySelector('.row').click();
    const told = document.querySelector('dialog .told, dialog .lead, dialog h3 ~ p');
    if (!told) await new Promise((resolve) => {
      const watch = new MutationObserver(() => {
        if (!document.querySelector('dialog .sheet')) return;
        watch.disconnect();
        resolve();
      });
      watch.observe(document.querySelector('dialog'), { childList: true, subtree: true });
    });
  });
  const all = [];
  for (const [place, act] of opens.entries()) {
    grid.scrollTop = (place / opens.length) * grid.scrollHeight;
    await painted();
    document.querySelector('dialog .panel-told').replaceChildren();
    all.push(...(await time([act])));
    const closed = new Promise((resolve) => addEventListener('popstate', () => setTimeout(resolve, 50), { once: true }));
    document.querySelector('dialog button:last-of-type').click();
    await closed;
  }
  times['open a user'] = all;
  return times;
}

/** Bytes of the script's heap after a collection, and of the tab's process as the system sees it. */
async function memoryOf(browser, context, page) {
  const session = await context.newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  const heap = metrics.find((one) => one.name === 'JSHeapUsedSize').value;
  const all = await (await browser.newBrowserCDPSession()).send('SystemInfo.getProcessInfo');
  const tabs = all.processInfo.filter((one) => one.type === 'renderer');
  const sizes = await Promise.all(tabs.map(async ({ id }) => {
    const status = await readFile(`/proc/${id}/status`, 'utf8');
    return Number(status.match(/VmRSS:\s+(\d+)/)[1]) * 1024;
  }));
  return { heap, tab: Math.max(...sizes) };
}

function print(results) {
  const line = (cells) => console.log(`| ${cells.join(' | ')} |`);
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  const ms = (time) => `${Math.round(time)} ms`;
  line(['', ...results.map(({ users }) => `${users.toLocaleString('en-GB')} users`)]);
  line(['---', ...results.map(() => '---:')]);
  const row = (title, tell) => line([title, ...results.map(tell)]);
  row('audit and report', (one) => ms(one.audited));
  row('file', (one) => megabytes(one.bytes));
  row('in the table', (one) => one.listed);
  row('first paint', (one) => ms(one.painted));
  row('table is live', (one) => ms(one.live));
  for (const act of Object.keys(results[0].acts)) {
    row(`${act} (median, worst)`, ({ acts }) => {
      const times = [...acts[act]].sort((one, other) => one - other);
      return `${ms(times[Math.floor(times.length / 2)])}, ${ms(times.at(-1))}`;
    });
  }
  row('heap of the script, when live', (one) => megabytes(one.memory.heap));
  row('heap of the script, after all', (one) => megabytes(one.memoryAfter.heap));
  row('process of the tab, after all', (one) => megabytes(one.memoryAfter.tab));
}
