import { defineCommand } from '../command.ts'
import { readPassword } from '../read-password.ts'
import { roleOf } from '../role-of.ts'

export const command = defineCommand({
  description: [
    'Makes an account; its password is read from standard input, never from the command line. Without --active the',
    'account waits for its e-mail to be verified, and the mail goes out when a worker runs. Also makes the first',
    'administrator: --role admin --active.',
  ],
  options: {
    username: {
      type: 'string',
      value: 'NAME',
      summary: '3 to 50 letters, digits, _ and -',
      isRequired: true,
    },
    email: { type: 'string', value: 'ADDRESS', summary: 'the account’s e-mail address', isRequired: true },
    role: {
      type: 'string',
      value: 'ROLE',
      summary: 'user, creator, moderator, admin or super_admin; user when left out',
    },
    active: { type: 'boolean', summary: 'active at once, the address taken as verified' },
  },
  async run(context, { options: { username, email, role: roleName, active } }) {
    const role = roleOf(roleName ?? 'user')
    const password = await readPassword(context)
    const { withApp } = await import('../with-app.ts')
    await withApp(context, async ({ accounts: { admin } }) => {
      const registration = { username, email, password, displayName: null }
      const user = await admin.create(registration, {
        role,
        status: active ? 'active' : 'pending_verification',
      })
      context.write(`Made the account ${user.username} (${user.id}), role ${user.role}, ${user.status}.`)
    })
  },
})
