import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import Database from 'better-sqlite3'

/** Where it listens, and the session cookie of each member. */
export interface BetterAuthHello {
  readonly url: string
  readonly cookies: readonly string[]
}

const { path, members }: { path: string; members: number } = JSON.parse(process.argv[2] ?? '{}')
const database = new Database(path)
database.pragma('journal_mode = wal')
const options = {
  database,
  secret: randomBytes(32).toString('hex'),
  baseURL: 'http://localhost:4000',
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { disabled: true },
} as const
await (await getMigrations(options)).runMigrations()
const auth = betterAuth(options)

async function signUp(n: number): Promise<string> {
  const { headers } = await auth.api.signUpEmail({
    body: {
      name: `Member ${n}`,
      email: `member_${n}@example.test`,
      password: 'correct horse battery staple',
    },
    returnHeaders: true,
  })
  const [cookie = ''] = headers.getSetCookie()
  return cookie.split(';', 1)[0] ?? ''
}

const cookies = []
for (let n = 0; n < members; n++) cookies.push(await signUp(n))
const handle = toNodeHandler(auth)
const server = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1')
await once(server, 'listening')
const address = server.address()
const port = typeof address === 'object' ? address?.port : undefined
process.send?.({ url: `http://127.0.0.1:${port}`, cookies } satisfies BetterAuthHello)
process.on('disconnect', () => process.exit(0))
