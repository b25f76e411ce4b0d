import { expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { brokerReading } from '../../testing/broker-reads.ts'
import { forEachVaultApp } from '../../testing/factories-vault.ts'
import { createBrokerData } from './broker-data.ts'
import { adapters, createProviders } from './brokers.ts'
import { BrokerReader } from './reading/broker-reader.ts'
import { systemTiming } from './reading/timing.ts'

forEachVaultApp('a credential that is switched on between two looks at it', {}, (on) => {
  it('harms nobody: the answer that was not expected is let go of', async () => {
    const { member, id } = await brokerReading(on).withKey()
    const { vaultClient: client } = on.app.app
    const letGo = Promise.withResolvers<void>()
    const watched: Pick<typeof client, 'use'> = {
      async use(claims, request) {
        const answer = await client.use(claims, request)
        answer.body.once('close', () => letGo.resolve())
        return answer
      },
    }
    process.prependOnceListener('uncaughtException', letGo.reject)
    const data = createBrokerData({
      vault: { client: watched, findCredentialOf: async () => undefined },
      providers: createProviders(on.app.config),
      adapters,
      reader: new BrokerReader({ vault: watched, now: Date.now, timing: systemTiming }),
      clock: systemClock,
    })
    const asked = { userId: member.id, credentialId: id, actor: {} }
    await expect(data.account(asked)).rejects.toMatchObject({ code: 'vault.credential_not_found' })
    await letGo.promise
    process.off('uncaughtException', letGo.reject)
  })
})
