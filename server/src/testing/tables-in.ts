import pg from 'pg'
import type { CommandInstance } from './run-command.ts'

/** The names of the tables in an instance's PostgreSQL database, read past the application. */
export async function tablesIn({ env }: Pick<CommandInstance, 'env'>): Promise<string[]> {
  const client = new pg.Client({ connectionString: env.OUTCRY_DATABASE_ADMIN_URL })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
    )
    return rows.map(({ name }) => name)
  } finally {
    await client.end()
  }
}
