// The HTML report in a browser: what a reader sees, and what must never happen.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';

import { makeReports, openFolds, openPage, startBrowser } from './support.mjs';
import { records } from './users-support.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const NAMES = ['contoso', 'several', 'hostile', 'thousand'];
const VERDICTS = ['ready', 'limited', 'blocked', 'unknown'];

let browser;
let made;
const report = (name) => made.reports.find((one) => one.name === name);

before(async () => {
  made = await makeReports();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await made?.remove();
});

/** Opens a report, does something with it, closes it. */
async function withPage(name, options, look) {
  const opened = await openPage(browser, report(name).url, options);
  try {
    return await look(opened.page, opened.seen, report(name));
  } finally {
    await opened.context.close();
  }
}

const number = (text) => Number(text.replace(/\D/g, ''));
/** Line ends as an HTML parser leaves them. */
const parsed = (text) => text.replace(/\r\n?/g, '\n');
/** What a page may not hold, and what turns the direction of reading, is shown as a replacement. */
const harmless = (text) => text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e\ufdd0-\ufdef]/g, '\ufffd');
/** The name that the report shows for a user. */
const shown = (user) => [user.name, user.email].find((one) => one?.trim()) ?? '(no name)';
const sorted = (list) => [...list].sort();
const byVerdict = (json, verdict) => json.users.filter((user) => user.verdict === verdict);
const inScope = (users) => users.filter((user) => user.verdict !== 'out-of-scope');
/** How many users have each verdict, and how many are in scope. */
const tally = (users) => ({
  ...Object.fromEntries([...VERDICTS, 'out-of-scope'].map((one) => [one, users.filter((user) => user.verdict === one).length])),
  users: inScope(users).length,
});
const ruleOf = (json, id) => json.rules.find((rule) => rule.id === id);
const fails = (user, rule) => user.findings?.some((one) => one.rule === rule && one.outcome === 'fail') ?? false;
/** Waits until the table of users stands where the plain lists did. */
const withTable = (page) => page.locator('#users-live[data-ready]').waitFor({ timeout: 30_000 });
/** Whom the table shows. */
const hits = async (page) => number((await page.locator('#users-live .hits').textContent()).match(/[\d,]+/)[0]);
/** Width of a bar's part in percent. */
const percent = (text) => Number(text.replace('%', ''));

for (const name of NAMES) {
  describe(name, () => {
    test('opens from a file, asks for nothing and runs nothing', async () => {
      await withPage(name, {}, async (page, seen, { url }) => {
        await withTable(page);
        await openFolds(page);
        for (const link of await page.locator('main a[href^="#"]:visible').all().then((all) => all.slice(0, 5))) {
          await link.click();
        }
        await page.mouse.move(300, 300);
        await page.waitForTimeout(100);
        assert.deepEqual(new Set(seen.requests.map((one) => one.split('#')[0])), new Set([url]));
        assert.deepEqual({ ...seen, requests: [] }, { console: [], errors: [], requests: [], dialogs: [], popups: [] });
        assert.equal(await page.evaluate(() => typeof window.__pwned), 'undefined');
        const active = 'iframe, frame, object, embed, link, img, video, audio, form, base, template';
        assert.equal(await page.locator(active).count(), 0);
        // The one script, and blocks of data that are none.
        const scripts = await page.locator('script').evaluateAll((all) => all.map((one) => [one.type, one.src, one.parentElement.tagName]));
        const data = 'application/vnd.clearance+deflate';
        assert.deepEqual(scripts.at(-1), ['', '', 'BODY']);
        assert.ok(scripts.length >= 3);
        assert.deepEqual(new Set(scripts.slice(0, -1).map(String)), new Set([String([data, '', 'BODY'])]));
        const handlers = await attributes(page, /^on|^srcdoc$/);
        assert.deepEqual(handlers, []);
      });
      // The file itself has no styles but the sheet; the script's own go by another way, which the policy lets it.
      await withPage(name, { javaScriptEnabled: false }, async (page) => {
        assert.deepEqual(await attributes(page, /^on|^style$|^srcdoc$/), []);
      });
    });

    test('has a policy that lets nothing in', async () => {
      await withPage(name, {}, async (page) => {
        const policy = page.locator('head > meta[http-equiv="Content-Security-Policy"]');
        assert.equal(await policy.count(), 1);
        const content = await policy.getAttribute('content');
        assert.match(
          content,
          /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; script-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'$/,
        );
        const before = await page.evaluate(() => [...document.head.children].map((one) => one.tagName));
        assert.ok(before.indexOf('META') < before.indexOf('STYLE'));
        // What an attacker would do who got markup or script into the page.
        const [stopped, refused] = await page.evaluate(async () => {
          const stopped = [];
          document.addEventListener('securitypolicyviolation', (event) => stopped.push(event.effectiveDirective));
          const refused = [];
          const attempt = (name, attack) => {
            try {
              attack();
            } catch {
              refused.push(name);
            }
          };
          const add = (name, attributes, text = '') => {
            const element = document.createElement(name);
            for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
            element.append(text);
            document.body.append(element);
          };
          // What the browser's own tools run may evaluate text; what the page runs later may not.
          await new Promise((resolve) => setTimeout(resolve));
          attempt('innerHTML', () => (document.createElement('div').innerHTML = '<b>x</b>'));
          attempt('policy', () => trustedTypes.createPolicy('attacker', { createHTML: (text) => text }));
          attempt('eval', () => (0, eval)('window.__pwned = 1'));
          attempt('function', () => new Function('window.__pwned = 1')());
          attempt('handler', () => add('p', { onclick: 'window.__pwned = 1' }));
          attempt('frame', () => add('iframe', { srcdoc: '<script>parent.__pwned=1</script>' }));
          add('img', { src: 'https://attacker.example/x.png' });
          add('p', { style: 'color:red' }, 'x');
          add('style', {}, 'body{display:none}');
          attempt('script', () => add('script', {}, 'window.__pwned = 1'));
          attempt('source', () => add('script', { src: 'https://attacker.example/x.js' }));
          attempt('worker', () => new Worker(URL.createObjectURL(new Blob(['']))));
          await fetch('https://attacker.example/').catch(() => {});
          for (const one of document.querySelectorAll('p[onclick]')) one.click();
          await new Promise((resolve) => setTimeout(resolve, 200));
          return [stopped, refused];
        });
        for (const name of ['innerHTML', 'policy', 'eval', 'function', 'handler', 'frame', 'source', 'worker']) {
          assert.ok(refused.includes(name), `${name}: only ${refused} were refused`);
        }
        const directives = ['img-src', 'style-src-attr', 'style-src-elem', 'connect-src', 'trusted-types', 'require-trusted-types-for'];
        for (const directive of directives) {
          assert.ok(stopped.includes(directive), `${directive}: only ${stopped} were stopped`);
        }
        assert.equal(await page.evaluate(() => typeof window.__pwned), 'undefined');
        assert.ok(await page.locator('h1').isVisible());
      });
    });

    test('has one title, headings in order, and landmarks with names', async () => {
      await withPage(name, {}, async (page) => {
        assert.match(await page.title(), /ready/);
        assert.equal(await page.locator('html').getAttribute('lang'), 'en-GB');
        for (const landmark of ['body > header', 'header nav[aria-label]', 'main', 'body > footer', 'h1']) {
          assert.equal(await page.locator(landmark).count(), 1, landmark);
        }
        const levels = await page.evaluate(() =>
          [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((one) => Number(one.tagName[1])),
        );
        levels.reduce((last, level) => {
          assert.ok(level <= last + 1, `h${level} after h${last}`);
          return level;
        }, 0);
        assert.equal(levels[0], 1);
        const parts = await page.locator('main > section:not(.cover), .board > section').evaluateAll((all) =>
          all.map((one) => document.getElementById(one.getAttribute('aria-labelledby'))?.textContent.trim()),
        );
        assert.ok(parts.length >= 7 && parts.every(Boolean), `${parts}`);
      });
    });

    test('shows the numbers of the JSON and of the CSV', async () => {
      await withPage(name, {}, async (page, _, { json, csv }) => {
        const { summary } = json;
        const rows = records(csv);
        assert.equal(rows.length, json.users.length);
        const headline = await page.locator('h1').textContent();
        assert.deepEqual(headline.match(/[\d,.\u202f\u00a0]+/g).map(number), [summary.ready, summary.users]);
        const legend = await page.locator('.legend tbody tr').evaluateAll((rows) =>
          rows.map((row) => [row.querySelector('th a, th')?.textContent, row.querySelector('td').textContent]),
        );
        const counts = legend.map(([, count]) => number(count));
        assert.deepEqual(counts, VERDICTS.map((verdict) => summary[verdict]));
        assert.deepEqual(counts, VERDICTS.map((verdict) => byVerdict({ users: rows }, verdict).length));
        VERDICTS.forEach((verdict, place) => assert.ok(legend[place][0].toLowerCase().startsWith(verdict)));
        assert.equal(number(await page.locator('.legend tfoot td').first().textContent()), summary.out_of_scope);
        const cover = await page.locator('.cover-counts tr').evaluateAll((rows) => rows.map((row) => row.querySelector('td').textContent));
        assert.deepEqual(cover.map(number), counts);
        // Each part of the ring is as large as its share.
        assert.equal(
          await page.locator('.ring path[class*="fill-"]').count(),
          VERDICTS.filter((verdict) => summary[verdict] > 0).length,
        );
        // Users by verdict: the count that is told and the entries that are there.
        for (const verdict of [...VERDICTS, 'out-of-scope']) {
          const expected = byVerdict(json, verdict).length;
          const group = page.locator(`#users-${verdict}`);
          assert.equal(await group.count(), expected > 0 ? 1 : 0, verdict);
          if (expected === 0) continue;
          assert.equal(number(await group.locator('.group-count').textContent()), expected, verdict);
          assert.equal(await group.locator('.user, .compact li').count(), expected, verdict);
        }
        // Every rule with its outcomes.
        const drawn = await page.locator('.rule-body').evaluateAll((all) =>
          all.map((one) => [one.id, [...one.querySelectorAll('.counts td')].map((cell) => cell.textContent)]),
        );
        const rules = json.rules.map((rule) => [
          `rule-${rule.id}`,
          [rule.pass, rule.fail, rule.unknown, rule.waived, rule.not_applicable],
        ]);
        assert.deepEqual(
          drawn.map(([id, cells]) => [id, cells.map(number)]),
          rules,
        );
      });
    });

    test('shows what could not be judged', async () => {
      await withPage(name, {}, async (page, _, { json }) => {
        const alert = page.locator('#not-seen');
        const unknown = json.rules.filter((rule) => rule.unknown > 0 && rule.severity !== 'advises');
        assert.equal(await alert.count(), unknown.length + json.notices.length > 0 ? 1 : 0);
        if (json.summary.unknown) assert.equal(number(await alert.locator('h2').textContent()), json.summary.unknown);
        const named = await alert.locator('a[data-view]').evaluateAll((all) => all.map((one) => [one.dataset.view, one.textContent]));
        for (const [view, users] of named) {
          const wanted = new URLSearchParams(view);
          assert.equal(number(users), ruleOf(json, wanted.get('rule')).unknown);
          assert.equal(wanted.get('outcome'), 'unknown');
        }
        const more = (await alert.textContent()).match(/and ([\d,]+) more rules?/)?.[1] ?? '0';
        assert.equal(named.length + number(more), unknown.length);
        const told = (await alert.locator('li').allTextContents()).map((text) => text.trim());
        assert.deepEqual(told, json.notices.map((notice) => harmless(notice).replaceAll('`', '').trim()));
      });
    });

    test('shows every cause with its users and what helps', async () => {
      await withPage(name, {}, async (page, _, { json }) => {
        const causes = await page.locator('.cause').evaluateAll((all) =>
          all.map((one) => ({
            rules: [...one.querySelectorAll('.chips a, h3 a')].map((link) => link.hash.replace('#rule-', '')),
            users: one.querySelector('.count .number').textContent,
            view: one.querySelector('.count').dataset.view,
            width: one.querySelector('.bar rect').getAttribute('width'),
            severity: one.querySelector('.tag').textContent,
            short: one.querySelector('.remedy summary').textContent,
            remedy: one.querySelector('.remedy').textContent,
            first: one.querySelector('.remedy .quiet').textContent,
          })),
        );
        assert.ok(causes.length > 3);
        const longest = Math.max(...causes.map((cause) => number(cause.users)));
        assert.ok((await page.locator('#causes > .hint').textContent()).includes(`${longest} of ${json.summary.users} users`));
        const told = new Set();
        for (const cause of causes) {
          for (const id of cause.rules) {
            const rule = ruleOf(json, id);
            assert.equal(number(cause.users), rule.fail, id);
            assert.equal(cause.severity, rule.severity, id);
            told.add(id);
          }
          const view = new URLSearchParams(cause.view);
          assert.deepEqual([view.get('outcome'), sorted(view.get('rule').split(','))], ['fail', sorted(new Set(cause.rules))]);
          // A bar from zero, on one scale.
          assert.ok(Math.abs(percent(cause.width) - (100 * number(cause.users)) / longest) < 0.01, `${cause.rules}: ${cause.width}`);
          // The remedy begins beside the cause; the whole of it is in the fold.
          const findings = json.users.flatMap((user) => user.findings ?? []).concat(json.environment_findings);
          const remedy = findings.find((one) => one.rule === cause.rules[0])?.remedy ?? '';
          const plain = (text) => text.replaceAll('`', '').replace(/\s+/g, ' ').trim();
          assert.ok(cause.short.trim().length > 10);
          if (new Set(cause.rules).size === 1) assert.ok(plain(cause.remedy).includes(plain(remedy)), `${cause.rules}: ${remedy}`);
          else assert.ok(plain(cause.remedy).length > 40);
        }
        const order = causes.map((cause) => number(cause.users));
        assert.deepEqual(order, [...order].sort((one, other) => other - one));
        // Nothing that fails is left out in silence.
        const all = json.rules.filter((rule) => rule.fail > 0 && rule.severity !== 'advises');
        const more = (await page.locator('#causes').textContent()).match(/([\d,]+) more rules? fails?/)?.[1] ?? '0';
        assert.equal(told.size + number(more), all.length);
        const advice = await page.locator('.advice a[data-view]').evaluateAll((links) => links.map((one) => [one.dataset.view, one.textContent]));
        assert.equal(advice.length, json.rules.filter((rule) => rule.fail > 0 && rule.severity === 'advises').length);
        for (const [view, users] of advice) assert.equal(number(users), ruleOf(json, new URLSearchParams(view).get('rule')).fail);
      });
    });

    test('shows where the trouble sits', async () => {
      await withPage(name, {}, async (page, _, { json, csv }) => {
        const names = json.environments.map((environment) => environment.name);
        const several = names.length > 1;
        assert.equal(await page.locator('#units .of-environment').count(), names.length);
        for (const [place, environment] of names.entries()) {
          const part = page.locator('#units .of-environment').nth(place);
          assert.equal(await part.getAttribute('data-environment'), several ? String(place) : null);
          const read = (rows) =>
            rows.map((row) => ({
              name: row.querySelector('th bdi').textContent,
              view: row.querySelector('th a')?.dataset.view ?? null,
              numbers: [...row.querySelectorAll('td.number')].map((cell) => cell.textContent),
              parts: [...row.querySelectorAll('.bar [class*="fill-"]')].map((one) => [one.getAttribute('class'), one.getAttribute('x'), one.getAttribute('width')]),
            }));
          const rows = await part.locator('tbody tr').evaluateAll(read);
          const users = json.users.filter((user) => user.environment === environment);
          const lines = records(csv).filter((row) => row.environment === environment);
          assert.equal(lines.length, users.length);
          const expected = (list) => {
            const counts = tally(list);
            const bad = counts.users - counts.ready;
            return [bad, counts.blocked, counts.unknown, counts.limited, counts.ready, counts.users, counts['out-of-scope']];
          };
          // Without the share, which is told in percent.
          const numbers = ({ numbers }) => numbers.filter((_, column) => column !== 1).map(number);
          const units = new Set(users.map((user) => user.business_unit));
          const shownUnit = (unit) => (unit.trim() ? parsed(harmless(unit)) : '(no name)');
          const drawn = rows.filter((row) => numbers(row).some((one) => one > 0));
          assert.deepEqual(sorted(drawn.map((row) => row.name)), sorted([...units].map(shownUnit)));
          const largest = Math.max(...[...units].map((unit) => expected(users.filter((user) => user.business_unit === unit))[5]));
          for (const unit of units) {
            const row = rows.find((row) => row.name === shownUnit(unit));
            const own = expected(users.filter((user) => user.business_unit === unit));
            assert.deepEqual(numbers(row), own, unit);
            const view = new URLSearchParams(row.view);
            assert.deepEqual([view.get('unit'), view.get('environment')], [harmless(unit), several ? String(place) : null]);
            const [bad, blocked, unknown, limited, ready, all] = own;
            if (all) {
              const share = (100 * bad) / all;
              assert.ok(Math.abs(parseFloat(row.numbers[1].replace(/[<>]/, '')) - share) <= 0.1, `${unit}: ${row.numbers[1]}`);
            }
            // The bar: from zero, one part after the other, on one scale.
            let end = 0;
            const wanted = [['blocked', blocked], ['unknown', unknown], ['limited', limited], ['ready', ready]].filter(([, count]) => count > 0);
            assert.equal(row.parts.length, wanted.length, unit);
            wanted.forEach(([word, count], place) => {
              const [fill, x, width] = row.parts[place];
              assert.ok(fill.includes(`fill-${word}`));
              assert.ok(Math.abs(percent(x) - end) < 0.02 && Math.abs(percent(width) - (100 * count) / largest) < 0.01, `${unit} ${word}`);
              end += (100 * count) / largest;
            });
          }
          const [total] = (await part.locator('tfoot tr').last().evaluateAll((one) => one.map((row) => [...row.querySelectorAll('td.number')].map((cell) => cell.textContent)))).map((numbers) => ({ numbers }));
          assert.deepEqual(numbers(total), expected(users));
          assert.deepEqual(numbers(total), expected(lines));
        }
      });
    });

    test('shows the environments and what is between them', async () => {
      await withPage(name, {}, async (page, _, { json }) => {
        const names = json.environments.map((environment) => environment.name);
        const facts = await page.locator('#environments .environment').evaluateAll((all) =>
          all.map((one) => [one.querySelector('h3').textContent, one.textContent, one.dataset.environment ?? null]),
        );
        assert.deepEqual(facts.map(([name]) => name), names.map(harmless));
        facts.forEach(([name, text, place], index) => {
          const environment = json.environments[index];
          for (const fact of [environment.url, environment.organization_id, environment.build, environment.collected.by]) {
            assert.ok(text.includes(fact), `${name}: ${fact}`);
          }
          const counts = tally(json.users.filter((user) => user.environment === environment.name));
          for (const verdict of VERDICTS.filter((one) => counts[one] > 0)) assert.ok(text.includes(`${counts[verdict]} ${verdict}`), verdict);
          assert.equal(place, names.length > 1 ? String(index) : null);
        });
        assert.equal(await page.locator('header #environment-switch').count(), 1);
        assert.equal(await page.locator('#across').count(), names.length > 1 ? 1 : 0);
        if (names.length < 2) return;
        const compared = await page.locator('.compare tbody tr').evaluateAll((rows) =>
          rows.map((row) => [row.dataset.environment, row.querySelector('th').textContent, ...[...row.querySelectorAll('td.number')].map((cell) => cell.textContent)]),
        );
        names.forEach((name, place) => {
          const counts = tally(json.users.filter((user) => user.environment === name));
          const wanted = [...VERDICTS, 'users'].map((word) => String(counts[word]));
          assert.deepEqual(compared[place], [String(place), name, ...wanted]);
        });
        // Who clashes: the users of the JSON for whom the rule fails, by what is observed of them.
        const conflicts = await page.locator('.conflict').evaluateAll((all) =>
          all.map((one) => ({
            rule: one.querySelector('h4 a').hash.replace('#rule-', ''),
            rows: [...one.querySelectorAll('tbody tr')].map((row) => [
              row.querySelector('th').textContent,
              row.querySelector('td').firstElementChild.firstChild.textContent,
              row.querySelector('td:last-child').textContent,
              row.querySelector('a').dataset.view,
            ]),
          })),
        );
        const about = ['mailbox-synchronizes-one-environment', 'mailbox-primary-environment', 'app-added-from-one-environment'];
        assert.deepEqual(conflicts.map(({ rule }) => rule), about.filter((rule) => ruleOf(json, rule).fail > 0));
        assert.ok(conflicts.length >= 2);
        for (const { rule, rows } of conflicts) {
          const clashing = json.users.filter((user) => fails(user, rule));
          assert.deepEqual(rows.map(([name]) => name), names.filter((name) => clashing.some((user) => user.environment === name)));
          for (const [name, users, others, view] of rows) {
            const own = clashing.filter((user) => user.environment === name);
            assert.equal(number(users), own.length, `${rule} in ${name}`);
            const wanted = new URLSearchParams(view);
            assert.deepEqual([wanted.get('rule'), wanted.get('environment')], [rule, String(names.indexOf(name))]);
            const observed = own.map((user) => user.findings.find((one) => one.rule === rule).observed);
            const pairs = names.map((other) => [other, observed.filter((text) => text.includes(`"${other}" (`)).length]);
            const said = pairs.filter(([, count]) => count > 0).map(([other, count]) => `${other} ${count}`);
            assert.equal(rule === 'mailbox-primary-environment' ? '' : others.trim(), said.join(', '), `${rule} in ${name}`);
          }
        }
      });
    });

    test('shows names as text', async () => {
      await withPage(name, {}, async (page, _, { json }) => {
        const names = await page.locator('#users-static .name').evaluateAll((all) => all.map((one) => one.textContent));
        assert.deepEqual(sorted(names), sorted(json.users.map((user) => parsed(harmless(shown(user))))));
        const place = await page.locator('.place').textContent();
        assert.equal(place, json.environments.map((one) => harmless(one.name)).join(', '));
        // The name that rearranges the text behind it stays between its own walls.
        const walls = await page.locator('#users-static .name').evaluateAll((all) => new Set(all.map((one) => one.tagName)).size);
        assert.equal(walls, 1);
      });
    });

    test('leads from every part to its users, and back', async () => {
      await withPage(name, {}, async (page, _, { json }) => {
        await withTable(page);
        const lost = await page.evaluate(() =>
          [...document.querySelectorAll('a[href^="#"]')]
            .map((link) => link.getAttribute('href').slice(1).split('?')[0])
            .filter((id) => !document.getElementById(id)),
        );
        assert.deepEqual(lost, []);
        const doubled = await page.evaluate(() => {
          const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
          return ids.filter((id, place) => ids.indexOf(id) !== place);
        });
        assert.deepEqual(doubled, []);
        // A cause opens its rule.
        const cause = page.locator('.cause h3 a').first();
        const rule = page.locator(`#${(await cause.getAttribute('href')).slice(1)}`);
        assert.ok(!(await rule.isVisible()));
        await follow(page, cause);
        // Every number that is a link shows as many users as it says.
        const counted = page.locator('.cause:not(:has(.chips)) .count:visible, .legend a, .conflict td a, .advice a[data-view], #not-seen a[data-view]');
        for (const link of await counted.all()) {
          // From everybody, and with all environments in sight.
          await page.evaluate(() => (location.hash = '#users'));
          const inLegend = await link.evaluate((one) => one.closest('.legend')?.textContent && one.closest('tr').querySelector('td').textContent);
          const expected = number(inLegend ?? (await link.textContent()));
          await link.click();
          assert.equal(await hits(page), expected, await link.getAttribute('data-view'));
          assert.ok(await page.locator('#users h2').evaluate((one) => one.getBoundingClientRect().top < innerHeight));
        }
        for (const row of (await page.locator('.units tbody tr:visible').all()).slice(0, 6)) {
          const link = row.locator('th a');
          await page.evaluate(() => (location.hash = '#users'));
          const cells = await row.locator('td.number').allTextContents();
          await link.click();
          assert.equal(await hits(page), number(cells.at(-1)) + number(cells.at(-2)));
        }
        // From a rule to one of its users, and from there to the rule.
        const rules = await page.locator('.rule-body:has(.people li + li)').all();
        assert.ok(rules.length > 10);
        for (const one of rules.slice(0, 4)) {
          const href = `#${await one.getAttribute('id')}`;
          await page.evaluate((hash) => (location.hash = hash), href);
          const person = page.locator(`${href} .people a`).last();
          const id = new URLSearchParams(await person.getAttribute('data-view')).get('user');
          await person.click();
          const panel = page.getByRole('dialog');
          await panel.locator('.told').waitFor();
          const user = json.users.find((user) => user.id === id);
          assert.equal((await panel.locator('h2').textContent()).trim(), parsed(harmless(shown(user))).trim());
          await panel.locator(`a[href="${href}"]`).first().click();
          await one.waitFor({ state: 'visible' });
        }
      });
    });

    test('leads from rules to users and back without JavaScript', async () => {
      await withPage(name, { javaScriptEnabled: false }, async (page) => {
        const rules = await page.locator('.rule:has(.people li + li)').all();
        for (const rule of rules.slice(0, 3)) {
          await rule.locator('summary').click();
          const person = rule.locator('.people a').last();
          const user = page.locator(`[id="${(await person.getAttribute('href')).slice(1)}"]`);
          await person.click();
          await user.waitFor({ state: 'visible' });
          await user.locator('a[href^="#rule-"]').first().click();
        }
      });
    });

    for (const width of [375, 1280]) {
      test(`fits ${width} pixels`, async () => {
        await withPage(name, { viewport: { width, height: 800 } }, async (page) => {
          for (const open of [false, true]) {
            if (open) {
              await openFolds(page);
            }
            const [wide, widest] = await page.evaluate(() => {
              const limit = document.documentElement.clientWidth;
              const outside = [...document.querySelectorAll('main *')].filter((one) => {
                const box = one.getBoundingClientRect();
                return box.width > 1 && box.right > limit + 1 && !one.closest('.unseen, svg, thead');
              });
              return [
                document.documentElement.scrollWidth - limit,
                outside.slice(0, 3).map((one) => one.outerHTML.slice(0, 200)),
              ];
            });
            assert.ok(wide <= 0, `${wide} pixels too wide: ${widest.join('\n')}`);
            // Nor is a text squeezed into a column of a letter or two, or a number broken in two.
            const squeezed = await page.evaluate(() => {
              const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              const found = [];
              while (texts.nextNode()) {
                const { currentNode: node } = texts;
                const [text, parent] = [node.data.trim(), node.parentElement];
                if (!text || parent.closest('svg, .unseen, .skip, .causes thead') || !parent.checkVisibility()) continue;
                const range = document.createRange();
                range.selectNodeContents(node);
                const { width, height } = range.getBoundingClientRect();
                const lines = height / parseFloat(getComputedStyle(parent).fontSize);
                if (width <= 1 || lines < 2) continue;
                if (width < 40 || /^[\d,]+$/.test(text)) found.push(`${text.slice(0, 80)} in ${parent.outerHTML.slice(0, 80)}`);
              }
              return found;
            });
            assert.deepEqual(squeezed, []);
          }
        });
      });
    }

    test('shows everything without JavaScript', async () => {
      await withPage(name, { javaScriptEnabled: false }, async (page, seen, { json }) => {
        assert.ok(await page.locator('h1').isVisible());
        assert.ok(await page.locator('.ring').isVisible());
        assert.ok(await page.locator('.causes .bar').first().isVisible());
        assert.ok(await page.locator('.units .bar').first().isVisible());
        assert.ok(!(await page.locator('#users-live').isVisible()) && !(await page.locator('#environment-switch').isVisible()));
        assert.equal(await page.locator('#users-static').locator('.user, .compact li').count(), json.users.length);
        // Folds open by themselves: a group, then a user, then the evidence.
        const group = page.locator('#users-limited');
        if (!(await group.evaluate((one) => one.open))) await group.locator('summary').first().click();
        const user = group.locator('.user').first();
        await user.locator('summary').click();
        assert.ok(await user.locator('.finding').first().isVisible());
        assert.deepEqual(seen.errors, []);
      });
    });

    test('prints a cover, the parts and the rules, and nobody', async () => {
      await withPage(name, {}, async (page, _, { json }) => {
        await withTable(page);
        assert.ok(!(await page.locator('.cover').isVisible()));
        await page.emulateMedia({ media: 'print' });
        for (const part of ['header nav', '#users', '#users-static', '#users-live', '#environment-switch', '.people', '.skip']) {
          for (const one of await page.locator(part).all()) assert.ok(!(await one.isVisible()), part);
        }
        for (const part of ['.cover', '.ring', '#causes', '#units .units', '#environments', '#rules']) {
          assert.ok(await page.locator(part).first().isVisible(), part);
        }
        if (json.environments.length === 1) assert.ok(await page.locator('#first .steps li').first().isVisible());
        const folded = await page.evaluate(() => [...document.querySelectorAll('.rule-body')].filter((one) => !one.checkVisibility()).length);
        assert.equal(folded, 0, 'folded rules are printed');
        assert.equal(await page.locator('.rule-body').count(), json.rules.length);
        const cover = await page.locator('.cover').innerText();
        for (const text of [String(json.summary.ready), `of ${json.summary.users} users ready`, ...json.environments.map((one) => one.url)]) {
          assert.ok(cover.includes(text), text);
        }
        // Where a link leads can be read on paper.
        const hidden = await page.evaluate(() =>
          [...document.querySelectorAll('main a[href^="http"]')]
            .filter((link) => link.checkVisibility() && !link.textContent.includes(link.getAttribute('href')))
            .map((link) => link.outerHTML),
        );
        assert.deepEqual(hidden, []);
        const pdf = await page.pdf({ preferCSSPageSize: true });
        assert.equal(pdf.subarray(0, 5).toString('latin1'), '%PDF-');
        const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
        assert.ok(pages > 5 && pages < 60, `${pages} pages`);
      });
    });

    for (const colorScheme of ['light', 'dark']) {
      test(`has no fault that axe finds, ${colorScheme}`, async () => {
        // axe is a script, which the page's own policy would stop.
        await withPage(name, { bypassCSP: true, colorScheme }, async (page) => {
          if (name !== 'thousand') await openFolds(page);
          await page.addScriptTag({ path: axe });
          const found = await page.evaluate(async () => {
            const result = await window.axe.run(document, { resultTypes: ['violations'] });
            return result.violations.map(
              (one) => `${one.id} (${one.impact}), ${one.nodes.length} times: ${one.help}: ${one.nodes
                .slice(0, 3)
                .map((node) => `${node.target} ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`)
                .join(' | ')}`,
            );
          });
          assert.deepEqual(found, []);
        });
      });
    }
  });
}

/** Colours of the style sheet by name, in one theme. */
function palette(theme) {
  return withPage('contoso', { colorScheme: theme }, (page) =>
    page.evaluate(() => {
      const style = getComputedStyle(document.documentElement);
      const names = ['page', 'surface', 'raised', 'alert', 'ink', 'quiet', 'link', 'ready', 'limited', 'blocked', 'unknown', 'out-of-scope', 'advises'];
      return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
    }),
  );
}

/** Contrast of two colours as WCAG defines it. */
function contrast(...colours) {
  const [one, other] = colours.map((colour) => {
    const hex = colour.length === 4 ? colour.replace(/[0-9a-f]/gi, '$&$&') : colour;
    const [red, green, blue] = hex.match(/[0-9a-f]{2}/gi).map((part) => {
      const value = parseInt(part, 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

for (const theme of ['light', 'dark']) {
  test(`every colour of a text can be read on every surface, ${theme}`, async () => {
    assert.ok(Math.abs(contrast('#fff', '#000000') - 21) < 0.01);
    const { page, surface, raised, alert, ...texts } = await palette(theme);
    for (const [name, text] of Object.entries(texts)) {
      for (const [where, ground] of Object.entries({ page, surface, raised, alert })) {
        assert.ok(contrast(text, ground) >= 4.5, `${name} on ${where}: ${contrast(text, ground).toFixed(2)}`);
      }
    }
  });
}

test('the hostile names are there', () => {
  const names = report('hostile').json.users.map((user) => user.name ?? '');
  for (const part of ['<script>', 'onerror=', '\u202e', '=cmd|', '{{', '\n', '</style>', 'x'.repeat(400)]) {
    assert.ok(names.some((name) => name.includes(part)), JSON.stringify(part));
  }
});

test('a thousand users stay a page that opens', () => {
  assert.ok(report('thousand').bytes < 5_000_000, `${report('thousand').bytes} bytes`);
});

/** The attributes of that name that are anywhere in the page. */
function attributes(page, name) {
  return page
    .locator('*')
    .evaluateAll((all) => all.flatMap((element) => [...element.attributes].map((one) => one.name)))
    .then((names) => names.filter((one) => name.test(one)));
}

/** Clicks a link within the page; its target must be open and in sight. Gives the target's hash. */
async function follow(page, link) {
  const href = await link.getAttribute('href');
  await link.click();
  const target = page.locator(href);
  await target.waitFor({ state: 'visible' });
  // Scrolling is done at the latest when the next frame but one is drawn.
  const [top, from, to] = await target.evaluate(async (one) => {
    for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
    const bar = document.querySelector('header.top');
    const covered = getComputedStyle(bar).position === 'sticky' ? bar.getBoundingClientRect().bottom : 0;
    return [one.getBoundingClientRect().top, covered - 1, window.innerHeight];
  });
  assert.ok(top >= from && top < to, `${href} is at ${top}, in sight is ${from} to ${to}`);
  return href;
}
