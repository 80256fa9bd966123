// One message as it is shown.

import { aside, el, icon, web } from './dom.js';

/** The parts of a reply, by their kind. `tools` has `words`, `locale`, and `tap(option, button)`. */
const KINDS = { text, choice, cards, summary, link };

export function part(message, tools) {
  return (KINDS[message.kind] ?? text)(message, tools);
}

export const bubble = (words) => el('div', { class: 'bubble', dir: 'auto' }, words);

function text({ text: words }) {
  return bubble(words);
}

function choice({ text: words, options }, tools) {
  const picks = options.map((option) => {
    const pick = el('button', { class: 'chip', type: 'button', dir: 'auto' }, option.label, option.hint ? el('small', {}, option.hint) : null);
    pick.addEventListener('click', () => tools.tap(option, pick));
    return pick;
  });
  return el('div', { class: 'more' }, bubble(words), el('div', { class: 'picks' }, picks));
}

function cards({ cards: goods }, tools) {
  const { words } = tools;
  const row = el('ul', { class: 'row', 'data-count': goods.length, 'aria-label': words.goods }, goods.map((card) => one(card, tools)));
  if (goods.length < 2) return el('div', { class: 'shelf' }, row);
  const step = (way) => () => {
    const toEnd = document.dir === 'rtl' ? -way : way;
    row.scrollBy({ left: toEnd * row.clientWidth * 0.8, behavior: 'smooth' });
  };
  const back = el('button', { class: 'shift back', type: 'button', disabled: true, 'aria-label': words.previous, onclick: step(-1) }, icon('back'));
  const on = el('button', { class: 'shift on', type: 'button', 'aria-label': words.next, onclick: step(1) }, icon('on'));
  const shelf = el('div', { class: 'shelf' }, row, back, on);
  const look = () => {
    const left = Math.abs(row.scrollLeft);
    const room = row.scrollWidth - row.clientWidth;
    shelf.classList.toggle('wide', room > 8);
    back.disabled = left < 8;
    on.disabled = left > room - 8;
  };
  row.addEventListener('scroll', look, { passive: true });
  new ResizeObserver(look).observe(row);
  return shelf;
}

function one(card, tools) {
  const { title, of } = split(card.title);
  const [price, ...rest] = card.detail.split(' · ');
  const url = card.link ? web(card.link) : null;
  const name = [title, of ? el('span', { class: 'of' }, of) : null].filter(Boolean);
  const acts = card.options.map((option, at) => {
    const act = el('button', { class: at ? 'act quiet' : 'act', type: 'button' }, option.label, aside(`: ${card.title}`));
    act.addEventListener('click', () => tools.tap(option, act, card));
    return act;
  });
  return el('li', { class: 'card' },
    el('img', { src: card.picture, alt: card.title, width: 240, height: 270, loading: 'lazy', decoding: 'async' }),
    el('div', { class: 'about' },
      el('h2', { dir: 'auto' }, url ? el('a', { href: url, target: '_blank', rel: 'noopener' }, name, aside(` (${tools.words.new_tab})`)) : name),
      el('p', { class: 'price' }, price),
      rest.length ? el('p', { class: 'stock' }, rest.join(' · ')) : null,
      el('div', { class: 'acts' }, acts)));
}

/** `Rain Jacket (blue, M)`: a name, and what tells it from its siblings. */
export function split(title) {
  const [, name, of] = /^(.*\S) \(([^()]+)\)$/.exec(title) ?? [null, title, ''];
  return { title: name, of };
}

function summary({ lines, total: [word, amount] }) {
  const rows = lines.map((line) => el('tr', {},
    el('td', { class: 'n' }, `${line.quantity} ×`),
    el('td', { dir: 'auto' }, line.label),
    el('td', { class: 'amount' }, line.amount)));
  return el('table', { class: 'sum' },
    el('tbody', {}, rows),
    el('tfoot', {}, el('tr', {}, el('th', { colspan: 2, scope: 'row' }, word), el('td', { class: 'amount' }, amount))));
}

function link({ text: words, label, url }, tools) {
  const to = web(url);
  if (!to) return bubble(`${words}\n${url}`);
  const go = el('a', { class: 'go', href: to, target: '_blank', rel: 'noopener' }, label, icon('out'), aside(` (${tools.words.new_tab})`));
  return words && words !== label ? el('div', { class: 'more' }, bubble(words), el('div', { class: 'picks' }, go)) : go;
}
