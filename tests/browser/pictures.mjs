// The README's pictures, in docs/, made from the sample environment:  node pictures.mjs
//
// The audit's page, one user in it, its first printed sheets and the page of one explanation as they are;
// what goes to a terminal as it is printed there, a hundred columns wide.

import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { openPage, program, root, startBrowser } from './support.mjs';

const run = promisify(execFile);
const SAMPLE = 'fixtures/contoso.snapshot';
const ROLE = 'Dynamics 365 App for Outlook User';

async function clearance(...words) {
  const environment = { ...process.env, COLUMNS: '100', NO_COLOR: '1' };
  const { stdout } = await run(program('clearance', 'CLEARANCE_BIN'), words, { cwd: root, env: environment });
  return stdout;
}

const picture = (name) => join(root, 'docs', name);

async function pageOf(browser, file, name, options) {
  const { page, context } = await openPage(browser, pathToFileURL(file).href, options);
  await page.screenshot({ path: picture(name) });
  await context.close();
}

/** One user's explanation, as the table of users opens it. */
async function userOf(browser, file, name, user) {
  const { page, context } = await openPage(browser, pathToFileURL(file).href, { colorScheme: 'light' });
  await page.locator('#users-live[data-ready]').waitFor();
  await page.evaluate((q) => (location.hash = `#users?${new URLSearchParams({ q })}`), user);
  await page.getByRole('grid', { name: 'Users' }).locator('.row').first().click();
  await page.getByRole('dialog').locator('.told').waitFor();
  await page.screenshot({ path: picture(name) });
  await context.close();
}

/** The first sheets of the printed report beside each other. Needs pdftoppm. */
async function printOf(browser, file, name) {
  const { page, context } = await openPage(browser, pathToFileURL(file).href);
  const pdf = join(folder, 'report.pdf');
  await page.pdf({ path: pdf, preferCSSPageSize: true });
  await run('pdftoppm', ['-r', '56', '-png', pdf, join(folder, 'sheet')]);
  const all = (await readdir(folder)).filter((one) => one.startsWith('sheet-')).sort();
  const rules = all[Math.ceil(all.length / 2)];
  const images = await Promise.all([...all.slice(0, 3), rules].map((one) => readFile(join(folder, one), 'base64')));
  const sheets = await browser.newPage();
  await sheets.setContent(`<body>${images.map((image) => `<img src="data:image/png;base64,${image}">`).join('')}</body>`);
  await sheets.addStyleTag({ content: 'body{margin:0;padding:14px;display:flex;gap:14px;width:max-content;background:#8a9299}img{display:block}' });
  await sheets.locator('body').screenshot({ path: picture(name) });
  await sheets.close();
  await context.close();
}

/** A command and the first lines of what it prints. */
async function terminalOf(browser, name, command, printed, lines) {
  const shown = printed.trimEnd().split('\n');
  const text = shown.slice(0, lines).join('\n') + (shown.length > lines ? '\n…' : '');
  const context = await browser.newContext({ viewport: { width: 960, height: 400 }, deviceScaleFactor: 1.25 });
  const page = await context.newPage();
  await page.setContent('<pre></pre>');
  await page.addStyleTag({
    content:
      'body{margin:0;background:#16191f}' +
      'pre{margin:0;padding:18px 22px;color:#e3e6ea;font:14px/1.35 "DejaVu Sans Mono",monospace;width:max-content}',
  });
  await page.evaluate((text) => (document.querySelector('pre').textContent = text), `$ ${command}\n${text}`);
  await page.locator('pre').screenshot({ path: picture(name) });
  await context.close();
}

const folder = await mkdtemp(join(tmpdir(), 'clearance-pictures-'));
const browser = await startBrowser();
try {
  const report = join(folder, 'report.html');
  await clearance('audit', SAMPLE, '--quiet', '--html', report);
  const first = { viewport: { width: 1280, height: 900 } };
  await pageOf(browser, report, 'report.png', { ...first, colorScheme: 'light' });
  await pageOf(browser, report, 'report-dark.png', { ...first, colorScheme: 'dark' });
  await userOf(browser, report, 'user.png', 'Farid Mueller');
  await printOf(browser, report, 'print.png');

  const answer = join(folder, 'farid.html');
  const message = "You haven't been authorised to use this app";
  await clearance('explain', SAMPLE, '--user', 'Farid Mueller', '--error', message, '--html', answer);
  await pageOf(browser, answer, 'explain.png', { viewport: { width: 1200, height: 1240 }, colorScheme: 'light' });

  const plan = await clearance('plan', SAMPLE);
  await terminalOf(browser, 'plan.png', 'clearance plan contoso.snapshot', plan, 34);

  const change = ['--set-inheritance', 'direct-user', '--on-role', ROLE];
  const supposed = await clearance('what-if', SAMPLE, ...change);
  const command = `clearance what-if contoso.snapshot --set-inheritance direct-user --on-role "${ROLE}"`;
  await terminalOf(browser, 'what-if.png', command, supposed, 18);

  // Few colours are enough for screens, and the repository stays small.
  for (const name of (await readdir(picture('.'))).filter((one) => one.endsWith('.png'))) {
    const small = join(folder, name);
    await run('pngquant', ['--speed', '1', '--quality', '70-98', '--strip', '--output', small, '96', picture(name)]);
    await copyFile(small, picture(name));
  }
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}
