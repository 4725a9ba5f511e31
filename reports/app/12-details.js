// What is told of one user. A block says once what it tells of several; what differs between them,
// paths and ids, are words of the user, and texts have places for them: a number between two marks.

/** A text of the block with the words in its places; a path is a text with words of its own. */
function filled(texts, code, words) {
  if (code === NO_CODE) return '';
  return texts[code].replace(/\u0001(\d+)\u0001/g, (place, number) => {
    const word = words[number];
    return Array.isArray(word) ? filled(texts, word[0], word.slice(1)) : filled(texts, word, []);
  });
}

/** The findings of a user, each with its ways; every code in them is one of `text`. */
function detailsOf(block, place) {
  const [told, words] = block.users[place];
  const texts = [];
  const kept = (text) => (text === '' ? NO_CODE : texts.push(text) - 1);
  const said = (code, own = words) => kept(filled(block.texts, code, own));
  const way = (code, path) => {
    const { steps, stop, near } = block.ways[code];
    const own = words[path].slice(1);
    return {
      steps: steps.map(({ kind, name, note }) => ({ kind, name: said(name, own), note: said(note) })),
      stop: said(stop),
      near,
    };
  };
  const findings = told.map(([code, more, ...ways]) => {
    const finding = block.findings[code];
    const drawn = [];
    for (let at = 0; at < ways.length; at += 2) drawn.push(way(ways[at], ways[at + 1]));
    return {
      ...finding,
      title: said(finding.title),
      expected: said(finding.expected),
      observed: said(finding.observed),
      cause: said(finding.cause),
      remedy: said(finding.remedy),
      consequences: said(finding.consequences),
      lines: [...finding.lines, more].filter((line) => line !== NO_CODE).map((line) => said(line)),
      ways: drawn,
    };
  });
  return { findings, text: (code) => texts[code] ?? '' };
}
