// The page: what is told goes to the conversation and the cart, what is done goes to the shop.

import { $, store } from './dom.js';
import { Cart } from './cart.js';
import { Link } from './link.js';
import { Log } from './log.js';

const about = JSON.parse($('app').dataset.about);
const { words } = about;
/** Within a frame it may be closed, and then nothing is seen. */
let shown = !about.frame;
let pending = null;
let state = 'connecting';

const tools = {
  words,
  tap(option, button, card) {
    button.classList.add('chosen');
    setTimeout(() => button.classList.remove('chosen'), 1_200);
    say({ tap: option.tap, label: card ? `${option.label}: ${card.title}` : option.label });
  },
  begin(text) {
    say({ text });
    line.focus();
  },
  seen() { pending ??= setTimeout(seen, 500); },
};

const log = new Log(about, tools);
const cart = new Cart(about, () => say({ text: about.checkout }));
const link = new Link(about, hear);

/** What the stream tells, and what becomes of what is sent. */
function hear(name, data, id) {
  const heard = {
    message: () => { log.add(data, id); unread(); },
    writing: () => { log.write(data.text); told(); },
    cart: () => cart.show(data),
    read: () => { log.read = data.id; unread(); },
    ready: () => { log.ready(); link.queue.forEach(waits); unread(); },
    reset: () => log.reset(),
    sent: () => log.fate(data, 'sent'),
    failed: () => log.fate(data, 'failed'),
    state: () => { state = data; told(); },
  };
  heard[name]?.();
}

function told() {
  const writing = !log.writing.hidden;
  const open = writing ? `${about.shop} ${words.writing}` : about.notice ? words.assistant : '';
  const text = { open, connecting: words.connecting, offline: words.connecting }[state];
  if ($('state').textContent !== text) $('state').textContent = text;
  $('offline').hidden = state !== 'offline';
}

function say(message) {
  const { label, ...posted } = message;
  const sent = link.send({ ...posted, label, at: Date.now() });
  if (sent) {
    log.unmark();
    waits(sent);
   
  }
}

/** Something that is not sent yet is shown all the same. */
function waits({ id, text, label, at }) {
  log.add({ who: 'you', client: id, at, text: text ?? label, waits: true });
}

function visible() {
  return shown && !document.hidden;
}

async function seen() {
  pending = null;
  const unread = log.unread();
  const newest = unread.at(-1);
  if (!newest || !visible() || !log.settled || !log.atEnd) return;
  log.read = newest;
  unreadTold();
  await link.read(newest);
}

function unread() {
  if (visible() && log.atEnd) tools.seen();
  unreadTold();
}

function unreadTold() {
  const count = visible() && log.atEnd ? 0 : log.unread().length;
  document.title = count ? `(${count}) ${about.shop}` : about.shop;
  host('unread', { count });
}

// What is written

const line = $('text');

function grow() {
  if (CSS.supports('field-sizing', 'content')) return;
  line.style.height = 'auto';
  line.style.height = `${line.scrollHeight}px`;
}

$('say').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = line.value.trim();
  if (!text) return;
  line.value = '';
  grow();
  say({ text });
});

line.addEventListener('input', grow);
line.addEventListener('keydown', (key) => {
  if (key.key === 'Enter' && !key.shiftKey && !key.isComposing) {
    key.preventDefault();
    $('say').requestSubmit();
  }
});

document.addEventListener('visibilitychange', unread);

// On another site: the widget opens and closes the frame, and says who is signed in there.

function host(name, data = {}) {
  if (about.frame && parent !== window) parent.postMessage({ sutler: name, ...data }, '*');
}

let running = false;

function run() {
  if (running) return;
  running = true;
  store.set(`${link.key}/began`, '1');
  link.run();
}

if (about.frame && parent !== window) {
  addEventListener('message', ({ source, data }) => {
    if (source !== parent || typeof data?.sutler !== 'string') return;
    if ('customer' in data) link.become(data.customer);
    shown = data.sutler === 'open';
    // A widget nobody has ever opened costs the server nothing.
    if (shown || store.get(`${link.key}/began`)) run();
    if (shown) {
      log.toEnd();
      line.focus({ preventScroll: true });
    }
    unread();
  });
  $('leave').addEventListener('click', () => host('close'));
  addEventListener('keydown', (key) => {
    if (key.key === 'Escape' && !$('app').classList.contains('carted')) host('close');
  });
  const { accent, onAccent } = colours();
  host('hello', { accent, onAccent, shop: about.shop });
} else {
  $('leave').hidden = true;
  shown = true;
  run();
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  return { accent: style.getPropertyValue('--accent').trim(), onAccent: style.getPropertyValue('--on-accent').trim() };
}

told();
