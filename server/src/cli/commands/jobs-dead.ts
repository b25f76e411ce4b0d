import { defineCommand } from '../command.ts'

const MOST = 100

export const command = defineCommand({
  description: [
    'Lists work that was given up after its last attempt, the newest first: its id, what it was, when, and why.',
    'Give it another go with outcry jobs retry ID.',
  ],
  options: {},
  async run(context) {
    const { withApp } = await import('../with-app.ts')
    const dead = await withApp(context, ({ platform }) => platform.jobs.listDead({ limit: MOST }))
    for (const job of dead) {
      const when = job.dead_at?.toISOString() ?? ''
      context.write(
        `${job.id}  ${job.kind}  ${when}  ${job.attempts} attempts  ${job.last_error ?? ''}`.trimEnd(),
      )
    }
    if (dead.length === 0) context.write('No work was given up.')
    if (dead.length === MOST) context.write(`These are the ${MOST} newest; there may be more.`)
  },
})
