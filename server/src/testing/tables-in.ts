import { onPostgresAt } from './postgres-client.ts'
import type { CommandInstance } from './run-command.ts'

/** The names of the tables in an instance's PostgreSQL database, read past the application. */
export async function tablesIn({ env }: Pick<CommandInstance, 'env'>): Promise<string[]> {
  return await onPostgresAt(env.OUTCRY_DATABASE_ADMIN_URL, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
    )
    return rows.map(({ name }) => name)
  })
}
