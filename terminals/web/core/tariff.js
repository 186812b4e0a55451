// What a concession costs: discounts with stated rounding, as rules/tariff.py.

import { ZERO, amountOf, least, most, share } from './decimal.js'
import { listed, record, word } from './shape.js'

const WHOLE = 1_000_000n // 100 per cent with 4 decimals
const KINDS = ['free', 'percent', 'amount_off', 'fixed_price', 'cap']

export class Discount {
  /**
   * @param {'free'|'percent'|'amount_off'|'fixed_price'|'cap'} kind
   * @param {bigint} value per cent or euros, with 4 decimals
   * @param {Map<string, Discount>} products other discounts for named products
   */
  constructor (kind, value = ZERO, products = new Map()) {
    this.kind = kind
    this.value = value
    this.products = products
  }

  /**
   * What the holder pays: 0 <= price <= gross, 4 decimals, half up.
   * @param {bigint} gross
   * @param {string} product
   */
  price (gross, product = '') {
    const special = this.products.get(product)
    if (special) return special.price(gross)
    return this.kind === 'free' ? ZERO : least(gross, most(ZERO, this.#net(gross)))
  }

  #net (gross) {
    if (this.kind === 'percent') return share(gross, WHOLE - this.value, WHOLE)
    return this.kind === 'amount_off' ? gross - this.value : this.value
  }

  /** Read {"kind", "value"?, "products"?: {name: discount}}. Throws RangeError. */
  static fromJson (value) {
    const node = record(value, ['kind'], ['value', 'products'])
    const kind = word(node.kind, KINDS)
    const products = Object.entries(listed(node.products ?? {})).map(([name, part]) => [name, Discount.fromJson(part)])
    return new Discount(kind, valueOf(kind, node), new Map(products))
  }
}

function valueOf (kind, node) {
  if (kind === 'free') {
    if ('value' in node) throw new RangeError('a free ride has no value')
    return ZERO
  }
  const value = amountOf(node.value)
  if (kind === 'percent' && value > WHOLE) throw new RangeError('at most 100 per cent')
  return value
}
