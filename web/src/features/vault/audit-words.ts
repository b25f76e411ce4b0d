import type { Outcome } from '@outcry/contract/vault'

const purposes: Readonly<Record<string, string>> = {
  validate: 'Tested at the broker',
  elsewhere: 'Tested in the broker’s other environment',
  account: 'Account figures read',
  order: 'Order looked up',
  positions: 'Positions read',
  orders: 'Orders read',
  history: 'Equity curve read',
  clock: 'Market hours read',
  gateway: 'Used by a program through the gateway',
}

const actions: Readonly<Record<string, string>> = {
  'credential.stored': 'Added',
  'credential.renamed': 'Renamed',
  'credential.changed': 'Settings changed',
  'credential.rotated': 'Key replaced',
  'credential.deleted': 'Deleted',
  'credential.validated': 'Tested at the broker',
  'credential.chosen': 'Chosen for the desk',
  'credential.read': 'Looked at',
  'credential.refused': 'Use refused',
}

/** What was done, in words; what is not known is told as the log has it. */
export function actionInWords({
  action,
  purpose,
}: {
  readonly action: string
  readonly purpose: string | null
}): string {
  const use = purpose === null ? undefined : purposes[purpose]
  if (action === 'credential.used') return use ?? `Used${purpose === null ? '' : `: ${purpose}`}`
  const words = actions[action] ?? action
  return use === undefined ? words : `${words}: ${use.charAt(0).toLowerCase()}${use.slice(1)}`
}

const ends: Readonly<Record<Outcome | 'failed' | 'refused', string>> = {
  ok: 'Done',
  blocked: 'Account blocked',
  rejected: 'Refused by the broker',
  wrong_environment: 'Wrong environment',
  rate_limited: 'Too many requests',
  unreachable: 'No answer',
  failed: 'Failed',
  refused: 'Not allowed',
}

const endsByName = new Map<string, string>(Object.entries(ends))

/** How it ended, in a word or two. */
export function endInWords(outcome: string | null): string {
  return outcome === null ? 'End not known' : (endsByName.get(outcome) ?? outcome)
}
