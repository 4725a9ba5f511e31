// Elements, words and numbers: nothing here knows what the page is about. Names come from outside,
// so text only ever becomes a text node.

const SVG = 'http://www.w3.org/2000/svg';
const HARMFUL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e]|\p{Noncharacter_Code_Point}/gu;
const whole = new Intl.NumberFormat('en-GB');

/** An element with attributes (those that are null or false are left out) and what it holds. */
function element(tag, attributes = {}, ...content) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...content.flat().filter((one) => one !== null && one !== undefined));
  return made;
}

function button(label, attributes = {}) {
  return element('button', { type: 'button', ...attributes }, label);
}

/** One of the shapes that stand beside a word (reports/glyphs.html). */
function glyph(name) {
  const drawing = document.createElementNS(SVG, 'svg');
  const attributes = { class: 'glyph', viewBox: '0 0 16 16', 'aria-hidden': 'true', focusable: 'false' };
  for (const [key, value] of Object.entries(attributes)) drawing.setAttribute(key, value);
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#g-${name}`);
  drawing.append(use);
  return drawing;
}

/** Text without what a page may not hold, and without marks that let a name be read as another. */
function legible(text) {
  return text.replace(HARMFUL, '\ufffd');
}

/** A name, kept from turning the text around it. */
function named(text, className) {
  return element('bdi', { class: className }, legible(text));
}

/** Text of our own in which names stand between backticks; a backtick without a partner stays. */
function prose(text) {
  const parts = legible(text).split('`');
  return parts.map((part, place) => {
    if (place % 2 === 0) return part;
    return place + 1 < parts.length ? element('code', {}, part) : '`' + part;
  });
}

/** `1,204`. */
function number(value) {
  return whole.format(value);
}

/** `1 user`, `1,204 users`. */
function counted(value, one, many = `${one}s`) {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** `out-of-scope` → `Out of scope`. */
function label(word) {
  const words = word.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A verdict as it is written everywhere: a shape, a word, and only then a colour. */
function verdictMark(word) {
  return element('span', { class: `mark v-${word}` }, glyph(word), label(word));
}

/** Waits until nothing more has come for so many milliseconds. */
function afterPause(milliseconds, act) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), milliseconds);
  };
}
