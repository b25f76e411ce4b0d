import type { IConfiguration, IRegularForbiddenRuleType } from 'dependency-cruiser'

type Forbidden = IRegularForbiddenRuleType & { name: string }

/** A module may import the faces of the modules to its left. */
const LINE = [
  ...['accounts', 'vault', 'brokers', 'claims', 'payments', 'social', 'video', 'live', 'ads'],
  ...['notifications', 'moderation'],
]
const LISTENERS = '(notifications|moderation)'
const MODULES = '^server/src/modules/'
const OURS = '^(bench|contract|server|tools|web)/'
const TEST = '[.]test[.]tsx?$'
const TESTING = '^server/src/(testing|platform/[^/]+/testing)/'
const JOURNEYS = '^web/journeys/'

const moduleLine = LINE.slice(0, -1).map((name, place) =>
  forbid('module-line', `${name} stands left of these: send an event instead of importing them.`, {
    from: { path: `${MODULES}${name}/` },
    to: { path: `${MODULES}(${LINE.slice(place + 1).join('|')})/` },
  }),
)

const modules = [
  ...moduleLine,
  forbid(
    'module-has-its-place',
    'A new module gets its place in LINE first (tools/src/boundaries/rules.ts).',
    {
      from: {},
      to: { path: `${MODULES}(?!(${LINE.join('|')})/)` },
    },
  ),
  forbid('nobody-imports-listeners', 'notifications and moderation listen to events; nobody calls them.', {
    from: { path: `${MODULES}([^/]+)/` },
    to: { path: `${MODULES}${LISTENERS}/`, pathNot: `${MODULES}$1/` },
  }),
  forbid('module-face', "Only a module's index.ts may be imported from another module.", {
    from: { path: `${MODULES}([^/]+)/` },
    to: { path: MODULES, pathNot: [`${MODULES}$1/`, `${MODULES}[^/]+/index[.]ts$`] },
  }),
  forbid('module-face-from-outside', "Only a module's index.ts may be imported from outside the module.", {
    // Note: vault-process.ts takes the least that it needs, so that little code runs beside the keys.
    from: { pathNot: [MODULES, TESTING, '^bench/', '^server/src/vault-process[.]ts$'] },
    to: { path: MODULES, pathNot: [`${MODULES}[^/]+/index[.]ts$`, `${MODULES}vault/process/`] },
  }),
  forbid(
    'vault-process-stands-alone',
    "The server never loads the vault's keys: vault/process/ is for vault-process.ts and the operator's commands.",
    {
      from: {
        pathNot: [
          `${MODULES}vault/process/`,
          '^server/src/(vault-process[.]ts$|cli/)',
          TEST,
          TESTING,
          '^bench/',
        ],
      },
      to: { path: `${MODULES}vault/process/` },
    },
  ),
  forbid('module-assembly', 'Only app.ts knows every module; vault-child.ts also starts the vault.', {
    from: {
      pathNot: [
        MODULES,
        '^server/src/(app|schema|vault-child)[.]ts$',
        TESTING,
        '^server/src/cli/',
        '^bench/',
      ],
    },
    to: { path: `${MODULES}[^/]+/index[.]ts$` },
  }),
  forbid('vault-callers', 'Only brokers, payments and live may use the vault.', {
    from: { path: MODULES, pathNot: `${MODULES}(vault|brokers|payments|live)/` },
    to: { path: `${MODULES}vault/` },
  }),
  forbid('routes-speak-http', 'Inside a module only routes/, the face and the error catalogue know HTTP.', {
    from: {
      path: `${MODULES}[^/]+/`,
      pathNot: [`${MODULES}[^/]+/(routes/|index[.]ts$|[^/]+[.]errors[.]ts$)`, TEST],
    },
    to: { path: '^server/src/platform/http/' },
  }),
  forbid('broker-adapters', "An adapter knows the brokers module's own types and itself.", {
    from: { path: `${MODULES}brokers/adapters/([^/]+)/`, pathNot: TEST },
    to: {
      path: OURS,
      pathNot: [`${MODULES}brokers/adapters/$1/`, `${MODULES}brokers/(adapters/)?[^/]+[.]ts$`],
    },
  }),
]

const server = [
  forbid('platform-knows-no-product', 'platform/ imports the contract and types of the configuration.', {
    from: { path: '^server/src/platform/' },
    to: { path: '^server/src/(modules/|operations/|app[.]ts$|main[.]ts$|cli/)' },
  }),
  forbid(
    'operations-know-no-module',
    'operations/ looks at the platform; the rest is handed to it by app.ts.',
    {
      from: { path: '^server/src/operations/', pathNot: TEST },
      to: { path: '^server/src/(modules/|cli/|(app|serve|schema|create-platform)[.]ts$)' },
    },
  ),
  forbid(
    'sql-has-its-place',
    'SQL is run by platform/db alone; platform/signals also listens to the engines.',
    {
      from: {
        path: '^(contract|server|web)/',
        pathNot: ['^server/src/platform/(db|signals)/', TEST, TESTING],
      },
      to: { path: ['node_modules/(@types/)?(pg|kysely)/', '^(node:)?sqlite$'] },
    },
  ),
  forbid('operations-stand-last', 'No module knows operations/.', {
    from: { path: MODULES },
    to: { path: '^server/src/operations/' },
  }),
  forbid(
    'config-is-handed-down',
    'Take the values as arguments; only the types of config/ may be imported.',
    {
      from: {
        path: OURS,
        pathNot: [TEST, '^server/src/[^/]+[.]ts$', TESTING, '^server/src/(config|cli)/', '^bench/'],
      },
      to: { path: '^server/src/config/', dependencyTypesNot: ['type-only'] },
    },
  ),
  forbid('config-is-pure', 'config/ imports nothing of ours.', {
    from: { path: '^server/src/config/', pathNot: TEST },
    to: { path: OURS, pathNot: '^server/src/config/' },
  }),
  forbid('testing-is-for-tests', 'A testing/ folder is imported by tests only.', {
    from: { pathNot: [TEST, TESTING, JOURNEYS, '^server/scenarios/', '^bench/'] },
    to: { path: [TESTING, JOURNEYS] },
  }),
  forbid('scenarios-go-over-http', 'A scenario uses testing/ and the contract, nothing else of ours.', {
    from: { path: '^server/scenarios/' },
    to: { path: OURS, pathNot: [TESTING, '^(server/scenarios|contract)/'] },
  }),
]

const workspaces = [
  forbid('contract-is-pure', 'contract/ imports its schema library only; client.ts also its fetch library.', {
    from: { path: '^contract/', pathNot: TEST },
    to: { pathNot: ['^contract/', 'node_modules/typebox/', 'node_modules/openapi-fetch/'] },
  }),
  forbid('contract-fetches-in-client', 'Only contract/src/client.ts knows the fetch library.', {
    from: { path: '^contract/', pathNot: '^contract/src/client[.]ts$' },
    to: { path: 'node_modules/openapi-fetch/' },
  }),
  forbid('product-needs-no-tools', 'The product imports neither tools/ nor bench/; only its tests do.', {
    from: { path: '^(contract|server|web)/', pathNot: [TEST, TESTING, JOURNEYS] },
    to: { path: '^(tools|bench)/' },
  }),
  forbid('server-and-web-meet-in-contract', 'server/ and web/ share the contract only.', {
    from: { path: '^(server|web)/', pathNot: JOURNEYS },
    to: { path: '^(server|web)/', pathNot: '^$1/' },
  }),
  forbid(
    'journeys-go-through-a-browser',
    'A journey uses testing/, the contract and tools/, nothing else of ours.',
    {
      from: { path: JOURNEYS },
      to: { path: OURS, pathNot: [JOURNEYS, TESTING, '^(contract|tools)/'] },
    },
  ),
]

const web = [
  forbid('web-features-stand-alone', 'A feature imports ui/, lib/ and the contract, never another feature.', {
    from: { path: '^web/src/features/([^/]+)/' },
    to: { path: '^web/src/', pathNot: '^web/src/(features/$1|ui|lib)/' },
  }),
  forbid('web-ui-is-plain', 'ui/ imports nothing of ours.', {
    from: { path: '^web/src/ui/' },
    to: { path: OURS, pathNot: '^web/src/ui/' },
  }),
  forbid('web-lib-is-plain', 'lib/ imports the contract only.', {
    from: { path: '^web/src/lib/' },
    to: { path: OURS, pathNot: ['^web/src/lib/', '^contract/'] },
  }),
]

const everywhere = [
  forbid('no-cycle', 'Two files that need each other are one file, or three.', {
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  }),
  forbid('resolvable', 'This import leads nowhere.', { from: {}, to: { couldNotResolve: true } }),
  forbid('declared-package', "This package is missing from the workspace's package.json.", {
    from: { pathNot: [TEST, TESTING, '^[^/]+$'] },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  }),
  forbid('shipped-package', 'npm start installs no development packages, so this import would fail there.', {
    from: { path: '^(contract|server|web)/src/', pathNot: [TEST, TESTING] },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  }),
]

/** dependency-cruiser's configuration: the layout and the directions that docs/architecture.md draws. */
const configuration: IConfiguration & { forbidden: Forbidden[] } = {
  forbidden: [...modules, ...server, ...workspaces, ...web, ...everywhere],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['(^|/)generated/', '^web/([.]dist-[^/]+|dist)/'] },
    moduleSystems: ['es6'],
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}

export default configuration

function forbid(name: string, comment: string, where: Pick<Forbidden, 'from' | 'to'>): Forbidden {
  return { name, comment, severity: 'error', ...where }
}
