// Elements without markup in strings: nothing a shop or a customer writes is ever read as HTML.

export const $ = (id) => document.getElementById(id);

/** An element with attributes, listeners (`onclick`) and children; what is null or false is left out. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== false));
  return made;
}

const PATHS = {
  arrow: 'M5 12h14M13 6l6 6-6 6',
  back: 'M15 6l-6 6 6 6',
  bag: 'M5 8h14l-1.2 11.2a2 2 0 0 1-2 1.8H8.2a2 2 0 0 1-2-1.8zM9 10V7a3 3 0 0 1 6 0v3',
  clock: 'M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z',
  on: 'M9 6l6 6-6 6',
  out: 'M9 6h9v9M18 6 6 18',
  sent: 'M5 12.5l4.5 4.5L19 7',
  wrong: 'M12 8v5M12 16.5v.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z',
};

export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/** Words for those who listen. */
export const aside = (words) => el('span', { class: 'vh' }, words);

/** Storage may be refused to a frame; then it lasts as long as the page. */
export const store = {
  held: {},
  get(key) {
    try { return localStorage.getItem(key) ?? this.held[key] ?? null; } catch { return this.held[key] ?? null; }
  },
  set(key, value) {
    if (value === null) delete this.held[key];
    else this.held[key] = value;
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch { /* it is held */ }
  },
};

/** A link that may be followed; anything else than the web is none. */
export const web = (url) => (/^https?:\/\//i.test(url) ? url : null);
