// What is shown: the search, the filters, the order and the opened user. It stands in the fragment of
// the address, `#users?verdict=blocked&rule=mailbox-exists`, so that a view can be sent and come back to.

/** A thing that users can be filtered by. */
class Facet {
  /** `choices`: `{ value, label }`, where `value` is how the fragment names it. */
  constructor(key, title, column, choices, options = {}) {
    Object.assign(this, { key, title, column, choices });
    /** Whether several values may stand in one parameter, with commas between them. */
    this.listed = options.listed ?? false;
    /** Whether at most one can be chosen. */
    this.single = options.single ?? false;
    this.places = new Map(choices.map((choice, place) => [choice.value, place]));
  }

  /** The place of the choice that the fragment names, or undefined. */
  find(value) {
    return this.places.get(value);
  }
}

/** Everything that users of this report can be filtered by, in the order of the controls. */
function facetsOf(index) {
  const words = (list) => list.map((word) => ({ value: word, label: label(word) }));
  const rules = index.rules.map((rule) => ({ value: rule.id, label: rule.cause || rule.title }));
  const outcomes = [
    { value: 'fail', label: 'fails' },
    { value: 'unknown', label: 'not known' },
    { value: 'waived', label: 'waived' },
  ];
  const deployments = index.deployments.map(({ word, label }) => ({ value: word, label }));
  const environments = index.environments.map(({ name }, place) => ({ value: String(place), label: legible(name) }));
  const roles = index.roles.map((role) => ({ value: role, label: legible(role) }));
  return [
    new Facet('verdict', 'Verdict', 'verdict', words(index.verdicts), { listed: true }),
    new Facet('environment', 'Environment', 'environment', environments, { single: true }),
    new Facet('rule', 'What is wrong', 'case', rules, { listed: true }),
    new Facet('outcome', 'How it stands', 'case', outcomes.filter(({ value }) => index.outcomes.includes(value)), { listed: true }),
    unitsFacet(index),
    new Facet('role', 'Role', 'roles', roles),
    new Facet('deployment', 'App in Outlook', 'deployment', deployments, { listed: true }),
  ];
}

/** Business units by name: the same name in two environments is one choice. */
function unitsFacet(index) {
  const codes = new Map();
  const users = new Int32Array(index.units.length + 1);
  for (const unit of index.codes.unit) users[unit] += 1;
  index.units.forEach((unit, code) => {
    if (users[code]) codes.set(unit.name, [...(codes.get(unit.name) ?? []), code]);
  });
  const names = [...codes.keys()].sort(new Intl.Collator('en').compare);
  const choices = names.map((unit) => ({ value: unit, label: legible(unit) || '(no name)', codes: codes.get(unit) }));
  const facet = new Facet('unit', 'Business unit', 'unit', choices);
  // Links in the page name a unit as it is shown.
  const shown = new Map(choices.map(({ label }, place) => [label, place]));
  facet.find = (value) => facet.places.get(value) ?? shown.get(value) ?? facet.places.get(index.units[value]?.name);
  return facet;
}

const SORTS = ['name', 'email', 'unit', 'verdict', 'deployment', 'cause', 'environment'];

/** A view that leaves nobody out. */
function everyone(facets) {
  const view = { q: '', sort: null, descending: false, user: null };
  for (const facet of facets) view[facet.key] = new Set();
  return view;
}

function copyOf(facets, view) {
  const copy = { ...view };
  for (const facet of facets) copy[facet.key] = new Set(view[facet.key]);
  return copy;
}

/** Whether nothing is searched for and nothing filtered. */
function isEveryone(facets, view) {
  return !view.q.trim() && facets.every((facet) => view[facet.key].size === 0);
}

/** Whether the fragment is about the users at all. */
function isView(hash) {
  return hash === '#users' || hash.startsWith('#users?');
}

/** The view that a fragment asks for, and what in it this report does not know. */
function readView(index, facets, hash) {
  const view = everyone(facets);
  const strange = [];
  for (const [key, value] of new URLSearchParams(hash.slice('#users?'.length))) {
    const facet = facets.find((one) => one.key === key);
    if (facet) {
      const values = facet.listed && facet.find(value) === undefined ? value.split(',') : [value];
      for (const one of values) {
        const place = facet.find(one);
        if (place === undefined) strange.push(`${facet.title}: “${one}”`);
        else view[key].add(place);
      }
      if (facet.single && view[key].size > 1) view[key] = new Set([[...view[key]].pop()]);
    } else if (key === 'q') {
      view.q = value;
    } else if (key === 'sort' && SORTS.includes(value)) {
      view.sort = value;
    } else if (key === 'order' && ['asc', 'desc'].includes(value)) {
      view.descending = value === 'desc';
    } else if (key === 'user') {
      view.user = userOf(index, value);
      if (view.user === null) strange.push(`User: “${value}”`);
    } else {
      strange.push(`${key}: “${value}”`);
    }
  }
  return { view, strange };
}

/** The fragment of a view. */
function writeView(index, facets, view) {
  const words = new URLSearchParams();
  if (view.q.trim()) words.append('q', view.q);
  for (const facet of facets) {
    const values = [...view[facet.key]].sort((one, other) => one - other).map((place) => facet.choices[place].value);
    // A value with a comma of its own stands alone.
    const plain = facet.listed ? values.filter((value) => !value.includes(',')) : [];
    if (plain.length) words.append(facet.key, plain.join(','));
    for (const value of values) if (!plain.includes(value)) words.append(facet.key, value);
  }
  if (view.sort) {
    words.append('sort', view.sort);
    words.append('order', view.descending ? 'desc' : 'asc');
  }
  if (view.user !== null) words.append('user', userWord(index, view.user));
  const written = words.toString().replaceAll('%2C', ',');
  return written ? `#users?${written}` : '#users';
}

/** The id, with the number of the environment where the id alone could be two users. */
function userWord(index, position) {
  const id = index.id(position);
  if (index.environments.length === 1 || index.positionsOf(id).length === 1) return id;
  return `${id}.${index.users.environment[position]}`;
}

function userOf(index, word) {
  const [id, environment] = word.split('.');
  const is = (position) => environment === undefined || index.users.environment[position] === Number(environment);
  return index.positionsOf(id).find(is) ?? null;
}
