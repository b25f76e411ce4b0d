import { api } from '../../../lib/api.ts'
import { answerOf, PlainError } from '../../../lib/problem.ts'

/** What a passkey answers, in the form that the server reads. */
export interface Assertion {
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
  readonly response: {
    readonly clientDataJSON: string
    readonly authenticatorData: string
    readonly signature: string
    readonly userHandle: string | null
  }
}

type Library = typeof import('@simplewebauthn/browser')

const loadLibrary = (): Promise<Library> => import('@simplewebauthn/browser')

/** Whether this browser knows passkeys, and this address may use them. */
export function knowsPasskeys(): boolean {
  return 'PublicKeyCredential' in window
}

/** Asks for a passkey, in the browser's own dialog. Throws a `PlainError` when none was given. */
export async function askForPasskey(): Promise<Assertion> {
  const [library, options] = await Promise.all([loadLibrary(), readOptions()])
  return await ask(library, options, false).catch(explain)
}

/**
 * Lets the browser suggest passkeys in the field for the name, until one is chosen, another passkey is asked for, or the
 * signal ends it. Does nothing where browsers cannot; never throws, because nobody asked for it.
 */
export async function suggestPasskeys(signal: AbortSignal): Promise<Assertion | undefined> {
  try {
    const library = await loadLibrary()
    if (!(await library.browserSupportsWebAuthnAutofill())) return undefined
    return await suggest(library, signal)
  } catch {
    return undefined
  }
}

/** An hour of suggestions: a challenge is good for five minutes. */
const ROUNDS = 12

async function suggest(library: Library, signal: AbortSignal): Promise<Assertion | undefined> {
  const cancel = () => library.WebAuthnAbortService.cancelCeremony()
  for (let round = 0; round < ROUNDS && !signal.aborted; round++) {
    const options = await readOptions()
    if (signal.aborted) return undefined
    const expiry = AbortSignal.timeout(options.timeout)
    for (const end of [signal, expiry]) end.addEventListener('abort', cancel)
    try {
      return await ask(library, options, true)
    } catch (error) {
      if (!expiry.aborted) throw error
    } finally {
      for (const end of [signal, expiry]) end.removeEventListener('abort', cancel)
    }
  }
  return undefined
}

async function readOptions() {
  const options = await answerOf(api.POST('/api/v1/auth/passkeys/login/options'))
  const { challenge, rpId, timeout } = options
  return { challenge, rpId, timeout, userVerification: 'required' } as const
}

async function ask(
  { startAuthentication }: Library,
  optionsJSON: Awaited<ReturnType<typeof readOptions>>,
  useBrowserAutofill: boolean,
): Promise<Assertion> {
  const { id, rawId, type, response } = await startAuthentication({ optionsJSON, useBrowserAutofill })
  const { clientDataJSON, authenticatorData, signature, userHandle = null } = response
  return { id, rawId, type, response: { clientDataJSON, authenticatorData, signature, userHandle } }
}

function explain(error: unknown): never {
  const name = error instanceof Error ? error.name : ''
  if (name === 'NotAllowedError' || name === 'AbortError') {
    throw new PlainError('No passkey was used. Try again, or choose another way.', { cause: error })
  }
  if (name === 'SecurityError') {
    throw new PlainError(
      'Passkeys do not work at this address of the site. Use its main address, or another way.',
    )
  }
  throw new PlainError('Your browser could not use a passkey. Try again, or choose another way.', {
    cause: error,
  })
}
