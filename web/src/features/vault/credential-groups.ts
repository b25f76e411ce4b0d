interface Account {
  readonly id: string
  readonly account_name: string
  readonly created_at: string
}

interface Member {
  readonly id: string
  readonly account_id: string
  readonly is_default: boolean
  readonly created_at: string
}

/** An account and the credentials in it. */
export interface CredentialGroup<A, C> {
  readonly account: A
  readonly credentials: readonly C[]
}

/** Credentials by their account. The oldest stand first, so that what is added moves nothing; a default stands before them. */
export function groupByAccount<A extends Account, C extends Member>(
  accounts: readonly A[],
  credentials: readonly C[],
): readonly CredentialGroup<A, C>[] {
  return accounts.toSorted(byAge).map((account) => ({
    account,
    credentials: credentials
      .filter(({ account_id }) => account_id === account.id)
      .toSorted((a, b) => Number(b.is_default) - Number(a.is_default) || byAge(a, b)),
  }))
}

interface Aged {
  readonly id: string
  readonly created_at: string
}

function byAge(a: Aged, b: Aged): number {
  return a.created_at.localeCompare(b.created_at) || a.id.localeCompare(b.id)
}
