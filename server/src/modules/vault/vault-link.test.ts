import { createSecretKey, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { createVaultLink } from './vault-link.ts'

it('sends nothing any more once it is closed, also what was asked before', async () => {
  await using cleanup = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'outcry-link-'))
  cleanup.defer(() => rm(folder, { recursive: true }))
  const socketPath = join(folder, 'vault.sock')
  let received = 0
  const vault = createServer((_request, response) => {
    received++
    response.end()
  })
  cleanup.defer(() => void vault.close())
  await once(vault.listen(socketPath), 'listening')
  const secret = createSecretKey(randomBytes(32))
  const link = createVaultLink({ find: async () => ({ socketPath, secret }), clock: systemClock })
  const claims = {
    ...{ operation: 'use' as const, owner: 'o', credential: 'c', purpose: 'account' },
    ...{ method: 'GET', path: '/', query: '' },
    actor: {},
  }
  const asked = link.send(claims, { headers: {}, body: null })
  await link.close()
  expect([await asked, received]).toEqual([undefined, 0])
})
