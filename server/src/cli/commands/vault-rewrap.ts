import { createInterface } from 'node:readline'
import { defineCommand } from '../command.ts'
import { UsageError } from '../usage-error.ts'

export const command = defineCommand({
  description: [
    "Moves broker keys to the newest of the vault's keys, until standard input ends or nothing is left. Not for use by",
    'hand: outcry keys rotate starts it.',
  ],
  options: {
    'noticed-in': {
      type: 'string',
      value: 'MS',
      summary: 'when running servers have noticed that key',
      isRequired: true,
    },
  },
  async run({ env, cwd, stdin, write, signal }, { options }) {
    const noticedInMs = Number(options['noticed-in'])
    if (!Number.isSafeInteger(noticedInMs) || noticedInMs < 0)
      throw new UsageError('MS is a whole number of milliseconds.')
    const stopping = new AbortController()
    const input = createInterface({ input: stdin }).once('close', () => stopping.abort())
    try {
      const { rewrapVault } = await import('../../vault-process.ts')
      const { moved, refused } = await rewrapVault({
        ...{ env, cwd, noticedInMs, signal: AbortSignal.any([signal, stopping.signal]) },
        onBatch: (count) => write(`moved ${count}`),
      })
      for (const place of refused) write(`refused ${place}`)
      write(`moved ${moved}`)
    } finally {
      input.close()
    }
  },
})
