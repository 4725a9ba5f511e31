// The handbook of rules in a browser: readable in both themes and at every width, and inert.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { openPage, startBrowser } from './support.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const handbook = pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), '../../docs/rules.html')).href;

let browser;
before(async () => {
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
});

async function withHandbook(options, look) {
  const opened = await openPage(browser, handbook, options);
  try {
    return await look(opened.page, opened.seen);
  } finally {
    await opened.context.close();
  }
}

describe('the handbook', () => {
  test('opens from a file, asks for nothing and runs nothing', async () => {
    await withHandbook({}, async (page, seen) => {
      await page.locator('nav a').last().click();
      await page.locator('main a[href="#mailbox-exists"]').first().click();
      assert.ok(page.url().endsWith('#mailbox-exists'));
      assert.deepEqual(new Set(seen.requests.map((one) => one.split('#')[0])), new Set([handbook]));
      assert.deepEqual({ ...seen, requests: [] }, { console: [], errors: [], requests: [], dialogs: [], popups: [] });
      assert.equal(await page.locator('script, iframe, img, link, form, [style]').count(), 0);
      // The style sheet is let through by the policy: the contents stand beside the text.
      assert.equal(await page.locator('body').evaluate((body) => getComputedStyle(body).display), 'grid');
    });
  });

  for (const colorScheme of ['light', 'dark']) {
    test(`can be read by everyone in ${colorScheme}`, async () => {
      // axe is a script, which the page's own policy would stop.
      await withHandbook({ colorScheme, bypassCSP: true }, async (page) => {
        await page.addScriptTag({ path: axe });
        const { violations } = await page.evaluate(() => window.axe.run());
        assert.deepEqual(
          violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`),
          [],
        );
      });
    });
  }

  test('fits a phone: only tables and code scroll sideways', async () => {
    await withHandbook({ viewport: { width: 360, height: 700 } }, async (page) => {
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(content <= window, `${content} > ${window}`);
    });
  });
});
