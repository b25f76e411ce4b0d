import { join } from 'node:path'
import { loadConfig } from '../../../server/src/config/config.ts'
import { createPlatform } from '../../../server/src/create-platform.ts'
import { holdMember } from '../../../server/src/modules/accounts/sessions/hold-member.ts'
import { createProviders } from '../../../server/src/modules/brokers/index.ts'
import {
  type Acting,
  aboutCredential,
  createVaultWork,
  factsOf,
} from '../../../server/src/modules/vault/acting.ts'
import { insertCredential } from '../../../server/src/modules/vault/credentials/credential.store.ts'
import { createCredentialChanges } from '../../../server/src/modules/vault/credentials/credential-changes.ts'
import { createProvePair } from '../../../server/src/modules/vault/credentials/prove-pair.ts'
import { createProviderRegistry } from '../../../server/src/modules/vault/credentials/providers.ts'
import { createStoreCredential } from '../../../server/src/modules/vault/credentials/store-credential.ts'
import {
  createVaultClient,
  createVaultLink,
  createVaultSupervisor,
} from '../../../server/src/modules/vault/index.ts'
import { systemClock } from '../../../server/src/platform/clock.ts'
import type { Tx } from '../../../server/src/platform/db/index.ts'
import { createLogger } from '../../../server/src/platform/log/logger.ts'
import { prepareInstance } from '../../../server/src/prepare-instance.ts'
import { spawnVault } from '../../../server/src/vault-program.ts'
import { answerMeasurements } from '../harness/measured-process.ts'
import { credentialRows, KIND, newPair } from './credential-rows.ts'
import type { StoreArgument, Storer } from './store-way.ts'

const { env, way, storers, inFlight }: StoreArgument = JSON.parse(process.argv[2] ?? '{}')
const config = loadConfig(env)
const log = createLogger({ level: 'silent' })
const instance = await prepareInstance(config, systemClock)
const platform = await createPlatform(config, instance, { log })
const { db, clock, newId, audit } = platform
const rows = await credentialRows(env)

/** The service of the server's process, with a vault process as `serve` starts it. */
async function storing(): Promise<(storer: Storer) => Promise<unknown>> {
  const vault = createVaultSupervisor({
    spawn: () => spawnVault({ env, cwd: config.dataDir }),
    runDir: join(config.dataDir, 'run'),
    log,
    relay: () => undefined,
  })
  await vault.start()
  process.once('SIGTERM', async () => {
    await vault[Symbol.asyncDispose]()
    process.exit()
  })
  const client = createVaultClient(createVaultLink({ find: vault.find, clock }))
  const providers = createProviderRegistry(createProviders(config))
  const store = createStoreCredential({
    ...platform,
    providers,
    provePair: createProvePair(client, providers),
    work: createVaultWork({
      ...{ db, clock, audit },
      notifyMember: () => Promise.reject(new Error('Nobody is told of a paper key.')),
      holdMember: async (tx: Tx, actor) => (await holdMember(tx, actor, clock.now())) !== undefined,
    }),
    changes: createCredentialChanges(platform),
  })
  return (storer) => {
    const { api_key: apiKey, secret_key: secretKey } = newPair()
    return store(actingAs(storer), {
      accountId: storer.accountId,
      type: KIND.credential_type,
      pair: { apiKey, secretKey },
      nickname: null,
      validate: false,
      expiresAt: null,
      complete: async () => undefined,
    })
  }
}

function actingAs({ userId, sessionId }: Storer): Acting {
  return {
    ...{ userId, sessionId, requestId: newId() },
    address: '192.0.2.1',
    userAgent: 'a browser',
    assertProof: () => undefined,
  }
}

const inserting = async (storer: Storer) =>
  db.withMember(storer.userId, (tx) => insertCredential(tx, rows.filler(storer)))

const auditing = async (storer: Storer) => {
  const row = rows.filler(storer)
  await db.withMember(storer.userId, async (tx) => {
    await insertCredential(tx, row)
    await audit.record(tx, {
      action: 'credential.stored',
      result: 'ok',
      ...factsOf(actingAs(storer)),
      ...aboutCredential(row.id),
      details: {
        credential_type: row.credential_type,
        environment: row.environment,
        account_id: row.user_account_id,
        outcome: null,
      },
    })
  })
}

const step = way === 'service' ? await storing() : way === 'audited' ? auditing : inserting
let turn = 0
answerMeasurements(inFlight, () => {
  const storer = storers[turn++ % storers.length]
  if (!storer) throw new Error('There is nobody to store for.')
  return step(storer)
})
