// Puts the parts together, and keeps them and the address in step.

class App {
  constructor(index, live) {
    this.index = index;
    this.facets = facetsOf(index);
    this.filter = new Filter(index, this.facets);
    this.section = document.getElementById('users');
    this.view = everyone(this.facets);
    const all = this.filter.apply(this.view);
    this.controls = new Controls(index, this.facets, all.counts, {
      change: (edit, typing) => this.change(edit, typing),
      clear: () => this.clear(),
      save: () => this.save(),
      toTable: () => this.table.focus(this.table.active),
    });
    this.table = new Table(index, {
      open: (position) => this.open(position),
      sort: (column) => this.sortBy(column),
      address: (position) => writeView(index, this.facets, { ...this.view, user: position }),
    });
    this.folded = new Folded(index, this.filter);
    this.panel = new Panel(index, { close: () => this.close(), step: (by) => this.step(by) });
    this.environments = new Environments(index, (edit) => this.change(edit));
    live.append(this.controls.element, this.table.element, this.folded.element);
    this.writeSoon = afterPause(300, guarded(() => this.write('replace', history.state ?? {})));
  }

  /** Shows what the address asks for, and from now on follows it. */
  begin() {
    const hash = this.instead(location.hash);
    const { view, strange } = readView(this.index, this.facets, isView(hash) ? hash : '');
    if (isView(hash) && hash !== '#users') this.section.scrollIntoView();
    this.show(view, strange);
    for (const link of document.querySelectorAll('a[data-view]')) link.href = `#users?${link.dataset.view}`;
    document.addEventListener('click', guarded((event) => this.follow(event)));
    addEventListener('popstate', guarded((event) => this.arrive(event.state === null)));
    history.replaceState({ seen: true }, '');
  }

  /** Shows a view; filters only if more than the opened user has changed. */
  show(view, strange = []) {
    const { user, ...rest } = view;
    const wanted = writeView(this.index, this.facets, { ...rest, user: null });
    const before = this.view.user;
    this.view = view;
    if (wanted !== this.shown) {
      this.shown = wanted;
      const { list, counts } = this.filter.apply(view);
      this.list = list;
      this.table.show(list, view);
      this.controls.update(view, list, counts);
      this.folded.update(view);
      this.environments.update(view);
    }
    this.controls.tell(strange);
    if (user !== null) {
      if (!this.panel.isOpen) this.opener = document.activeElement;
      this.panel.show(user, this.list.indexOf(user), this.list.length).catch(giveUp);
    } else if (before !== null) {
      this.panel.hide();
      this.giveBack(before);
      // Going back to “#users” is going to that part of the page, for which browsers take the keyboard away.
      setTimeout(guarded(() => {
        if (document.activeElement === document.body && !this.panel.isOpen) this.giveBack(before);
      }));
    }
  }

  /** The keyboard goes back to where it was, or to the row of the user who was shown last. */
  giveBack(user) {
    const { opener } = this;
    const fromTable = !opener || opener === document.body || !opener.isConnected || this.table.element.contains(opener);
    if (!fromTable) opener.focus();
    else if (!this.table.focusUser(user)) this.controls.search.focus();
  }

  change(edit, typing = false) {
    const view = copyOf(this.facets, this.view);
    edit(view);
    this.show(view);
    // One search is one step back, not one for every letter.
    if (typing && this.typing) this.writeSoon();
    else this.write('push');
    this.typing = typing && view.q !== '';
  }

  clear() {
    this.change((view) => Object.assign(view, everyone(this.facets)));
    this.controls.search.focus();
  }

  sortBy(column) {
    this.change((view) => {
      if (view.sort !== column) Object.assign(view, { sort: column, descending: false });
      else if (!view.descending) view.descending = true;
      else Object.assign(view, { sort: null, descending: false });
    });
  }

  open(position) {
    this.show({ ...this.view, user: position });
    this.write('push', { opened: true });
  }

  close() {
    const view = { ...this.view, user: null };
    // What was opened from the page is left by going back, so that “back” does not open it again.
    if (history.state?.opened) history.back();
    else {
      this.show(view);
      this.write('replace');
    }
  }

  step(by) {
    const place = this.list.indexOf(this.view.user) + by;
    if (place < 0 || place >= this.list.length) return;
    this.show({ ...this.view, user: this.list[place] });
    this.write('replace', history.state ?? {});
  }

  /** Writes the view into the address. Some places where a page is shown refuse; the page works all the same. */
  write(how, state = {}) {
    const address = writeView(this.index, this.facets, this.view);
    try {
      if (how === 'push') history.pushState({ seen: true, ...state }, '', address);
      else history.replaceState({ seen: true, ...state }, '', address);
    } catch {
      // Nothing to do: the address just does not tell the view.
    }
  }

  /** After “back”, “forward”, or a link within the page. */
  arrive(byLink) {
    this.typing = false;
    const hash = this.instead(location.hash);
    if (isView(hash) || hash === '') {
      const { view, strange } = readView(this.index, this.facets, hash);
      this.show(view, strange);
      if (byLink && hash) this.toSection();
    } else {
      this.panel.hide();
      this.view = { ...this.view, user: null };
    }
    if (byLink) history.replaceState({ seen: true }, '');
  }

  /** The view in place of a part of the lists that are put away: a verdict's, or a user. */
  instead(hash) {
    const part = hash.length > 1 ? document.getElementById(hash.slice(1)) : null;
    if (!part || !document.getElementById('users-static').contains(part)) return hash;
    const verdict = this.index.verdicts.find((word) => hash === `#users-${word}`);
    if (verdict) return `#users?verdict=${verdict}`;
    const ids = part.textContent.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
    const id = ids.find((one) => this.index.positionsOf(one).length > 0);
    return id ? `#users?user=${id}` : '#users';
  }

  /** Links of the page's other parts into the table. */
  follow(event) {
    const link = event.target.closest?.('a[href^="#"]');
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const hash = this.instead(link.getAttribute('href'));
    if (!link.dataset.view && hash === link.getAttribute('href')) return;
    event.preventDefault();
    const { view, strange } = readView(this.index, this.facets, hash);
    // One user is shown over whatever is there, and the keyboard comes back to the link.
    if (view.user !== null && isEveryone(this.facets, view)) {
      this.open(view.user);
      return;
    }
    this.show(view, strange);
    this.write('push');
    this.toSection();
  }

  toSection() {
    const heading = this.section.querySelector('h2');
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    this.section.scrollIntoView();
  }

  save() {
    const positions = this.filter.forExport(this.view, this.list);
    const part = isEveryone(this.facets, this.view) ? '' : '-selected';
    save(`verdicts${part}.csv`, 'text/csv;charset=utf-8', csvOf(this.index, positions));
  }
}

/** The switch between several environments: parts of the page that are about another are put away. */
class Environments {
  constructor(index, change) {
    const place = document.getElementById('environment-switch');
    if (!place || index.environments.length < 2) return;
    const id = 'environment-chooser';
    this.select = element('select', { id }, element('option', { value: '' }, 'all'));
    index.environments.forEach((one, code) => this.select.append(element('option', { value: code }, legible(one.name))));
    this.select.addEventListener('change', guarded(() => {
      const { value } = this.select;
      change((view) => (view.environment = new Set(value === '' ? [] : [Number(value)])));
    }));
    place.replaceChildren(element('label', { for: id }, 'Environment'), this.select);
    place.hidden = false;
  }

  update(view) {
    const [chosen] = view.environment;
    if (this.select) this.select.value = chosen ?? '';
    for (const part of document.querySelectorAll('[data-environment]')) {
      part.hidden = chosen !== undefined && part.dataset.environment !== String(chosen);
    }
  }
}

/** Does something; if that fails, the page falls back to what it is without this script. */
function guarded(act) {
  return (...given) => {
    try {
      const done = act(...given);
      if (done instanceof Promise) done.catch(giveUp);
    } catch (error) {
      giveUp(error);
    }
  };
}

function giveUp(error) {
  const live = document.getElementById('users-live');
  const fixed = document.getElementById('users-static');
  if (!live || !fixed || live.dataset.failed) return;
  live.dataset.failed = 'true';
  for (const dialog of document.querySelectorAll('dialog.panel')) dialog.remove();
  for (const part of document.querySelectorAll('[data-environment]')) part.hidden = false;
  live.hidden = true;
  fixed.hidden = false;
  const why = error instanceof Error ? error.message : String(error);
  fixed.prepend(element('p', { class: 'notice', role: 'alert' }, legible(`The table of users cannot be shown here (${why}). What follows is there without it.`)));
}

async function start() {
  const live = document.getElementById('users-live');
  if (!live || !document.getElementById('data-index')) return;
  const index = new Index(await readBlock('data-index'));
  const app = new App(index, live);
  document.getElementById('users-static').hidden = true;
  live.hidden = false;
  app.begin();
  // For whoever waits for it, or measures.
  live.dataset.ready = 'true';
  performance.mark('users-live');
}

// The page is painted before the work begins; a page in the background is not painted at all.
setTimeout(() => start().catch(giveUp), document.visibilityState === 'visible' ? 50 : 0);
