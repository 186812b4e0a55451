// A code reader that types: its keystrokes come fast and end with Enter.

/** Milliseconds: people type slower, so what they press elsewhere is never taken for a code. */
const PAUSE = 120
const SHORTEST = 8

/**
 * @param {(text: string) => void} onText called with each code typed so
 * @param {() => boolean} listening whether codes are wanted now
 */
export function listenForReader (onText, listening) {
  let typed = ''
  let last = 0
  document.addEventListener('keydown', (event) => {
    if (event.target.closest('input, select, textarea') || !listening()) return
    if (event.timeStamp - last > PAUSE) typed = ''
    last = event.timeStamp
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) typed += event.key
    else if (event.key === 'Enter' && typed.length >= SHORTEST) {
      event.preventDefault()
      onText(typed)
      typed = ''
      return
    }
    // a space among them must not press the button that has the focus
    if (typed.length > 1) event.preventDefault()
  })
}
