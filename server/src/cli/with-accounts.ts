import { createApp } from '../app.ts'
import { loadConfig } from '../config/config.ts'
import type { AccountsAdmin } from '../modules/accounts/index.ts'
import { systemClock } from '../platform/clock.ts'
import { createLogger } from '../platform/log/logger.ts'
import { prepareInstance } from '../prepare-instance.ts'
import type { CommandContext } from './command.ts'

/** Runs `work` with what an operator may do to accounts, on the database of the settings; nothing listens meanwhile. */
export async function withAccounts(
  { env, cwd }: CommandContext,
  work: (accounts: AccountsAdmin) => Promise<void>,
): Promise<void> {
  const config = loadConfig(env, cwd)
  const instance = await prepareInstance(config, systemClock)
  await using app = await createApp(config, instance, { log: createLogger({ level: 'silent' }) })
  await work(app.accounts.admin)
}
