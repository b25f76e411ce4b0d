import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readSystemEnvironment } from '../../config/env.ts'
import { startBrokerDouble } from '../../testing/broker-double.ts'
import { countInHeap, spellingsOf } from '../../testing/heap/find-in-heap.ts'
import { commandInstance, scratchFolder } from '../../testing/run-command.ts'
import { newPair, vaultProcessSetting } from '../../testing/vault-setting.ts'

const entry = (name: string) => fileURLToPath(new URL(`../../testing/heap/${name}.ts`, import.meta.url))
const MARKER = 'heap-marker-42'
const PASSWORD = 'correct horse battery staple'

/** Lines as they come, and a wait for one of them. */
function listening() {
  const waiting = new Set<{ pattern: RegExp; resolve: (line: string) => void }>()
  return {
    hear(line: string) {
      for (const each of waiting) {
        if (!each.pattern.test(line)) continue
        waiting.delete(each)
        each.resolve(line)
      }
    },
    next: (pattern: RegExp) => new Promise<string>((resolve) => void waiting.add({ pattern, resolve })),
  }
}

const TRIES = 5

/**
 * Looks for what must not be there, and for what must, so that a search that sees nothing shows. What was just cut off may
 * take a moment to go, so it looks a few times, all of them within the minute that is promised.
 */
async function expectForgotten(
  { path, take }: { readonly path: string; take(): Promise<unknown> },
  secrets: readonly string[],
): Promise<void> {
  const spellings = secrets.flatMap(spellingsOf)
  let found: string[] = []
  for (let attempt = 0; attempt < TRIES; attempt++) {
    await take()
    const [marker, ...counts] = await countInHeap(path, [MARKER, ...spellings])
    expect(marker).toBeGreaterThan(0)
    rmSync(path)
    found = spellings.filter((_, i) => (counts[i] ?? 0) > 0)
    if (found.length === 0) return
  }
  expect(found).toEqual([])
}

describe.each(['sqlite', 'postgres'] as const)('the memory on %s', (dialect) => {
  it('of the vault process holds nothing of a pair soon after its last use', {
    timeout: 120_000,
  }, async () => {
    const snapshot = join(await scratchFolder(), 'vault.heapsnapshot')
    await using on = await vaultProcessSetting(dialect, [entry('vault-child'), snapshot])
    const { hear, next } = listening()
    on.hearLines(hear)
    const pairs = Array.from({ length: 5 }, () => newPair())
    const keys = []
    for (const pair of pairs) keys.push(await on.store({ pair }))
    const claims = {
      owner: keys[0]?.owner ?? '',
      credential: keys[0]?.id ?? '',
      type: 'alpaca_paper',
      keyVersion: 2,
    }
    const tried = newPair()
    await on.client.seal({ ...claims, validate: true, actor: {} }, tried)
    for (const key of keys) {
      await text((await on.use(key)).body)
      const order = { body: Buffer.from('{}'), headers: { 'content-type': 'application/json' } }
      await text((await on.use(key, { method: 'POST', path: '/v2/orders' }, order)).body)
    }
    on.paper.answer((request) => void request.socket.destroy())
    for (const key of keys) await expect(on.use(key)).rejects.toThrow()
    on.paper.answer((_request, response) => response.writeHead(401).end('{}'))
    for (const key of keys) await text((await on.use(key)).body)
    on.paper.answer(() => undefined)
    const leaving = new AbortController()
    const count = on.paper.received.length
    const left = expect(
      Promise.all(keys.map((key) => on.use(key, {}, { signal: leaving.signal }))),
    ).rejects.toThrow()
    await expect.poll(() => on.paper.received.length).toBe(count + keys.length)
    const forgotten = next(/^forgotten$/)
    leaving.abort()
    await left
    await forgotten
    const take = () => {
      const written = next(/^snapshot /)
      process.kill(on.vault.pid ?? 0, 'SIGUSR2')
      return written
    }
    await expectForgotten(
      { path: snapshot, take },
      [...pairs, tried].flatMap(({ apiKey, secretKey }) => [apiKey, secretKey]),
    )
  })

  it('of the server holds nothing of a pair once it is stored, nor after its uses', {
    timeout: 120_000,
  }, async () => {
    const instance = await commandInstance(dialect)
    const broker = await startBrokerDouble()
    onTestFinished(() => broker[Symbol.asyncDispose]())
    const make = ['user', 'create', '--username', 'ada', '--email', 'ada@example.test', '--active']
    expect((await instance.run(make, { stdin: `${PASSWORD}\n` })).err).toBe('')
    const snapshot = join(instance.folder, 'server.heapsnapshot')
    const { origin } = broker.url
    const server = spawn(process.execPath, ['--expose-gc', entry('serve-child'), snapshot], {
      cwd: instance.folder,
      env: {
        ...readSystemEnvironment(),
        ...instance.env,
        OUTCRY_ALPACA_PAPER_URL: origin,
        OUTCRY_ALPACA_LIVE_URL: origin,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(async () => {
      server.kill('SIGTERM')
      await once(server, 'close')
    })
    const { hear, next } = listening()
    createInterface({ input: server.stdout }).on('line', hear)
    const line = await next(/listening on/)
    const base = `${/listening on (\S+)\)/.exec(line)?.[1]}/api/v1`
    const send = async (path: string, body: object | undefined, token = '') => {
      const answer = await fetch(base + path, {
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
        headers: {
          'content-type': 'application/json',
          'idempotency-key': crypto.randomUUID(),
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
      })
      return { status: answer.status, body: JSON.parse(await answer.text()) }
    }
    const signedIn = await fetch(`${base}/auth/login`, {
      method: 'POST',
      body: new URLSearchParams({ username: 'ada', password: PASSWORD }),
    })
    const { access_token: token } = JSON.parse(await signedIn.text())
    const account = await send('/accounts', { account_name: 'Desk' }, token)
    const [good, rejected, malformed] = [newPair(), newPair(), newPair()]
    const bodyOf = ({ apiKey, secretKey }: typeof good) => ({
      account_id: account.body.id,
      credential_type: 'alpaca_paper',
      api_key: apiKey,
      secret_key: secretKey,
    })
    const stored = await send('/credentials/store', bodyOf(good), token)
    expect(stored.status).toBe(201)
    expect((await send('/credentials/store', bodyOf(good), token)).status).toBe(409)
    const bad = bodyOf(malformed)
    expect(
      (await send('/credentials/store', { ...bad, secret_key: `${bad.secret_key} ` }, token)).status,
    ).toBe(422)
    for (let i = 0; i < 5; i++) {
      expect((await send(`/credentials/${stored.body.id}/validate`, {}, token)).status).toBe(200)
      await send(`/positions?credential_id=${stored.body.id}`, undefined, token)
    }
    broker.answer((_request, response) => response.writeHead(401).end('{}'))
    expect((await send('/credentials/store', bodyOf(rejected), token)).status).toBe(422)
    const take = () => {
      const written = next(/^snapshot /)
      server.kill('SIGUSR2')
      return written
    }
    const pairs = [good, rejected, malformed]
    await expectForgotten(
      { path: snapshot, take },
      pairs.flatMap(({ apiKey, secretKey }) => [apiKey, secretKey]),
    )
    expect(broker.received.length).toBeGreaterThan(6)
  })
})
