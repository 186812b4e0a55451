// The price list as people write it.

import { byId } from './screens.js'
import { text } from './texts.js'

const PRODUCT = /^[a-z0-9_-]{1,32}$/
const GROSS = /^\d{1,5}([.,]\d{1,2})?$/

/** @typedef {{product: string, gross: string}} Price */

/** @param {Price[]} prices */
export function fillPrices (prices) {
  byId('price-rows').replaceChildren()
  for (const price of prices.length ? prices : [{ product: 'single', gross: '' }]) newPriceRow(price)
}

/** One more line. @param {Price} [price] */
export function newPriceRow ({ product, gross } = { product: '', gross: '' }) {
  const row = document.createElement('div')
  row.className = 'price-row'
  const less = document.createElement('button')
  Object.assign(less, { type: 'button', textContent: text('price-less') })
  less.addEventListener('click', () => row.remove())
  row.append(field('product', product, 'text'), field('gross', gross.replace('.', ','), 'decimal'), less)
  byId('price-rows').append(row)
}

/**
 * What the lines say.
 * @returns {?Price[]} null where something does not fit; the screen then says what
 */
export function readPrices () {
  const rows = Array.from(byId('price-rows').children, (row) => row.querySelectorAll('input'))
  const fits = rows.flatMap(([product, gross]) => [marked(product, PRODUCT), marked(gross, GROSS)])
  const wrong = fits.indexOf(false)
  const fault = wrong < 0 && rows.length ? '' : wrong >= 0 && wrong % 2 === 0 ? 'product-wrong' : 'gross-wrong'
  byId('settings-fault').textContent = fault && text(fault)
  if (fault) {
    byId('price-rows').querySelector('[aria-invalid=true]')?.focus()
    return null
  }
  const said = ({ value }) => value.trim()
  return rows.map(([product, gross]) => ({ product: said(product), gross: said(gross).replace(',', '.') }))
}

function marked (input, form) {
  const fits = form.test(input.value.trim())
  input.setAttribute('aria-invalid', String(!fits))
  return fits
}

function field (name, value, inputMode) {
  const [label, input] = [document.createElement('label'), document.createElement('input')]
  Object.assign(input, { value, inputMode, autocomplete: 'off', maxLength: 32, spellcheck: false })
  input.setAttribute('aria-describedby', 'settings-fault')
  label.append(text(name), input)
  return label
}
