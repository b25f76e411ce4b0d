import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, watch } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildWebApp } from './build-web-app.ts'

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url))
const HTML = `<!doctype html><html><head><title>Site</title><script type="module" src="/src/main.js"></script></head></html>`
const script = (text: string) =>
  `document.title = ${JSON.stringify(text.repeat(50))}\nimport('./page.js').then(({ show }) => show())\n`

let checkout: string
let said: string[]

beforeEach(async () => {
  checkout = join(await mkdtemp(join(tmpdir(), 'outcry-build-')), 'a folder with spaces')
  for (const path of ['tools/src/web-app', 'tools/src/check/run-command.ts']) {
    await cp(join(REPOSITORY, path), join(checkout, path), { recursive: true })
  }
  await write('package-lock.json', '{}')
  await write('tsconfig.json', '{}')
  await write('contract/src/pages.ts', '')
  await write('web/package.json', '{ "type": "module" }')
  await write('web/index.html', HTML)
  await write('web/src/main.js', script('first'))
  await write('web/src/page.js', `export const show = () => document.body.append('shown')`)
  await write('web/vite.config.js', viteConfig())
  await symlink(join(REPOSITORY, 'node_modules'), join(checkout, 'node_modules'))
  said = []
})
afterEach(() => rm(dirname(checkout), { recursive: true, force: true }))

describe('building the web app', () => {
  it('builds what is not there, and nothing while its sources stay the same', async () => {
    expect(await build()).toBe('built')
    expect(said).toEqual([
      expect.stringContaining('Building the web app'),
      expect.stringMatching(/^Built in/),
    ])
    const built = await stat(join(checkout, 'web/dist'))
    expect(await build()).toBe('unchanged')
    expect(said).toHaveLength(2)
    expect((await stat(join(checkout, 'web/dist'))).ino).toBe(built.ino)
    expect(await underWay()).toEqual([])
  })

  it('leaves a place for the nonce on what loads, and compressed files beside the others', async () => {
    await build()
    expect(await readDist('index.html')).toMatch(/<script[^>]* nonce="__NONCE__"/)
    const [name = ''] = await entryNames()
    const plain = await readFile(join(checkout, 'web/dist/assets', name))
    expect(brotliDecompressSync(await readFile(join(checkout, 'web/dist/assets', `${name}.br`)))).toEqual(
      plain,
    )
    expect(gunzipSync(await readFile(join(checkout, 'web/dist/assets', `${name}.gz`)))).toEqual(plain)
  })

  it('may be read by the account that the server runs under', async () => {
    await build()
    const { mode } = await stat(join(checkout, 'web/dist'))
    expect(mode).toBe((await stat(join(checkout, 'web/src'))).mode)
  })

  it('builds anew when a source changed, and leaves nothing of the old build', async () => {
    await build()
    const before = await entryNames()
    await write('web/src/main.js', script('second'))
    expect(await build()).toBe('built')
    const after = await entryNames()
    expect(after).toHaveLength(1)
    expect(after).not.toEqual(before)
    expect(await underWay()).toEqual([])
  })

  it('replaces what somebody built by hand', async () => {
    await write('web/dist/index.html', 'by hand')
    expect(await build()).toBe('built')
    expect(await readDist('index.html')).toContain('<title>Site</title>')
  })

  it('leaves the old build when the new one fails, and says why', async () => {
    await build()
    const before = await readDist('index.html')
    await write('web/src/main.js', 'const = nonsense')
    await expect(build()).rejects.toThrow(/main[.]js.*The web app could not be built/s)
    expect(await readDist('index.html')).toBe(before)
    expect(await underWay()).toEqual([])
    await write('web/src/main.js', script('third'))
    expect(await build()).toBe('built')
  })

  it('leaves the old build when it is killed', async () => {
    await build()
    const before = await readDist('index.html')
    await write('web/src/main.js', script('second'))
    await write('hang', '')
    await killWhileBuilding()
    expect(await readDist('index.html')).toBe(before)
    await rm(join(checkout, 'hang'))
    expect(await build()).toBe('built')
    expect(await readDist('index.html')).not.toBe(before)
  })

  it('clears up after builds that were killed, and lets those be that run', async () => {
    const longAgo = new Date(Date.now() - 2 * 60 * 60_000)
    for (const name of ['.dist-killed', '.dist-killed-old', '.dist-running']) {
      await write(`web/${name}/index.html`, '')
      if (name !== '.dist-running') await utimes(join(checkout, 'web', name), longAgo, longAgo)
    }
    await build()
    expect(await underWay()).toEqual(['.dist-running'])
  })

  it('may happen several times at once', async () => {
    await build()
    await write('web/src/main.js', script('second'))
    expect(await Promise.all([build(), build(), build()])).toEqual(['built', 'built', 'built'])
    const [name = '', ...more] = await entryNames()
    expect(more).toEqual([])
    expect(await readDist('index.html')).toContain(name)
    expect(await readDist(`assets/${name}`)).toContain('second')
    expect(await underWay()).toEqual([])
    expect(await build()).toBe('unchanged')
  })

  it('keeps the settings of the server from what it runs', async () => {
    process.env.OUTCRY_METRICS_TOKEN = 'a secret of the server'
    try {
      await build()
    } finally {
      delete process.env.OUTCRY_METRICS_TOKEN
    }
    expect(await readFile(join(checkout, 'environment'), 'utf8')).toBe('production undefined')
  })
})

function build(): Promise<'unchanged' | 'built'> {
  return buildWebApp({ root: checkout, say: (line) => void said.push(line) })
}

/** Stands still for ever, and tells so, while there is a file `hang`. */
function viteConfig(): string {
  const at = (name: string) => JSON.stringify(join(checkout, name))
  return `
    import { existsSync, writeFileSync } from 'node:fs'
    writeFileSync(${at('environment')}, process.env.NODE_ENV + ' ' + process.env.OUTCRY_METRICS_TOKEN)
    const buildEnd = () => {
      if (!existsSync(${at('hang')})) return undefined
      writeFileSync(${at('hanging')}, '')
      return new Promise(() => setInterval(() => {}, 1_000))
    }
    export default { html: { cspNonce: '__NONCE__' }, plugins: [{ name: 'hang', buildEnd }] }
  `
}

/** Kills the tool together with what it started, in the middle of a build. */
async function killWhileBuilding(): Promise<void> {
  const tool = spawn(process.execPath, [join(checkout, 'tools/src/web-app/main.ts')], {
    detached: true,
    stdio: 'ignore',
  })
  const ended = once(tool, 'close')
  const changes = watch(checkout)
  while (!existsSync(join(checkout, 'hanging'))) await once(changes, 'change')
  changes.close()
  if (tool.pid !== undefined) process.kill(-tool.pid, 'SIGKILL')
  await ended
}

async function underWay(): Promise<string[]> {
  return (await readdir(join(checkout, 'web'))).filter((name) => name.startsWith('.dist-'))
}

async function entryNames(): Promise<string[]> {
  const names = await readdir(join(checkout, 'web/dist/assets'))
  return names.filter((name) => /^index-.*[.]js$/.test(name))
}

function readDist(path: string): Promise<string> {
  return readFile(join(checkout, 'web/dist', path), 'utf8')
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(checkout, path)), { recursive: true })
  await writeFile(join(checkout, path), text)
}
