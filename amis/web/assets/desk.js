// The keyboard at a desk: Enter presses the marked button, as it has the focus, and Esc the one that stops.
const focus = () => {
  // Somebody who types, or has looked up a card, is left in peace.
  if (document.activeElement !== document.body || document.querySelector('[data-quiet]')) return
  document.querySelector('[data-focus]')?.focus()
}

document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') document.querySelector('[data-escape]')?.click()
})
// At once when a button is exchanged under somebody's finger, and again when htmx has put the page in order.
for (const moment of ['htmx:afterSwap', 'htmx:afterSettle']) document.body.addEventListener(moment, focus)
focus()
