import { defineCommand } from '../command.ts'

export const command = defineCommand({
  description: [
    'Switches two-factor sign-in off for a member who lost the app and the backup codes, or whose codes were wrong so often',
    'that none is taken any more. Ends every session of the account; the member is told by mail.',
  ],
  options: {
    username: { type: 'string', value: 'NAME', summary: 'whose account', isRequired: true },
  },
  async run(context, { options: { username } }) {
    const { withApp } = await import('../with-app.ts')
    await withApp(context, ({ accounts }) => accounts.admin.disableTwoFactor(username))
    context.write(`${username} signs in without a second factor and is signed out everywhere.`)
  },
})
