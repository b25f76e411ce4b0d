import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ask } from '../src/testing/crash/api-client.ts'
import { startServer } from '../src/testing/crash/server-process.ts'
import { commandInstance } from '../src/testing/run-command.ts'

type Dialect = 'sqlite' | 'postgres'

const KILLS = 8

describe.each<Dialect>(['sqlite', 'postgres'])('a first start that is killed on %s', (dialect) => {
  // Note: killing the migrations alone, at finer grain, is platform/db/migrate/migrator.kill.test.ts.
  it(`is finished by the next start, ${KILLS} times`, { timeout: 120_000 }, async () => {
    let readyAfterMs = 1_000
    const endings = new Map<string, number>()
    for (let kill = 0; kill < KILLS; kill++) {
      const instance = await commandInstance(dialect)
      const first = startServer(instance)
      // Note: in turn soon after its first word, that a migration was applied, and at any time before it is ready.
      if (kill % 2 === 0) await first.spoke.then(() => wait(Math.random() * 60))
      else await wait(Math.random() * readyAfterMs)
      const { out } = await first.end('SIGKILL')
      const applied = `${out.match(/^Applied migration/gm)?.length ?? 0}`
      endings.set(applied, (endings.get(applied) ?? 0) + 1)

      const second = startServer(instance)
      const { url, afterMs } = await second.ready
      readyAfterMs = afterMs
      const body = { username_or_email: 'nobody', password: 'not a password of anybody' }
      expect(await ask(url, { path: '/auth/login/json', body })).toMatchObject({ status: 401 })
      expect(await second.end('SIGTERM')).toMatchObject({ code: 0, err: '' })
    }
    process.stdout.write(
      `first starts killed on ${dialect}: ${KILLS}, after ${JSON.stringify(Object.fromEntries(endings))} migrations\n`,
    )
  })
})
