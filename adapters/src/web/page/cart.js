// The cart at the side: what the journal says is in it, and nothing the page thinks by itself.

import { $, el, icon } from './dom.js';

export class Cart {
  constructor(about, order) {
    Object.assign(this, { about, order, count: null });
    this.app = $('app');
    this.opener = $('cart-open');
    this.opener.addEventListener('click', () => this.open(true));
    for (const id of ['cart-close', 'veil']) $(id).addEventListener('click', () => this.open(false));
    addEventListener('keydown', (key) => { if (key.key === 'Escape') this.open(false); });
    // Beside the conversation it is always open, and nothing stands behind it.
    matchMedia('(min-width: 64rem)').addEventListener('change', () => this.open(false));
    this.show({ count: 0, lines: [], total: null });
  }

  open(wanted) {
    const open = this.app.classList.contains('carted');
    if (open === wanted) return;
    this.app.classList.toggle('carted', wanted);
    this.opener.setAttribute('aria-expanded', String(wanted));
    $('veil').hidden = !wanted;
    for (const behind of [$('talk'), document.querySelector('.top')]) behind.inert = wanted;
    (wanted ? $('cart-close') : this.opener).focus();
  }

  show({ count, lines, total }) {
    const badge = $('count');
    badge.hidden = !count;
    badge.textContent = count;
    if (this.count !== null && count > this.count) {
      badge.classList.remove('grown');
      requestAnimationFrame(() => badge.classList.add('grown'));
    }
    this.count = count;
    const label = this.about.words.cart_open;
    this.opener.setAttribute('aria-label', count ? `${label}: ${count}` : label);
    const none = el('div', { class: 'none' }, el('div', {}, icon('bag'), el('p', {}, this.about.empty)));
    $('cart-lines').replaceChildren(...(lines.length ? lines.map(line) : [none]));
    $('cart-foot').replaceChildren(...(lines.length ? this.foot(total) : []));
  }

  foot(total) {
    const sum = total ? el('p', { class: 'total' }, el('span', {}, this.about.total), el('span', {}, total)) : null;
    const go = el('button', { class: 'go', type: 'button', onclick: () => { this.open(false); this.order(); } }, this.about.checkout, icon('arrow'));
    return [sum, go].filter(Boolean);
  }
}

function line({ title, options, quantity, amount, picture }) {
  return el('div', { class: 'line' },
    el('img', { src: picture, alt: '', width: 60, height: 72, loading: 'lazy', decoding: 'async' }),
    el('h3', { dir: 'auto' }, title),
    el('span', { class: 'amount' }, amount ?? ''),
    el('span', { class: 'of' }, [options, `× ${quantity}`].filter(Boolean).join(' · ')));
}
