// The policy of a provider: what each right is worth at its terminals, where they stand, and how they behave alone, as
// terminals/bundle/policy.py.

import { claimOf } from '../claim.js'
import { EMPTY, FIRST_DAY, Days, dayOf } from '../days.js'
import { termsKey } from '../decide.js'
import { Quota } from '../quota.js'
import { each, listed, record, text, whole } from '../shape.js'
import { Discount } from '../tariff.js'
import { Terms } from '../terms.js'
import { placeFromJson } from '../wire.js'
import { readCanonical } from './canonical.js'
import { readable } from './reading.js'

const VERSION = 1
const CODE = /^(?:0|[1-9][0-9]{0,4})$/
/** The plain figures of a policy: times in seconds, distances in metres, `online_ms` in milliseconds. */
const LIMITS = {
  stale_after: 'staleAfter',
  wipe_after: 'wipeAfter',
  expires_soon_days: 'expiresSoonDays',
  pass_back_seconds: 'passBackSeconds',
  copy_seconds: 'copySeconds',
  copy_metres: 'copyMetres',
  clock_behind: 'clockBehind',
  clock_ahead: 'clockAhead',
  online_ms: 'onlineMs',
  sample: 'sample'
}

/**
 * One revision of a concession: in force from `first` up to but not including `until` (null = open). `code` is the
 * concession's id, `grantor` the code of the municipality that gives it, `since` the first day from which its terms
 * carry unused uses over.
 */
export class Revision {
  constructor (said) {
    Object.assign(this, said)
  }

  /** The days on which it is in force. */
  get days () {
    return Days.of([this.first, this.until])
  }

  /**
   * Whether it is in force on a day.
   * @param {number} on
   */
  holds (on) {
    return this.first <= on && (this.until === null || on < this.until)
  }

  /**
   * A right to it, ready for a verdict.
   * @param {Days} periods
   * @param {Set<string>} modes
   * @param {Set<string>} flags
   * @returns {import('../claim.js').EntitlementClaim}
   */
  claim (periods, modes = new Set(), flags = new Set()) {
    const { code, revision, grantor, discount, quota, terms, since } = this
    const chosen = terms.holderMode ? modes : new Set()
    return claimOf({
      code, revision, grantor, periods, discount, quota, priority: terms.priority, modes: chosen, flags, since
    })
  }

  /** Throws RangeError. */
  static fromJson (value) {
    const names = ['code', 'revision', 'grantor', 'from', 'to', 'discount', 'quota', 'terms', 'since']
    const node = record(value, names)
    const [first, until] = [dayOf(node.from), node.to === null ? null : dayOf(node.to)]
    return new Revision({
      code: text(node.code, 32),
      revision: whole(node.revision, 1),
      grantor: text(node.grantor),
      first,
      until,
      discount: Discount.fromJson(node.discount),
      quota: node.quota === null ? null : Quota.fromJson(node.quota),
      terms: Terms.fromJson(node.terms),
      since: node.since === null ? FIRST_DAY : dayOf(node.since)
    })
  }
}

/** What a provider's terminals go by; its figures are those of `LIMITS`, `payload` is how it was written. */
export class Policy {
  constructor (said) {
    Object.assign(this, said)
    const known = [...this.concessions.values()].flat()
    /** @type {Map<string, Terms>} */
    this.terms = new Map(known.map((each) => [termsKey(each.code, each.revision), each.terms]))
    // what everybody may use has nobody to count for, so with a quota it is nobody's
    /** @type {Revision[]} */
    this.universal = known.filter((each) => each.terms.universal && each.quota === null)
  }

  /**
   * The revision of a concession that is in force on a day, null where this provider takes none.
   * @param {number} publicCode
   * @param {number} on
   * @returns {?Revision}
   */
  revision (publicCode, on) {
    return this.concessions.get(publicCode)?.find((each) => each.holds(on)) ?? null
  }

  /**
   * The provider's place of this code.
   * @param {string} code
   * @returns {?import('../terms.js').Place}
   */
  place (code) {
    return this.places.get(code) ?? null
  }

  /**
   * The days on which blocked tokens of a municipality are still taken.
   * @param {?string} municipality
   */
  amnestyOf (municipality) {
    return this.amnesty.get(municipality) ?? EMPTY
  }

  /** Throws RangeError. */
  static fromJson (value) {
    const names = ['v', 'seq', 'provider', 'terminals', 'places', 'concessions', 'amnesty', ...Object.keys(LIMITS)]
    const node = record(value, names)
    whole(node.v, VERSION, VERSION)
    const said = record(node.provider, ['code', 'kind'])
    const provider = text(said.code)
    return new Policy({
      seq: whole(node.seq, 0, 2 ** 40),
      provider,
      providerKind: text(said.kind),
      terminals: members(node.terminals, (_, place) => text(place)),
      places: members(node.places, (code, place) => placeOf(provider, code, place)),
      concessions: new Map(Object.entries(listed(node.concessions)).map(([code, dated]) => concessionOf(code, dated))),
      amnesty: members(node.amnesty, (_, on) => Days.parse(on)),
      ...Object.fromEntries(Object.entries(LIMITS).map(([key, name]) => [name, whole(node[key])]))
    })
  }

  /**
   * bundle.malformed for anything that is no policy.
   * @param {Uint8Array} payload
   */
  static decode (payload) {
    const node = readCanonical(payload)
    return readable(() => Object.assign(Policy.fromJson(node), { payload }))
  }
}

const members = (value, read) => new Map(Object.entries(listed(value)).map(([key, item]) => [key, read(key, item)]))

function placeOf (provider, id, value) {
  return placeFromJson({ id, provider, ...record(value, ['mode', 'zone', 'lat', 'lon']) })
}

function concessionOf (code, value) {
  if (!CODE.test(code) || Number(code) > 0xffff) throw new RangeError('a public tariff code is expected')
  const dated = each(value, Revision.fromJson)
  for (let at = 1; at < dated.length; at += 1) {
    const until = dated[at - 1].until
    if (until === null || dated[at].first < until) throw new RangeError('revisions overlap or are out of order')
  }
  return [Number(code), dated]
}
