function meta(name: string): string | undefined {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content
}

/** What this site is called by whoever runs it. */
export const siteName = meta('outcry-site-name') ?? 'Outcry'

/** Whether this is a throw-away demo with made-up members and a stand-in for the broker. */
export const isDemo = meta('outcry-demo') === '1'

/** The nonce of this page, for libraries that add a style element (CSP level 3). */
export const styleNonce = document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce

/** The fewest characters that a new password may have here, in code points. */
export const passwordMin = Number(meta('outcry-password-min') ?? 12)
