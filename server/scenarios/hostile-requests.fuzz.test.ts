import { expect, it } from 'vitest'
import { createSignedInMember } from '../src/testing/factories.ts'
import { fuzzOperation } from '../src/testing/fuzz/fuzz-operation.ts'
import { type OpenApiDocument, operationsOf } from '../src/testing/fuzz/operations.ts'
import { CANARY_PASSWORD } from '../src/testing/fuzz/people.ts'
import { fuzzSeed, fuzzVariants, randomFrom } from '../src/testing/fuzz/random.ts'
import { openRowReader } from '../src/testing/fuzz/row-snapshot.ts'
import { forEachApp, type TestApp } from '../src/testing/start-test-app.ts'

const VARIANTS_EACH = fuzzVariants()

/** The vault of a test starts when it is first asked, and then notes in the database which keys it has. */
async function wakeVault(app: TestApp): Promise<void> {
  const { accessToken: token } = await createSignedInMember(app)
  const { status } = await app.send('GET', `/credentials/${crypto.randomUUID()}/account-data`, { token })
  expect(status).toBe(404)
}

forEachApp('every operation of the API', {}, (on) => {
  it(
    'answers hostile requests with a plain refusal, stores nothing for them and tells nothing',
    async () => {
      const { app } = on
      const seed = fuzzSeed()
      const response = await fetch(`${app.url}/api/openapi.json`)
      const operations = operationsOf((await response.json()) as OpenApiDocument)
      expect(operations.length).toBeGreaterThan(7)
      await wakeVault(app)
      await using rows = await openRowReader(app.config)
      const complaints: string[] = []
      const statuses: Record<number, number> = {}
      let requests = 0
      for (const [at, operation] of operations.entries()) {
        const random = randomFrom(seed + at)
        const report = await fuzzOperation(operation, { app, rows, random, variantsEach: VARIANTS_EACH })
        requests += report.requests
        complaints.push(...report.complaints)
        for (const [status, count] of report.statuses) statuses[status] = (statuses[status] ?? 0) + count
      }
      process.stdout.write(`fuzz on ${on.dialect}: ${requests} requests ${JSON.stringify(statuses)}\n`)
      expect(complaints, `seed ${seed}`).toEqual([])
      expect(requests).toBeGreaterThanOrEqual(operations.length * 3 * 200)
      const logged = app.logged.join('')
      expect(logged).not.toContain(CANARY_PASSWORD)
      expect(logged).not.toContain('"level":"error"')
      expect(Object.prototype).not.toHaveProperty('role')
      expect((await fetch(`${app.url}/health/live`)).status).toBe(200)
      expect((await app.send('GET', '/users')).status).toBe(200)
    },
    3_000 * VARIANTS_EACH,
  )
})
