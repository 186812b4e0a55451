// Writes the served files of the folder above from the pinned npm packages and amis.scss.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile } from 'sass'

const here = dirname(fileURLToPath(import.meta.url))
const served = dirname(here)
const modules = join(here, 'node_modules')

const vendored = {
  'htmx.org/dist/htmx.min.js': 'htmx.min.js',
  'htmx.org/LICENSE': 'LICENSE.htmx.txt',
  'htmx-ext-sse/dist/sse.min.js': 'htmx-sse.min.js',
  'htmx-ext-sse/LICENSE': 'LICENSE.htmx-ext-sse.txt',
  '@fontsource/noto-sans/LICENSE': 'LICENSE.noto-sans.txt'
}
for (const subset of ['latin', 'latin-ext']) {
  for (const weight of [400, 700]) {
    vendored[`@fontsource/noto-sans/files/noto-sans-${subset}-${weight}-normal.woff2`] =
      `noto-sans-${subset}-${weight}.woff2`
  }
}
for (const [from, to] of Object.entries(vendored)) copyFileSync(join(modules, from), join(served, to))

// The source map is not served, so the comment that names it would only cause a 404.
const script = readFileSync(join(modules, 'govuk-frontend/dist/govuk/govuk-frontend.min.js'), 'utf8')
writeFileSync(join(served, 'govuk-frontend.min.js'), script.replace(/\n?\/\/# sourceMappingURL=.*\n?$/, '\n'))

const style = compile(join(here, 'amis.scss'), { loadPaths: [modules], style: 'compressed', quietDeps: true })
writeFileSync(join(served, 'amis.css'), style.css + '\n')
