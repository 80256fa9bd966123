// The conversation as it is seen: in the order of the journal, every message once.

import { $, aside, el, icon } from './dom.js';
import { bubble, part } from './part.js';

/** How near to its end a conversation is followed. */
const NEAR = 120;

export class Log {
  constructor(about, tools) {
    Object.assign(this, { about, tools, words: about.words, locale: about.locale });
    this.scroll = $('scroll');
    this.list = $('log');
    this.clock = new Intl.DateTimeFormat(this.locale, { hour: 'numeric', minute: '2-digit' });
    this.days = new Intl.DateTimeFormat(this.locale, { weekday: 'long', day: 'numeric', month: 'long' });
    this.writing = el('div', { class: 'msg shop turn', id: 'writing', hidden: true, 'aria-hidden': 'true' });
    $('latest').addEventListener('click', () => {
      this.anchor = null;
      this.toEnd(true);
      this.scroll.focus({ preventScroll: true });
    });
    this.scroll.addEventListener('scroll', () => this.follow(), { passive: true });
    // What grows above the end (a picture, the keyboard) does not move it out of sight.
    new ResizeObserver(() => { if (this.atEnd) this.toEnd(); }).observe(this.list);
    new ResizeObserver(() => { if (this.atEnd) this.toEnd(); }).observe(this.scroll);
    this.hello = el('div', { class: 'hello' },
      el('span', { class: 'mark', 'aria-hidden': 'true' }, [...about.shop][0]?.toUpperCase() ?? ''),
      el('h2', {}, about.shop),
      bubble(about.greeting),
      about.starters.length ? el('ul', { id: 'starters', 'aria-label': this.words.begin }, about.starters.map((words) =>
        el('li', {}, el('button', { class: 'chip', type: 'button', onclick: () => tools.begin(words) }, words)))) : null);
    this.reset();
  }

  /** Begins anew: the greeting, and nothing else. */
  reset() {
    this.ids = new Set();
    this.mine = new Map();
    this.order = [];
    this.read = null;
    this.settled = false;
    this.atEnd = true;
    this.day = null;
    this.list.replaceChildren();
    this.list.classList.add('past');
    this.scroll.setAttribute('aria-live', 'off');
    this.before = null;
    this.anchor = null;
    this.list.classList.add('bare');
    this.list.append(this.hello, this.writing);
    this.write(null);
  }

  /** All that was said before has been told. */
  ready() {
    if (this.settled) return;
    this.settled = true;
    this.mark(this.unread());
    this.toEnd();
    requestAnimationFrame(() => {
      this.list.classList.remove('past');
      this.scroll.setAttribute('aria-live', 'polite');
    });
  }

  /** A message the stream tells. */
  add(message, id) {
    if (id && this.ids.has(id)) return;
    if (id) this.ids.add(id);
    if (message.who === 'you') {
      this.theirs(message, id);
      return;
    }
    this.write(null);
    this.put(message, part(message, this.tools), id);
    this.order.push(id);
    if (this.settled && document.hidden) this.mark([id]);
    this.follow(true);
  }

  /** What the visitor says: shown at once, and once, whoever tells of it first. */
  theirs(message, id) {
    const known = this.mine.get(message.client);
    if (known) {
      if (message.text) known.bubble.textContent = message.text;
      this.fate(message.client, 'sent');
      return;
    }
    const words = bubble(message.text);
    const row = this.put(message, words, id);
    this.mine.set(message.client, { row, bubble: words });
    this.fate(message.client, message.waits ? 'waiting' : 'sent');
    if (message.waits) this.toEnd(true);
    else this.follow(true);
  }

  /** What became of something that was to be sent. */
  fate(client, fate) {
    const held = this.mine.get(client);
    if (!held || held.fate === fate || (held.fate === 'sent' && fate === 'waiting')) return;
    held.fate = fate;
    const when = held.row.querySelector('.when');
    when.classList.toggle('held', fate !== 'sent');
    when.classList.toggle('failed', fate === 'failed');
    const sign = { sent: 'sent', waiting: 'clock', failed: 'wrong' }[fate];
    const time = when.querySelector('time');
    when.replaceChildren(time, icon(sign), fate === 'failed' ? this.words.failed : aside(this.words[fate]));
  }

  put(message, body, id) {
    this.list.classList.remove('bare');
    const day = new Date(message.at).toDateString();
    if (day !== this.day) {
      this.day = day;
      this.writing.before(el('p', { class: 'day' }, this.dayOf(message.at)));
      this.before = null;
    }
    const row = this.frame(message, body, id);
    this.writing.before(row);
    if (message.who === 'you') this.anchor = row;
    return row;
  }

  frame(message, body, id) {
    const { who, at, reply } = message;
    const turn = this.before !== `${who}${reply ?? ''}`;
    this.before = `${who}${reply ?? ''}`;
    const by = { you: this.words.you, person: this.words.person, shop: this.about.shop }[who];
    const when = at ? el('p', { class: 'when' }, el('time', { datetime: new Date(at).toISOString() }, this.clock.format(at))) : null;
    const name = who === 'person' && turn ? el('p', { class: 'by' }, by) : aside(`${by}: `);
    return el('div', { class: `msg ${who}${turn ? ' turn' : ''}`, 'data-id': id }, name, body, when);
  }

  dayOf(at) {
    const from = (day) => new Date(day).setHours(0, 0, 0, 0);
    const days = Math.round((from(Date.now()) - from(at)) / 86_400_000);
    return [this.words.today, this.words.yesterday][days] ?? this.days.format(at);
  }

  /** Shows that, and what, is being written; null: nothing is. */
  write(text) {
    this.writing.hidden = text === null;
    const dots = el('span', { class: 'dots' }, el('i'), el('i'), el('i'));
    this.writing.replaceChildren(el('div', { class: text ? 'bubble said' : 'bubble', dir: 'auto' }, text ?? '', dots));
    if (text !== null) this.follow();
  }

  /** Replies that were not read yet. */
  unread() {
    return this.order.slice(this.order.indexOf(this.read) + 1);
  }

  /** Draws the line above what is new, once. */
  mark([first]) {
    if (!first || this.list.querySelector('.fresh')) return;
    const row = this.list.querySelector(`[data-id="${first}"]`);
    row?.before(el('div', { class: 'fresh' }, this.words.new));
  }

  unmark() {
    this.list.querySelector('.fresh')?.remove();
  }

  /** Where the newest exchange is in sight: its end, but not beyond what the visitor said last. */
  target() {
    const { clientHeight, scrollHeight, scrollTop } = this.scroll;
    const end = scrollHeight - clientHeight;
    if (!this.anchor) return end;
    const top = this.anchor.getBoundingClientRect().top - this.scroll.getBoundingClientRect().top + scrollTop;
    return Math.max(0, Math.min(end, top - 12));
  }

  follow(grown = false) {
    if (grown && this.atEnd) {
      this.toEnd(this.settled);
      return;
    }
    const { clientHeight, scrollHeight, scrollTop } = this.scroll;
    if (!this.moving) this.atEnd = this.target() - scrollTop < NEAR;
    $('latest').hidden = scrollHeight - clientHeight - scrollTop < NEAR;
    if (this.atEnd) this.tools.seen();
  }

  toEnd(smooth = false) {
    this.atEnd = true;
    // While it glides there it is on its way, and not gone from there.
    this.moving = true;
    clearTimeout(this.glide);
    this.glide = setTimeout(() => { this.moving = false; this.follow(); }, smooth ? 600 : 50);
    this.scroll.scrollTo({ top: this.target(), behavior: smooth ? 'smooth' : 'instant' });
    this.tools.seen();
  }
}
