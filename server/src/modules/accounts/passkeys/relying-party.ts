import type { PasskeyRow } from './passkey.table.ts'
import type { AssertionAnswer, MadePasskey, PasskeyUse, RegistrationAnswer } from './passkey-answer.ts'
import type { Expected } from './verify-answer.ts'

/** Us, as authenticators know us. Each method answers `undefined` for whatever is not genuine, and throws for no answer. */
export interface RelyingParty {
  readonly id: string
  readonly name: string
  verifyRegistration(answer: RegistrationAnswer, challenge: string): Promise<MadePasskey | undefined>
  /** The counter is for the caller to compare: only a genuine answer may say that a passkey was copied. */
  verifyAssertion(
    answer: AssertionAnswer,
    challenge: string,
    passkey: PasskeyRow,
  ): Promise<PasskeyUse | undefined>
}

type Verifiers = typeof import('./verify-answer.ts')

// Note: loaded with the first answer: the library is a tenth of what the server would load at its start.
async function genuine<T>(verify: (verifiers: Verifiers) => Promise<T | undefined>): Promise<T | undefined> {
  const verifiers = await import('./verify-answer.ts')
  try {
    return await verify(verifiers)
  } catch {
    // Note: the library throws for everything that is wrong with an answer, and its messages quote it.
    return undefined
  }
}

/** The relying party of a site: its host name is the id, its origin the only one that answers may come from. */
export function createRelyingParty({ publicUrl, name }: { publicUrl: URL; name: string }): RelyingParty {
  const { hostname: id, origin } = publicUrl
  const expected = (challenge: string): Expected => ({
    expectedOrigin: origin,
    expectedRPID: id,
    expectedChallenge: challenge,
    requireUserVerification: true,
  })
  return {
    id,
    name,
    verifyRegistration: (answer, challenge) =>
      genuine(({ verifiedRegistration }) => verifiedRegistration(answer, expected(challenge))),
    verifyAssertion: (answer, challenge, passkey) =>
      genuine(({ verifiedAssertion }) => verifiedAssertion(answer, passkey, expected(challenge))),
  }
}
