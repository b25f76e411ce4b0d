import { generateSync } from 'otplib'
import {
  createMember,
  type Member,
  type MemberTraits,
  type SignedInMember,
  signIn,
  tryToSignIn,
} from './factories.ts'
import type { Answer, TestApp } from './start-test-app.ts'

/** A member who signs in with an app, as the member knows it. */
export interface TwoFactorMember extends SignedInMember {
  /** Base32. */
  readonly secret: string
  readonly backupCodes: readonly string[]
}

/** The code that an app shows, by another library than the server's; `drift` is in steps of 30 s. */
export function codeAt({ clock }: TestApp, secret: string, drift = 0): string {
  return generateSync({ secret, epoch: Math.floor(clock.now().getTime() / 1_000) + 30 * drift })
}

/** Six digits that are the code of no step around now. */
export function wrongCode(app: TestApp, secret: string): string {
  const near = [-2, -1, 0, 1, 2].map((drift) => codeAt(app, secret, drift))
  const found = Array.from({ length: 9 }, (_, digit) => String(digit).repeat(6)).find(
    (code) => !near.includes(code),
  )
  return found ?? '999999'
}

/** Moves on to codes that were not used yet. */
export function nextCode(app: TestApp): void {
  app.clock.advance(30_000)
}

/** Begins an enrolment over HTTP, in a fresh session. */
export async function setUpTwoFactor(app: TestApp, member: SignedInMember): Promise<TwoFactorMember> {
  const { status, body, text } = await app.send('POST', '/auth/2fa/setup', { token: member.accessToken })
  if (status !== 200) throw new Error(`Setting up answered ${status}: ${text}`)
  return { ...member, secret: String(body.secret), backupCodes: body.backup_codes as string[] }
}

/** Switches two-factor sign-in on over HTTP; the code that did it is used up, and the session goes on. */
export async function enableTwoFactor(app: TestApp, member: SignedInMember): Promise<TwoFactorMember> {
  const enrolled = await setUpTwoFactor(app, member)
  const body = { code: codeAt(app, enrolled.secret) }
  const { status, text } = await app.send('POST', '/auth/2fa/verify', { token: member.accessToken, body })
  if (status !== 200) throw new Error(`Verifying answered ${status}: ${text}`)
  return enrolled
}

/** A member with two-factor sign-in and one open session, at a time whose code is unused. */
export async function createTwoFactorMember(
  app: TestApp,
  traits: MemberTraits = {},
): Promise<TwoFactorMember> {
  const member = await enableTwoFactor(app, await signIn(app, await createMember(app, traits)))
  nextCode(app)
  return member
}

/** The first step of a sign-in: the token that opens the second. */
export async function beginSignIn(app: TestApp, { username, password }: Member): Promise<string> {
  const { body, text } = await tryToSignIn(app, username, password)
  if (typeof body.two_factor_token !== 'string') throw new Error(`No second step was asked for: ${text}`)
  return body.two_factor_token
}

/** The second step, without asserting anything. */
export function finishSignIn(
  app: TestApp,
  {
    token,
    code,
    headers = {},
  }: { token: unknown; code: unknown; headers?: Readonly<Record<string, string>> },
): Promise<Answer> {
  return app.send('POST', '/auth/2fa/login', { body: { token, two_fa_token: code }, headers })
}

/** Signs in with password and code. */
export async function signInWithCode(app: TestApp, member: TwoFactorMember): Promise<Answer> {
  const token = await beginSignIn(app, member)
  return finishSignIn(app, { token, code: codeAt(app, member.secret) })
}
