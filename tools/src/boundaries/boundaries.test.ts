import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cruise } from './cruise.ts'
import rules from './rules.ts'

type Case = { from: string; imports: string; typeOnly?: true }

const M = 'server/src/modules'
const FORBIDDEN: Record<string, Case[]> = {
  'module-line': [
    { from: `${M}/accounts/calls-right.ts`, imports: `${M}/video/index.ts` },
    { from: `${M}/live/calls-right.ts`, imports: `${M}/ads/index.ts` },
  ],
  'module-has-its-place': [{ from: 'server/src/app-of-today.ts', imports: `${M}/horoscopes/index.ts` }],
  'nobody-imports-listeners': [
    { from: `${M}/notifications/calls-moderation.ts`, imports: `${M}/moderation/index.ts` },
    { from: `${M}/moderation/calls-notifications.ts`, imports: `${M}/notifications/index.ts` },
  ],
  'module-face': [
    { from: `${M}/video/reaches-in.ts`, imports: `${M}/accounts/user.store.ts` },
    { from: `${M}/video/reaches-in.test.ts`, imports: `${M}/accounts/user.store.ts` },
  ],
  'module-face-from-outside': [{ from: 'server/src/app.ts', imports: `${M}/accounts/user.store.ts` }],
  'module-assembly': [{ from: 'server/src/main.ts', imports: `${M}/accounts/index.ts` }],
  'vault-callers': [{ from: `${M}/video/opens-vault.ts`, imports: `${M}/vault/index.ts` }],
  'routes-speak-http': [
    { from: `${M}/accounts/accounts.service.ts`, imports: 'server/src/platform/http/route.ts' },
  ],
  'broker-adapters': [
    { from: `${M}/brokers/adapters/alpaca/asks-db.ts`, imports: 'server/src/platform/db/db.ts' },
    {
      from: `${M}/brokers/adapters/alpaca/asks-other.ts`,
      imports: `${M}/brokers/adapters/tastytrade/client.ts`,
    },
  ],
  'platform-knows-no-product': [
    { from: 'server/src/platform/jobs/knows-users.ts', imports: `${M}/accounts/index.ts` },
    { from: 'server/src/platform/jobs/knows-app.ts', imports: 'server/src/app.ts' },
  ],
  'operations-know-no-module': [
    { from: 'server/src/operations/knows-users.ts', imports: `${M}/accounts/index.ts` },
  ],
  'sql-has-its-place': [
    { from: `${M}/accounts/builds-sql.ts`, imports: 'kysely' },
    { from: `${M}/accounts/connects.ts`, imports: 'pg' },
    { from: 'server/src/operations/opens-file.ts', imports: 'node:sqlite' },
  ],
  'operations-stand-last': [
    { from: `${M}/accounts/knows-operations.ts`, imports: 'server/src/operations/index.ts' },
  ],
  'vault-process-stands-alone': [
    { from: `${M}/vault/reads-keys.ts`, imports: `${M}/vault/process/vault-key-ring.ts` },
  ],
  'config-is-handed-down': [
    { from: 'server/src/platform/db/reads-config.ts', imports: 'server/src/config/config.ts' },
    { from: `${M}/accounts/reads-config.ts`, imports: 'server/src/config/config.ts' },
  ],
  'config-is-pure': [{ from: 'server/src/config/uses-platform.ts', imports: 'server/src/platform/db/db.ts' }],
  'testing-is-for-tests': [
    { from: `${M}/accounts/uses-testing.ts`, imports: 'server/src/testing/clock.ts' },
    { from: 'web/src/app/uses-journeys.ts', imports: 'web/journeys/testing/visitor.ts' },
  ],
  'scenarios-go-over-http': [
    { from: 'server/scenarios/peeks.scenario.test.ts', imports: 'server/src/platform/db/db.ts' },
  ],
  'contract-is-pure': [
    { from: 'contract/src/uses-server.ts', imports: 'server/src/platform/db/db.ts' },
    { from: 'contract/src/uses-package.ts', imports: 'pg' },
    { from: 'contract/src/uses-node.ts', imports: 'node:fs' },
  ],
  'contract-fetches-in-client': [{ from: 'contract/src/fetches.ts', imports: 'openapi-fetch' }],
  'product-needs-no-tools': [{ from: `${M}/accounts/uses-tools.ts`, imports: 'tools/src/tool.ts' }],
  'server-and-web-meet-in-contract': [
    { from: 'web/src/app/uses-server.ts', imports: `${M}/accounts/index.ts` },
    { from: 'web/src/app/uses-testing.test.tsx', imports: 'server/src/testing/clock.ts' },
    { from: 'server/src/web-app/uses-web.ts', imports: 'web/src/lib/api.ts' },
  ],
  'journeys-go-through-a-browser': [
    { from: 'web/journeys/peeks.journey.test.ts', imports: 'server/src/platform/db/db.ts' },
    { from: 'web/journeys/takes-part.journey.test.ts', imports: 'web/src/lib/api.ts' },
  ],
  'web-features-stand-alone': [
    { from: 'web/src/features/video/uses-ads.ts', imports: 'web/src/features/ads/banner.ts' },
    { from: 'web/src/features/video/uses-app.ts', imports: 'web/src/app/router.ts' },
    { from: 'web/src/features/video/uses-page.tsx', imports: 'web/src/features/ads/ad.page.tsx' },
  ],
  'web-ui-is-plain': [{ from: 'web/src/ui/uses-lib.ts', imports: 'web/src/lib/api.ts' }],
  'web-lib-is-plain': [{ from: 'web/src/lib/uses-ui.ts', imports: 'web/src/ui/button.ts' }],
  'no-cycle': [{ from: 'server/src/platform/a.ts', imports: 'server/src/platform/b.ts' }],
  resolvable: [{ from: 'server/src/platform/lost.ts', imports: 'server/src/platform/nowhere.ts' }],
  'declared-package': [{ from: 'server/src/platform/uses-undeclared.ts', imports: 'undeclared' }],
  'shipped-package': [
    { from: 'server/src/platform/uses-development.ts', imports: 'development-only' },
    { from: 'web/src/ui/uses-development.tsx', imports: 'development-only' },
  ],
}

const LAWFUL: Case[] = [
  { from: `${M}/video/calls-left.ts`, imports: `${M}/accounts/index.ts` },
  { from: `${M}/notifications/uses-itself.ts`, imports: `${M}/notifications/index.ts` },
  { from: `${M}/moderation/listens.ts`, imports: `${M}/video/index.ts` },
  { from: `${M}/payments/uses-vault.ts`, imports: `${M}/vault/index.ts` },
  { from: `${M}/accounts/routes/get-me.route.ts`, imports: 'server/src/platform/http/route.ts' },
  { from: `${M}/accounts/accounts.errors.ts`, imports: 'server/src/platform/http/route.ts' },
  { from: `${M}/accounts/get-me.test.ts`, imports: 'server/src/testing/clock.ts' },
  { from: `${M}/brokers/adapters/alpaca/reads-types.ts`, imports: `${M}/brokers/broker.ts` },
  { from: `${M}/accounts/takes-config.ts`, imports: 'server/src/config/config.ts', typeOnly: true },
  { from: 'server/src/platform/http/testing/test-server.ts', imports: 'development-only' },
  { from: 'server/src/prepare.ts', imports: 'server/src/config/config.ts' },
  { from: 'server/src/app-parts.test.ts', imports: 'server/src/testing/clock.ts' },
  { from: 'server/src/platform/db/db.ts', imports: 'pg' },
  { from: 'server/src/platform/signals/watches.ts', imports: 'node:sqlite' },
  { from: 'server/src/platform/db/uses-contract.ts', imports: 'contract/src/index.ts' },
  { from: 'server/scenarios/joins.scenario.test.ts', imports: 'server/src/testing/clock.ts' },
  { from: 'web/journeys/builds.ts', imports: 'tools/src/tool.ts' },
  { from: 'contract/src/index.ts', imports: 'typebox' },
  { from: 'contract/src/client.ts', imports: 'openapi-fetch' },
  { from: 'web/src/app/page.ts', imports: 'web/src/features/ads/banner.ts' },
  { from: 'web/src/features/ads/uses-ui.ts', imports: 'web/src/ui/button.ts' },
  { from: 'web/src/app/pages/ads.page.tsx', imports: 'web/src/features/ads/ad.page.tsx' },
  { from: 'web/src/app/takes-contract.tsx', imports: 'contract/src/index.ts' },
  { from: 'web/journeys/signs-in.journey.test.ts', imports: 'server/src/testing/clock.ts' },
  { from: 'web/journeys/browser.ts', imports: 'server/src/testing/clock.ts' },
  { from: 'web/journeys/reads-pages.ts', imports: 'contract/src/index.ts' },
  { from: 'web/journeys/drives.ts', imports: 'development-only' },
]

const TARGETS = [
  ...['accounts', 'vault', 'video', 'ads', 'notifications', 'moderation'].map(
    (name) => `${M}/${name}/index.ts`,
  ),
  `${M}/accounts/user.store.ts`,
  `${M}/horoscopes/index.ts`,
  `${M}/vault/process/vault-key-ring.ts`,
  `${M}/brokers/broker.ts`,
  `${M}/brokers/adapters/tastytrade/client.ts`,
  'server/src/config/config.ts',
  'server/src/operations/index.ts',
  'server/src/platform/http/route.ts',
  'server/src/testing/clock.ts',
  'tools/src/tool.ts',
  'web/journeys/testing/visitor.ts',
  'web/src/app/router.ts',
  'web/src/features/ads/banner.ts',
  'web/src/features/ads/ad.page.tsx',
  'web/src/lib/api.ts',
  'web/src/ui/button.ts',
]

type Violation = { from: string; to: string; rule: { name: string } }
let root: string
let violations: Violation[]

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'outcry-boundaries-'))
  await layTree(root)
  violations = JSON.parse(cruise(root, 'json').output).summary.violations
})
afterAll(() => rm(root, { recursive: true, force: true }))

describe('the import rules', () => {
  it('each have a case here', () => {
    const names = new Set(rules.forbidden.map((rule) => rule.name))
    expect(Object.keys(FORBIDDEN).toSorted()).toEqual([...names].toSorted())
  })

  for (const [rule, cases] of Object.entries(FORBIDDEN)) {
    for (const { from, imports } of cases) {
      it(`${rule}: refuses ${imports} in ${from}`, () => {
        expect(rulesBrokenBy(from)).toContain(rule)
      })
    }
  }

  for (const { from, imports } of LAWFUL) {
    it(`allow ${imports} in ${from}`, () => {
      expect(rulesBrokenBy(from)).toEqual([])
    })
  }

  it('leave alone what was built', () => {
    expect(violations.filter(({ from }) => from.startsWith('web/dist/'))).toEqual([])
  })

  it('fail the command', () => {
    const { status, output } = cruise(root, 'err-long')
    expect(status).toBeGreaterThan(0)
    expect(output).toContain('error module-line')
  })
})

function rulesBrokenBy(file: string): string[] {
  return violations.filter(({ from }) => from === file).map(({ rule }) => rule.name)
}

async function layTree(folder: string): Promise<void> {
  for (const target of TARGETS) await write(folder, target, 'export const it = 1\n')
  for (const { from, imports, typeOnly } of [...Object.values(FORBIDDEN).flat(), ...LAWFUL]) {
    await write(folder, from, `export ${typeOnly ? 'type ' : ''}* from '${specifier(from, imports)}'\n`)
  }
  await write(folder, 'server/src/platform/b.ts', `export * from './a.ts'\n`)
  await write(folder, 'bench/src/index.ts', '')
  await write(folder, 'web/dist/assets/main-Ab12.js', `import './page-Cd34.js'\n`)
  await write(folder, 'web/dist/assets/page-Cd34.js', `import './main-Ab12.js'\n`)
  for (const workspace of ['bench', 'contract', 'server', 'tools', 'web']) {
    await write(folder, `${workspace}/package.json`, JSON.stringify(MANIFEST))
  }
  for (const name of ['pg', 'kysely', 'typebox', 'openapi-fetch', 'development-only', 'undeclared']) {
    await write(folder, `node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }))
    await write(folder, `node_modules/${name}/index.js`, '')
  }
}

const MANIFEST = {
  type: 'module',
  dependencies: { pg: '1', kysely: '1', typebox: '1', 'openapi-fetch': '1' },
  devDependencies: { 'development-only': '1' },
}

async function write(folder: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}

function specifier(from: string, to: string): string {
  if (!to.includes('/')) return to
  return `${'../'.repeat(from.split('/').length - 1)}${to}`
}
