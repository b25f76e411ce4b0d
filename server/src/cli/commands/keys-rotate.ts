import { loadConfig } from '../../config/config.ts'
import { createAudit } from '../../platform/audit/audit.ts'
import { systemClock } from '../../platform/clock.ts'
import { createUuidv7 } from '../../platform/crypto/uuid.ts'
import { openDatabase } from '../../platform/db/index.ts'
import { moveValues } from '../../platform/db/sealed/move-values.ts'
import { readState } from '../../platform/state/state.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { existingDatabase } from '../configured-database.ts'
import { type InstanceRing, instanceRings } from '../instance-rings.ts'
import {
  addKey,
  beginRotation,
  endRotation,
  holdRotation,
  NOTICED_MS,
  type RotationParts,
} from '../key-rotation.ts'
import { rewrapInVault } from '../rewrap-in-vault.ts'

async function moveAll(context: CommandContext, { db, rings }: RotationParts): Promise<number> {
  const noticedAt = performance.now() + NOTICED_MS
  const { env, cwd } = context
  const failing = new AbortController()
  const signal = AbortSignal.any([context.signal, failing.signal])
  const moveOf = async (ring: InstanceRing) => {
    const { title, tables } = ring
    const onBatch = (count: number) => context.complain(`moved  ${count} values of the ${title}`)
    await ring.prove(db)
    if (ring.name === 'vault') return rewrapInVault({ env, cwd, noticedAt, signal, onBatch })
    return moveValues({ db, tables, keys: ring.sealingKeys(), noticedAt, signal, onBatch })
  }
  const moves = rings.map(async (ring) => {
    try {
      return { ring, ...(await moveOf(ring)) }
    } catch (error) {
      failing.abort(error) // and with it the move of the other ring, which still uses the database
      throw error
    }
  })
  await Promise.allSettled(moves)
  if (failing.signal.aborted) throw failing.signal.reason // and not what that ended
  let unopened = 0
  for (const { ring, moved, refused } of await Promise.all(moves)) {
    for (const place of refused) context.complain(`${place} does not open; restore the row from a backup.`)
    context.write(`Moved ${moved} sealed values to the key ${ring.sealingKeys().current.id}.`)
    if (refused.length === 0) context.write(`Nothing is left under an older key of the ${ring.title}.`)
    unopened += refused.length
  }
  return unopened
}

async function rotate(context: CommandContext, parts: RotationParts, isReseal: boolean): Promise<number> {
  for (const ring of parts.rings) await ring.prove(parts.db)
  const { rotation, isEarlier } = await beginRotation(parts, isReseal)
  if (isEarlier) context.write('Finishing an earlier rotation.')
  for (const ring of parts.rings) {
    const added = await addKey(ring, rotation)
    if (added) context.write(`Added the key ${added} to the ${ring.title}; it seals everything from now on.`)
  }
  const unopened = await moveAll(context, parts)
  await endRotation(parts, rotation)
  for (const ring of parts.rings) {
    context.write(`Copy the ${ring.title} ${ring.path} to where you keep the old one.`)
  }
  return unopened > 0 ? 1 : 0
}

export const command = defineCommand({
  description: [
    'Adds a key to both key rings that seals everything from now on, and moves what is sealed already to it. The data',
    'keys are wrapped anew; the sealed data itself is not touched. Servers on the same files go on serving and use the',
    'new keys within a second. May be stopped or killed: run again it goes on where it was, and running servers move',
    'the values by themselves. While one runs, a second one is refused.',
    '',
    'With --reseal everything sealed before is opened and sealed anew, under data keys that nobody has seen; the keys',
    'before are marked as compromised, and whatever a backup brings back under one of them is sealed anew as well.',
    '',
    'Servers with copies of the key rings must be stopped first and get the new files. Copy the new key rings to where',
    'you keep the old ones; older backups need the older keys, which stay in the rings.',
  ],
  options: {
    reseal: {
      type: 'boolean',
      summary: 'also seals the data itself anew, because somebody may have the keys',
    },
  },
  async run(context, { options: { reseal } }) {
    const config = loadConfig(context.env, context.cwd)
    const location = existingDatabase(config)
    const [server, vault] = instanceRings(config)
    using _ = holdRotation(server)
    const db = openDatabase(location)
    const audit = createAudit({ clock: systemClock, newId: createUuidv7(systemClock) })
    try {
      const hasVault = vault.isThere() || (await readState(db, vault.proof)) !== undefined
      const rings = hasVault ? [server, vault] : [server]
      return await rotate(context, { db, location, audit, rings }, reseal)
    } finally {
      await db.close()
    }
  },
})
