// The controls above the table: search, filters with the number of users behind each choice, what is
// chosen, and what can be done with those shown.

/** Longer lists are typed into, not scrolled through. */
const LONGEST_LIST = 300;

class Controls {
  /** `act.change(edit, typing)`, `act.clear()`, `act.save()`, `act.toTable()`. */
  constructor(index, facets, totals, act) {
    this.index = index;
    this.facets = facets;
    this.act = act;
    this.buildSearch();
    this.notice = element('p', { class: 'notice', role: 'alert', hidden: true });
    this.verdicts = this.verdictButtons(facets[0]);
    const choosers = facets.slice(1).filter((facet) => !(facet.single && facet.choices.length < 2));
    this.choosers = choosers.map((facet) => new Chooser(facet, totals[facet.key], act));
    this.sorts = this.sortChooser();
    this.chosen = element('ul', { class: 'chosen', 'aria-label': 'Chosen filters' });
    this.clear = button('Clear all', { class: 'clear' });
    this.clear.addEventListener('click', guarded(() => act.clear()));
    this.save = button('Save as CSV');
    this.save.addEventListener('click', guarded(() => act.save()));
    this.hits = element('p', { class: 'hits' });
    this.said = element('p', { class: 'unseen', role: 'status' });
    this.say = afterPause(500, (text) => (this.said.textContent = text));
    this.element = element(
      'div',
      { class: 'controls' },
      this.notice,
      element('div', { class: 'search' }, this.searchLabel, this.search),
      this.verdicts,
      this.fold(element('div', { class: 'choosers' }, this.choosers.map((chooser) => chooser.element), this.sorts)),
      element('div', { class: 'outcome' }, this.hits, this.said, this.chosen, this.clear, this.save),
    );
  }

  /** On narrow screens the filters are folded, so that the table begins on the first screen. */
  fold(content) {
    const fold = element('details', { class: 'more' }, element('summary', {}, 'Filters and order'), content);
    const narrow = matchMedia('(max-width: 42rem)');
    const follow = () => (fold.open = !narrow.matches);
    narrow.addEventListener('change', follow);
    follow();
    return fold;
  }

  buildSearch() {
    const id = 'users-search';
    this.searchLabel = element('label', { for: id }, 'Search by name, e-mail or business unit');
    this.search = element('input', { type: 'search', id, autocomplete: 'off', spellcheck: 'false' });
    this.search.addEventListener('input', guarded(() => {
      this.act.change((view) => (view.q = this.search.value), true);
    }));
    this.search.addEventListener('keydown', guarded((event) => {
      if (event.key !== 'ArrowDown') return;
      event.preventDefault();
      this.act.toTable();
    }));
  }

  verdictButtons(facet) {
    this.toggles = facet.choices.map((choice, place) => {
      const count = element('span', { class: 'count' });
      const toggle = button('', { 'aria-pressed': 'false', class: 'toggle' });
      toggle.append(verdictMark(choice.value), ' ', count);
      toggle.addEventListener('click', guarded(() => {
        this.act.change((view) => {
          if (!view.verdict.delete(place)) view.verdict.add(place);
        });
      }));
      return { toggle, count };
    });
    return element('div', { class: 'verdict-toggles', role: 'group', 'aria-label': 'Verdict' }, this.toggles.map(({ toggle }) => toggle));
  }

  /** On narrow screens the table has no heads to sort by. */
  sortChooser() {
    const select = element('select', { id: 'users-sort' }, element('option', { value: '' }, 'Gravest first'));
    for (const { key, title } of columnsOf(this.index)) {
      select.append(element('option', { value: key }, title), element('option', { value: `${key} desc` }, `${title}, backwards`));
    }
    select.addEventListener('change', guarded(() => {
      const [sort, descending] = select.value.split(' ');
      this.act.change((view) => Object.assign(view, { sort: sort || null, descending: Boolean(descending) }));
    }));
    this.sort = select;
    return element('div', { class: 'chooser sort-chooser' }, element('label', { for: 'users-sort' }, 'Order'), select);
  }

  update(view, list, counts) {
    // A search that is being typed is not typed over.
    if (this.search.value !== view.q) this.search.value = view.q;
    this.toggles.forEach(({ toggle, count }, place) => {
      toggle.setAttribute('aria-pressed', String(view.verdict.has(place)));
      count.textContent = number(counts.verdict[place]);
    });
    for (const chooser of this.choosers) chooser.update(view[chooser.facet.key], counts[chooser.facet.key]);
    this.sort.value = view.sort ? `${view.sort}${view.descending ? ' desc' : ''}` : '';
    this.chosen.replaceChildren(...this.chips(view));
    const all = isEveryone(this.facets, view);
    this.clear.hidden = all && !view.sort;
    const listed = this.index.folded ? ' listed' : '';
    const total = `${counted(this.index.size, 'user')}${listed}`;
    const text = all ? total : `${number(list.length)} of ${total}`;
    this.hits.textContent = text;
    this.say(text);
    this.save.textContent = all ? `Save all${listed} as CSV` : `Save ${list.length === 1 ? 'this one' : `these ${number(list.length)}`} as CSV`;
    this.save.disabled = list.length === 0;
  }

  chips(view) {
    return this.facets.flatMap((facet) => {
      if (facet.key === 'verdict') return [];
      return [...view[facet.key]].map((place) => {
        const text = `${facet.title}: ${facet.choices[place].label.replaceAll('`', '')}`;
        const take = button('', { class: 'chip', 'aria-label': `Take away the filter ${text}` });
        take.append(element('bdi', {}, text), element('span', { class: 'cross', 'aria-hidden': 'true' }, '×'));
        take.addEventListener('click', guarded(() => {
          this.act.change((next) => next[facet.key].delete(place));
          (this.chosen.querySelector('button') ?? this.search).focus();
        }));
        return element('li', {}, take);
      });
    });
  }

  tell(strange) {
    this.notice.hidden = strange.length === 0;
    this.notice.textContent = strange.length ? `This report does not know, and leaves out: ${legible(strange.join('; '))}.` : '';
  }
}

/** A list to choose from by one facet. Choosing replaces; several can come from a link. */
class Chooser {
  constructor(facet, totals, act) {
    this.facet = facet;
    this.act = act;
    const id = `users-${facet.key}`;
    // What nobody has is left out, what most have stands first where the list has no order of its own.
    this.places = facet.choices.map((_, place) => place).filter((place) => totals[place] > 0);
    if (facet.key === 'rule') this.places.sort((one, other) => totals[other] - totals[one] || one - other);
    this.isLong = this.places.length > LONGEST_LIST;
    this.control = this.isLong ? this.typed(id) : this.listed(id);
    this.control.addEventListener('change', guarded(() => this.choose()));
    this.element = element('div', { class: `chooser of-${facet.key}` }, element('label', { for: id }, facet.title), this.control, this.isLong ? this.data : []);
  }

  /** The text of a choice with how many users are behind it. */
  text(place, counts) {
    return `${this.plain(place)} (${number(counts[place])})`;
  }

  plain(place) {
    return this.facet.choices[place].label.replaceAll('`', '');
  }

  listed(id) {
    this.any = element('option', { value: '' });
    this.options = new Map();
    return element('select', { id }, this.any);
  }

  typed(id) {
    this.data = element('datalist', { id: `${id}-list` });
    const input = element('input', { id, type: 'text', list: `${id}-list`, autocomplete: 'off', placeholder: `any of ${number(this.places.length)}` });
    input.addEventListener('focus', guarded(() => this.fill()));
    return input;
  }

  /** The suggestions, with counts, when they are about to be needed. */
  fill() {
    this.data.replaceChildren(
      ...this.places.map((place) => element('option', { value: this.plain(place), label: this.text(place, this.counts) })),
    );
  }

  update(chosen, counts) {
    this.counts = counts;
    const only = chosen.size === 1 ? [...chosen][0] : null;
    if (this.isLong) {
      this.control.value = only === null ? '' : this.plain(only);
      return;
    }
    this.any.textContent = chosen.size > 1 ? `${chosen.size} chosen` : 'any';
    this.any.value = chosen.size > 1 ? 'several' : '';
    for (const place of [...this.places, ...chosen]) {
      let option = this.options.get(place);
      if (!option) {
        option = element('option', { value: place });
        this.options.set(place, option);
        this.control.append(option);
      }
      const text = this.text(place, counts);
      if (option.textContent !== text) option.textContent = text;
    }
    this.control.value = chosen.size > 1 ? 'several' : (only ?? '');
  }

  choose() {
    const { value } = this.control;
    if (value === 'several') return;
    let place = value === '' ? null : Number(value);
    if (this.isLong && value !== '') {
      place = this.places.find((one) => this.plain(one) === value);
      this.control.setCustomValidity(place === undefined ? 'Nothing here is called that.' : '');
      this.control.reportValidity();
      if (place === undefined) return;
    }
    this.act.change((view) => (view[this.facet.key] = new Set(place === null ? [] : [place])));
  }
}
