import { existsSync } from 'node:fs'
import type { Config } from '../../config/config.ts'
import { openCanary } from '../../platform/crypto/key-check.ts'
import { KeyRingError } from '../../platform/crypto/key-ring.ts'
import { readKeyRingFile } from '../../platform/crypto/key-ring-file.ts'
import { serverKeyRing } from '../../platform/crypto/server-key-ring.ts'
import type { Db } from '../../platform/db/index.ts'
import { readState } from '../../platform/state/state.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** Whether the key ring can be used and is the one this database was made with. */
export async function keyFinding(config: Config, db: Db | undefined): Promise<Finding> {
  const canary = db && (await readState(db, 'key_check'))
  if (!existsSync(config.keysFile) && canary === undefined) {
    return warn('keys', `There is no key ring at ${config.keysFile} yet; the first start makes one.`)
  }
  try {
    const ring = await readKeyRingFile(serverKeyRing, config.keysFile)
    if (canary !== undefined) openCanary(serverKeyRing, ring, canary)
    const which = canary === undefined ? 'can be used' : 'is the one this database was made with'
    return ok('keys', `The key ring ${config.keysFile} ${which}.`)
  } catch (error) {
    if (error instanceof KeyRingError) return fail('keys', error.message)
    throw error
  }
}
