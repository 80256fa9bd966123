// The page itself: shopping on a desktop and on a phone, by mouse and by keyboard, offline, and in two tabs.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { browser, open, serve } from './shop.js';

const AXE = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
/** Of what a page weighs without pictures, compressed. */
const WEIGHT = 60 * 1024;

const DESKTOP = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

async function axe(page, where) {
  // By the debugger's own way in: the page's policy keeps every other script out.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
  assert.deepEqual(told, [], where);
}

async function shot(page, name) {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` });
}

const ready = (page) => page.waitForFunction(() => document.getElementById('state').textContent === 'Automated assistant');

/** Nothing moves any more. */
const still = (page) => page.waitForFunction(() => document.getAnimations().every((it) => it.playState !== 'running'));

async function say(page, words) {
  await page.fill('#text', words);
  await page.keyboard.press('Enter');
}

/** From the greeting to the checkout link. */
async function shopping(program, name, size, scheme) {
  const shop = await serve(program, 'accent = "#7a3b69"');
  const context = await browser({ ...size, colorScheme: scheme, reducedMotion: 'reduce' });
  try {
    const page = await open(context, shop.url);
    await ready(page);
    await axe(page, 'greeting');
    await shot(page, `${name}-1-greeting`);
    await page.click('#starters .chip');
    await page.waitForSelector('.card');
    await page.waitForFunction(() => [...document.querySelectorAll('.card img')].slice(0, 2).every((image) => image.naturalWidth > 0));
    await axe(page, 'cards');
    await shot(page, `${name}-2-cards`);
    const wanted = await page.textContent('.card:nth-child(2) h2');
    await page.click('.card:nth-child(2) .act');
    await page.waitForSelector('.sum');
    assert.equal((await page.$$eval('.msg.you .bubble', (all) => all.at(-1).textContent)).startsWith('Add to cart: '), true);
    await page.waitForFunction(() => document.getElementById('count').textContent === '1');
    if (await page.isVisible('#cart-open')) await page.click('#cart-open');
    await page.waitForSelector('#cart .line');
    assert.ok(wanted.startsWith(await page.textContent('#cart .line h3')), wanted);
    await still(page);
    await axe(page, 'cart');
    await shot(page, `${name}-3-cart`);
    await page.click('#cart .go');
    await page.waitForSelector('a.go');
    const link = new URL(await page.getAttribute('a.go', 'href'));
    assert.equal(link.origin, 'https://shop.example');
    await axe(page, 'checkout');
    await shot(page, `${name}-4-checkout`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'nothing stands out at the side');
    assert.deepEqual(page.wrong, []);
    assert.deepEqual([...page.asked], [shop.url]);
  } finally {
    await context.close();
    shop.end();
  }
}

export const desktop_light = (program) => shopping(program, 'desktop-light', DESKTOP, 'light');
export const desktop_dark = (program) => shopping(program, 'desktop-dark', DESKTOP, 'dark');
export const phone_light = (program) => shopping(program, 'phone-light', PHONE, 'light');
export const phone_dark = (program) => shopping(program, 'phone-dark', PHONE, 'dark');

/** What the page weighs, and when something is to be seen. */
export async function weight(program) {
  const shop = await serve(program, '');
  const context = await browser(DESKTOP);
  try {
    const page = await context.newPage();
    const bodies = [];
    page.on('response', (response) => {
      const type = response.headers()['content-type'] ?? '';
      if (/html|css|javascript/.test(type)) bodies.push(response.body());
    });
    await page.goto(shop.url);
    await ready(page);
    const all = await Promise.all(bodies);
    const bytes = all.reduce((sum, body) => sum + gzipSync(body).length, 0);
    const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime);
    console.log(`   ${all.length} files, ${bytes} bytes compressed; first contentful paint after ${Math.round(paint)} ms`);
    assert.ok(all.length > 5 && bytes < WEIGHT, `${bytes}`);
  } finally {
    await context.close();
    shop.end();
  }
}

/** Two tabs are one conversation; a reload shows it again; what is written offline waits and is sent once. */
export async function tabs_and_offline(program) {
  const shop = await serve(program, '');
  const context = await browser(DESKTOP);
  try {
    const one = await open(context, shop.url);
    const two = await open(context, shop.url);
    await ready(one);
    await ready(two);
    await say(one, 'waterproof jacket under 120 in M');
    await one.waitForSelector('.card');
    await two.waitForSelector('.card');
    const told = (page) => page.$$eval('[data-id]', (rows) => rows.map((row) => row.textContent));
    const words = (page) => page.$$eval('.msg.you .bubble', (rows) => rows.map((row) => row.textContent));
    assert.deepEqual(await words(two), ['waterproof jacket under 120 in M']);
    await context.setOffline(true);
    await say(one, 'what is in my cart?');
    await one.waitForSelector('.when.held');
    assert.equal(await one.isVisible('#offline'), true);
    await context.setOffline(false);
    await one.waitForFunction(() => document.querySelectorAll('.when.held').length === 0);
    await one.waitForFunction(() => document.querySelectorAll('.msg.shop[data-id]').length >= 4);
    await two.waitForFunction(() => document.querySelectorAll('.msg.shop[data-id]').length >= 4);
    await one.reload();
    await ready(one);
    await one.waitForFunction(() => document.querySelectorAll('.msg.shop[data-id]').length >= 4);
    assert.deepEqual(await words(one), ['waterproof jacket under 120 in M', 'what is in my cart?']);
    assert.deepEqual(await words(two), await words(one));
    const fromShop = (page) => page.$$eval('.msg.shop[data-id]', (rows) => rows.map((row) => row.dataset.id));
    assert.deepEqual(await fromShop(two), await fromShop(one));
    assert.ok((await told(one)).length >= 6);
  } finally {
    await context.close();
    shop.end();
  }
}

/** Everything can be reached and done by keyboard. */
export async function keyboard(program) {
  const shop = await serve(program, '');
  const context = await browser({ ...DESKTOP, viewport: { width: 800, height: 800 } });
  try {
    const page = await open(context, shop.url);
    await ready(page);
    const reach = async (what) => {
      for (let steps = 0; steps < 60; steps += 1) {
        if (await page.evaluate((it) => document.activeElement.matches(it), what)) return;
        await page.keyboard.press('Tab');
      }
      assert.fail(`${what} can't be reached`);
    };
    await reach('#text');
    await page.keyboard.type('waterproof jacket under 120 in M');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.card');
    await reach('.card:nth-child(2) .act');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.sum');
    await reach('#cart-open');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement.id === 'cart-close');
    // What stands behind the cart can't be reached while it is open.
    for (let steps = 0; steps < 8; steps += 1) {
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement.closest('#talk, .top')), null);
    }
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.activeElement.id === 'cart-open');
  } finally {
    await context.close();
    shop.end();
  }
}

/** A language that is written from right to left turns everything around. */
export async function right_to_left(program) {
  const shop = await serve(program, '');
  const context = await browser({ ...PHONE, colorScheme: 'light', reducedMotion: 'reduce' });
  try {
    const page = await open(context, shop.url);
    await page.evaluate(() => { document.documentElement.dir = 'rtl'; });
    await ready(page);
    await say(page, 'waterproof jacket under 120 in M');
    await page.waitForSelector('.card');
    await still(page);
    const box = (what) => page.$eval(what, (it) => it.getBoundingClientRect().toJSON());
    assert.ok((await box('.msg.you .bubble')).left < 60, 'the visitor writes on the left');
    assert.ok((await box('.msg.shop[data-id] .bubble')).right > 330, 'the shop on the right');
    assert.ok((await box('.card')).right > 330, 'the first card stands on the right');
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    await axe(page, 'right to left');
    await shot(page, 'phone-rtl');
    await page.click('#cart-open');
    await still(page);
    assert.ok((await box('#cart')).left < 1, 'the cart comes from the left');
  } finally {
    await context.close();
    shop.end();
  }
}
