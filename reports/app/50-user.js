// What is told of one user: the verdict, what stands in the way with its evidence, the way by which
// access reaches them or does not, and what to do.

/** The lists of words of a user's sheet, in order: [word, text or elements]. */
function sheetOf(index, position) {
  const sheet = [];
  const add = (word, text) => text && sheet.push([word, text]);
  if (index.environments.length > 1) add('Environment', index.environmentName(position));
  add('E-mail', index.users.email[position]);
  add('Business unit', index.unitName(position));
  add('App in Outlook', index.deployment(position).label);
  const lights = index.feature_sets[index.users.features[position]];
  if (lights) {
    const titles = (features) => features.map((feature) => index.features[feature].title).join('; ');
    add('More in the app', titles(lights.lit) || (lights.unlit.length ? 'nothing' : ''));
    add('Not shown in the app', titles(lights.unlit));
    add('Not known whether shown', titles(lights.unknown));
  }
  if (index.verdict(position) !== 'out-of-scope') add('Roles', index.roleNames(position).join('; ') || 'none');
  add('Id', index.id(position));
  return sheet;
}

/** The evidence of a finding, in the order in which it is read: [word, texts]. */
function evidenceOf(finding) {
  const evidence = [];
  const add = (word, ...texts) => texts.some(Boolean) && evidence.push([word, texts.filter(Boolean)]);
  add('Because', finding.cause);
  add('Expected', finding.expected);
  add('Found', finding.observed);
  add('Path', ...finding.lines);
  add('What to do', finding.remedy);
  add('Follows from it', finding.consequences);
  return evidence;
}

/** The ways of a finding under their headings: first those that come nearest to granting what is missing. */
function waysOf(finding) {
  const near = finding.ways.filter((way) => way.near);
  const others = finding.ways.filter((way) => !way.near);
  return [
    ['What comes nearest, and what stops it', near],
    [near.length ? 'Other roles that reach the user' : 'Which roles reach the user, and what stops them', others],
  ].filter(([, ways]) => ways.length > 0);
}

/** The whole explanation as elements; headings begin with h3. */
function explained(index, position, findings) {
  const verdict = index.verdict(position);
  const parts = [element('p', { class: 'answer-word' }, verdictMark(verdict))];
  if (verdict === 'out-of-scope') parts.push(element('p', { class: 'lead' }, prose(index.text('cause', position))));
  const sheet = sheetOf(index, position).map(([word, said]) =>
    element('div', {}, element('dt', {}, word), element('dd', { class: word === 'Id' ? 'mono' : null }, named(said))),
  );
  parts.push(element('dl', { class: 'sheet' }, sheet));
  if (verdict === 'out-of-scope') return parts;
  parts.push(element('h3', {}, 'What stands in the way'));
  if (!findings.length) parts.push(element('p', {}, 'Nothing stands in the way.'));
  else parts.push(element('ol', { class: 'told' }, findings.map((finding) => told(index, position, finding))));
  return parts;
}

function told(index, position, finding) {
  const outcome = index.outcomes[finding.outcome];
  const item = element(
    'li',
    {},
    element('h4', { class: 'told-title' }, prose(finding.title)),
    element(
      'p',
      { class: 'gain' },
      element('span', { class: `tag o-${outcome}` }, outcome),
      ' ',
      element('span', { class: `tag s-${finding.severity}` }, finding.severity),
    ),
  );
  if (finding.whole_environment) {
    const link = element('a', { href: '#environments' }, 'its findings');
    item.append(element('p', { class: 'quiet' }, 'Counts for everyone in the environment; see ', link, '.'));
  }
  for (const [heading, ways] of waysOf(finding)) {
    item.append(element('h5', {}, heading), element('ul', { class: 'ways' }, ways.map((way) => drawnWay(index, position, way))));
  }
  const list = element('dl', { class: 'evidence' });
  for (const [word, texts] of evidenceOf(finding)) {
    const className = word === 'Path' ? 'path' : null;
    const lines = texts.map((line) => element('p', { class: className }, element('bdi', {}, prose(line))));
    const follows = word === 'Follows from it' ? [element('p', { class: 'chips' }, ruleLinks(index, finding.follows))] : [];
    list.append(element('dt', {}, word), element('dd', {}, lines, follows));
  }
  list.append(
    element('dt', {}, finding.rules.length === 1 ? 'Rule' : 'Rules'),
    element('dd', { class: 'mono' }, ruleLinks(index, finding.rules)),
  );
  item.append(list);
  return item;
}

function ruleLinks(index, rules) {
  return rules.flatMap((rule, place) => {
    const { id, anchor } = index.rules[rule];
    const link = element('a', { href: `#${anchor}` }, legible(id));
    return place === 0 ? [link] : [', ', link];
  });
}

/** Role → copy → team → user, one box each, and below them what stops it. */
function drawnWay(index, position, way) {
  const stopped = way.stop !== '';
  const boxes = way.steps.flatMap((step, place) => {
    const isUser = step.kind === 'User';
    const who = isUser ? index.shownName(position) : step.name;
    const note = step.note ? [element('span', { class: 'step-note' }, legible(step.note))] : [];
    const box = element(
      'span',
      { class: isUser ? 'step step-user' : 'step' },
      element('span', { class: 'step-kind' }, step.kind),
      named(who),
      note,
    );
    if (place === 0) return [box];
    const arrow = stopped && place === way.steps.length - 1 ? '⇢' : '→';
    return [element('span', { class: 'arrow', 'aria-hidden': 'true' }, arrow), box];
  });
  const end = stopped ? [element('span', { class: 'stop' }, glyph('blocked'), ' ', prose(way.stop))] : [];
  return element('li', { class: stopped ? 'way stopped' : 'way' }, boxes, end);
}

/** The same explanation as plain text, to paste into a message or a ticket. */
function explainedAsText(index, position, findings) {
  const verdict = index.verdict(position);
  const lines = [index.shownName(position), label(verdict)];
  if (verdict === 'out-of-scope') lines.push(index.text('cause', position));
  lines.push('', ...sheetOf(index, position).map(([word, said]) => `${word}: ${said}`));
  if (verdict !== 'out-of-scope' && !findings.length) lines.push('', 'Nothing stands in the way.');
  findings.forEach((finding, place) => {
    lines.push('', `${place + 1}. ${finding.title} (${index.outcomes[finding.outcome]}, ${finding.severity})`);
    if (finding.whole_environment) lines.push('   Counts for everyone in the environment.');
    for (const [heading, ways] of waysOf(finding)) {
      lines.push(`   ${heading}:`);
      for (const way of ways) {
        const steps = way.steps.map((step) => wayStepAsText(index, position, step));
        lines.push(`   - ${steps.join(' → ')}${way.stop && `: ${way.stop}`}`);
      }
    }
    for (const [word, texts] of evidenceOf(finding)) lines.push(`   ${word}: ${texts.join('\n      ')}`);
    lines.push(`   ${finding.rules.length === 1 ? 'Rule' : 'Rules'}: ${finding.rules.map((rule) => index.rules[rule].id).join(', ')}`);
  });
  return legible(`${lines.join('\n')}\n`).replaceAll('`', '');
}

function wayStepAsText(index, position, step) {
  const who = step.kind === 'User' ? index.shownName(position) : step.name;
  return `${step.kind}: ${who}${step.note && ` (${step.note})`}`;
}
