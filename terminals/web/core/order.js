// Texts in the order of their code points, as other languages sort them; JavaScript compares UTF-16 units.

/**
 * The order of two texts by their code points.
 * @param {string} one
 * @param {string} other
 */
export function byCodePoints (one, other) {
  const [mine, theirs] = [Array.from(one, codePoint), Array.from(other, codePoint)]
  const at = mine.findIndex((point, place) => point !== theirs[place])
  return at < 0 ? mine.length - theirs.length : mine[at] - (theirs[at] ?? -1)
}

const codePoint = (letter) => letter.codePointAt(0)
