import { loadConfig } from '../../config/config.ts'
import type { Role } from '../../serve.ts'
import { spawnVault } from '../../vault-program.ts'
import { defineCommand } from '../command.ts'
import { UsageError } from '../usage-error.ts'

const ROLES: readonly Role[] = ['web', 'worker']

function rolesOf(text: string | undefined): ReadonlySet<Role> {
  if (text === undefined) return new Set(ROLES)
  const roles = text.split(',').map((word) => ROLES.find((role) => role === word.trim()))
  const known = roles.filter((role) => role !== undefined)
  if (known.length < roles.length)
    throw new UsageError(`--role takes ${ROLES.join(', ')}, or both with a comma.`)
  return new Set(known)
}

export const command = defineCommand({
  description: [
    'Migrates the database, then serves until SIGTERM or Ctrl-C; requests that run may finish for 30 seconds.',
    'Refuses to start with wrong settings, the wrong keys, or a database role that could see past row security.',
  ],
  options: {
    role: { type: 'string', value: 'web,worker', summary: 'what this process does; both when left out' },
  },
  async run({ env, cwd, signal, write }, { options }) {
    const roles = rolesOf(options.role)
    const config = loadConfig(env, cwd)
    const vaultProcess = spawnVault({ env, cwd }) // loads itself while we do
    try {
      const { serve } = await import('../../serve.ts')
      await serve({ config, vaultProcess, roles, signal, env, cwd, write })
    } finally {
      vaultProcess.kill('SIGKILL') // it has ended already, unless we could not start
    }
  },
})
