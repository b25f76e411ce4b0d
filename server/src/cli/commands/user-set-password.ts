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
    const { withAccounts } = await import('../with-accounts.ts')
    await withAccounts(context, (accounts) => accounts.setPassword(username, password))
    context.write(`${username} has another password and is signed out everywhere.`)
  },
})
