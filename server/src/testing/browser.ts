import type { Member } from './factories.ts'
import type { Answer, SendOptions, TestApp } from './start-test-app.ts'

/** What a page sends along to get its tokens in cookies. */
export const IN_COOKIES = { 'x-outcry-session': 'cookie' } as const

/** A browser with its cookies, showing a page of the application. */
export interface Browser {
  /** Sends a request as the page's `fetch` would: with cookies, Origin and Fetch Metadata; a write says that it is JSON. */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>
  /** The value of a cookie that it has, by the clock of the application. */
  cookie(name: string): string | undefined
  /** The Cookie header that it would send now; undefined without cookies. */
  cookieHeader(): string | undefined
}

interface Kept {
  readonly value: string
  readonly endsAt: number
}

/** Opens a browser without cookies. */
export function openBrowser(app: TestApp): Browser {
  const jar = new Map<string, Kept>()
  const kept = () => [...jar].filter(([, { endsAt }]) => endsAt > app.clock.now().getTime())
  const cookieHeader = () => {
    const pairs = kept().map(([name, { value }]) => `${name}=${value}`)
    return pairs.length === 0 ? undefined : pairs.join('; ')
  }
  const keep = (line: string) => {
    const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(line) ?? []
    const seconds = Number(/; Max-Age=(\d+)/.exec(line)?.[1])
    jar.set(name, { value, endsAt: app.clock.now().getTime() + seconds * 1_000 })
  }
  return {
    cookieHeader,
    cookie: (name) => kept().find(([known]) => known === name)?.[1].value,
    async send(method, path, options = {}) {
      const cookie = cookieHeader()
      const isForm = options.body instanceof URLSearchParams
      const headers = {
        'sec-fetch-site': 'same-origin',
        ...(method === 'GET' ? {} : { origin: app.config.publicUrl.origin }),
        ...(method === 'GET' || isForm ? {} : { 'content-type': 'application/json' }),
        ...(cookie === undefined ? {} : { cookie }),
        ...options.headers,
      }
      const answer = await app.send(method, path, { ...options, headers })
      for (const line of answer.headers.getSetCookie()) keep(line)
      return answer
    },
  }
}

/** Signs in with a password in a browser that has no cookies yet, and gives it with those of its session. */
export async function signInBrowser(app: TestApp, { username, password }: Member): Promise<Browser> {
  const browser = openBrowser(app)
  const body = { username_or_email: username, password }
  const { status, text } = await browser.send('POST', '/auth/login/json', { body, headers: IN_COOKIES })
  if (status !== 200) throw new Error(`Signing in answered ${status}: ${text}`)
  return browser
}
