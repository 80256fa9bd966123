// A shop that serves, a site that embeds it, and a browser that visits both.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
/** How long anything may take before a test gives it up, on any machine as loaded. */
export const PATIENCE = 240_000;

/** A folder that is gone when the process ends. */
export function folder() {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'sutler-browser-'));
  process.on('exit', () => fs.rmSync(made, { recursive: true, force: true, maxRetries: 5 }));
  return made;
}

/** A site of the shop's own, on another site than the chat: `localhost` is not `127.0.0.1`. */
export async function site(page) {
  const server = http.createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(page());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://localhost:${server.address().port}`, end: () => server.close() };
}

/** A proxy before a shop that keeps its cookies from the browser, as a browser that refuses them would. */
export async function cookieless(shop) {
  const server = http.createServer((request, response) => {
    const { host: _, ...headers } = request.headers;
    const on = http.request(shop.url + request.url, { method: request.method, headers: { ...headers, host: request.headers.host } }, (answer) => {
      const { 'set-cookie': __, ...rest } = answer.headers;
      response.writeHead(answer.statusCode, rest);
      answer.pipe(response);
    });
    on.on('error', () => response.destroy());
    response.on('close', () => on.destroy());
    request.pipe(on);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, end: () => { server.closeAllConnections(); server.close(); } };
}

/** `sutler serve` with these lines of configuration for the shop's page. */
export async function serve(program, lines) {
  const home = folder();
  const config = `[server]\naddress_per_second = 5000\naddress_burst = 5000\n[[shop]]\nname = "Harbour & Co"\npack = "retail"\n[[shop.channel]]\nkind = "web"\n${lines}\n`;
  fs.writeFileSync(path.join(home, 'sutler.toml'), config);
  const child = spawn(program, ['serve', '--listen', '127.0.0.1:0'], { cwd: home, env: { SHOP_SECRET: 'secret' }, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const chunk of child.stdout) {
    said += chunk;
    if (said.includes('\n')) break;
  }
  const [url] = /http:\/\/[\d.]+:\d+/.exec(said);
  return { url, end: () => child.kill('SIGKILL') };
}

/** A browser; `preferences` are those of its profile, `flags` more of its own. */
export async function browser({ flags = [], preferences = {}, ...options } = {}) {
  const profile = folder();
  fs.mkdirSync(path.join(profile, 'Default'));
  fs.writeFileSync(path.join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, { executablePath: '/usr/bin/chromium', args: [...FLAGS, ...flags], headless: true, locale: 'en-GB', timeout: PATIENCE, ...options });
  context.setDefaultTimeout(PATIENCE);
  return context;
}

/** A page on which nothing may go wrong: what did is in `wrong`, and whom it asked in `asked`. */
export async function open(context, url) {
  const page = await context.newPage();
  page.wrong = [];
  page.asked = new Set();
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) page.wrong.push(message.text()); });
  page.on('pageerror', (error) => page.wrong.push(error.message));
  page.on('request', (request) => page.asked.add(new URL(request.url()).origin));
  await page.goto(url);
  return page;
}
