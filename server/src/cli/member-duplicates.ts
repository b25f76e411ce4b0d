import type { MemberToAdd, UniqueField } from '../modules/accounts/index.ts'
import type { LineFault } from './member-file.ts'

/** Finds lines of one file that claim the same id, name, address or telephone number. Holds a key and a number for each. */
export function createDuplicateFinder(): (member: MemberToAdd) => LineFault[] {
  const seen: Record<UniqueField | 'id', Map<string, number>> = {
    id: new Map(),
    username: new Map(),
    email: new Map(),
    phone_number: new Map(),
  }
  const claim = (field: UniqueField | 'id', key: string | null | undefined, line: number): LineFault[] => {
    if (!key) return []
    const before = seen[field].get(key)
    if (before !== undefined) return [{ line, field, message: `is the same as in line ${before}` }]
    seen[field].set(key, line)
    return []
  }
  return ({ line, row }) =>
    (
      [
        ['id', row.id],
        ['username', row.username_key],
        ['email', row.email],
        ['phone_number', row.phone_number],
      ] as const
    ).flatMap(([field, key]) => claim(field, key, line))
}
