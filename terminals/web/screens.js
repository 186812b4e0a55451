// One screen at a time.

export const byId = (id) => document.getElementById(id)

/** @param {'pair' | 'wait' | 'scan' | 'settings' | 'ended'} name */
export function show (name) {
  for (const screen of document.querySelectorAll('main > .screen')) screen.hidden = screen.id !== name
  byId('to-settings').hidden = name !== 'scan'
  byId('badge').hidden = name !== 'scan' && name !== 'settings'
  const heading = byId(name).querySelector('h1')
  heading.focus({ preventScroll: true })
  scrollTo(0, 0)
}

/** @returns {string} which screen is shown */
export const shown = () => document.querySelector('main > .screen:not([hidden])')?.id ?? ''

/** Fills a definition list. @param {HTMLElement} list @param {[string, string, string?][]} facts term, value, class */
export function define (list, facts) {
  list.replaceChildren(...facts.flatMap(([term, value, kind]) => {
    const [dt, dd] = [document.createElement('dt'), document.createElement('dd')]
    dt.textContent = term
    dd.textContent = value
    if (kind) dd.className = kind
    return [dt, dd]
  }))
}
