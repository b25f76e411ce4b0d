import { type App, createApp } from '../app.ts'
import { loadConfig } from '../config/config.ts'
import { systemClock } from '../platform/clock.ts'
import { createLogger } from '../platform/log/logger.ts'
import { prepareInstance } from '../prepare-instance.ts'
import type { CommandContext } from './command.ts'

/** Runs `work` with the application on the database of the settings; nothing listens and no job runs meanwhile. */
export async function withApp<T>({ env, cwd }: CommandContext, work: (app: App) => Promise<T>): Promise<T> {
  const config = loadConfig(env, cwd)
  const instance = await prepareInstance(config, systemClock)
  await using app = await createApp(config, instance, { log: createLogger({ level: 'silent' }) })
  return await work(app)
}
