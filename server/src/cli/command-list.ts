import type { Command } from './command.ts'

/** A command by name; its code is loaded only when it is asked for, so that every other one starts fast. */
export interface CommandEntry {
  readonly name: string
  readonly summary: string
  /** The program's own, not for people. */
  readonly isHidden?: boolean
  load(): Promise<{ readonly command: Command }>
}

/** Every command there is, in the order of the help. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'serve',
    summary: 'migrates and serves until it is told to stop',
    load: () => import('./commands/serve.ts'),
  },
  {
    name: 'vault rewrap',
    summary: 'moves broker keys for outcry keys rotate',
    isHidden: true,
    load: () => import('./commands/vault-rewrap.ts'),
  },
  {
    name: 'vault',
    summary: 'serves broker keys to the server that started it',
    isHidden: true,
    load: () => import('./commands/vault.ts'),
  },
  {
    name: 'migrate',
    summary: 'brings the database to this version; safe to run again and from two nodes at once',
    load: () => import('./commands/migrate.ts'),
  },
  {
    name: 'doctor',
    summary: 'checks settings, database, keys, clock, disk and mail, one line each',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'user create',
    summary: 'makes an account; the password comes from standard input',
    load: () => import('./commands/user-create.ts'),
  },
  {
    name: 'user set-password',
    summary: 'gives an account another password, from standard input',
    load: () => import('./commands/user-set-password.ts'),
  },
  {
    name: 'user set-role',
    summary: 'gives an account another role',
    load: () => import('./commands/user-set-role.ts'),
  },
  {
    name: 'user activate',
    summary: 'activates an account without its e-mail',
    load: () => import('./commands/user-activate.ts'),
  },
  {
    name: 'user disable-2fa',
    summary: 'switches two-factor sign-in off for somebody who lost it',
    load: () => import('./commands/user-disable-2fa.ts'),
  },
  {
    name: 'import users',
    summary: 'brings members over from another platform, with the passwords they have',
    load: () => import('./commands/import-users.ts'),
  },
  {
    name: 'keys init',
    summary: 'makes the key ring; never replaces one',
    load: () => import('./commands/keys-init.ts'),
  },
  {
    name: 'keys status',
    summary: 'shows the keys, their age, and how much each of them seals',
    load: () => import('./commands/keys-status.ts'),
  },
  {
    name: 'keys rotate',
    summary: 'adds a key that seals from now on, and moves everything sealed to it or seals it anew',
    load: () => import('./commands/keys-rotate.ts'),
  },
  {
    name: 'backup',
    summary: 'writes a consistent backup while the server goes on serving',
    load: () => import('./commands/backup.ts'),
  },
  {
    name: 'restore',
    summary: 'restores a backup into an empty database, or checks that it could',
    load: () => import('./commands/restore.ts'),
  },
  {
    name: 'db copy',
    summary: 'copies everything between SQLite and PostgreSQL, and reads it back',
    load: () => import('./commands/db-copy.ts'),
  },
  {
    name: 'audit verify',
    summary: 'proves that the audit log is, entry by entry, what was written',
    load: () => import('./commands/audit-verify.ts'),
  },
  {
    name: 'jobs dead',
    summary: 'lists work that was given up',
    load: () => import('./commands/jobs-dead.ts'),
  },
  {
    name: 'jobs retry',
    summary: 'gives it another go',
    load: () => import('./commands/jobs-retry.ts'),
  },
  {
    name: 'openapi',
    summary: 'prints the OpenAPI document of the HTTP interface',
    load: () => import('./commands/openapi.ts'),
  },
]
