// The widget on a site of the shop's own, where the chat is a third party.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { browser, cookieless, open, serve, site } from './shop.js';

const DESKTOP = { viewport: { width: 1280, height: 800 } };

/** A shop, a site that embeds it, and a stranger's site that tries to. */
async function embedded(program, before = async (shop) => shop) {
  let chat = null;
  let signed = '';
  // The site's styles are as rude as styles can be.
  const page = () => `<!doctype html><html lang="en"><head><title>Harbour &amp; Co</title>
    <style>* { background: red !important; color: red !important; font-size: 40px !important } iframe, button, div { border: 9px solid red !important; width: 10px !important }</style>
    <script>window.before = Object.getOwnPropertyNames(window);</script></head>
    <body><h1>Our shop</h1><script src="${chat.url}/widget.js" data-shop="harbour-co" ${signed} async></script></body></html>`;
  const own = await site(page);
  const strange = await site(page);
  const shop = await serve(program, `origins = ["${own.url}"]\nidentity_env = "SHOP_SECRET"`);
  chat = await before(shop);
  const end = () => [own, strange, chat, shop].forEach((it) => it.end());
  return { own, strange, chat, end, sign: (as) => { signed = as; } };
}

const launcher = (page) => page.waitForFunction(() => window.sutler);

async function talk(page) {
  await launcher(page);
  await page.evaluate(() => window.sutler.open());
  const frame = page.frames().find((it) => it.url().includes('/frame/'));
  await frame.waitForFunction(() => document.getElementById('state').textContent === 'Automated assistant');
  return frame;
}

async function say(frame, words) {
  await frame.fill('#text', words);
  await frame.press('#text', 'Enter');
}

/** A conversation by the widget, taken up again after a reload. */
async function conversation(shop, context, name) {
  const page = await open(context, shop.own.url);
  let frame = await talk(page);
  await say(frame, 'waterproof jacket under 120 in M');
  await frame.waitForSelector('.card');
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/widget-${name}.png` });
  await page.reload();
  frame = await talk(page);
  return { page, frame };
}

/** Third-party cookies are blocked: the frame's own, partitioned one is kept all the same. */
export async function third_party_cookies_blocked(program) {
  const shop = await embedded(program);
  const context = await browser({ ...DESKTOP, flags: ['--test-third-party-cookie-phaseout'], preferences: { profile: { cookie_controls_mode: 1 } } });
  try {
    const { page, frame } = await conversation(shop, context, 'cookies-blocked');
    await frame.waitForSelector('.card');
    const cookies = await context.cookies();
    assert.equal(cookies.length, 1, JSON.stringify(cookies));
    assert.equal(cookies[0].httpOnly, true);
    assert.ok(cookies[0].partitionKey?.includes('localhost'), 'it is kept for this site alone');
    assert.deepEqual(page.wrong, []);
    // Beside the site itself, the chat alone is asked.
    assert.deepEqual([...page.asked].sort(), [shop.chat.url, shop.own.url].sort());
  } finally {
    await context.close();
    shop.end();
  }
}

/** The cookie is refused: the frame keeps a signed token itself. */
export async function cookies_refused(program) {
  const shop = await embedded(program, cookieless);
  const context = await browser({ ...DESKTOP, preferences: { profile: { cookie_controls_mode: 0 } } });
  try {
    const { frame } = await conversation(shop, context, 'cookies-refused');
    await frame.waitForSelector('.card');
    assert.equal(await frame.evaluate(() => Object.keys(localStorage).some((key) => key.endsWith('/token'))), true);
    assert.deepEqual(await context.cookies(), []);
  } finally {
    await context.close();
    shop.end();
  }
}

/** Cookies and storage are refused: it lasts as long as the page, and works. */
export async function everything_refused(program) {
  const shop = await embedded(program);
  const context = await browser({ ...DESKTOP, preferences: { profile: { default_content_setting_values: { cookies: 2 } } } });
  try {
    const page = await open(context, shop.own.url);
    const frame = await talk(page);
    await say(frame, 'waterproof jacket under 120 in M');
    await frame.waitForSelector('.card');
    assert.deepEqual(await context.cookies(), []);
  } finally {
    await context.close();
    shop.end();
  }
}

/** One name is added to the site, and neither side's styles reach the other. */
export async function isolation(program) {
  const shop = await embedded(program);
  const context = await browser(DESKTOP);
  try {
    const page = await open(context, shop.own.url);
    await launcher(page);
    const added = await page.evaluate(() => Object.getOwnPropertyNames(window).filter((name) => !window.before.includes(name) && name !== 'before'));
    assert.deepEqual(added.filter((name) => !/^\d+$/.test(name)), ['sutler']);
    const frame = await talk(page);
    assert.notEqual(await frame.evaluate(() => getComputedStyle(document.body).color), 'rgb(255, 0, 0)');
    const box = await (await frame.frameElement()).boundingBox();
    assert.equal(Math.round(box.width), 400);
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('h1')).fontSize), '40px');
    const root = await page.$eval('body > div:last-of-type', (it) => it.getBoundingClientRect().toJSON());
    assert.deepEqual([root.right, root.bottom, root.width, root.height].map(Math.round), [1260, 780, 60, 60]);
    await frame.press('body', 'Escape');
    await page.waitForFunction(() => document.activeElement !== document.body);
  } finally {
    await context.close();
    shop.end();
  }
}

/** A site that is not on the list shows nothing. */
export async function a_stranger_embeds_nothing(program) {
  const shop = await embedded(program);
  const context = await browser(DESKTOP);
  try {
    const page = await context.newPage();
    const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
    await page.goto(shop.strange.url);
    await refused;
  } finally {
    await context.close();
    shop.end();
  }
}

/** A customer the shop's site signs has the same conversation in another browser; a forged signature has none. */
export async function signed_identity(program) {
  const shop = await embedded(program);
  const signature = createHmac('sha256', 'secret').update('c-77').digest('hex');
  shop.sign(`data-customer="c-77" data-signature="${signature}"`);
  const [desk, phone] = [await browser(DESKTOP), await browser(DESKTOP)];
  try {
    const first = await talk(await open(desk, shop.own.url));
    await say(first, 'waterproof jacket under 120 in M');
    await first.waitForSelector('.card');
    const second = await talk(await open(phone, shop.own.url));
    await second.waitForSelector('.card');
    const forged = createHmac('sha256', 'guess').update('c-77').digest('hex');
    const answer = await second.evaluate(async (signed) => {
      const { base } = JSON.parse(document.getElementById('app').dataset.about);
      const response = await fetch(`${base}/session?frame=1`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ customer: ['c-77', signed] }) });
      return response.status;
    }, forged);
    assert.equal(answer, 403);
  } finally {
    await desk.close();
    await phone.close();
    shop.end();
  }
}
