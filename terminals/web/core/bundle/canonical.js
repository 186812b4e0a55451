// JSON in one form only: UTF-8, keys sorted, no blanks, so that one content has one digest, as
// terminals/bundle/canonical.py.

import { byCodePoints } from '../order.js'
import { unreadable } from './reading.js'

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g

/**
 * The object in `content`; bundle.malformed for anything that is no JSON object in its only form (which also finds
 * repeated keys).
 * @param {Uint8Array} content
 */
export function readCanonical (content) {
  const [written, value] = parsed(content)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable('no JSON object')
  // languages write the same number in different ways: numbers are left out of the comparison
  if (withoutNumbers(canonical(value)) !== withoutNumbers(written)) throw unreadable('not the only form of JSON')
  return value
}

function parsed (content) {
  try {
    const written = UTF8.decode(content)
    return [written, JSON.parse(written)]
  } catch {
    throw unreadable('no JSON')
  }
}

const withoutNumbers = (written) => written.replace(TEXT_OR_NUMBER, (found) => (found[0] === '"' ? found : '0'))

function canonical (value) {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const keys = Object.keys(value).sort(byCodePoints)
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`
}
