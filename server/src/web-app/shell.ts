import { escapeHtml } from '../platform/escape-html.ts'

const PLACEHOLDER = '__NONCE__'
const TITLE = /<title>[^<]*<\/title>/

/**
 * Makes the page that the app starts in: the built index.html under this site's name, with a nonce wherever the build left
 * its placeholder. Throws when the page has no title, because then the name would be lost.
 */
export function createShell(html: string, siteName: string): (nonce: string) => string {
  if (!TITLE.test(html))
    throw new Error('The page of the web app has no title to put the name of the site in.')
  const name = escapeHtml(siteName)
  const named = `<title>${name}</title>\n    <meta name="outcry-site-name" content="${name}">`
  // Note: taken apart first, so that a site may be called like the placeholder.
  const parts = html.split(PLACEHOLDER).map((part) => part.replace(TITLE, () => named))
  return (nonce) => parts.join(nonce)
}
