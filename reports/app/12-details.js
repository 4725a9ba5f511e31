// What is told of one user. A block says once what it tells of several; what differs between them,
// paths and ids, are words of the user, and texts have places for them: a number between two marks.

/** Stands before and after the number of a word in a text that several users share. */
const MARK = '\x01';

/** A text of a block, with words in its places. A word is a text, or a path: a text and its own words. */
function filled(block, code, words) {
  if (code === NO_CODE) return '';
  const parts = block.texts[code].split(MARK);
  return parts.map((part, place) => (place % 2 === 0 ? part : wordOf(block, words[Number(part)]))).join('');
}

function wordOf(block, word) {
  return Array.isArray(word) ? filled(block, word[0], word.slice(1)) : filled(block, word, []);
}

/** A finding as it is told of one user. `ways` holds ways and, for each, the place of its path among the words. */
function foundOf(block, words, finding, more, ways) {
  const text = (code) => filled(block, code, words);
  const drawn = [];
  for (let at = 0; at < ways.length; at += 2) {
    const { steps, stop, near } = block.ways[ways[at]];
    const path = words[ways[at + 1]].slice(1);
    const named = steps.map(({ kind, name, note }) => ({ kind, name: filled(block, name, path), note: filled(block, note, []) }));
    drawn.push({ steps: named, stop: filled(block, stop, []), near });
  }
  const said = { ...finding, ways: drawn, lines: [...finding.lines, more].map(text).filter(Boolean) };
  for (const key of ['title', 'expected', 'observed', 'cause', 'remedy', 'consequences']) said[key] = text(finding[key]);
  return said;
}
