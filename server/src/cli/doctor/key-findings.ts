import type { Config } from '../../config/config.ts'
import { KeyRingError } from '../../platform/crypto/key-ring.ts'
import type { Db } from '../../platform/db/index.ts'
import { readState } from '../../platform/state/state.ts'
import { type InstanceRing, instanceRings } from '../instance-rings.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

async function findingOf(ring: InstanceRing, db: Db | undefined): Promise<Finding> {
  const name = ring.name === 'server' ? 'keys' : 'vault'
  const canary = db && (await readState(db, ring.proof))
  if (!ring.isThere() && canary === undefined) {
    return warn(name, `There is no ${ring.title} at ${ring.path} yet; the first start makes one.`)
  }
  try {
    ring.entries()
    if (canary !== undefined) ring.check(canary)
    const which = canary === undefined ? 'can be used' : 'is the one this database was made with'
    return ok(name, `The ${ring.title} ${ring.path} ${which}.`)
  } catch (error) {
    if (error instanceof KeyRingError) return fail(name, error.message)
    throw error
  }
}

/** Whether the key rings can be used and are the ones this database was made with. */
export async function keyFindings(config: Config, db: Db | undefined): Promise<readonly Finding[]> {
  return Promise.all(instanceRings(config).map((ring) => findingOf(ring, db)))
}
