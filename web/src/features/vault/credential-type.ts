import type { Environment } from '@outcry/contract/vault'

/** What kinds of keys can be stored, as the server calls them. */
export const credentialTypes: readonly { readonly type: string; readonly environment: Environment }[] = [
  { type: 'alpaca_paper', environment: 'paper' },
  { type: 'alpaca_live', environment: 'live' },
]
