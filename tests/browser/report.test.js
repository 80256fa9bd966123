// The report of a replay: one file, opened from the disk, read by mouse and by keyboard, in light and in dark.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { browser, folder, open } from './shop.js';

const DESKTOP = { viewport: { width: 1280, height: 900 } };

/** Two conversations, run again with another price, as a file; the second of them is as it was. */
function report(program) {
  const cwd = folder();
  const run = (args, input = '') => spawnSync(program, args, { cwd, input, encoding: 'utf8' });
  run(['chat', '--pack', 'restaurant', '--conversation', 'ada'], 'show me the Margherita Pizza\nadd the large one\n<b>what does that come to?</b>\n');
  run(['chat', '--pack', 'restaurant', '--conversation', 'grete'], 'hello\n');
  run(['conversations', 'export', '--out', 'shop.tape']);
  const swapped = run(['replay', 'swap', '--tape', 'shop.tape', '--price', 'PZ01-L=99.00 EUR', '--html', 'report.html', '--off-script', 'continue']);
  assert.equal(swapped.status, 1, swapped.stderr);
  return pathToFileURL(path.join(cwd, 'report.html')).href;
}

async function shown(program, options, name, test) {
  const url = report(program);
  const context = await browser({ ...DESKTOP, ...options });
  try {
    const page = await open(context, url);
    await test(page);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/report-${name}.png`, fullPage: true });
    assert.deepEqual(page.wrong, []);
    assert.deepEqual([...page.asked], ['null'], 'nothing is fetched but the file itself');
  } finally {
    await context.close();
  }
}

export async function read_by_keyboard(program) {
  await shown(program, { colorScheme: 'light' }, 'light', async (page) => {
    const articles = () => page.locator('article').count();
    const current = () => page.evaluate(() => document.querySelector('.current')?.textContent ?? '');
    assert.equal(await articles(), 1, 'only what differs');
    await page.keyboard.press('j');
    const first = await current();
    assert.ok(first.includes('99.00'), first);
    await page.keyboard.press('j');
    assert.notEqual(await current(), first);
    await page.keyboard.press('k');
    assert.equal(await current(), first);
    await page.keyboard.press('Shift+J');
    assert.equal(await page.evaluate(() => document.activeElement.localName), 'summary');
    const opened = () => page.evaluate(() => document.querySelector('details').open);
    assert.equal(await opened(), true);
    await page.keyboard.press('Enter');
    assert.equal(await opened(), false);
    await page.keyboard.press('Enter');
    await page.keyboard.press('d');
    assert.equal(await articles(), 2, 'everything');
    await page.keyboard.press('/');
    await page.keyboard.type('nobody said this');
    assert.equal(await articles(), 0);
    await page.keyboard.press('Escape');
    assert.equal(await articles(), 2);
    await page.keyboard.press('1');
    assert.equal(await articles(), 1, 'of the first kind of difference');
    await page.keyboard.press('0');
    await page.keyboard.press('s');
    assert.equal(await page.evaluate(() => document.body.classList.contains('one')), true);
    await page.keyboard.press('s');
    await page.keyboard.press('?');
    assert.equal(await page.locator('dialog[open]').count(), 1);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('dialog[open]').count(), 0);
    assert.equal(await page.locator('main b').count(), 0, 'what was said is text');
  });
}

export async function dark_and_narrow(program) {
  await shown(program, { colorScheme: 'dark', viewport: { width: 400, height: 800 } }, 'dark-narrow', async (page) => {
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.ok(ground.match(/\d+/g).slice(0, 3).every((part) => Number(part) < 60), ground);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 400, `${wide} wide`);
  });
}
