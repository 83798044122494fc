// What to do with one pop: show it through the host, once, and say what became of it.
//
// A host is an object with
//   name                                'lightning', 'classic', 'plain'
//   ready()                             resolves when the host can be asked
//   openRecord({object, id}, asked)     each resolves when the host has done it, rejects with Refused (it will not) or
//   openPage(url, asked)                with Blocked (a person must press something first); asked: a person has
//   openNew(object, fields, asked)
//   reveal()                            brings the panel itself into view
//   leaves()                            true where opening something takes the page away that the panel is in; may be missing
//   busy()                              true while the page in front has changes that are not saved
//   label(text)                         what stands on the closed panel
//   onNavigate(listener)                {url, recordId, recordName, objectType} of the page that came to the front
//   onClickToDial(listener)             {number, id, object, name} of a number that was clicked, and its record
// so that a new host is one file.

export class Refused extends Error {}
export class Blocked extends Error {}

// the host has this long to confirm: less than a pop lives, so that silence is told and not guessed.
const PATIENCE = 8000;

// show brings pop to the screen unless it was there before. It resolves to {outcome, detail}; outcome '' means that
// nothing is reported: its time was over, and the server says so itself. asked is true when a person pressed a button
// for it: then neither unsaved changes nor its time keep it back.
export function show(pop, { host, memory, now, call }, asked = false) {
  return memory.alone(pop.key, async () => {
    if (!asked) {
      const before = memory.get(pop.key);
      if (before === 'shown') return { outcome: 'already' };
      const late = now() - Date.parse(pop.until);
      if (late >= 0) return { outcome: '', late };
      const why = await hold(pop, { host, call, before });
      if (why) return { outcome: 'offered', detail: why };
    }
    try {
      memory.put(pop.key, await host.leaves?.() ? 'shown' : 'opening'); // a page that comes anew would open it again, for ever
      await inTime(open(pop, host, asked));
      memory.put(pop.key, 'shown');
      return { outcome: 'shown', detail: named(pop) };
    } catch (e) {
      if (e instanceof Blocked) return { outcome: 'offered', detail: e.message };
      return { outcome: 'declined', detail: e.message };
    }
  });
}

// hold says why a pop is offered instead of opened; '' when nothing speaks against it.
async function hold(pop, { host, call, before }) {
  if (pop.kind === 'note' || pop.kind === 'list') return '';
  if (await host.busy()) return 'page has changes';
  if (pop.kind !== 'new') return '';
  // A form lies over the page: not while the phone rings, and never twice.
  if (before === 'opening') return 'may be open already';
  if (call()?.phase === 'ringing' && call().id === pop.call) return 'when the call is answered';
  return '';
}

async function open(pop, host, asked) {
  await host.ready();
  switch (pop.kind) {
    case 'record': return host.openRecord(pop.record, asked);
    case 'page': return host.openPage(pop.url, asked);
    case 'new': return host.openNew(pop.new, pop.fields ?? {}, asked);
    case 'list': case 'note': return host.reveal();
  }
  throw new Refused(`this panel cannot show a ${pop.kind}`);
}

function inTime(work) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Refused('the host did not confirm it')), PATIENCE);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

// named is what a pop opens, in a few words.
export function named(pop) {
  switch (pop.kind) {
    case 'record': return `${pop.record?.object ?? ''} ${pop.record?.name || pop.record?.id || ''}`.trim();
    case 'new': return `New ${pop.new}`;
    case 'page': return pop.title || shortUrl(pop.url);
    case 'list': return `${pop.records?.length ?? 0} records`;
    case 'note': return pop.title || 'Nothing found';
  }
  return pop.title || '';
}

function shortUrl(url = '') {
  const path = url.replace(/^https?:\/\//, '').split(/[?#]/)[0];
  return path.length > 40 ? path.slice(0, 39) + '…' : path;
}
