// The QR symbol of a text: alphanumeric, level M for a screen, one path with its quiet zone (ISO/IEC 18004).

import { qrcode } from './qrcode-generator.js'

const QUIET = 4
const SVG = 'http://www.w3.org/2000/svg'
// short enough that every error-correction block of every version holds the non-zero head of a segment
const SEGMENT = 16

/**
 * @param {string} text of the alphabet of base45
 * @param {string} label what a reader of the screen says
 * @returns {SVGElement}
 */
export function symbol (text, label) {
  const made = modulesOf(text)
  const side = made.getModuleCount() + 2 * QUIET
  const drawing = element('svg', { viewBox: `0 0 ${side} ${side}`, role: 'img', 'aria-label': label, class: 'symbol' })
  drawing.append(element('path', { fill: '#fff', d: `M0 0h${side}v${side}H0z` }))
  drawing.append(element('path', { fill: '#000', 'shape-rendering': 'crispEdges', d: path(made) }))
  return drawing
}

function modulesOf (text) {
  try {
    return coded([text])
  } catch {
    // the library cannot take the logarithm of a block that is all zeros: segment heads keep each block above zero
    return coded(text.match(new RegExp(`.{1,${SEGMENT}}`, 'g')))
  }
}

function coded (segments) {
  const made = qrcode(0, 'M')
  for (const segment of segments) made.addData(segment, 'Alphanumeric')
  made.make()
  return made
}

function path (made) {
  const size = made.getModuleCount()
  let steps = ''
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      if (made.isDark(row, column)) steps += `M${column + QUIET} ${row + QUIET}h1v1h-1z`
    }
  }
  return steps
}

function element (tag, attributes) {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  return made
}
