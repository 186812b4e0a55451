// Taking the token of a code onto this phone.

import { button, el, note } from './dom.js'
import { Fault, enrol } from './phone.js'
import { plain } from './proving.js'
import { fault, t } from './spoken.js'

const LENGTH = 10

/**
 * The form; `given` is a code that came with the address, `told` what to say above it. `done` is called once enrolled.
 * @param {string} given
 * @param {string} told
 * @param {() => Promise<void>} done
 */
export function enrolView (given, told, done) {
  const attributes = { id: 'access', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false' }
  const input = el('input', { ...attributes, 'aria-describedby': 'hint wrong', value: given })
  const wrong = el('div', { id: 'wrong', 'aria-live': 'assertive' })
  const take = async () => wrong.replaceChildren(...(await refusal(input, done)))
  const press = button(t('enrolButton'), take)
  const form = el('form', { novalidate: true, on: { submit: (event) => { event.preventDefault(); press.click() } } },
    el('label', { for: 'access' }, t('enrolLabel')),
    el('p', { id: 'hint', class: 'hint' }, t('enrolHint')),
    wrong, input, note(t('enrolWarning')), press)
  return [el('h1', {}, t('enrolTitle')), told ? note(told, 'bad', true) : null, el('p', {}, t('enrolIntro')), form]
}

async function refusal (input, done) {
  try {
    if (plain(input.value).length !== LENGTH) return refused(input, t('enrolShort'))
    await enrol(input.value)
    await done()
    return []
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return refused(input, fault(error.code))
  }
}

function refused (input, text) {
  input.setAttribute('aria-invalid', 'true')
  input.focus()
  return [note(text, 'bad')]
}
