import type { AnyTable } from '../schema/table.ts'

/** The sealed columns of a table. */
export function sealedColumnsOf(table: AnyTable): string[] {
  return Object.entries(table.columns)
    .filter(([, { facts }]) => facts.type.kind === 'sealed')
    .map(([name]) => name)
}
