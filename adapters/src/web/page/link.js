// The line to the shop: a session, a stream that is taken up where it was cut, and what waits to be sent.

import { store } from './dom.js';

/** A stream that is silent for longer is dead: the server says every 15 seconds that it lives. */
const SILENT = 40_000;
/** How long is waited before the next try: longer each time. */
const WAITS = [300, 1_000, 2_000, 5_000, 10_000, 20_000];
/** Messages that wait at most. */
const WAITING = 50;

const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });

function fresh() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class Link {
  /** `hear(name, data, id)` is told what the stream tells, and of `state`, `sent`, `failed` and `reset`. */
  constructor(about, hear) {
    this.base = about.base;
    this.view = about.frame ? '?frame=1' : '';
    this.frame = about.frame;
    this.hear = hear;
    this.key = `sutler${about.base}${about.frame ? '/frame' : ''}`;
    this.token = about.frame ? store.get(`${this.key}/token`) : null;
    this.tag = store.get(`${this.key}/tag`);
    this.last = null;
    this.customer = null;
    this.queue = JSON.parse(store.get(`${this.key}/queue`) ?? '[]');
    this.tries = 0;
    this.wakers = new Set();
    addEventListener('online', () => this.wake());
    addEventListener('offline', () => { this.abort?.abort(); this.state('offline'); });
    document.addEventListener('visibilitychange', () => { if (!document.hidden) this.wake(); });
  }

  /** Begins, and goes on for ever. */
  async run() {
    for (;;) {
      try {
        await this.session();
        this.pump();
        await this.stream();
      } catch (error) {
        if (error.wait) await this.pause(error.wait);
      }
      this.state(navigator.onLine ? 'connecting' : 'offline');
      await this.pause(WAITS[Math.min(this.tries, WAITS.length - 1)] * (0.5 + Math.random()));
      this.tries += 1;
    }
  }

  state(name) {
    this.hear('state', name);
  }

  /** Waits, or until there is a reason to try at once. */
  pause(ms) {
    return Promise.race([sleep(ms), new Promise((woken) => { this.wakers.add(woken); })]);
  }

  wake() {
    this.tries = 0;
    for (const woken of this.wakers) woken();
    this.wakers.clear();
  }

  /** Somebody else, or nobody any more, is signed in on the shop's site. */
  become(customer) {
    if (JSON.stringify(customer) === JSON.stringify(this.customer)) return;
    this.customer = customer;
    this.ready = false;
    this.abort?.abort();
    this.wake();
  }

  async ask(path, method, body, headers = {}) {
    const head = { ...headers };
    if (body) head['content-type'] = 'application/json';
    if (this.token) head.authorization = `Bearer ${this.token}`;
    const response = await fetch(`${this.base}/${path}${this.view}`, {
      method,
      headers: head,
      body: body ? JSON.stringify(body) : undefined,
      cache: 'no-store',
      credentials: 'same-origin',
      signal: this.signal(path),
    });
    if (response.ok) return response;
    const error = new Error(String(response.status));
    error.status = response.status;
    error.wait = 1_000 * Number(response.headers.get('retry-after') ?? 0);
    throw error;
  }

  signal(path) {
    if (path !== 'events') return AbortSignal.timeout(20_000);
    this.abort = new AbortController();
    return this.abort.signal;
  }

  async session() {
    if (this.ready) return;
    const response = await this.ask('session', 'POST', {
      storage: Boolean(this.token) || Boolean(this.refused),
      customer: this.customer ?? undefined,
    });
    const { tag, token } = await response.json();
    if (token) this.keep(token);
    if (tag !== this.tag) {
      if (this.tag) this.drop();
      this.tag = tag;
      store.set(`${this.key}/tag`, tag);
      this.last = null;
      this.hear('reset');
    }
    this.ready = true;
  }

  keep(token) {
    this.token = token;
    store.set(`${this.key}/token`, token);
  }

  /** What another visitor left unsent on this machine is not ours to send. */
  drop() {
    this.queue = [];
    store.set(`${this.key}/queue`, null);
  }

  /** The server knows nobody by what we show: begin anew; a frame whose cookie was not kept keeps its token itself. */
  unknown() {
    this.ready = false;
    if (this.frame) this.refused = true;
  }

  async stream() {
    let response;
    try {
      response = await this.ask('events', 'GET', null, this.last ? { 'last-event-id': this.last } : {});
    } catch (error) {
      if (error.status === 401) this.unknown();
      throw error;
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const dead = setTimeout(() => this.abort.abort(), SILENT);
      const { value, done } = await reader.read().finally(() => clearTimeout(dead));
      if (done) return;
      text += value;
      const events = text.split('\n\n');
      text = events.pop();
      for (const event of events) this.event(event);
    }
  }

  event(lines) {
    const fields = { event: 'message', data: '' };
    for (const line of lines.split('\n')) {
      const at = line.indexOf(': ');
      if (at > 0) fields[line.slice(0, at)] = line.slice(at + 2);
    }
    if (!fields.data) return;
    if (fields.id) this.last = fields.id;
    if (fields.event === 'ready') {
      this.tries = 0;
      this.state('open');
    }
    this.hear(fields.event, JSON.parse(fields.data), fields.id);
  }

  /** Sends words, or a tap, as soon as that is possible; told again, the server knows it by its id. */
  send(message) {
    if (this.queue.length >= WAITING) return null;
    const posted = { id: fresh(), ...message };
    this.queue.push(posted);
    this.save(posted);
    this.pump();
    return posted;
  }

  /** Keeps what waits, of this tab and of others: who opens the page next sends it. */
  save(added, settled) {
    const held = JSON.parse(store.get(`${this.key}/queue`) ?? '[]').filter(({ id }) => id !== settled);
    if (added) held.push(added);
    store.set(`${this.key}/queue`, held.length ? JSON.stringify(held) : null);
  }

  async pump() {
    if (this.pumping || !this.ready) return;
    this.pumping = true;
    let tries = 0;
    while (this.queue.length && this.ready) {
      const [{ id, text, tap }] = this.queue;
      try {
        await this.ask('messages', 'POST', text === undefined ? { id, tap } : { id, text });
        this.settle(id, 'sent');
        tries = 0;
      } catch (error) {
        if (error.status === 401) {
          // The session is gone: the loop begins another.
          this.unknown();
          this.abort?.abort();
          break;
        }
        if ([400, 403, 413, 415, 422].includes(error.status)) this.settle(id, 'failed');
        else await this.pause(Math.max(error.wait ?? 0, WAITS[Math.min(tries, WAITS.length - 1)]));
        tries += 1;
      }
    }
    this.pumping = false;
  }

  settle(id, fate) {
    this.queue = this.queue.filter((posted) => posted.id !== id);
    this.save(null, id);
    this.hear(fate, id);
  }

  /** Says up to where the visitor has read. What is not said now is said with the next. */
  async read(id) {
    try {
      await this.ask('read', 'POST', { id });
      return true;
    } catch {
      return false;
    }
  }
}
