import { type ApiClient, createApiClient } from '@outcry/contract/client'
import { DemoError } from './demo-error.ts'
import { adminName, type DemoPerson, demoKeys, followsOf, mainPerson, otherPeople } from './people.ts'

/** Where the community is made, and with what. */
export interface SeedOptions {
  readonly url: string
  /** Makes the first administrator. */
  readonly setupToken: string
  /** Everybody's. */
  readonly password: string
}

interface Answer<Data> {
  readonly data?: Data
  readonly error?: { readonly detail: string } | undefined
  readonly response: Response
}

/** What was answered; throws `DemoError` with the server's own sentence when it refused. */
async function given<Data>(asked: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await asked
  if (data !== undefined) return data
  throw new DemoError(`The demo could not be filled: ${error?.detail ?? `status ${response.status}.`}`)
}

async function signIn({ url, password }: SeedOptions, username: string): Promise<ApiClient> {
  const body = { username_or_email: username, password }
  const answer = await given(createApiClient(url).POST('/api/v1/auth/login/json', { body }))
  if (!('access_token' in answer)) throw new DemoError(`${username} could not be signed in.`)
  return createApiClient(url, { token: answer.access_token })
}

const registrationOf = (username: string, displayName: string, { password }: SeedOptions) => ({
  ...{ username, password, display_name: displayName },
  email: `${username}@example.test`,
})

async function addAdmin(options: SeedOptions): Promise<ApiClient> {
  const body = { ...registrationOf(adminName, 'Admin (demo)', options), token: options.setupToken }
  await given(createApiClient(options.url).POST('/api/v1/auth/setup', { body }))
  return signIn(options, adminName)
}

/** Registers somebody, has the administrator vouch for them, and signs them in. */
async function addMember(
  options: SeedOptions,
  admin: ApiClient,
  { username, displayName, isPrivate }: DemoPerson,
): Promise<ApiClient> {
  const anybody = createApiClient(options.url)
  const body = registrationOf(username, displayName, options)
  const { id } = await given(anybody.POST('/api/v1/auth/register', { body }))
  const params = { path: { id } }
  await given(admin.POST('/api/v1/users/{id}/activate', { params, body: { reason: 'The demo' } }))
  const member = await signIn(options, username)
  const profile = { bio: 'Made up for this demo.', is_private: isPrivate }
  await given(member.PUT('/api/v1/users/me', { body: profile }))
  return member
}

async function addKeys(member: ApiClient): Promise<void> {
  const account = await given(member.POST('/api/v1/accounts', { body: { account_name: 'Demo desk' } }))
  for (const { type, nickname, key } of demoKeys) {
    await given(
      member.POST('/api/v1/credentials/store', {
        body: {
          ...{ account_id: account.id, credential_type: type, nickname },
          ...{ api_key: key, secret_key: `fake-secret-${key.toLowerCase()}`, validate: true },
        },
      }),
    )
  }
}

/**
 * Makes a community of made-up members over the server's own HTTP interface: an administrator, twelve members who follow
 * each other, and broker keys of the stand-in for the main one. Throws `DemoError`.
 */
export async function seedCommunity(options: SeedOptions): Promise<void> {
  const admin = await addAdmin(options)
  const people = [mainPerson, ...otherPeople]
  const clients = new Map<string, ApiClient>()
  // Note: one after the other, because the server hashes few passwords at once.
  for (const person of people) clients.set(person.username, await addMember(options, admin, person))
  for (const [follower, followed] of followsOf(people)) {
    const params = { path: { id: followed } }
    const client = clients.get(follower)
    if (client) await given(client.POST('/api/v1/users/{id}/follow', { params }))
  }
  const main = clients.get(mainPerson.username)
  if (main) await addKeys(main)
}
