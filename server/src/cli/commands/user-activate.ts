import { defineCommand } from '../command.ts'

export const command = defineCommand({
  description: [
    'Activates an account that waits for its e-mail, or that is inactive, suspended or banned; its address counts as',
    'verified from then on. For operators without e-mail.',
  ],
  options: {
    username: { type: 'string', value: 'NAME', summary: 'whose account', isRequired: true },
  },
  async run(context, { options: { username } }) {
    const { withApp } = await import('../with-app.ts')
    await withApp(context, ({ accounts }) => accounts.admin.activate(username))
    context.write(`${username} is active.`)
  },
})
