// The phone itself: since when it is in use, what to do when it is lost, and how to stop using it.

import { button, el, note } from './dom.js'
import { Fault, endPhone, read } from './phone.js'
import { day, fault, moment, said, t } from './spoken.js'

/** The view; `ended` is called once the phone is no longer in use. @param {() => Promise<void>} ended */
export async function phoneView (ended) {
  const { at, content, old } = await read('/holder/v1/home')
  const number = content.number.match(/.{4}/g).join(' ')
  return [
    el('h1', {}, t('phoneTitle')),
    old ? note(t('savedAt', { at: moment(at) })) : null,
    el('p', {}, t('phoneSince', { day: day(content.since.slice(0, 10)) })),
    el('p', {}, t('phoneLast', { day: day(content.last_day) })),
    el('p', {}, `${t('phoneNumber')}: `, el('strong', { class: 'number', translate: 'no' }, number)),
    el('p', {}, t('phoneNote')),
    el('p', {}, t('phoneHome')),
    el('h2', {}, t('phoneLostTitle')),
    el('p', {}, t('phoneLost', { town: said(content.municipality) })),
    el('h2', {}, t('phoneNewTitle')),
    el('p', {}, t('phoneNew')),
    ...ending(ended)
  ]
}

function ending (ended) {
  const place = el('div', { 'aria-live': 'polite' })
  const ask = () => place.replaceChildren(button(t('phoneEndButton'), sure, 'quiet'))
  const sure = () => {
    const [yes, no] = [button(t('phoneEndYes'), end, 'danger'), button(t('phoneEndNo'), ask, 'quiet')]
    place.replaceChildren(note(t('phoneEndSure')), yes, no)
    yes.focus()
  }
  const end = async () => {
    try {
      await endPhone()
      await ended()
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      place.prepend(note(fault(error.code), 'bad', true))
    }
  }
  ask()
  return [el('h2', {}, t('phoneEndTitle')), el('p', {}, t('phoneEnd')), place]
}
