import { loadConfig } from '../config/config.ts'
import { systemClock } from '../platform/clock.ts'
import { readKeyRingFile } from '../platform/crypto/key-ring-file.ts'
import { createSealer } from '../platform/crypto/sealed.ts'
import { serverKeyRing } from '../platform/crypto/server-key-ring.ts'
import { createUuidv7 } from '../platform/crypto/uuid.ts'
import type { Dialect } from '../platform/db/index.ts'
import { createIdempotency } from '../platform/idempotency/idempotency.ts'
import { seedCredentials } from './crash/seed-credentials.ts'
import { type CommandInstance, commandInstance } from './run-command.ts'
import { membersOf, seedMembers, withDatabaseOf } from './seed-members.ts'

async function storeAnswer(instance: CommandInstance): Promise<void> {
  const keys = await readKeyRingFile(serverKeyRing, loadConfig(instance.env).keysFile)
  await withDatabaseOf(instance, async (db) => {
    const idempotency = createIdempotency({
      ...{ db, clock: systemClock, newId: createUuidv7(systemClock), digestKeys: keys.digest },
      sealer: createSealer(keys.keyEncryption),
    })
    const begun = await idempotency.begin({ scope: 'somebody', key: 'a', request: 'POST /' })
    if (begun.outcome !== 'started') throw new Error('The claim was there already.')
    await idempotency.finish(begun.token, { status: 201, contentType: 'application/json', body: '{}' })
  })
}

/** An instance with something sealed in every column that is: by `count` members, in as many credentials, and once elsewhere. */
export async function sealedInstance(dialect: Dialect, count: number): Promise<CommandInstance> {
  const instance = await commandInstance(dialect)
  await instance.run(['keys', 'init'])
  const create = ['user', 'create', '--username', 'ada', '--email', 'ada@example.test']
  await instance.run(create, { stdin: 'quite a long pass phrase, 7' })
  await seedMembers(instance, count)
  const owner = (await membersOf(instance)).users.at(-1)?.id ?? ''
  await withDatabaseOf(instance, (db) => seedCredentials({ env: instance.env, db, owner, count }))
  await storeAnswer(instance)
  return instance
}
