import type { CDPSession, Page } from 'playwright-core'

/** A device that makes and uses passkeys, built into the browser (WebAuthn Level 3, section 11). */
export interface VirtualPasskeys {
  /** Whether its member touches it and is recognised, whenever it is asked. */
  setPresent(isPresent: boolean): Promise<void>
  /** How many passkeys it holds. */
  count(): Promise<number>
}

/**
 * Plugs one into the page's browser; its member is there until told otherwise. Sign in before: another session of the
 * browser's debugger that ends on this page unplugs it.
 */
export async function plugInPasskeys(page: Page): Promise<VirtualPasskeys> {
  const session: CDPSession = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    async setPresent(enabled) {
      await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled })
    },
    async count() {
      const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId })
      return credentials.length
    },
  }
}

/** Lets a test wait, on every page loaded from now on, until the page has asked for a passkey. */
export async function watchForAsking(page: Page): Promise<() => Promise<void>> {
  await page.addInitScript(() => {
    const get = navigator.credentials.get.bind(navigator.credentials)
    navigator.credentials.get = (options) => {
      const asked = get(options)
      document.documentElement.dataset.askedForPasskey = ''
      return asked
    }
  })
  return () => page.locator('html[data-asked-for-passkey]').waitFor({ state: 'attached' })
}

/** Adds a passkey to the account that is signed in on the page, as its settings do. */
export async function addPasskey(page: Page, name: string): Promise<void> {
  await page.evaluate(async (given) => {
    const post = async (path: string, body: unknown) => {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`/api/v1/auth${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      })
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
      return answer.json()
    }
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await post('/passkeys/options', {}))
    const made = await navigator.credentials.create({ publicKey })
    if (!(made instanceof PublicKeyCredential)) throw new Error('No passkey was made.')
    await post('/passkeys', { name: given, credential: made.toJSON() })
  }, name)
}
