import { createApp } from '../../../server/src/app.ts'
import { systemClock } from '../../../server/src/platform/clock.ts'
import { createLogger } from '../../../server/src/platform/log/logger.ts'
import { prepareInstance } from '../../../server/src/prepare-instance.ts'
import { inProcessVault } from '../../../server/src/testing/in-process-vault.ts'
import type { OutcryInstance } from '../http/outcry-server.ts'
import type { SeededMember } from '../http/seed-members.ts'

const LISTED = 50

/** How often keys were opened: by so many listings, and by one use after them, which proves that opens are counted. */
export interface Opens {
  readonly listings: number
  readonly byListings: number
  readonly byUse: number
}

async function ask(method: 'GET' | 'POST', url: URL, token: string): Promise<string> {
  const answer = await fetch(url, { method, headers: { authorization: `Bearer ${token}` } })
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`${url.pathname} answered ${answer.status}: ${text}`)
  return text
}

/**
 * Lists a member's credentials, fifty at a time, in the whole product in this process, and counts the requests in which the
 * vault opened a key. Throws when a listing does, or a use does not.
 */
export async function countOpens(
  { config }: Pick<OutcryInstance, 'config'>,
  owner: { readonly member: SeededMember; readonly credentialId: string },
  listings: number,
): Promise<Opens> {
  await using cleanup = new AsyncDisposableStack()
  const log = createLogger({ level: 'silent' })
  const firstOpen = Promise.withResolvers<void>()
  let opens = 0
  const onOpened = () => {
    opens++
    firstOpen.resolve()
  }
  const vault = inProcessVault(config, { clock: systemClock, log, onOpened })
  cleanup.defer(vault.stop)
  const prepared = await prepareInstance(config, systemClock)
  const app = await createApp(config, prepared, { log, findVault: vault.find })
  cleanup.defer(app.stop)
  const base = await app.http.listen({ host: '127.0.0.1', port: 0 })
  const { access_token: token } = owner.member.issue()
  const list = new URL(`/api/v1/credentials?limit=${LISTED}`, base)
  for (let at = 0; at < listings; at++) {
    const { count }: { count: number } = JSON.parse(await ask('GET', list, token))
    if (count !== LISTED) throw new Error(`The list shows ${count} instead of ${LISTED}.`)
  }
  const byListings = opens
  await ask('POST', new URL(`/api/v1/credentials/${owner.credentialId}/validate`, base), token)
  await firstOpen.promise // the answer may be here before it is counted
  const byUse = opens - byListings
  if (byListings !== 0 || byUse !== 1) throw new Error(`Listing opened ${byListings} keys, a use ${byUse}.`)
  return { listings, byListings, byUse }
}
