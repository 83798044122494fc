// What a call of a vendor's script may look like, and the sentence that says what is wrong with one.

// A Problem is such a sentence, for the list and for the caller.
export class Problem extends Error {}

export const text = (v) => typeof v === 'string' && v !== '';
export const anyText = (v) => typeof v === 'string';
export const yesOrNo = (v) => typeof v === 'boolean';
export const object = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);
export const callable = (v) => typeof v === 'function';
export const size = (least, most) => (v) => Number.isFinite(v) && v >= least && v <= most;

const shown = (v) => JSON.stringify(v, (_, x) => typeof x === 'function' ? 'a function' : x);

// judge looks at arguments that go by name.
export function judge(where, args, needs = {}, may = {}) {
  for (const [name, good] of Object.entries(needs)) {
    if (!(name in args)) throw new Problem(`${where} needs "${name}"`);
    if (!good(args[name])) throw new Problem(`${where}: "${name}" may not be ${shown(args[name])}`);
  }
  for (const [name, value] of Object.entries(args)) {
    if (name in needs) continue;
    if (!(name in may)) throw new Problem(`${where} has no argument "${name}"`);
    if (!may[name](value)) throw new Problem(`${where}: "${name}" may not be ${shown(value)}`);
  }
}

// inOrder looks at arguments that go by their place: of each parameter, in order, its name and what it may be. A name that ends
// with "?" may be left out, or be null. It returns them by name.
export function inOrder(where, args, parameters) {
  const named = {};
  const wanted = Object.entries(parameters);
  if (args.length > wanted.length) throw new Problem(`${where} takes ${wanted.length} arguments, not ${args.length}`);
  wanted.forEach(([name, good], i) => {
    const value = args[i] ?? null, may = name.endsWith('?'), plain = may ? name.slice(0, -1) : name;
    if (value === null && may) return;
    if (value === null) throw new Problem(`${where} needs "${plain}"`);
    if (!good(value)) throw new Problem(`${where}: "${plain}" may not be ${shown(value)}`);
    named[plain] = value;
  });
  return named;
}
