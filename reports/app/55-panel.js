// The panel beside the table in which a user is explained. It is a dialog: the browser keeps the
// keyboard inside, closes it with Escape, and takes the page behind out of reach.

class Panel {
  /** `act.close()`, and `act.step(by)` to the next (1) or previous (-1) user of the list. */
  constructor(index, act) {
    this.index = index;
    this.act = act;
    /** Who is shown; null while it is closed. */
    this.position = null;
    this.previous = button('Previous');
    this.next = button('Next');
    this.copy = button('Copy as text');
    this.shut = button('Close');
    this.place = element('p', { class: 'panel-place quiet' });
    this.said = element('p', { class: 'panel-said quiet', role: 'status' });
    this.heading = element('h2', { id: 'person-name', tabindex: -1 });
    this.told = element('div', { class: 'panel-told' });
    const bar = element('div', { class: 'panel-bar' }, this.previous, this.next, this.place, this.said, this.copy, this.shut);
    this.dialog = element('dialog', { class: 'panel', 'aria-labelledby': 'person-name' }, bar, element('div', { class: 'panel-body' }, this.heading, this.told));
    document.body.append(this.dialog);
    this.previous.addEventListener('click', guarded(() => act.step(-1)));
    this.next.addEventListener('click', guarded(() => act.step(1)));
    this.copy.addEventListener('click', guarded(() => this.copyText()));
    this.shut.addEventListener('click', guarded(() => act.close()));
    this.dialog.addEventListener('cancel', guarded((event) => {
      event.preventDefault();
      act.close();
    }));
    // A browser may close it without asking.
    this.dialog.addEventListener('close', guarded(() => {
      if (this.position !== null) act.close();
    }));
    // What lies beside the panel is the page; a click there closes it.
    this.dialog.addEventListener('click', guarded((event) => {
      if (event.target === this.dialog) act.close();
    }));
    // A link leads to a place of the page behind.
    this.told.addEventListener('click', guarded((event) => {
      if (event.target.closest('a[href^="#"]') && !event.ctrlKey && !event.metaKey) this.hide();
    }));
  }

  get isOpen() {
    return this.dialog.open;
  }

  /** Shows a user, who is at `place` of `total` in the list (-1: not in it). */
  async show(position, place, total) {
    this.position = position;
    this.details = null;
    this.heading.replaceChildren(named(this.index.shownName(position)));
    this.place.textContent = place >= 0 ? `${number(place + 1)} of ${number(total)}` : 'not among those shown';
    this.said.textContent = '';
    // A button that is no longer of use would drop the keyboard.
    const held = document.activeElement;
    this.previous.disabled = place <= 0;
    this.next.disabled = place < 0 || place + 1 >= total;
    if (!this.isOpen) {
      this.told.replaceChildren();
      this.dialog.showModal();
      this.heading.focus();
    } else if (held?.disabled) this.heading.focus();
    const details = await this.index.details(position);
    // Meanwhile somebody else may have been opened.
    if (this.position !== position) return;
    this.details = details;
    this.told.replaceChildren(...explained(this.index, position, details));
    this.dialog.scrollTop = 0;
  }

  hide() {
    this.position = null;
    if (this.isOpen) this.dialog.close();
  }

  async copyText() {
    if (!this.details) return;
    const text = explainedAsText(this.index, this.position, this.details);
    this.said.textContent = (await copied(text, this.dialog)) ? 'Copied.' : 'The browser does not let this page copy.';
  }
}

/** Puts text on the clipboard; false if the browser refuses. */
async function copied(text, near) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Files from a share are no secure place for some browsers; the older way still works there.
    const held = document.activeElement;
    const area = element('textarea', { class: 'unseen', 'aria-hidden': 'true' });
    area.value = text;
    near.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    held?.focus();
    return done;
  }
}
