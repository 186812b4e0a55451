// Where and when the code was used: the holder's own taps, newest first.

import { button, el, note } from './dom.js'
import { Fault, ask, read } from './phone.js'
import { euros, fault, moment, reason, said, t } from './spoken.js'

const PATH = '/holder/v1/rides'

/** The view. */
export async function ridesView () {
  const { at, content, old } = await read(PATH)
  const list = el('ol', { class: 'cards' }, ...content.rides.map(line))
  const more = el('div', {})
  offer(list, more, old ? null : content.next)
  return [
    el('h1', {}, t('ridesTitle')),
    old ? note(t('savedAt', { at: moment(at) })) : null,
    content.rides.length ? list : el('p', {}, t('ridesNone')),
    more
  ]
}

function offer (list, more, next) {
  more.replaceChildren(...(next ? [button(t('ridesMore'), () => add(list, more, next), 'quiet')] : []))
}

async function add (list, more, next) {
  try {
    const content = await ask('GET', PATH, `?before=${encodeURIComponent(next)}`)
    list.append(...content.rides.map(line))
    offer(list, more, content.next)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    more.prepend(note(fault(error.code), 'bad', true))
  }
}

const line = (one) => el('li', { class: 'card' },
  el('p', { class: 'big' }, moment(one.at)),
  el('p', {}, one.place === one.provider ? one.place : `${one.place}, ${one.provider}`),
  ...ended(one))

function ended (one) {
  if (one.verdict === 'DENY') return [note(`${t('rideDenied')}: ${reason(one.reason)}`, 'bad')]
  if (one.verdict === 'REVERSED') return [note(t('rideReversed'))]
  const paid = t('ridePaid', { payable: euros(one.payable), gross: euros(one.gross) })
  const warned = one.verdict === 'ACCEPT_WARN' ? note(reason(one.reason)) : null
  return [one.concession ? el('p', {}, said(one.concession)) : null, el('p', {}, paid), warned]
}
