import { randomBytes } from 'node:crypto'
import { insertPasskey } from '../modules/accounts/passkeys/passkey.store.ts'
import type { Member, SignedInMember } from './factories.ts'
import {
  type Ceremony,
  type Falsified,
  type SoftwareAuthenticator,
  softwareAuthenticator,
} from './software-authenticator.ts'
import type { Answer, TestApp } from './start-test-app.ts'

/** A passkey that a member has, and the authenticator that holds it. */
export interface MemberPasskey {
  readonly id: string
  readonly authenticator: SoftwareAuthenticator
}

async function optionsFrom(app: TestApp, path: string, token: string | undefined): Promise<Ceremony> {
  const { status, body, text } = await app.send('POST', path, token === undefined ? {} : { token })
  if (status !== 200) throw new Error(`Asking for options answered ${status}: ${text}`)
  return { ...body, challenge: String(body.challenge) }
}

/** What the server wants of a new passkey. */
export const creationOptions = (app: TestApp, { accessToken }: Pick<SignedInMember, 'accessToken'>) =>
  optionsFrom(app, '/auth/passkeys/options', accessToken)

/** What the server wants of a passkey that signs in or, with a token, proves again who is there. */
export const requestOptions = (app: TestApp, token?: string) =>
  optionsFrom(app, '/auth/passkeys/login/options', token)

/** Sends what an authenticator made. */
export function sendNewPasskey(
  app: TestApp,
  { accessToken: token }: Pick<SignedInMember, 'accessToken'>,
  body: { name?: string; credential: unknown },
): Promise<Answer> {
  return app.send('POST', '/auth/passkeys', { token, body: { name: 'My key', ...body } })
}

/** Gives a member a passkey over HTTP. They must have signed in a moment ago; their other sessions end. */
export async function addPasskey(
  app: TestApp,
  member: Pick<SignedInMember, 'accessToken'>,
  authenticator: SoftwareAuthenticator = softwareAuthenticator(),
): Promise<MemberPasskey> {
  const credential = authenticator.create(await creationOptions(app, member))
  const { status, body, text } = await sendNewPasskey(app, member, { credential })
  if (status !== 201) throw new Error(`Adding a passkey answered ${status}: ${text}`)
  return { id: String(body.id), authenticator }
}

/** Sends an assertion to sign in. */
export const sendPasskeyLogin = (app: TestApp, credential: unknown): Promise<Answer> =>
  app.send('POST', '/auth/passkeys/login', { body: { credential } })

/** Signs in with a passkey over HTTP, without asserting anything. */
export async function tryPasskeyLogin(
  app: TestApp,
  authenticator: SoftwareAuthenticator,
  falsified?: Falsified,
): Promise<Answer> {
  return sendPasskeyLogin(app, authenticator.get(await requestOptions(app), falsified))
}

/** Passkeys as rows that nobody holds the keys of, for counting. */
export async function insertPasskeys(
  { app: { platform } }: TestApp,
  { id: user_id }: Pick<Member, 'id'>,
  count: number,
): Promise<void> {
  const { db, clock, newId } = platform
  await db.withSystem(async (tx) => {
    for (let n = 0; n < count; n++) {
      const now = clock.now()
      await insertPasskey(tx, {
        id: newId(),
        user_id,
        created_at: now,
        updated_at: now,
        name: `Passkey ${n}`,
        credential_id: randomBytes(32),
        public_key: randomBytes(77),
        algorithm: -7,
        sign_count: 0,
        transports: [],
        is_backed_up: false,
      })
    }
  })
}
