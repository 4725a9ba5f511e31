// The live table of users in the HTML report: what it shows is what the CSV and the JSON say, it can be
// used by keyboard alone, and it stays quick to use with 100,000 users.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';

import { openPage, startBrowser } from './support.mjs';
import { Reports, Table, found, plain, records } from './users-support.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const NAMES = ['contoso', '20000', '100000'];
const VERDICTS = ['blocked', 'unknown', 'limited', 'ready', 'out-of-scope'];
/** Above this a report does not list everyone. */
const FOLDED = '160000';
const QUIET = { console: [], errors: [], requests: [], dialogs: [], popups: [] };

let browser;
let reports;

before(async () => {
  reports = await Reports.make();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await reports?.remove();
});

/** Opens a report with its table, does something, and sees that nothing happened that must not. */
async function withTable(name, options, look) {
  const report = await reports.get(name);
  const { hash = '', ...rest } = options;
  const { page, context, seen } = await openPage(browser, report.url + hash, rest);
  try {
    await look(await Table.open(page), report, page);
    assert.deepEqual([...new Set(seen.requests.map((one) => one.split('#')[0]))], [report.url]);
    assert.deepEqual({ ...seen, requests: [] }, QUIET);
    assert.equal(await page.evaluate(() => typeof window.__pwned), 'undefined');
  } finally {
    await context.close();
  }
}

const tally = (list) => list.reduce((counts, one) => counts.set(one, (counts.get(one) ?? 0) + 1), new Map());
/** Some of a list, from everywhere in it. */
const some = (list, number) => Array.from({ length: number }, (_, at) => list[Math.floor((at * list.length) / number)]);
const findingsOf = (json, id) => json.users.find((user) => user.id === id).findings ?? [];
/** The JSON's users by the rules that they have a finding of, also those of the environment. */
function usersByRule(json) {
  const counts = new Map();
  for (const user of json.users) for (const { rule } of user.findings ?? []) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return counts;
}

for (const name of NAMES) {
  describe(`${Number(name) || 209} users`, () => {
    test('opens with everybody, and draws only what is in sight', async () => {
      await withTable(name, {}, async (table, { rows }, page) => {
        assert.equal(await table.hits(), rows.length);
        const verdicts = tally(rows.map((row) => row.verdict));
        assert.deepEqual(await table.toggles(), Object.fromEntries(VERDICTS.map((one) => [one, verdicts.get(one) ?? 0])));
        assert.ok(!(await page.locator('#users-static').isVisible()));
        assert.equal(await table.grid.getAttribute('aria-rowcount'), String(rows.length + 1));
        // Gravest first, among them by name; out of scope last.
        const [first, last] = await table.ends();
        assert.equal(first.verdict, 'Blocked');
        const named = (verdict) => rows.filter((row) => row.verdict === verdict).map((row) => plain(row.full_name || row.email || '(no name)'));
        assert.equal(plain(first.name), named('blocked').sort()[0]);
        assert.equal(plain(last.name), named(plain(last.verdict).replaceAll(' ', '-')).sort().at(-1));
        assert.equal(last.verdict, verdicts.has('out-of-scope') ? 'Out of scope' : 'Ready');
        assert.ok((await table.grid.locator('.row').count()) < 80);
        // The scroll bar leads to the middle.
        await table.grid.evaluate((grid) => (grid.scrollTop = (grid.scrollHeight - grid.clientHeight) / 2));
        const middle = table.grid.locator(`[aria-rowindex="${Math.floor(rows.length / 2) + 2}"]`);
        await middle.waitFor();
        const [row, grid] = [await middle.boundingBox(), await table.grid.boundingBox()];
        assert.ok(row.y >= grid.y && row.y + row.height <= grid.y + grid.height, 'the middle row is in sight');
      });
    });

    test('searches names, e-mails and business units', async () => {
      await withTable(name, {}, async (table, { rows }, page) => {
        const people = some(rows.filter((row) => row.full_name && row.email), 4);
        const queries = people.flatMap(({ full_name, email, business_unit }) => [
          full_name.slice(0, 3).toUpperCase(),
          email,
          `${business_unit} ${full_name.split(' ').reverse().join('  ')}`,
        ]);
        // Accents that are typed and not in the name.
        const accented = people[0].full_name.replace(/[ae]/i, (letter) => `${letter}\u0301`);
        for (const query of [...queries, accented, 'nobody-is-called-this', '  ']) {
          await table.search.fill(query);
          const expected = found(rows, query);
          assert.equal(await table.hits(), expected.length, query);
          assert.equal(await page.getByText('Nobody matches').isVisible(), expected.length === 0, query);
          if (expected.length === 0 || expected.length > 15) continue;
          const ids = await table.grid.locator('.row a').evaluateAll((all) => all.map((one) => new URLSearchParams(one.hash.split('?')[1]).get('user')));
          assert.deepEqual(ids.sort(), expected.map((row) => row.user_id).sort(), query);
        }
      });
    });

    test('filters by each kind, with the number of users beside each choice', async () => {
      await withTable(name, {}, async (table, { rows, json }) => {
        const expected = {
          'Business unit': tally(rows.map((row) => row.business_unit)),
          'App in Outlook': null,
          Role: null,
          'What is wrong': null,
          'How it stands': null,
        };
        for (const [title, counts] of Object.entries(expected)) {
          const choices = await table.choices(title);
          assert.ok(choices.length > 0, title);
          if (counts) assert.deepEqual(new Map(choices), counts, title);
          for (const [choice, users] of [...some(choices, Math.min(3, choices.length))]) {
            await table.choose(title, choice);
            assert.equal(await table.hits(), users, `${title}: ${choice}`);
            const sum = Object.values(await table.toggles()).reduce((one, other) => one + other);
            assert.equal(sum, users, `${title}: ${choice}, over all verdicts`);
          }
          await table.choose(title, null);
        }
        assert.equal(await table.hits(), rows.length);
        // Deployment as the CSV has it, by way of the address.
        for (const [word, users] of tally(rows.map((row) => row.deployment))) {
          await table.go(`#users?deployment=${word}`);
          assert.equal(await table.hits(), users, word);
        }
        // Rules as the JSON has them.
        if (json) {
          const byRule = usersByRule(json);
          for (const [rule, users] of some([...byRule], 12)) {
            await table.go(`#users?rule=${rule}`);
            assert.equal(await table.hits(), users, rule);
            await table.go(`#users?rule=${rule}&outcome=fail`);
            assert.equal(await table.hits(), json.rules.find(({ id }) => id === rule).fail, `${rule} fails`);
          }
        }
        // Two verdicts and a unit together, then one of the verdicts less.
        const [unit] = expected['Business unit'].keys();
        await table.go(`#users?verdict=ready,blocked&unit=${encodeURIComponent(unit)}`);
        const both = rows.filter((row) => row.business_unit === unit && ['ready', 'blocked'].includes(row.verdict));
        assert.equal(await table.hits(), both.length);
        await table.toggle('Ready').click();
        assert.equal(await table.hits(), both.filter((row) => row.verdict === 'blocked').length);
        assert.match(await table.hash(), /^#users\?verdict=blocked&unit=/);
        await table.clear();
        assert.equal(await table.hits(), rows.length);
        assert.equal(await table.hash(), '#users');
      });
    });

    test('orders by each column, both ways', async () => {
      await withTable(name, {}, async (table, { rows }, page) => {
        const keys = { name: 'full_name', email: 'email', unit: 'business_unit', cause: 'top_cause', deployment: null, verdict: null };
        for (const [column, key] of Object.entries(keys)) {
          const head = page.locator(`[role="columnheader"].of-${column}`);
          await head.getByRole('button').click();
          assert.equal(await head.getAttribute('aria-sort'), 'ascending');
          const [first, last] = await table.ends();
          await head.getByRole('button').click();
          assert.equal(await head.getAttribute('aria-sort'), 'descending');
          assert.deepEqual(await table.ends(), [last, first], `${column}, backwards`);
          assert.match(await table.hash(), new RegExp(`^#users\\?sort=${column}&order=desc$`));
          if (!key) continue;
          // What is empty comes last.
          const values = rows.map((row) => plain(column === 'name' ? row.full_name || row.email || '(no name)' : row[key]));
          values.sort((one, other) => (!one - !other) || (one < other ? -1 : Number(one > other)));
          const shown = (text) => plain(text);
          const raw = (text) => text.replaceAll('`', '');
          assert.deepEqual([shown(first[column]), shown(last[column])], [raw(values[0]), raw(values.at(-1))], column);
        }
      });
    });

    test('opens a user with what the CSV says, and leads back', async () => {
      await withTable(name, {}, async (table, { rows }, page) => {
        for (const row of some(rows, 6)) {
          await table.search.fill(row.email || row.full_name);
          const its = table.grid.locator(`.row:has(a[href*="${row.user_id}"])`);
          const shown = await table.row(Number(await its.getAttribute('aria-rowindex')) - 2);
          await its.click();
          const told = await table.told();
          assert.equal(told.name, row.full_name || row.email || '(no name)');
          assert.equal(plain(told.verdict).replaceAll(' ', '-'), row.verdict);
          assert.equal(told.sheet['E-mail'] ?? '', row.email);
          assert.equal(told.sheet['Business unit'], row.business_unit);
          assert.equal(told.sheet.Id, row.user_id);
          assert.match(await table.hash(), new RegExp(`user=${row.user_id}$`));
          assert.equal(shown.cause, row.top_cause.replaceAll('`', ''));
          if (['blocked', 'limited', 'unknown'].includes(row.verdict)) assert.ok(told.findings.length > 0);
          await page.keyboard.press('Escape');
          await table.panel.waitFor({ state: 'hidden' });
          assert.ok(!(await table.hash()).includes('user='));
          assert.ok(await page.evaluate((id) => document.activeElement.querySelector('a').href.includes(id), row.user_id), 'the row has the keyboard');
        }
      });
    });

    test('saves the CSV that the program writes, byte for byte, or those shown of it', async () => {
      await withTable(name, {}, async (table, { csv, rows }) => {
        const { bytes, fileName } = await table.save();
        assert.equal(fileName, 'verdicts.csv');
        assert.ok(bytes.equals(csv), `${bytes.length} bytes, the program wrote ${csv.length}`);
        await table.toggle('Limited').click();
        const part = await table.save();
        assert.equal(part.fileName, 'verdicts-selected.csv');
        assert.deepEqual(records(part.bytes.toString('utf8')), rows.filter((row) => row.verdict === 'limited'));
        // In the order that was chosen.
        await table.go('#users?verdict=limited&sort=email&order=desc');
        const emails = records((await table.save()).bytes.toString('utf8')).map((row) => plain(row.email));
        // What is empty comes last, so first here.
        const filled = emails.filter(Boolean);
        assert.deepEqual(emails.slice(emails.length - filled.length), [...filled].sort().reverse());
        assert.ok(filled.length > 5);
      });
    });
  });
}

describe('the explanation of a user', () => {
  test('tells every finding of the JSON, with its evidence', async () => {
    await withTable('contoso', {}, async (table, { json }) => {
      for (const user of some(json.users.filter((one) => one.findings?.length), 40)) {
        await table.go(`#users?user=${user.id}`);
        const told = await table.told();
        assert.deepEqual([...new Set(told.rules)].sort(), [...new Set(findingsOf(json, user.id).map(({ rule }) => rule))].sort(), user.email);
        const text = told.findings.join('\n');
        const [first] = user.findings.filter(({ outcome }) => outcome === 'fail');
        if (user.findings.length === 1 && first) {
          for (const key of ['expected', 'observed', 'cause', 'remedy']) {
            assert.ok(text.includes(first[key].replaceAll('`', '')), `${first[key]} in ${text}`);
          }
        }
      }
    });
  });

  test('draws the way of a role that stays with its team, and what stops it', async () => {
    await withTable('contoso', {}, async (table, { json }) => {
      const stays = (user) => user.findings?.some(({ cause }) => cause.includes('stay with the team'));
      const user = json.users.find(stays);
      await table.go(`#users?user=${user.id}`);
      const steps = table.panel.locator('.way.stopped').first().locator('.step');
      await steps.first().waitFor();
      const texts = await steps.allTextContents();
      assert.deepEqual(texts.map((text) => text.match(/^(Role|Copy in|Held by|User)/)?.[0]), ['Role', 'Copy in', 'Held by', 'User']);
      assert.ok(texts[3].endsWith(user.name), texts[3]);
      assert.match(await table.panel.locator('.way.stopped .stop').first().textContent(), /stay with the team/);
    });
  });

  test('steps through the users shown, and copies as text', async () => {
    await withTable('contoso', { hash: '#users?verdict=blocked&sort=email&order=asc' }, async (table, { rows }, page) => {
      const blocked = rows.filter((row) => row.verdict === 'blocked').sort((one, other) => (one.email < other.email ? -1 : 1));
      await page.evaluate(() => {
        navigator.clipboard.writeText = async (text) => void (window.copied = text);
      });
      await table.grid.locator('.row').first().click();
      for (const [place, row] of blocked.slice(0, 5).entries()) {
        const told = await table.told();
        assert.equal(told.name, row.full_name);
        assert.ok(await table.panel.getByText(`${place + 1} of ${blocked.length}`).isVisible());
        await table.panel.getByRole('button', { name: 'Copy as text' }).click();
        await table.panel.getByText('Copied.').waitFor();
        const text = await page.evaluate(() => window.copied);
        const titles = await table.panel.locator('.told-title').allTextContents();
        for (const part of [row.full_name, row.email, 'Blocked', row.user_id, ...titles]) {
          assert.ok(text.includes(part), `${part} in ${text}`);
        }
        await table.panel.getByRole('button', { name: 'Next' }).click();
      }
      await table.panel.getByRole('button', { name: 'Previous' }).click();
      await table.panel.getByRole('button', { name: 'Close' }).click();
      await table.panel.waitFor({ state: 'hidden' });
      const focused = await page.evaluate(() => document.activeElement.textContent);
      assert.ok(focused.includes(blocked[4].email), focused);
    });
  });

  test('leads to a rule and, by going back, to the same user', async () => {
    await withTable('contoso', { hash: '#users?verdict=blocked' }, async (table, _, page) => {
      await table.grid.locator('.row').nth(3).click();
      const { name } = await table.told();
      const link = table.panel.locator('a[href^="#rule-"]').first();
      const href = await link.getAttribute('href');
      await link.click();
      await page.locator(href).waitFor({ state: 'visible' });
      assert.ok(!(await table.panel.isVisible()));
      assert.equal(await table.hash(), href);
      await page.goBack();
      assert.equal((await table.told()).name, name);
      await page.goBack();
      await table.panel.waitFor({ state: 'hidden' });
      assert.equal(await table.hash(), '#users?verdict=blocked');
      await page.goForward();
      assert.equal((await table.told()).name, name);
    });
  });
});

describe('a view', () => {
  test('comes back from its address, and by “back” and “forward”', async () => {
    await withTable('contoso', {}, async (table, { rows, url }, page) => {
      const view = async () => [await table.hits(), await table.search.inputValue(), await table.hash()];
      const views = [await view()];
      const keep = async () => views.push(await view());
      await table.toggle('Blocked').click();
      await keep();
      await table.search.pressSequentially('an', { delay: 20 });
      await page.waitForFunction(() => location.hash.includes('q=an'));
      await keep();
      await table.choose('Business unit', 'West');
      await keep();
      await page.locator('[role="columnheader"].of-email button').click();
      await keep();
      assert.equal(views[3][0], found(rows, 'an').filter((row) => row.verdict === 'blocked' && row.business_unit === 'West').length);
      for (const expected of views.slice(0, -1).reverse()) {
        await page.goBack();
        assert.deepEqual(await view(), expected);
      }
      for (const expected of views.slice(1)) {
        await page.goForward();
        assert.deepEqual(await view(), expected);
      }
      const other = await openPage(browser, url + views.at(-1)[2]);
      assert.equal(await (await Table.open(other.page)).hits(), views.at(-1)[0]);
      await other.context.close();
    });
  });

  test('says what in its address this report does not know', async () => {
    const hash = '#users?verdict=blocked,purple&rule=no-such-rule&user=00000000-0000-0000-0000-000000000000&colour=red';
    await withTable('contoso', { hash }, async (table, { rows }, page) => {
      const notice = await page.locator('#users-live').getByRole('alert').textContent();
      for (const word of ['purple', 'no-such-rule', '00000000-0000-0000-0000-000000000000', 'colour', 'red']) {
        assert.ok(notice.includes(word), `${word} in ${notice}`);
      }
      assert.ok(!notice.includes('“blocked”'));
      assert.equal(await table.hits(), rows.filter((row) => row.verdict === 'blocked').length);
    });
  });

  test('is led to by the links of the other parts', async () => {
    await withTable('contoso', {}, async (table, _, page) => {
      const links = page.locator('a[data-view]');
      const number = await links.count();
      assert.ok(number > 0);
      for (const place of [0, Math.floor(number / 2), number - 1]) {
        const link = links.nth(place);
        const wanted = `#users?${await link.getAttribute('data-view')}`;
        assert.equal(await link.getAttribute('href'), wanted);
        await link.evaluate((one) => {
          for (let fold = one.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true;
        });
        if (!(await link.isVisible())) continue;
        await table.clear();
        await link.click();
        assert.deepEqual(
          [...new URLSearchParams((await table.hash()).slice(7))].sort(),
          [...new URLSearchParams(wanted.slice(7))].sort(),
        );
        if (wanted.includes('user=')) {
          await table.told();
          await page.keyboard.press('Escape');
          await table.panel.waitFor({ state: 'hidden' });
          await page.waitForFunction((one) => one === document.activeElement, await link.elementHandle(), { timeout: 5000 });
          continue;
        }
        const top = await page.locator('#users').evaluate((one) => one.getBoundingClientRect().top);
        assert.ok(top >= 0 && top < 300, `the users are at ${top}`);
        assert.ok(await page.locator('#users-live .notice').first().isHidden());
      }
    });
  });
});

describe('several environments', () => {
  test('are told apart, and one can be looked at alone', async () => {
    await withTable('environments', {}, async (table, { rows, csv }, page) => {
      assert.ok((await table.save()).bytes.equals(csv));
      assert.deepEqual(new Set((await table.all()).map((row) => row.environment)), new Set(['contoso', 'fabrikam']));
      const chooser = page.locator('header select, #environment-switch select').first();
      await chooser.selectOption({ label: 'fabrikam' });
      const its = rows.filter((row) => row.environment === 'fabrikam');
      assert.equal(await table.hits(), its.length);
      assert.match(await table.hash(), /^#users\?environment=1$/);
      assert.deepEqual((await table.all()).map((row) => row.email).sort(), its.map((row) => row.email).sort());
      const parts = await page.locator('[data-environment]').evaluateAll((all) => all.map((one) => [one.dataset.environment, one.hidden]));
      for (const [place, hidden] of parts) assert.equal(hidden, place !== '1');
      await chooser.selectOption({ label: 'all' });
      assert.equal(await table.hits(), rows.length);
      assert.equal(await page.locator('[data-environment][hidden]').count(), 0);
    });
  });
});

describe('hostile names', () => {
  for (const width of [375, 1280]) {
    test(`do nothing and keep to their place, ${width} pixels`, async () => {
      await withTable('hostile', { viewport: { width, height: 800 } }, async (table, { json, csv }, page) => {
        const harmless = (text) => text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e\ufdd0-\ufdef]|[\ufffe\uffff]/g, '\ufffd');
        const names = json.users.map((user) => harmless([user.name, user.email].find((one) => one?.trim()) ?? '(no name)'));
        const rows = await table.all();
        assert.deepEqual(rows.map((row) => row.name).sort(), names.sort());
        // What is saved is what was read, not what is shown.
        const saved = (await table.save()).bytes;
        assert.ok(saved.equals(csv));
        const outside = () =>
          page.evaluate(() => {
            const limit = document.documentElement.clientWidth;
            const wide = document.documentElement.scrollWidth - limit;
            const grid = document.querySelector('[role="grid"]');
            const rows = [...grid.querySelectorAll('.row')].filter((row) => row.scrollWidth > row.clientWidth + 1 || row.scrollHeight > row.clientHeight + 1);
            return [wide, grid.scrollWidth - grid.clientWidth, rows.length];
          });
        assert.deepEqual(await outside(), [0, 0, 0]);
        const odd = ['<script>', '\u202e', '\u0627', 'x'.repeat(400), '{{', '</style>', '\n'];
        for (const part of odd) {
          const user = json.users.find((one) => one.name?.includes(part));
          if (!user) continue;
          await table.go(`#users?user=${user.id}`);
          assert.equal((await table.told()).name, harmless(user.name));
          assert.deepEqual(await table.panel.evaluate((one) => one.scrollWidth - one.clientWidth), 0);
          await page.keyboard.press('Escape');
          await table.panel.waitFor({ state: 'hidden' });
        }
        const elements = 'script:not(#users-live ~ *), iframe, object, embed, img, base, form';
        assert.equal(await page.locator('#users-live, dialog').locator(elements).count(), 0);
      });
    });
  }
});

describe('on a narrow screen', () => {
  test('100,000 users are cards, and the last can be reached', async () => {
    await withTable('100000', { viewport: { width: 375, height: 800 } }, async (table, { rows }, page) => {
      const [first, last] = await table.ends();
      assert.equal(first.verdict, 'Blocked');
      assert.ok(last.name);
      const seen = await table.grid.evaluate((grid) => {
        const box = grid.getBoundingClientRect();
        const row = document.activeElement.getBoundingClientRect();
        return [document.activeElement.getAttribute('aria-rowindex'), row.top >= box.top - 1 && row.bottom <= box.bottom + 1];
      });
      assert.deepEqual(seen, [String(rows.length + 1), true]);
      // By the wheel row for row, also where the list is higher than an element can be.
      const places = () => table.grid.locator('.row').evaluateAll((all) => all.map((one) => Number(one.getAttribute('aria-rowindex'))));
      await table.grid.evaluate((grid) => (grid.scrollTop = grid.scrollHeight / 3));
      await page.waitForTimeout(300);
      await table.grid.hover();
      const before = await places();
      await page.mouse.wheel(0, 400);
      await page.waitForTimeout(400);
      const now = await places();
      assert.ok(now[1] > before[1] && now[1] - before[1] < 10, `${before[1]} became ${now[1]}`);
      const outside = await page.locator('#users').evaluate((one) => [
        one.scrollWidth - one.clientWidth,
        [...one.querySelectorAll('*')].filter((part) => part.checkVisibility() && part.getBoundingClientRect().right > innerWidth).length,
      ]);
      assert.deepEqual(outside, [0, 0]);
    });
  });
});

describe('by keyboard alone', () => {
  test('from the top of the page to a user and back', async () => {
    await withTable('contoso', {}, async (table, { rows }, page) => {
      const at = (look) => page.evaluate(look);
      const tabTo = async (look, what) => {
        for (let presses = 0; presses < 150; presses += 1) {
          await page.keyboard.press('Tab');
          if (await at(look)) return;
        }
        assert.fail(`the Tab key does not lead to ${what}`);
      };
      await tabTo(() => document.activeElement.type === 'search', 'the search');
      await page.keyboard.type('contoso');
      await tabTo(() => document.activeElement.matches('.toggle') && document.activeElement.textContent.startsWith('Blocked'), 'a verdict');
      await page.keyboard.press('Space');
      assert.equal(await at(() => document.activeElement.getAttribute('aria-pressed')), 'true');
      const expected = found(rows, 'contoso').filter((row) => row.verdict === 'blocked');
      assert.equal(await table.hits(), expected.length);
      await page.getByRole('status').filter({ hasText: `${expected.length} of ${rows.length} users` }).waitFor({ state: 'attached' });
      await tabTo(() => document.activeElement.matches('.sort'), 'a head');
      await page.keyboard.press('Enter');
      await tabTo(() => document.activeElement.matches('.row'), 'the table');
      const place = () => at(() => Number(document.activeElement.getAttribute('aria-rowindex')) - 2);
      const outlined = () => at(() => getComputedStyle(document.activeElement).outlineStyle);
      assert.equal(await place(), 0);
      assert.equal(await outlined(), 'solid');
      for (const [key, to] of [['ArrowDown', 1], ['ArrowDown', 2], ['ArrowUp', 1], ['End', expected.length - 1], ['ArrowDown', expected.length - 1], ['Home', 0]]) {
        await page.keyboard.press(key);
        assert.equal(await place(), to, key);
      }
      await page.keyboard.press('PageDown');
      const page1 = await place();
      assert.ok(page1 > 3, `a page is ${page1} rows`);
      await page.keyboard.press('PageUp');
      assert.equal(await place(), 0);
      await page.keyboard.press('ArrowDown');
      const row = await at(() => document.activeElement.textContent);
      await page.keyboard.press('Enter');
      const { name } = await table.told();
      assert.ok(row.includes(name));
      // The keyboard stays in the panel, and gets everywhere in it.
      const seen = new Set();
      for (let presses = 0; presses < 25; presses += 1) {
        await page.keyboard.press('Tab');
        assert.ok(await at(() => !document.activeElement || document.activeElement === document.body || document.activeElement.closest('dialog')), 'the keyboard left the panel');
        seen.add(await at(() => document.activeElement.textContent));
      }
      for (const word of ['Previous', 'Next', 'Copy as text', 'Close']) assert.ok(seen.has(word), word);
      await page.keyboard.press('Escape');
      await table.panel.waitFor({ state: 'hidden' });
      assert.equal(await place(), 1);
      await page.keyboard.press('Shift+Tab');
      assert.ok(await at(() => document.activeElement.matches('.sort')));
    });
  });
});

describe('without what it needs', () => {
  for (const [what, breakIt] of [
    ['the browser cannot unpack', () => delete window.DecompressionStream],
    ['something fails', () => (Intl.NumberFormat.prototype.format = undefined, window.ResizeObserver = undefined)],
  ]) {
    test(`the lists stay: ${what}`, async () => {
      const { url } = await reports.get('contoso');
      const context = await browser.newContext();
      const page = await context.newPage();
      const errors = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      await page.addInitScript(breakIt);
      await page.goto(url);
      const alert = page.locator('#users').getByRole('alert');
      await alert.waitFor();
      assert.match(await alert.textContent(), /The table of users cannot be shown here/);
      assert.ok(await page.locator('#users-static').isVisible());
      assert.ok(!(await page.locator('#users-live').isVisible()));
      assert.deepEqual(errors, []);
      await context.close();
    });
  }
});

test('prints what is there without the script, or the opened user', async () => {
  await withTable('contoso', {}, async (table, { rows }, page) => {
    await page.emulateMedia({ media: 'print' });
    assert.ok(!(await page.locator('#users-live').isVisible()));
    assert.ok(await page.locator('h1').isVisible());
    assert.equal((await page.pdf({ preferCSSPageSize: true })).subarray(0, 5).toString('latin1'), '%PDF-');
    const blocked = rows.find((row) => row.verdict === 'blocked');
    await table.go(`#users?user=${blocked.user_id}`);
    assert.equal((await table.told()).name, blocked.full_name);
    assert.ok(await table.panel.locator('.told').isVisible());
    assert.ok(!(await page.locator('main').isVisible()));
  });
});

test('a million users would be folded: who is not listed is counted by what is wrong', async () => {
  await withTable(FOLDED, {}, async (table, { rows }, page) => {
    const listed = await table.hits();
    assert.ok(listed < rows.length);
    const unlisted = rows.length - listed;
    const folded = page.locator('.folded');
    const text = (number) => number.toLocaleString('en-GB');
    const note = await folded.locator('.notice').textContent();
    for (const number of [rows.length, listed, unlisted]) assert.ok(note.includes(text(number)), `${text(number)} in ${note}`);
    const counted = async () => Number((await folded.locator('summary').textContent()).match(/^[\d,]+/)[0].replaceAll(',', ''));
    assert.equal(await counted(), unlisted);
    await folded.locator('summary').click();
    const more = folded.getByRole('button', { name: 'Show all' });
    if (await more.isVisible()) await more.click();
    const counts = await folded.locator('tbody td:last-child').allTextContents();
    assert.equal(counts.map((one) => Number(one.replaceAll(',', ''))).reduce((one, other) => one + other), unlisted);
    // Listed and folded together are everyone, also by verdict.
    const toggles = await table.toggles();
    const verdicts = tally(rows.map((row) => row.verdict));
    for (const verdict of VERDICTS) {
      await table.go(`#users?verdict=${verdict}`);
      assert.equal((await counted()) + toggles[verdict], verdicts.get(verdict) ?? 0, verdict);
    }
  });
});

for (const colorScheme of ['light', 'dark']) {
  for (const [name, width] of [['contoso', 1280], ['environments', 375]]) {
    test(`axe finds no fault: ${name}, ${colorScheme}, ${width} pixels`, async () => {
      // axe is a script, which the page's own policy would stop.
      await withTable(name, { bypassCSP: true, colorScheme, viewport: { width, height: 900 } }, async (table, { rows }, page) => {
        await page.addScriptTag({ path: axe });
        // The other parts of the page are looked at by the tests of the report.
        const parts = { include: [['header'], ['#users'], ['dialog']] };
        const faults = (where) =>
          page.evaluate(async (where) => {
            const { violations } = await window.axe.run(where ?? document, { resultTypes: ['violations'] });
            return violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`)}`);
          }, where);
        assert.deepEqual(await faults(name === 'contoso' ? null : parts), []);
        await table.go('#users?verdict=blocked,limited&sort=name&order=asc&q=a&unit=West');
        assert.deepEqual(await faults(parts), [], 'with filters');
        for (const verdict of ['blocked', 'ready', 'out-of-scope']) {
          await table.go(`#users?user=${rows.find((row) => row.verdict === verdict).user_id}`);
          await table.told();
          assert.deepEqual(await faults(parts), [], `with a user who is ${verdict}`);
        }
      });
    });
  }
}
