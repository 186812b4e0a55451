// Every way in which a credential or a signed object can be refused; `code` is the stable word, as in cards/errors.py.

export class Refused extends Error {
  /**
   * @param {string} code
   * @param {string} detail
   */
  constructor (code, detail = '') {
    super(detail ? `${code}: ${detail}` : code)
    this.code = code
    this.detail = detail
  }
}

export const malformed = (detail) => new Refused('malformed', detail)
