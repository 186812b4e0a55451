// Building the page out of elements: no text of anybody's ever becomes markup.

/**
 * An element with attributes (`on` holds listeners by event) and children; what is null or false is left out.
 * @param {string} tag
 * @param {Record<string, any>} attributes
 * @param {...(Node|string|number|null|false)} children
 * @returns {HTMLElement}
 */
export function el (tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'on') for (const [event, heard] of Object.entries(value)) made.addEventListener(event, heard)
    else if (value === true) made.setAttribute(name, '')
    else if (value !== null && value !== false) made.setAttribute(name, value)
  }
  made.append(...children.filter((child) => child !== null && child !== false))
  return made
}

/**
 * A button that cannot be pressed twice while what it began goes on.
 * @param {string} text
 * @param {() => Promise<void>|void} pressed
 * @param {string} look
 */
export function button (text, pressed, look = '') {
  const made = el('button', { type: 'button', class: `button ${look}` }, text)
  made.addEventListener('click', async () => {
    made.disabled = true
    try {
      await pressed()
    } finally {
      made.disabled = false
    }
  })
  return made
}

/**
 * A note in a frame; `kind` is empty, `good` or `bad`. `spoken`: a reader of the screen says it at once.
 * @param {string} text
 * @param {string} kind
 * @param {boolean} spoken
 */
export const note = (text, kind = '', spoken = false) =>
  el('p', { class: `note ${kind}`, role: spoken ? 'alert' : null }, text)
