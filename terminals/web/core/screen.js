// The line that staff read: the verdict and the price, never why a person has a right, as rules/screen.py.

import { Verdict } from './claim.js'
import { centsText } from './decimal.js'
import { reasonText } from './reason.js'

const FULL_PRICE = { lv: 'Pilna cena', en: 'Full price' }
const HAND_IN = { lv: 'Karte jānodod', en: 'Hand in the card' }

/**
 * One line: `OK, -50 %` when taken, the reason and the full price when not.
 * @param {import('./claim.js').Decision} decision
 * @param {bigint} gross
 * @param {'lv'|'en'} language
 * @param {boolean} handIn the token will never work again, so a holder or finder is asked to give it back
 */
export function screen (decision, gross, language, handIn = false) {
  const reason = reasonText(decision.reason, language)
  if (decision.verdict === Verdict.DENY) {
    const said = handIn ? `${reason}. ${HAND_IN[language]}` : reason
    return `${said}. ${FULL_PRICE[language]} ${centsText(gross)} EUR`
  }
  const off = `OK, -${shareOff(decision.payable, gross)} %`
  return decision.verdict === Verdict.ACCEPT ? off : `${off}. ${reason}`
}

/**
 * The discount in whole per cent, rounded down so that nothing is promised that is not given.
 * @param {bigint} payable
 * @param {bigint} gross
 */
export const shareOff = (payable, gross) => (gross === 0n ? 100 : Number(((gross - payable) * 100n) / gross))
