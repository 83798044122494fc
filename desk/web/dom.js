// Building the panel's elements without a framework: h makes one element, Section replaces its content only when what
// it shows has changed and keeps the focus where it was.

export function h(tag, attributes = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) el.addEventListener(name.slice(2), value);
    else el.setAttribute(name, value === true ? '' : value);
  }
  el.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== ''));
  return el;
}

const OPEN = CSS.supports('selector(select:open)') ? 'select:open' : ':not(*)';

export class Section {
  #el; #shown;
  constructor(el) { this.#el = el; }

  // show draws when key, a plain value that holds everything drawn, differs from last time. Elements that keep the
  // focus over a redraw carry the same data-key before and after; a field that is being typed in keeps its text and the
  // place in it, too. A menu that is open is left alone.
  show(key, draw) {
    const text = JSON.stringify(key);
    if (text === this.#shown || this.#el.querySelector(OPEN)) return;
    this.#shown = text;
    const active = this.#el.getRootNode().activeElement;
    const focused = active?.dataset?.key;
    const within = this.#el.contains(active);
    const typing = within && active.selectionStart !== undefined ? active : null;
    const at = typing && [typing.selectionStart, typing.selectionEnd, typing.selectionDirection, typing.scrollTop];
    const content = draw();
    this.#el.replaceChildren(...[content].flat().filter(Boolean));
    this.#el.hidden = !this.#el.hasChildNodes();
    if (!within || !focused) return;
    const again = this.#el.querySelector(`[data-key="${CSS.escape(focused)}"]`);
    again?.focus();
    if (!typing || again?.tagName !== typing.tagName) return;
    again.value = typing.value;
    again.setSelectionRange(at[0], at[1], at[2]);
    again.scrollTop = at[3];
  }
}

const SVG = 'http://www.w3.org/2000/svg';

// The shapes of states: the same meaning has the same shape everywhere, so that nobody needs the colour.
const shapes = {
  done: 'M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1Z',
  running: 'M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1Zm0 1.5v7a3.5 3.5 0 0 1 0-7Z',
  needs: 'M6 1.2 11.2 10.6H.8Z',
  skipped: 'M1.5 5.1h9v1.8h-9Z',
};

export function lamp(kind) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 12 12');
  svg.setAttribute('class', `lamp ${kind}`);
  svg.setAttribute('aria-hidden', 'true');
  if (kind === 'waiting') svg.append(part('circle', { cx: 6, cy: 6, r: 4.4, fill: 'none', 'stroke-width': 1.6, 'stroke-dasharray': '2 1.455' }));
  else if (kind === 'held') svg.append(part('circle', { cx: 6, cy: 6, r: 4.3, fill: 'none', 'stroke-width': 1.4 }), part('path', { d: 'M3 8.4 8.4 3M4.6 9.8 9.8 4.6M2.2 6.2 6.2 2.2', 'stroke-width': 1.1, fill: 'none' }));
  else svg.append(part('path', { d: shapes[kind] ?? shapes.skipped, 'fill-rule': 'evenodd' }));
  return svg;
}

// mark is the patch cord: one line, two plugs.
export function mark() {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 64 24');
  svg.setAttribute('class', 'mark');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(part('path', { d: 'M4 7h9c16 0 8 12 23 12 13 0 8-12 24-12', fill: 'none', 'stroke-width': 2, 'stroke-linecap': 'round' }),
    part('circle', { cx: 4, cy: 7, r: 3 }), part('circle', { cx: 60, cy: 7, r: 3 }));
  return svg;
}

function part(tag, attributes) {
  const el = document.createElementNS(SVG, tag);
  for (const [k, v] of Object.entries(attributes)) el.setAttribute(k, v);
  return el;
}
