import { loadConfig } from '../../config/config.ts'
import { openDatabase } from '../../platform/db/index.ts'
import { readState } from '../../platform/state/state.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { existingDatabase } from '../configured-database.ts'
import { instanceRings } from '../instance-rings.ts'
import {
  addKey,
  beginRotation,
  endRotation,
  moveValues,
  NOTICED_MS,
  type RotationParts,
} from '../key-rotation.ts'

async function moveAll(context: CommandContext, parts: RotationParts): Promise<number> {
  const noticedAt = performance.now() + NOTICED_MS
  let unopened = 0
  for (const ring of parts.rings) {
    const { moved, refused } = await moveValues(parts, ring, {
      noticedAt,
      signal: context.signal,
      onMoved: (count) => context.complain(`moved  ${count} values of the ${ring.title}`),
    })
    for (const place of refused) context.complain(`${place} does not open; restore the row from a backup.`)
    context.write(`Moved ${moved} sealed values to the key ${ring.sealingKeys().current.id}.`)
    if (refused.length === 0) context.write(`Nothing is left under an older key of the ${ring.title}.`)
    unopened += refused.length
  }
  return unopened
}

async function rotate(context: CommandContext, parts: RotationParts): Promise<number> {
  for (const ring of parts.rings) await ring.prove(parts.db)
  const { before, isEarlier } = await beginRotation(parts)
  if (isEarlier) context.write('Finishing an earlier rotation.')
  for (const ring of parts.rings) {
    const added = await addKey(parts, ring, before)
    if (added) context.write(`Added the key ${added} to the ${ring.title}; it seals everything from now on.`)
  }
  const unopened = await moveAll(context, parts)
  await endRotation(parts, before)
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
    'the values by themselves.',
    '',
    'Servers with copies of the key rings must be stopped first and get the new files. Copy the new key rings to where',
    'you keep the old ones; older backups need the older keys, which stay in the rings.',
  ],
  options: {},
  async run(context) {
    const config = loadConfig(context.env, context.cwd)
    const location = existingDatabase(config)
    const db = openDatabase(location)
    try {
      const [server, vault] = instanceRings(config)
      const hasVault = vault.isThere() || (await readState(db, vault.proof)) !== undefined
      return await rotate(context, { db, location, rings: hasVault ? [server, vault] : [server] })
    } finally {
      await db.close()
    }
  },
})
