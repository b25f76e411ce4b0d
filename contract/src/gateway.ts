import { Type } from 'typebox'
import { uuid } from './conventions.ts'
import type { StreamEndpoint } from './endpoint.ts'

/** Use of a broker key without seeing it. */
export const gatewayEndpoint = {
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  path: '/gateway/{credential_id}/*',
  summary: 'Ask the broker of a key anything, without seeing the key',
  description:
    "The request goes on to the key's own broker host, signed in there by us, and the broker's answer comes back as it is: status, body, and the headers that are about them. The broker's own request id comes as `x-broker-request-id`. Only personal access tokens get in; a broker's own client library may send one in place of its key id, with anything as the secret. Redirects are not followed. A live key takes nothing but GET and HEAD until its owner has enabled trading with it. An order with a `client_order_id` whose answer is lost is looked up by it: the order comes back with `x-broker-answer: looked-up`, or `brokers.order_absent`; any other change whose answer is lost ends with `brokers.outcome_unknown`.",
  params: Type.Object({ credential_id: uuid }),
  errors: [
    'brokers.path_refused',
    'brokers.broker_unreachable',
    'brokers.outcome_unknown',
    'brokers.order_absent',
    'vault.credential_not_found',
    'vault.credential_inactive',
    'vault.trading_not_enabled',
    'vault.credential_unreadable',
    'vault.too_many_uses',
    'vault.unavailable',
  ],
} as const satisfies StreamEndpoint
