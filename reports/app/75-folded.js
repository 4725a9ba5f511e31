// Users whom a very large report does not list one by one: how many they are, and in which cases.

/** Cases that are drawn at first. */
const FIRST_CASES = 50;

class Folded {
  constructor(index, filter) {
    this.index = index;
    this.filter = filter;
    this.folded = index.folded;
    this.element = element('section', { class: 'folded', 'aria-label': 'Users who are not listed', hidden: !this.folded });
    if (!this.folded) return;
    const { users, of } = this.folded;
    this.note = element(
      'p',
      { class: 'notice' },
      `This page lists ${number(this.index.size)} of ${counted(of, 'user')}. The other ${number(users)} are not in the table: ` +
        'a search does not find them, and counts beside the filters leave them out. Below they are counted by what is wrong. ' +
        'The verdict CSV and the JSON list everyone.',
    );
    this.summary = element('summary', {});
    this.rows = element('tbody');
    const heads = ['Verdict', 'What is wrong', ...(this.severalEnvironments ? ['Environment'] : []), 'Users'];
    const head = element('tr', {}, heads.map((text) => element('th', { scope: 'col', class: text === 'Users' ? 'number' : null }, text)));
    this.more = button('Show all cases');
    this.more.addEventListener('click', guarded(() => this.draw(Infinity)));
    this.fold = element('details', {}, this.summary, element('table', { class: 'cases' }, element('thead', {}, head), this.rows), this.more);
    this.element.append(this.note, this.fold);
  }

  get severalEnvironments() {
    return this.index.environments.length > 1;
  }

  /** Shows the cases that pass what can be asked of them. */
  update(view) {
    if (!this.folded) return;
    const has = (set, code) => !set.size || set.has(code);
    const asksCase = view.rule.size || view.outcome.size;
    this.cases = this.folded.cases
      .filter(([code, verdict, environment]) =>
        has(view.verdict, verdict) &&
        has(view.environment, environment) &&
        (!asksCase || this.filter.isAsked(this.index.cases[code], view)))
      .sort((one, other) => other[3] - one[3]);
    const users = this.cases.reduce((sum, [, , , count]) => sum + count, 0);
    const asked = users === this.folded.users ? '' : ' with these filters';
    this.summary.textContent = `${counted(users, 'user')} not listed${asked}, in ${counted(this.cases.length, 'case')}`;
    this.draw(FIRST_CASES);
  }

  draw(most) {
    const { index } = this;
    this.rows.replaceChildren(
      ...this.cases.slice(0, most).map(([code, verdict, environment, count]) =>
        element(
          'tr',
          {},
          element('td', {}, verdictMark(index.verdicts[verdict])),
          element('td', {}, this.wrong(index.cases[code])),
          this.severalEnvironments ? element('td', {}, named(index.environments[environment].name)) : [],
          element('td', { class: 'number' }, number(count)),
        )),
    );
    this.more.hidden = this.cases.length <= most;
    this.more.textContent = `Show all ${number(this.cases.length)} cases`;
  }

  /** The findings of a case: the gravest by name, the others by number. */
  wrong(findings) {
    const MOST = 3;
    const order = ['blocks', 'limits', 'advises'];
    const rank = ([rule, outcome]) => order.indexOf(this.index.rules[rule].severity) * 10 + outcome;
    const sorted = [...findings].sort((one, other) => rank(one) - rank(other));
    if (!sorted.length) return ['nothing'];
    const parts = sorted.slice(0, MOST).flatMap(([rule, outcome], place) => {
      const { anchor, cause, title } = this.index.rules[rule];
      const word = this.index.outcomes[outcome];
      const link = element('a', { href: `#${anchor}` }, prose(cause || title));
      return [place ? '; ' : '', link, word === 'fail' ? '' : ` (${word === 'unknown' ? 'not known' : word})`];
    });
    if (sorted.length > MOST) parts.push(`; and ${counted(sorted.length - MOST, 'more finding')}`);
    return parts;
  }
}
