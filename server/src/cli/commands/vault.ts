import { defineCommand } from '../command.ts'

export const command = defineCommand({
  description: [
    'Serves broker keys to the server that started it, until that server ends. Not for use by hand:',
    'outcry serve starts it and starts it again.',
  ],
  options: {},
  async run({ env, cwd, stdin, write }) {
    // Note: it ends when its server does; a signal to all of them must not end it while that one still answers.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
    const { runVaultProcess } = await import('../../vault-process.ts')
    await runVaultProcess({ env, cwd, stdin, write })
  },
})
