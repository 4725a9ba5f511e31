// The page that explains one user, in a browser: what a reader sees, and what must never happen.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';

import { makeExplanations, openPage, startBrowser } from './support.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const NAMES = ['team', 'ready', 'hostile'];

let browser;
let made;
const one = (name) => made.pages.find((page) => page.name === name);

before(async () => {
  made = await makeExplanations();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await made?.remove();
});

/** Opens a page, does something with it, closes it. */
async function withPage(name, options, look) {
  const opened = await openPage(browser, one(name).url, options);
  try {
    return await look(opened.page, opened.seen, one(name));
  } finally {
    await opened.context.close();
  }
}

for (const name of NAMES) {
  describe(name, () => {
    test('opens from a file, asks for nothing and runs nothing', async () => {
      await withPage(name, {}, async (page, seen, { url }) => {
        for (const link of await page.locator('nav a, main a[href^="#"]').all()) {
          await link.click();
        }
        assert.deepEqual(new Set(seen.requests.map((request) => request.split('#')[0])), new Set([url]));
        assert.deepEqual({ ...seen, requests: [] }, { console: [], errors: [], requests: [], dialogs: [], popups: [] });
        assert.equal(await page.evaluate(() => typeof window.__pwned), 'undefined');
        const active = 'script, iframe, frame, object, embed, link, img, video, audio, form, base, template';
        assert.equal(await page.locator(active).count(), 0);
        const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
        assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'$/);
      });
    });

    test('says what the JSON says', async () => {
      await withPage(name, {}, async (page, _, { json }) => {
        const shown = (text) => text.trim().replace(/\r\n?/g, '\n').replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e]/g, '\ufffd');
        assert.equal((await page.locator('h1').textContent()).trim(), shown(json.user.name));
        const verdict = (await page.locator('#verdict .mark').textContent()).trim();
        assert.equal(verdict.toLowerCase().replaceAll(' ', '-'), json.verdict);
        const text = await page.locator('body').textContent();
        for (const cause of json.causes.filter((cause) => cause.outcome === 'fail' && cause.severity === 'blocks')) {
          assert.ok(text.includes(cause.rule), cause.rule);
        }
        assert.equal(await page.locator('.told > li').count() > 0, json.causes.length > 0);
        const explaining = json.causes.some((cause) => cause.explains_error);
        assert.equal(/This (may )?explains? the message/.test(text), explaining);
      });
    });

    for (const width of [375, 1280]) {
      test(`fits ${width} pixels`, async () => {
        await withPage(name, { viewport: { width, height: 800 } }, async (page) => {
          const wide = await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          );
          assert.ok(wide <= 0, `${wide} pixels too wide`);
        });
      });
    }

    test('prints', async () => {
      await withPage(name, {}, async (page) => {
        await page.emulateMedia({ media: 'print' });
        assert.ok(!(await page.locator('header nav').isVisible()));
        assert.ok(await page.locator('#causes').isVisible());
        const pdf = await page.pdf({ preferCSSPageSize: true });
        assert.ok(pdf.length > 10_000, `${pdf.length} bytes`);
      });
    });

    for (const colorScheme of ['light', 'dark']) {
      test(`has no fault that axe finds, ${colorScheme}`, async () => {
        await withPage(name, { bypassCSP: true, colorScheme }, async (page) => {
          await page.addScriptTag({ path: axe });
          const found = await page.evaluate(async () => {
            const result = await window.axe.run(document, { resultTypes: ['violations'] });
            return result.violations.map((fault) => `${fault.id}: ${fault.nodes.map((node) => node.html.slice(0, 160))}`);
          });
          assert.deepEqual(found, []);
        });
      });
    }
  });
}

test('the path of a role that stays with its team is drawn step by step', async () => {
  await withPage('team', {}, async (page) => {
    const way = page.locator('.way.stopped').first();
    const steps = await way.locator('.step').allTextContents();
    assert.equal(steps.length, 4);
    for (const [place, word] of ['Role', 'Copy in', 'Held by', 'User'].entries()) {
      assert.ok(steps[place].startsWith(word), steps[place]);
    }
    assert.match(await way.locator('.stop').textContent(), /stay with the team/);
  });
});
