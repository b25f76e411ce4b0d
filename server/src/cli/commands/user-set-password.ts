import { defineCommand } from '../command.ts'
import { readPassword } from '../read-password.ts'

export const command = defineCommand({
  description: [
    'Gives an account another password, read from standard input. Ends every session of it and forgets failed',
    'sign-ins.',
  ],
  options: {
    username: { type: 'string', value: 'NAME', summary: 'whose password', isRequired: true },
  },
  async run(context, { options: { username } }) {
    const password = await readPassword(context)
    const { withApp } = await import('../with-app.ts')
    await withApp(context, ({ accounts }) => accounts.admin.setPassword(username, password))
    context.write(`${username} has another password and is signed out everywhere.`)
  },
})
