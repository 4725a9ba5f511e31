// Who is shown, and how many each further choice would show. One pass over the columns answers both:
// a user who passes all filters counts for every choice; one who fails a single filter counts for the
// choices of that filter, which would let them in.

class Filter {
  constructor(index, facets) {
    this.index = index;
    this.facets = facets;
    this.columns = ['verdict', 'environment', 'case', 'unit', 'roles', 'deployment'];
    this.sizes = {
      verdict: index.verdicts.length,
      environment: index.environments.length,
      case: index.cases.length,
      unit: index.units.length + 1,
      roles: index.role_sets.length,
      deployment: index.deployments.length,
    };
    const units = index.units.map((unit) => folded(unit.name));
    units.push('');
    /** What a search looks through, and what names are ordered by. */
    this.names = new Array(index.size);
    this.texts = new Array(index.size);
    for (let at = 0; at < index.size; at += 1) {
      this.names[at] = folded(index.shownName(at));
      const own = index.users.name[at].trim() ? `${this.names[at]}\n` : '';
      this.texts[at] = `${own}${folded(index.users.email[at])}\n${units[index.codes.unit[at]]}`;
    }
    this.orders = new Map();
    this.searched = { q: '', found: null };
  }

  /** Positions to show in their order, and `counts`: facet key → users by choice. */
  apply(view) {
    const { index, columns } = this;
    const codes = columns.map((column) => index.codes[column]);
    const allowed = columns.map((column) => this.allowed(column, view));
    const tallies = columns.map((column) => new Int32Array(this.sizes[column]));
    const found = this.search(view.q);
    const shown = new Uint8Array(index.size);
    let hits = 0;
    for (let at = 0; at < index.size; at += 1) {
      if (found && !found[at]) continue;
      let failed = -1;
      let failures = 0;
      for (let test = 0; test < allowed.length && failures < 2; test += 1) {
        if (allowed[test] && !allowed[test][codes[test][at]]) {
          failures += 1;
          failed = test;
        }
      }
      if (failures === 0) {
        shown[at] = 1;
        hits += 1;
        for (let test = 0; test < codes.length; test += 1) tallies[test][codes[test][at]] += 1;
      } else if (failures === 1) {
        tallies[failed][codes[failed][at]] += 1;
      }
    }
    const counts = {};
    for (const facet of this.facets) {
      counts[facet.key] = this.count(facet, tallies[columns.indexOf(facet.column)], view);
    }
    return { list: this.inOrder(shown, hits, view), counts };
  }

  /** Positions in the order of the data, which is that of the verdict CSV, unless an order was chosen. */
  forExport(view, list) {
    return view.sort ? list : Uint32Array.from(list).sort();
  }

  /** Which codes of a column pass; null if all do. */
  allowed(column, view) {
    const pass = new Uint8Array(this.sizes[column]);
    const all = (codes) => codes.forEach((code) => (pass[code] = 1));
    if (column === 'case') {
      if (!view.rule.size && !view.outcome.size) return null;
      this.index.cases.forEach((findings, code) => {
        pass[code] = this.isAsked(findings, view) ? 1 : 0;
      });
    } else if (column === 'roles') {
      if (!view.role.size) return null;
      this.index.role_sets.forEach((roles, code) => {
        pass[code] = roles.some((role) => view.role.has(role)) ? 1 : 0;
      });
    } else {
      const facet = this.facets.find((one) => one.column === column);
      if (!view[facet.key].size) return null;
      for (const place of view[facet.key]) all(facet.choices[place].codes ?? [place]);
    }
    return pass;
  }

  /** Whether among findings is one of the asked rules with one of the asked outcomes. */
  isAsked(findings, view) {
    const rules = view.rule.size ? view.rule : null;
    const outcomes = view.outcome.size ? this.outcomeCodes(view) : null;
    return findings.some(([rule, outcome]) => (!rules || rules.has(rule)) && (!outcomes || outcomes.has(outcome)));
  }

  outcomeCodes(view) {
    const { choices } = this.facets.find((facet) => facet.key === 'outcome');
    return new Set([...view.outcome].map((place) => this.index.outcomes.indexOf(choices[place].value)));
  }

  /** Users by choice, from users by code. */
  count(facet, tally, view) {
    const counts = new Int32Array(facet.choices.length);
    if (facet.key === 'rule') {
      const outcomes = view.outcome.size ? this.outcomeCodes(view) : null;
      this.index.cases.forEach((findings, code) => {
        if (!tally[code]) return;
        const asked = findings.filter(([, outcome]) => !outcomes || outcomes.has(outcome));
        for (const rule of new Set(asked.map(([rule]) => rule))) counts[rule] += tally[code];
      });
    } else if (facet.key === 'outcome') {
      this.index.cases.forEach((findings, code) => {
        if (!tally[code]) return;
        const asked = findings.filter(([rule]) => !view.rule.size || view.rule.has(rule));
        const words = new Set(asked.map(([, outcome]) => this.index.outcomes[outcome]));
        for (const word of words) counts[facet.find(word)] += tally[code];
      });
    } else if (facet.key === 'role') {
      this.index.role_sets.forEach((roles, code) => {
        for (const role of roles) counts[role] += tally[code];
      });
    } else {
      facet.choices.forEach(({ codes }, place) => {
        counts[place] = codes ? codes.reduce((sum, code) => sum + tally[code], 0) : tally[place];
      });
    }
    return counts;
  }

  /** Who has all words of a search in their name, e-mail or business unit; null if nothing is searched. */
  search(q) {
    const words = folded(q).split(/\s+/).filter(Boolean);
    if (!words.length) return null;
    if (this.searched.q === q) return this.searched.found;
    const found = new Uint8Array(this.index.size);
    for (let at = 0; at < found.length; at += 1) {
      const text = this.texts[at];
      found[at] = words.every((word) => text.includes(word)) ? 1 : 0;
    }
    this.searched = { q, found };
    return found;
  }

  inOrder(shown, hits, view) {
    const order = this.order(view.sort ?? 'verdict');
    const list = new Uint32Array(hits);
    let next = view.descending ? hits - 1 : 0;
    const step = view.descending ? -1 : 1;
    for (let at = 0; at < order.length; at += 1) {
      if (!shown[order[at]]) continue;
      list[next] = order[at];
      next += step;
    }
    return list;
  }

  /** Everyone in the order of a column; among equals by name. What is empty comes last. */
  order(column) {
    if (!this.orders.has(column)) this.orders.set(column, this.sorted(column));
    return this.orders.get(column);
  }

  sorted(column) {
    const { index } = this;
    if (column === 'name') return byText(this.names);
    if (column === 'email') return byText(index.users.email.map((email) => folded(email) || '\uffff'));
    const ranks = {
      verdict: () => index.verdicts.map((_, code) => code),
      environment: () => index.environments.map((_, code) => code),
      unit: () => ranksOf([...index.units.map((unit) => folded(unit.name) || '\uffff'), '\uffff']),
      deployment: () => ranksOf(index.deployments.map((one) => folded(one.label))),
      // The code of no text is the last.
      cause: () => ranksOf([...index.texts.map(folded), '\uffff']),
    }[column]();
    const codes = index.codes[column] ?? index.users[column].map((code) => (code === NO_CODE ? index.texts.length : code));
    return byRank(this.order('name'), codes, ranks);
  }
}

/** Positions in the order of their texts; equal ones keep theirs. */
function byText(texts) {
  const positions = Uint32Array.from(texts, (_, at) => at);
  return positions.sort((one, other) => (texts[one] < texts[other] ? -1 : texts[one] > texts[other] ? 1 : one - other));
}

/** For each text its place among the sorted, the same for equal ones. */
function ranksOf(texts) {
  const places = new Map([...new Set(texts)].sort().map((text, place) => [text, place]));
  return texts.map((text) => places.get(text));
}

/** Positions in the order of the ranks of their codes; among equals as they come. */
function byRank(positions, codes, ranks) {
  const starts = new Uint32Array(Math.max(0, ...ranks.map((rank) => rank + 2)));
  for (const at of positions) starts[ranks[codes[at]] + 1] += 1;
  for (let rank = 1; rank < starts.length; rank += 1) starts[rank] += starts[rank - 1];
  const sorted = new Uint32Array(positions.length);
  for (const at of positions) sorted[starts[ranks[codes[at]]]++] = at;
  return sorted;
}
