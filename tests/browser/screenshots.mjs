// Pictures of the reports, to look at:  node screenshots.mjs FOLDER

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { makeReports, openPage, startBrowser } from './support.mjs';

const folder = process.argv[2];
if (!folder) throw new Error('name a folder for the pictures');
await mkdir(folder, { recursive: true });
const { reports, remove } = await makeReports();
const browser = await startBrowser();
const looks = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['mobile', { viewport: { width: 375, height: 812 }, deviceScaleFactor: 2 }],
];
try {
  for (const { name, url } of reports) {
    for (const [look, options] of looks) {
      const { page, context } = await openPage(browser, url, options);
      const shot = (part) => page.screenshot({ path: join(folder, `${name}-${look}${part}.png`) });
      await shot('');
      for (const part of ['first', 'causes', 'environments', 'users', 'rules']) {
        await page.evaluate((id) => document.getElementById(id).scrollIntoView(), part);
        await shot(`-${part}`);
      }
      const group = page.locator('#users-blocked');
      if (!(await group.evaluate((one) => one.open))) await group.locator('summary').first().click();
      const user = group.locator('.user').nth(1);
      await user.locator('summary').click();
      await user.evaluate((one) => one.scrollIntoView());
      await page.evaluate(() => scrollBy(0, -70));
      await shot('-user');
      const rule = page.locator('.rule').nth(3);
      await rule.locator('summary').click();
      await rule.evaluate((one) => one.scrollIntoView());
      await page.evaluate(() => scrollBy(0, -70));
      await shot('-rule');
      if (look === 'light') {
        await writeFile(join(folder, `${name}.pdf`), await page.pdf({ preferCSSPageSize: true }));
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  await remove();
}
