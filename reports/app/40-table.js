// The table of users. Only the rows in sight, and a few around them, are in the document; the rest is
// height. It is one stop for the Tab key: arrows, Page Up and Down, Home and End move within it.

/** Rows drawn above and below what is in sight. */
const SPARE_ROWS = 8;
/** Browsers cap how high an element can be; above this, scrolling is translated. */
const HIGHEST = 10_000_000;

function columnsOf(index) {
  const columns = [
    { key: 'name', title: 'Name', fill: (at) => named(index.shownName(at), 'name') },
    { key: 'email', title: 'E-mail', fill: (at) => named(index.users.email[at]) },
    { key: 'unit', title: 'Business unit', fill: (at) => named(index.unitName(at)) },
    { key: 'verdict', title: 'Verdict', fill: (at) => verdictMark(index.verdict(at)) },
    { key: 'deployment', title: 'App in Outlook', fill: (at) => index.deployment(at).label },
    { key: 'cause', title: 'First cause', fill: (at) => element('bdi', {}, prose(index.text('cause', at))) },
  ];
  if (index.environments.length > 1) {
    columns.splice(2, 0, { key: 'environment', title: 'Environment', fill: (at) => named(index.environmentName(at)) });
  }
  return columns;
}

class Table {
  /** `act.open(position)`, `act.sort(column)`, and `act.address(position)` for the link to a user. */
  constructor(index, act) {
    this.index = index;
    this.act = act;
    this.columns = columnsOf(index);
    this.list = new Uint32Array(0);
    this.rows = new Map();
    /** The row that the keyboard is at, as a place in the list. */
    this.active = 0;
    /** How far down the list is scrolled, in pixels of its full height. */
    this.top = 0;
    this.scrolled = 0;
    this.build();
  }

  build() {
    this.heads = this.columns.map(({ key, title }, place) => {
      const sort = button(title, { class: 'sort' });
      sort.addEventListener('click', guarded(() => this.act.sort(key)));
      return element('div', { role: 'columnheader', class: `cell of-${key}`, 'aria-colindex': place + 1 }, sort);
    });
    this.body = element('div', { role: 'rowgroup', class: 'rows' });
    this.head = element('div', { role: 'rowgroup', class: 'head' }, element('div', { role: 'row', 'aria-rowindex': 1 }, this.heads));
    this.probe = element('div', { class: 'probe', 'aria-hidden': 'true' });
    this.grid = element(
      'div',
      { role: 'grid', class: 'grid', 'aria-label': 'Users', 'aria-readonly': 'true', 'aria-colcount': this.columns.length },
      this.head,
      this.body,
    );
    this.nobody = element('p', { class: 'nobody', hidden: true }, 'Nobody matches. Take away a filter, or search for less.');
    const environments = this.index.environments.length > 1 ? ' with-environment' : '';
    this.element = element('div', { class: `table${environments}` }, this.probe, this.grid, this.nobody);
    this.grid.addEventListener('scroll', guarded(() => this.scroll()));
    this.body.addEventListener('click', guarded((event) => this.click(event)));
    this.body.addEventListener('keydown', guarded((event) => this.key(event)));
    new ResizeObserver(guarded(() => this.measure())).observe(this.grid);
    this.resettle = afterPause(150, guarded(() => this.settle()));
  }

  /** Shows the users at these positions. The active row stays with its user if they are still there. */
  show(list, view) {
    const user = this.list[this.active];
    const stays = user === undefined ? -1 : list.indexOf(user);
    const focused = this.body.contains(document.activeElement);
    this.list = list;
    this.active = Math.max(0, stays);
    this.top = 0;
    this.grid.setAttribute('aria-rowcount', list.length + 1);
    this.grid.hidden = list.length === 0;
    this.nobody.hidden = list.length > 0;
    this.heads.forEach((head, place) => {
      const { key } = this.columns[place];
      const sorted = view.sort === key && (view.descending ? 'descending' : 'ascending');
      if (sorted) head.setAttribute('aria-sort', sorted);
      else head.removeAttribute('aria-sort');
    });
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
    this.measure();
    if (focused) this.focus(this.active);
  }

  get visible() {
    return Math.max(this.rowHeight, this.grid.clientHeight - this.head.offsetHeight);
  }

  measure() {
    const first = this.rowHeight ? this.top / this.rowHeight : 0;
    this.rowHeight = this.probe.getBoundingClientRect().height || 1;
    this.height = this.list.length * this.rowHeight;
    this.body.style.height = `${Math.min(this.height, HIGHEST)}px`;
    this.scrollTo(first * this.rowHeight);
  }

  /** How far the list, and its element, can be scrolled. */
  get ends() {
    return {
      list: Math.max(0, this.height - this.visible),
      element: Math.max(0, Math.min(this.height, HIGHEST) - this.visible),
    };
  }

  /** Scrolls so far down the list. */
  scrollTo(top) {
    const ends = this.ends;
    this.top = Math.min(Math.max(0, top), ends.list);
    this.grid.scrollTop = ends.list ? (this.top * ends.element) / ends.list : 0;
    this.scrolled = this.grid.scrollTop;
    if (this.height <= HIGHEST) this.top = this.scrolled;
    this.draw();
  }

  scroll() {
    const now = this.grid.scrollTop;
    const moved = now - this.scrolled;
    if (moved === 0) return;
    const ends = this.ends;
    this.scrolled = now;
    if (this.height <= HIGHEST) this.top = now;
    // What a wheel or a finger moves is moved as it is; what the scroll bar moves is a share of the whole.
    else if (now > 0 && now < ends.element - 1 && Math.abs(moved) < 2 * this.visible) {
      this.top = Math.min(Math.max(0, this.top + moved), ends.list);
    } else this.top = ends.element ? (now * ends.list) / ends.element : 0;
    this.draw();
    if (this.height > HIGHEST) this.resettle();
  }

  /** Puts the scroll bar back to the share of the list that is above. */
  settle() {
    this.scrollTo(this.top);
  }

  draw() {
    const first = Math.max(0, Math.floor(this.top / this.rowHeight) - SPARE_ROWS);
    const last = Math.min(this.list.length, Math.ceil((this.top + this.visible) / this.rowHeight) + SPARE_ROWS);
    const wanted = new Set([this.active]);
    for (let place = first; place < last; place += 1) wanted.add(place);
    if (!this.list.length) wanted.clear();
    for (const [place, row] of this.rows) {
      if (wanted.has(place)) continue;
      row.remove();
      this.rows.delete(place);
    }
    // In the order of the list, for those who hear the page.
    let before = null;
    for (const place of [...wanted].sort((one, other) => one - other)) {
      let row = this.rows.get(place);
      if (!row) {
        row = this.row(place);
        this.rows.set(place, row);
        if (before) before.after(row);
        else this.body.prepend(row);
      }
      row.style.transform = `translateY(${this.scrolled + place * this.rowHeight - this.top}px)`;
      before = row;
    }
  }

  row(place) {
    const position = this.list[place];
    const cells = this.columns.map(({ key, title, fill }, column) => {
      const content = key === 'name' ? this.link(position, fill(position)) : fill(position);
      const said = element('span', { class: 'cell-title', 'aria-hidden': 'true' }, `${title} `);
      return element('div', { role: 'gridcell', class: `cell of-${key}`, 'aria-colindex': column + 1 }, said, content);
    });
    const row = element('div', { role: 'row', class: 'row', 'aria-rowindex': place + 2 }, cells);
    row.dataset.place = place;
    row.tabIndex = place === this.active ? 0 : -1;
    return row;
  }

  link(position, content) {
    return element('a', { href: this.act.address(position), tabindex: -1 }, content);
  }

  /** Moves the keyboard to a row, wherever it is. */
  focus(place) {
    if (!this.list.length) return;
    const last = this.list.length - 1;
    const row = this.rows.get(this.active);
    if (row) row.tabIndex = -1;
    this.active = Math.min(Math.max(0, place), last);
    this.reveal(this.active);
    const active = this.rows.get(this.active);
    active.tabIndex = 0;
    active.focus({ preventScroll: true });
    active.scrollIntoView({ block: 'nearest' });
  }

  reveal(place) {
    const from = place * this.rowHeight;
    if (from < this.top) this.scrollTo(from);
    else if (from + this.rowHeight > this.top + this.visible) this.scrollTo(from + this.rowHeight - this.visible);
    else this.draw();
  }

  /** Moves the keyboard to a user; false if they are not in the list. */
  focusUser(position) {
    const place = this.list.indexOf(position);
    if (place >= 0) this.focus(place);
    return place >= 0;
  }

  key(event) {
    if (event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.visible / this.rowHeight) - 1);
    const moves = {
      ArrowDown: this.active + 1,
      ArrowUp: this.active - 1,
      PageDown: this.active + page,
      PageUp: this.active - page,
      Home: 0,
      End: this.list.length - 1,
    };
    if (event.key in moves) this.focus(moves[event.key]);
    else if (event.key === 'Enter' || event.key === ' ') this.act.open(this.list[this.active]);
    else return;
    event.preventDefault();
  }

  click(event) {
    const row = event.target.closest('.row');
    // A link that is to open elsewhere, and a text that is being selected, are left alone.
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey || String(getSelection())) return;
    event.preventDefault();
    const place = Number(row.dataset.place);
    this.focus(place);
    this.act.open(this.list[place]);
  }
}
