import { defineCommand } from '../command.ts'
import { CommandError } from '../command-error.ts'

export const command = defineCommand({
  description: [
    'Gives work that was given up all its attempts again; a running server takes it up within seconds.',
  ],
  words: ['ID'],
  options: {},
  async run(context, { words: [id] }) {
    const { withApp } = await import('../with-app.ts')
    const isWaiting = await withApp(context, ({ platform: { db, jobs } }) =>
      db.withSystem((tx) => jobs.retryDead(tx, id)),
    )
    if (!isWaiting)
      throw new CommandError(`No work with the id ${id} was given up; outcry jobs dead lists what was.`)
    context.write(`${id} is waiting to be done again.`)
  },
})
