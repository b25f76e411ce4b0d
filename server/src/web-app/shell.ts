import { escapeHtml } from '../platform/escape-html.ts'

const PLACEHOLDER = '__NONCE__'
const TITLE = /<title>[^<]*<\/title>/

/** What the page tells the app about this site before anybody has signed in. */
export interface SiteFacts {
  readonly siteName: string
  /** Whether everything in here is made up and thrown away. */
  readonly isDemo: boolean
  /** The fewest characters of a new password, in code points. */
  readonly passwordMinLength: number
}

/**
 * Makes the page that the app starts in: the built index.html under this site's name and with its facts, with a nonce
 * wherever the build left its placeholder. Throws when the page has no title, because then they would be lost.
 */
export function createShell(html: string, facts: SiteFacts): (nonce: string) => string {
  if (!TITLE.test(html))
    throw new Error('The page of the web app has no title to put the name of the site in.')
  const name = escapeHtml(facts.siteName)
  const metas = [
    `<meta name="outcry-site-name" content="${name}">`,
    `<meta name="outcry-password-min" content="${facts.passwordMinLength}">`,
    ...(facts.isDemo ? ['<meta name="outcry-demo" content="1">'] : []),
  ]
  const named = [`<title>${name}</title>`, ...metas].join('\n    ')
  // Note: taken apart first, so that a site may be called like the placeholder.
  const parts = html.split(PLACEHOLDER).map((part) => part.replace(TITLE, () => named))
  return (nonce) => parts.join(nonce)
}
