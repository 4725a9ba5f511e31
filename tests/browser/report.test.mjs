// The HTML report in a browser: what a reader sees, and what must never happen.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';

import { makeReports, openFolds, openPage, startBrowser } from './support.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const NAMES = ['contoso', 'hostile', 'thousand'];
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

for (const name of NAMES) {
  describe(name, () => {
    test('opens from a file, asks for nothing and runs nothing', async () => {
      await withPage(name, {}, async (page, seen, { url }) => {
        await openFolds(page);
        for (const link of await page.locator('main a[href^="#"]').all().then((all) => all.slice(0, 5))) {
          await link.click();
        }
        await page.mouse.move(300, 300);
        await page.waitForTimeout(100);
        assert.deepEqual(new Set(seen.requests.map((one) => one.split('#')[0])), new Set([url]));
        assert.deepEqual({ ...seen, requests: [] }, { console: [], errors: [], requests: [], dialogs: [], popups: [] });
        assert.equal(await page.evaluate(() => typeof window.__pwned), 'undefined');
        const active = 'script, iframe, frame, object, embed, link, img, video, audio, form, base, template';
        assert.equal(await page.locator(active).count(), 0);
        const handlers = await page.evaluate(() =>
          [...document.querySelectorAll('*')].flatMap((element) =>
            [...element.attributes].map((one) => one.name).filter((one) => /^on|^style$|^srcdoc$/.test(one)),
          ),
        );
        assert.deepEqual(handlers, []);
      });
    });

    test('has a policy that lets nothing in', async () => {
      await withPage(name, {}, async (page) => {
        const policy = page.locator('head > meta[http-equiv="Content-Security-Policy"]');
        assert.equal(await policy.count(), 1);
        const content = await policy.getAttribute('content');
        assert.match(content, /default-src 'none'/);
        assert.doesNotMatch(content, /unsafe|data:|\*|https?:/);
        const before = await page.evaluate(() => [...document.head.children].map((one) => one.tagName));
        assert.ok(before.indexOf('META') < before.indexOf('STYLE'));
        // What an attacker would do who got markup into the page.
        const stopped = await page.evaluate(async () => {
          const stopped = [];
          document.addEventListener('securitypolicyviolation', (event) => stopped.push(event.effectiveDirective));
          const attack = document.createElement('div');
          document.body.append(attack);
          attack.innerHTML =
            '<img src="https://attacker.example/x.png" onerror="window.__pwned=1">' +
            '<iframe srcdoc="<script>parent.__pwned=1</script>"></iframe>' +
            '<p style="color:red">x</p><style>body{display:none}</style>';
          const script = document.createElement('script');
          script.textContent = 'window.__pwned = 1';
          document.body.append(script);
          await fetch('https://attacker.example/').catch(() => {});
          await new Promise((resolve) => setTimeout(resolve, 200));
          return stopped;
        });
        for (const directive of ['img-src', 'script-src-elem', 'style-src-attr', 'style-src-elem', 'connect-src']) {
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
        const parts = await page.locator('main > section').evaluateAll((all) =>
          all.map((one) => document.getElementById(one.getAttribute('aria-labelledby'))?.textContent.trim()),
        );
        assert.ok(parts.length >= 5 && parts.every(Boolean), `${parts}`);
      });
    });

    test('shows the numbers of the JSON', async () => {
      await withPage(name, {}, async (page, _, { json }) => {
        const { summary } = json;
        const headline = await page.locator('h1').textContent();
        assert.deepEqual(headline.match(/[\d,.\u202f\u00a0]+/g).map(number), [summary.ready, summary.users]);
        const legend = await page.locator('.legend tbody tr').evaluateAll((rows) =>
          rows.map((row) => [row.querySelector('th a, th')?.textContent, row.querySelector('td').textContent]),
        );
        assert.deepEqual(
          legend.map(([, count]) => number(count)),
          VERDICTS.map((verdict) => summary[verdict]),
        );
        VERDICTS.forEach((verdict, place) => assert.ok(legend[place][0].toLowerCase().startsWith(verdict)));
        assert.equal(number(await page.locator('.legend tfoot td').first().textContent()), summary.out_of_scope);
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
        // The chart of causes: as many as fail, most users first.
        const causes = await page.locator('.causes tbody tr').evaluateAll((rows) =>
          rows.map((row) => [row.querySelector('a').hash.replace('#rule-', ''), row.querySelector('td.strong').textContent]),
        );
        assert.ok(causes.length > 3);
        for (const [id, users] of causes) {
          assert.equal(number(users), json.rules.find((rule) => rule.id === id).fail, id);
        }
      });
    });

    test('shows names as text', async () => {
      await withPage(name, {}, async (page, _, { json }) => {
        const names = await page.locator('#users .name').evaluateAll((all) => all.map((one) => one.textContent));
        assert.deepEqual(sorted(names), sorted(json.users.map((user) => parsed(harmless(shown(user))))));
        const place = await page.locator('.place').textContent();
        assert.equal(place, harmless(json.environments[0].name));
        // The name that rearranges the text behind it stays between its own walls.
        const walls = await page.locator('#users .name').evaluateAll((all) => new Set(all.map((one) => one.tagName)).size);
        assert.equal(walls, 1);
      });
    });

    test('leads from rules to users and back', async () => {
      await withPage(name, {}, async (page) => {
        const lost = await page.evaluate(() =>
          [...document.querySelectorAll('a[href^="#"]')]
            .map((link) => link.getAttribute('href').slice(1))
            .filter((id) => !document.getElementById(id)),
        );
        assert.deepEqual(lost, []);
        const doubled = await page.evaluate(() => {
          const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
          return ids.filter((id, place) => ids.indexOf(id) !== place);
        });
        assert.deepEqual(doubled, []);
        // A cause in the chart opens its rule.
        const cause = page.locator('.causes tbody a').first();
        const rule = page.locator(await cause.getAttribute('href'));
        assert.ok(!(await rule.isVisible()));
        await follow(page, cause);
        // There and back for the first and the last person of several rules.
        const rules = await page.locator('.rule-body:has(.people li + li)').all();
        assert.ok(rules.length > 10);
        for (const one of rules.slice(0, 8)) {
          for (const place of ['first', 'last']) {
            const href = `#${await one.getAttribute('id')}`;
            await page.evaluate((hash) => (location.hash = hash), href);
            const user = await follow(page, page.locator(`${href} .people a`)[place]());
            await follow(page, page.locator(`${user} a[href^="#rule-"]`)[place]());
          }
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
        assert.equal(await page.locator('.user, .compact li').count(), json.users.length);
        // Folds open by themselves: a group, then a user, then the evidence.
        const group = page.locator('#users-limited');
        if (!(await group.evaluate((one) => one.open))) await group.locator('summary').first().click();
        const user = group.locator('.user').first();
        await user.locator('summary').click();
        assert.ok(await user.locator('.finding').first().isVisible());
        assert.deepEqual(seen.errors, []);
      });
    });

    test('prints', async () => {
      await withPage(name, {}, async (page) => {
        await page.emulateMedia({ media: 'print' });
        assert.ok(!(await page.locator('header nav').isVisible()));
        assert.ok(await page.locator('.ring').isVisible());
        assert.ok(await page.locator('#rules .counts').first().isVisible(), 'folded rules are printed');
        assert.ok(await page.locator('#users-ready .name').first().isVisible(), 'folded users are printed');
        const pdf = await page.pdf({ preferCSSPageSize: true });
        assert.equal(pdf.subarray(0, 5).toString('latin1'), '%PDF-');
        assert.ok(pdf.length > 20_000, `${pdf.length} bytes`);
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

test('the hostile names are there', () => {
  const names = report('hostile').json.users.map((user) => user.name ?? '');
  for (const part of ['<script>', 'onerror=', '\u202e', '=cmd|', '{{', '\n', '</style>', 'x'.repeat(400)]) {
    assert.ok(names.some((name) => name.includes(part)), JSON.stringify(part));
  }
});

test('a thousand users stay a page that opens', () => {
  assert.ok(report('thousand').bytes < 5_000_000, `${report('thousand').bytes} bytes`);
});

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
