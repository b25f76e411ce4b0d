import { ask } from './api-client.ts'

const PASSWORD = 'correct horse battery staple'
const REGISTERING = 2
const REFRESHING = 6

/** Members who registered, and sessions that are refreshed over and over, through the deaths of the server. */
export interface WriteLoad {
  /** Addresses by id, for each registration that was answered 201. */
  readonly registered: ReadonlyMap<string, string>
  /** Writes that were answered with success. */
  readonly acknowledged: { readonly count: number }
  /** What was acknowledged and is gone, one sentence each. */
  readonly lost: readonly string[]
  /** Answers that nobody should get. */
  readonly strange: readonly string[]
  /** Makes the sessions. */
  prepare(url: string): Promise<void>
  /** Writes as fast as it can until the server is gone. First asks for what was acknowledged before. */
  run(url: string): Promise<void>
  /** Resolves when each session was refreshed once more. */
  progress(): Promise<void>
}

interface Chain {
  refreshToken: string
  /** Called after each refresh. */
  refreshed: () => void
}

/** Makes a load of registrations and refreshes over HTTP. */
export function createWriteLoad(): WriteLoad {
  const registered = new Map<string, string>()
  const acknowledged = { count: 0 }
  const lost: string[] = []
  const strange: string[] = []
  const chains: Chain[] = []
  let made = 0

  const register = async (url: string): Promise<boolean> => {
    const username = `member_${++made}`
    const email = `${username}@example.test`
    const answer = await ask(url, { path: '/auth/register', body: { username, email, password: PASSWORD } })
    if (!answer) return false
    if (answer.status === 201) {
      acknowledged.count++
      registered.set(String(answer.body.id), email)
    } else if (answer.status !== 503) strange.push(`Registering answered ${answer.status}.`)
    return true
  }

  /** Uses the newest acknowledged token. A server that forgot it would call it stolen or unknown: 401. */
  const refresh = async (url: string, chain: Chain): Promise<boolean> => {
    const answer = await ask(url, { path: '/auth/refresh', body: { refresh_token: chain.refreshToken } })
    if (!answer) return false
    if (answer.status === 200) {
      acknowledged.count++
      chain.refreshToken = String(answer.body.refresh_token)
      chain.refreshed()
    } else if (answer.status === 401) lost.push('An acknowledged refresh is gone.')
    else if (answer.status !== 503) strange.push(`Refreshing answered ${answer.status}.`)
    return answer.status === 200
  }

  const untilGone = async (work: () => Promise<boolean>) => {
    while (await work());
  }

  return {
    registered,
    acknowledged,
    lost,
    strange,
    async prepare(url) {
      for (let i = 0; i < REFRESHING; i++) {
        await register(url)
        const body = { username_or_email: `member_${made}`, password: PASSWORD }
        const answer = await ask(url, { path: '/auth/login/json', body })
        if (answer?.status !== 200) throw new Error(`Signing in answered ${answer?.status}.`)
        chains.push({ refreshToken: String(answer.body.refresh_token), refreshed: () => undefined })
      }
    },
    async progress() {
      const once = (chain: Chain) =>
        new Promise<void>((resolve) => {
          chain.refreshed = resolve
        })
      await Promise.all(chains.map(once))
    },
    async run(url) {
      await Promise.all([
        ...chains.map((chain) => untilGone(() => refresh(url, chain))),
        ...Array.from({ length: REGISTERING }, () => untilGone(() => register(url))),
      ])
    },
  }
}
