import { createApp } from '../../../server/src/app.ts'
import { loadConfig } from '../../../server/src/config/config.ts'
import { systemClock } from '../../../server/src/platform/clock.ts'
import { createAccessTokens } from '../../../server/src/platform/crypto/access-token.ts'
import { prepareInstance } from '../../../server/src/prepare-instance.ts'
import { seedMembers } from './members.ts'

// Each account may send 300 requests a minute, and limits are on: many accounts take turns.
const MEMBERS = 3_000

const config = loadConfig(JSON.parse(process.argv[2] ?? '{}'))
const instance = await prepareInstance(config, systemClock)
const app = await createApp(config, instance)
const members = await seedMembers(instance.db, MEMBERS, instance.keys.refreshToken.current.id)
const origin = config.publicUrl.origin
const tokens = createAccessTokens({
  keys: instance.keys.tokenSigning,
  issuer: origin,
  audience: origin,
  ttlSeconds: 3_600,
  clock: systemClock,
})
const access = members.map(({ userId: subject, sessionId }) =>
  tokens.mint({ subject, sessionId, authenticatedAt: new Date(), methods: ['pwd'] }),
)
const url = await app.http.listen({ host: '127.0.0.1', port: 0 })
process.send?.({ url, tokens: access.map(({ token }) => token) })
process.on('disconnect', () => process.exit(0))
