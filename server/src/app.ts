import { sessionCookies, userRoles } from '@outcry/contract/accounts'
import { createAuditRefusals } from './audit-refusals.ts'
import type { Config } from './config/config.ts'
import { createPlatform, type Platform, type Replacements } from './create-platform.ts'
import { type Accounts, accountsErrors, createAccounts } from './modules/accounts/index.ts'
import {
  type BrokersDependencies,
  brokersErrors,
  createBrokers,
  createProviders,
} from './modules/brokers/index.ts'
import { createNotifications } from './modules/notifications/index.ts'
import {
  createVault,
  createVaultClient,
  createVaultLink,
  type FindVault,
  type VaultClient,
  vaultErrors,
} from './modules/vault/index.ts'
import { createOperations, operationsErrors, type VerifyAuditLog } from './operations/index.ts'
import { DatabaseUnavailableError } from './platform/db/index.ts'
import type { AppError } from './platform/errors.ts'
import { httpErrors } from './platform/http/http-errors.ts'
import type { OverloadOptions } from './platform/http/overload/overload.ts'
import { createHttpServer, type HttpServer } from './platform/http/server.ts'
import type { PreparedInstance } from './prepare-instance.ts'
import { createReadiness } from './readiness.ts'
import { migrations, sealedTables } from './schema.ts'
import { version } from './version.ts'
import { createWebApp } from './web-app/web-app.ts'

/** The whole product in one process: what it is built from, and how it is stopped. */
export interface App extends AsyncDisposable {
  readonly platform: Platform
  readonly accounts: Accounts
  readonly vaultClient: VaultClient
  readonly http: HttpServer
  /** Ends everything in the reverse order of its making; safe to call twice. */
  stop(): Promise<void>
}

/** What an application takes besides its settings and its instance. */
export interface AppOptions extends Replacements {
  /** Finds the vault that runs now; without it there is none, and no broker key can be used. */
  readonly findVault?: FindVault
  /** Verifies the audit log when an operator asks; without it, another process of this instance must. */
  readonly verifyAuditLog?: VerifyAuditLog
  /** How overload is noticed, other than the product does. */
  readonly overload?: OverloadOptions | undefined
  /** How long brokers may take, other than the product promises. */
  readonly brokerTiming?: BrokersDependencies['timing'] | undefined
  /** Where the built web app lies; without it the pages only say that there is none. */
  readonly webAppDir?: string | undefined
}

/** A database that is down or overloaded is ours to say and the client's to retry. */
function translateError(error: unknown): AppError | undefined {
  if (!(error instanceof DatabaseUnavailableError)) return undefined
  return httpErrors.unavailable({}, { cause: error, headers: { 'retry-after': '2' } })
}

/**
 * The composition root: the only place that knows every module. Builds the platform, then each module from it, then
 * what serves them; nothing listens or works in the background yet.
 */
export async function createApp(
  config: Config,
  instance: PreparedInstance,
  { findVault, verifyAuditLog, overload, brokerTiming = {}, webAppDir, ...replacements }: AppOptions = {},
): Promise<App> {
  const platform = await createPlatform(config, instance, replacements)
  const vaultLink = createVaultLink({ find: findVault ?? (async () => undefined), clock: platform.clock })
  const vaultClient = createVaultClient(vaultLink)
  const accounts = createAccounts({
    ...platform,
    assertOwnCredential: async (userId, id) => {
      if ((await vault.findCredentialOf(userId, id)) === undefined) throw vaultErrors.credentialNotFound()
    },
  })
  const providers = createProviders(config)
  const vault = createVault({ ...platform, accounts, providers, client: vaultClient })
  const brokers = createBrokers({ ...platform, vault, providers, timing: brokerTiming })
  const { onCredentialChanged } = vault
  const notifications = createNotifications({ ...platform, accounts, onCredentialChanged })
  const operations = createOperations({
    ...platform,
    ...{ version, migrations, sealedTables, verifyAuditLog },
    vaultState: async () => (findVault ? ((await findVault()) ? 'running' : 'restarting') : 'absent'),
  })
  const { siteName, isDemo, passwordMinLength } = config
  const webApp = await createWebApp({
    ...{ siteName, isDemo, passwordMinLength },
    dir: webAppDir,
    isHttps: config.publicUrl.protocol === 'https:',
    log: platform.log,
  })
  const http = await createHttpServer({
    publicUrl: config.publicUrl.toString(),
    routes: [...accounts.routes, ...vault.routes, ...brokers.routes, ...operations.routes],
    streamRoutes: brokers.streamRoutes,
    eventRoutes: notifications.eventRoutes,
    authenticate: accounts.authenticate,
    sessionCookie: sessionCookies.access,
    roles: userRoles,
    onRefused: createAuditRefusals(platform),
    clock: platform.clock,
    clockGuard: platform.clockGuard,
    log: platform.log,
    metrics: platform.metrics,
    ...(config.metricsToken ? { metricsToken: config.metricsToken.reveal() } : {}),
    allowedOrigins: config.allowedOrigins,
    trustedProxies: config.trustedProxies,
    rateLimits: { enabled: config.rateLimits, sharedStore: platform.sharedRateLimits },
    ...(overload ? { overload } : {}),
    idempotency: platform.idempotency,
    translateError,
    readiness: createReadiness({ ...platform, keysFile: instance.keysFile, migrations }),
    docs: {
      title: config.siteName,
      version,
      serverUrl: config.publicUrl.origin,
      errors: [accountsErrors, vaultErrors, brokersErrors, operationsErrors],
    },
    extend: webApp.addRoutes,
    answerUnknown: webApp.answerUnknown,
  })
  let stopping: Promise<void> | undefined
  const stop = async () => {
    await http.stop()
    await vaultLink.close()
    await platform.stop()
  }
  const stopOnce = () => (stopping ??= stop())
  return {
    platform,
    accounts,
    vaultClient,
    http,
    stop: stopOnce,
    [Symbol.asyncDispose]: stopOnce,
  }
}
