// The one list of reasons a validation can give, from yes to the farthest from yes. The order matters: of several
// refusals the nearest to yes is shown, because it is the one that can be helped.

export const Reason = Object.freeze({
  OK: 0,
  OK_EXPIRES_SOON: 1,
  OK_AMNESTY: 10,
  TERMINAL_STALE: 11,
  CLOCK: 12,
  RIGHTS_CHANGED: 13,
  PASSBACK: 20,
  QUOTA_USED: 21,
  ONLINE_REQUIRED: 22,
  OUT_OF_TIME: 23,
  OUT_OF_SCOPE: 24,
  ENTITLEMENT_SUSPENDED: 25,
  COMPANION_WITHOUT_HOLDER: 26,
  NO_ENTITLEMENT: 27,
  REPLAY: 30,
  TOKEN_NOT_ACTIVE: 31,
  TOKEN_EXPIRED: 32,
  TOKEN_BLOCKED: 33,
  UNKNOWN_TOKEN: 34,
  PRESENTATION_STALE: 40,
  SCREENSHOT: 41,
  UNKNOWN_KEY: 42,
  BAD_SIGNATURE: 43,
  MALFORMED: 44
})

const NAMES = Object.freeze(Object.fromEntries(Object.entries(Reason).map(([name, number]) => [number, name])))

/** @param {number} reason */
export const reasonName = (reason) => NAMES[reason]

/**
 * Green and amber are taken (amber only where the policy allows), red is not.
 * @param {number} reason
 * @returns {'green'|'amber'|'red'}
 */
export function colour (reason) {
  if (reason < Reason.OK_AMNESTY) return 'green'
  return reason < Reason.PASSBACK ? 'amber' : 'red'
}

/**
 * A few words for the screen; never why a person has a right.
 * @param {number} reason
 * @param {'lv'|'en'} language
 */
export const reasonText = (reason, language) => TEXTS[reason][language === 'en' ? 1 : 0]

const TEXTS = Object.freeze({
  [Reason.OK]: ['Derīgs', 'Valid'],
  [Reason.OK_EXPIRES_SOON]: ['Derīgs, drīz beigsies', 'Valid, ends soon'],
  [Reason.OK_AMNESTY]: ['Derīgs, karte jānomaina', 'Valid, card must be replaced'],
  [Reason.TERMINAL_STALE]: ['Dati nav atjaunoti', 'Data not up to date'],
  [Reason.CLOCK]: ['Pārbaudiet pulksteni', 'Check the clock'],
  [Reason.RIGHTS_CHANGED]: ['Tiesības mainītas', 'Rights have changed'],
  [Reason.PASSBACK]: ['Tikko jau izmantots', 'Just used'],
  [Reason.QUOTA_USED]: ['Braucienu skaits izlietots', 'No uses left'],
  [Reason.ONLINE_REQUIRED]: ['Vajadzīgs savienojums', 'Connection needed'],
  [Reason.OUT_OF_TIME]: ['Šajā laikā nav derīgs', 'Not valid at this time'],
  [Reason.OUT_OF_SCOPE]: ['Šeit nav derīgs', 'Not valid here'],
  [Reason.ENTITLEMENT_SUSPENDED]: ['Atvieglojums apturēts', 'Concession suspended'],
  [Reason.COMPANION_WITHOUT_HOLDER]: ['Pavadonis bez saņēmēja', 'Companion without the holder'],
  [Reason.NO_ENTITLEMENT]: ['Atvieglojuma nav', 'No concession'],
  [Reason.REPLAY]: ['Kods jau izmantots', 'Code already used'],
  [Reason.TOKEN_NOT_ACTIVE]: ['Karte nav aktivizēta', 'Card not activated'],
  [Reason.TOKEN_EXPIRED]: ['Karte beigusies', 'Card has expired'],
  [Reason.TOKEN_BLOCKED]: ['Karte bloķēta', 'Card blocked'],
  [Reason.UNKNOWN_TOKEN]: ['Karte nav zināma', 'Card not known'],
  [Reason.PRESENTATION_STALE]: ['Kods novecojis, atjaunojiet', 'Code too old, refresh it'],
  [Reason.SCREENSHOT]: ['Ekrānattēls neder', 'Screenshot not accepted'],
  [Reason.UNKNOWN_KEY]: ['Izdevējs nav zināms', 'Issuer not known'],
  [Reason.BAD_SIGNATURE]: ['Paraksts nav derīgs', 'Signature not valid'],
  [Reason.MALFORMED]: ['Kodu nevar nolasīt', 'Code cannot be read']
})
