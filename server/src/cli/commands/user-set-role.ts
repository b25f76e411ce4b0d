import { defineCommand } from '../command.ts'
import { roleOf } from '../role-of.ts'

export const command = defineCommand({
  description: ['Gives an account another role from its next request on. A lower role ends its sessions.'],
  options: {
    username: { type: 'string', value: 'NAME', summary: 'whose role', isRequired: true },
    role: {
      type: 'string',
      value: 'ROLE',
      summary: 'user, creator, moderator, admin or super_admin',
      isRequired: true,
    },
  },
  async run(context, { options: { username, role: roleName } }) {
    const role = roleOf(roleName)
    const { withApp } = await import('../with-app.ts')
    await withApp(context, ({ accounts }) => accounts.admin.setRole(username, role))
    context.write(`${username} has the role ${role}.`)
  },
})
