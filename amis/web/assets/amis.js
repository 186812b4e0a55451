// Starts the components; the relative address stays right because all assets share one version.
import { initAll } from './govuk-frontend.min.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()

// What htmx brings in may hold components too; for the page itself that has just been done.
document.body.addEventListener('htmx:load', ({ detail }) => {
  if (detail.elt !== document.body) initAll({ scope: detail.elt })
})
