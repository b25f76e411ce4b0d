import { gatewayEndpoint } from '@outcry/contract/gateway'
import { type BoundStreamRoute, bindStreamRoute } from '../../../platform/http/stream-route.ts'
import { isReading, secretUseLimit, vaultErrors } from '../../vault/index.ts'
import type { CredentialProvider } from '../adapters/adapter.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { askerIn } from './asker-in.ts'

/** The gateway. Tokens get in by Authorization, or where a broker's own client library puts the id of a key. */
export function gatewayRoute(services: {
  readonly gateway: Gateway
  readonly providers: readonly CredentialProvider[]
}): BoundStreamRoute {
  const tokenHeaders = [...new Set(services.providers.map(({ tokenHeader }) => tokenHeader))]
  return bindStreamRoute(
    { name: 'gateway', endpoint: gatewayEndpoint, services },
    {
      access: 'token',
      limit: secretUseLimit,
      scopeFor: (method) => (isReading(method) ? 'broker:read' : 'broker:trade'),
      tokenHeaders,
      notFound: vaultErrors.credentialNotFound,
      handle(call, { gateway }) {
        const { params, method, path, query, headers, body, request } = call
        const asker = askerIn(call, params.credential_id, path)
        return gateway.forward(asker, { method, path, query, headers, body, signal: request.signal })
      },
    },
  )
}
