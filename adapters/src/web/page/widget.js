// Embeds a shop's chat in any page: <script src="https://chat.example/widget.js" data-shop="my-shop" async></script>
// It adds one name, `sutler`, and two elements in a root of their own; the page's styles reach neither.
(() => {
  'use strict';
  const script = document.currentScript;
  if (!script || window.sutler) return;
  const { shop, customer, signature, label = 'Chat' } = script.dataset;
  const origin = new URL(script.src).origin;
  const signed = (id, by) => (id && by ? [id, by] : null);
  let who = signed(customer, signature);
  let open = false;
  let unread = 0;

  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { all: initial !important; position: fixed !important; inset: auto 20px 20px auto !important; z-index: 2147483000 !important; color-scheme: light dark; }
    :host([dir="rtl"]) { inset: auto auto 20px 20px !important; }
    button { all: unset; box-sizing: border-box; display: grid; place-items: center; width: 60px; height: 60px;
      border-radius: 50%; background: var(--accent, #0f6b63); color: var(--on-accent, #fff); cursor: pointer;
      box-shadow: 0 2px 6px rgb(0 0 0 / 18%), 0 10px 28px -8px rgb(0 0 0 / 40%); transition: scale .15s; }
    button:hover { scale: 1.05; }
    button:focus-visible { outline: 3px solid var(--accent, #0f6b63); outline-offset: 3px; }
    svg { width: 28px; height: 28px; fill: none; stroke: currentcolor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
    span { position: absolute; top: -2px; right: -2px; min-width: 22px; padding: 0 6px; box-sizing: border-box;
      border-radius: 11px; background: #c62828; color: #fff; font: 600 12px/22px system-ui, sans-serif; text-align: center; }
    [hidden] { display: none; }
    iframe { position: fixed; right: 20px; bottom: 92px; width: 400px; height: min(680px, calc(100vh - 120px));
      border: 0; border-radius: 18px; background: Canvas; color-scheme: normal;
      box-shadow: 0 4px 12px rgb(0 0 0 / 12%), 0 24px 60px -16px rgb(0 0 0 / 45%); }
    :host([dir="rtl"]) iframe { right: auto; left: 20px; }
    @media (max-width: 480px), (max-height: 480px) {
      iframe, :host([dir="rtl"]) iframe { inset: 0; width: 100%; height: 100%; border-radius: 0; }
      :host([data-open]) button { display: none; }
    }
    @media (prefers-reduced-motion: reduce) { button { transition: none; } }
  `);
  const root = document.createElement('div');
  root.dir = getComputedStyle(document.documentElement).direction;
  const shadow = root.attachShadow({ mode: 'closed' });
  shadow.adoptedStyleSheets = [style];

  const svg = (paths) => {
    const drawn = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    drawn.setAttribute('viewBox', '0 0 24 24');
    drawn.setAttribute('aria-hidden', 'true');
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', paths);
    drawn.append(path);
    return drawn;
  };
  const launcher = document.createElement('button');
  launcher.type = 'button';
  launcher.hidden = true;
  launcher.setAttribute('aria-expanded', 'false');
  launcher.append(svg('M4 12a8 8 0 1 1 3.5 6.6L4 20l1.1-3.6A8 8 0 0 1 4 12zM9 11h6M9 14h4'));
  const badge = document.createElement('span');
  badge.hidden = true;
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.title = label;
  frame.allow = '';
  frame.referrerPolicy = 'origin';
  frame.src = `${origin}/frame/${encodeURIComponent(shop)}`;

  const tell = () => {
    const said = { sutler: open ? 'open' : 'closed', customer: who };
    frame.contentWindow?.postMessage(said, origin);
    launcher.setAttribute('aria-expanded', String(open));
    launcher.setAttribute('aria-label', unread && !open ? `${label} (${unread})` : label);
    badge.hidden = open || !unread;
    badge.textContent = unread > 9 ? '9+' : unread;
  };
  const show = (wanted) => {
    if (wanted === open) return;
    open = wanted;
    frame.hidden = !open;
    root.toggleAttribute('data-open', open);
    tell();
    if (open) frame.focus();
    else launcher.focus();
  };
  launcher.addEventListener('click', () => show(!open));
  addEventListener('message', ({ source, origin: from, data }) => {
    if (source !== frame.contentWindow || from !== origin) return;
    if (data.sutler === 'hello') {
      root.style.setProperty('--accent', data.accent);
      root.style.setProperty('--on-accent', data.onAccent);
      frame.title = launcher.title = data.shop;
      launcher.hidden = false;
      tell();
    }
    if (data.sutler === 'close') show(false);
    if (data.sutler === 'unread' && unread !== data.count) {
      unread = data.count;
      tell();
    }
  });

  Object.defineProperty(window, 'sutler', {
    value: Object.freeze({
      open: () => show(true),
      close: () => show(false),
      /** Who is signed in on this page: the id the shop knows them by, and its signature; nothing: nobody. */
      identify: (id, by) => { who = signed(id, by); tell(); },
    }),
  });
  shadow.append(frame, launcher, badge);
  const place = () => document.body.append(root);
  if (document.body) place();
  else addEventListener('DOMContentLoaded', place);
})();
