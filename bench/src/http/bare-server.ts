import { accountsContract } from '@outcry/contract/accounts'
import Fastify from 'fastify'

const body: unknown = JSON.parse(process.argv[2] ?? '{}')
const fastify = Fastify()
fastify.get('/api/v1/auth/me', { schema: { response: accountsContract.getMe.responses } }, async () => body)
process.send?.({ url: await fastify.listen({ host: '127.0.0.1', port: 0 }) })
process.on('disconnect', () => process.exit(0))
