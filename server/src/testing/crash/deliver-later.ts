import { createApp } from '../../app.ts'
import { loadConfig } from '../../config/config.ts'
import { createLogger } from '../../platform/log/logger.ts'
import { prepareInstance } from '../../prepare-instance.ts'
import { fixedClock } from '../fixed-clock.ts'

const LEASE_AND_MORE_MS = 120_000

/**
 * Does the background work of an instance as its server would two minutes from now: by then every job has been given back
 * that a killed worker had taken.
 */
export async function deliverLater(env: Readonly<Record<string, string>>): Promise<void> {
  const config = loadConfig(env)
  const clock = fixedClock(new Date(Date.now() + LEASE_AND_MORE_MS))
  const instance = await prepareInstance(config, clock)
  const app = await createApp(config, instance, { clock, log: createLogger({ level: 'silent' }) })
  await app.platform.jobs.settle()
  await app.stop()
}
