import type { TokenScope } from './api/security.ts'

/** What each scope lets a program do, after “May”. */
export const scopeWords: Readonly<Record<TokenScope, string>> = {
  'account:read': 'read your account',
  'account:write': 'change your profile',
  'users:read': 'read other members',
  'social:write': 'follow, block and mute for you',
  'broker:read': 'read at your brokers',
  'broker:trade': 'read and trade at your brokers',
}
