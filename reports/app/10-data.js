// What the page carries: blocks of base64 of raw deflate of JSON. The index has every listed user
// column by column; the details of the users lie in blocks that are read when someone is opened.

const NO_CODE = -1;
/** Blocks of details that are kept decoded. */
const KEPT_BLOCKS = 6;

/** The JSON of a data block of the page. */
async function readBlock(id) {
  const block = document.getElementById(id);
  if (!block) throw new Error(`the page has no block “${id}”`);
  if (typeof DecompressionStream === 'undefined') throw new Error('this browser cannot unpack its data');
  const digits = atob(block.textContent);
  const bytes = new Uint8Array(digits.length);
  for (let place = 0; place < digits.length; place += 1) bytes[place] = digits.charCodeAt(place);
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(unpacked).json();
}

/** Letters without their marks and in lower case, so that “Zoë” is found by “zoe”. */
function folded(text) {
  const lower = text.toLowerCase();
  if (!/[^\0-\x7f]/.test(lower)) return lower;
  const plain = lower.normalize('NFKD').replace(/[\u0300-\u036f]/g, '');
  return plain.replace(/[ßæœøłđðþı]/g, (letter) => UNMARKED[letter]);
}
const UNMARKED = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i' };

/** Every listed user, by position. */
class Index {
  constructor(data) {
    if (data.format !== 1) throw new Error(`its data have format ${data.format}, which this script does not know`);
    Object.assign(this, data);
    const { users } = data;
    this.size = users.name.length;
    const codes = (column) => Int32Array.from(column);
    /** Codes by position; a unit that is missing is the last code. */
    this.codes = {
      environment: codes(users.environment),
      verdict: codes(users.verdict),
      deployment: codes(users.deployment),
      unit: codes(users.unit).map((unit) => (unit === NO_CODE ? this.units.length : unit)),
      case: codes(users.case),
      roles: codes(users.roles),
    };
    this.blocks = new Map();
  }

  id(position) {
    const digits = this.users.id.slice(position * 32, position * 32 + 32);
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  /** Where users with that id stand; more than one only where environments are copies. */
  positionsOf(id) {
    const digits = id.toLowerCase().replaceAll('-', '');
    const found = [];
    if (!/^[0-9a-f]{32}$/.test(digits)) return found;
    for (let at = this.users.id.indexOf(digits); at >= 0; at = this.users.id.indexOf(digits, at + 1)) {
      if (at % 32 === 0) found.push(at / 32);
    }
    return found;
  }

  /** A name that can be shown, whatever the record holds. */
  shownName(position) {
    const { name: names, email } = this.users;
    if (names[position].trim()) return names[position];
    return email[position].trim() ? email[position] : '(no name)';
  }

  unitName(position) {
    return this.units[this.users.unit[position]]?.name ?? '';
  }

  verdict(position) {
    return this.verdicts[this.users.verdict[position]];
  }

  deployment(position) {
    return this.deployments[this.users.deployment[position]];
  }

  environmentName(position) {
    return this.environments[this.users.environment[position]].name;
  }

  roleNames(position) {
    return this.role_sets[this.users.roles[position]].map((role) => this.roles[role]);
  }

  /** What `cause` and `step` say of a user: text, or nothing. */
  text(column, position) {
    return this.texts[this.users[column][position]] ?? '';
  }

  /** What is told of a user, in the order in which it is told, with its words. */
  async details(position) {
    const block = await this.block(Math.floor(position / this.per_block));
    const [told, words] = block.users[position % this.per_block];
    return told.map(([finding, more, ...ways]) => foundOf(block, words, block.findings[finding], more, ways));
  }

  block(place) {
    let block = this.blocks.get(place);
    if (!block) block = readBlock(`data-details-${place}`);
    // The one used last stands last, so that the first is the one to forget.
    this.blocks.delete(place);
    this.blocks.set(place, block);
    if (this.blocks.size > KEPT_BLOCKS) this.blocks.delete(this.blocks.keys().next().value);
    return block;
  }
}
