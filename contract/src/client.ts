import createClient, { type Client } from 'openapi-fetch'
import type { paths } from './generated/openapi.ts'

/** A client that knows every path, parameter, body and answer of the server's OpenAPI document. */
export type ApiClient<Paths extends object = paths> = Client<Paths>

/** How a client proves who it is, and how its requests are made. */
export interface ApiClientOptions {
  readonly token?: string | (() => string | undefined)
  /** In place of the platform's own `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>
}

/**
 * Creates a client for the server at `baseUrl` (its origin, without `/api/v1`). Sends `token` as bearer token;
 * a function is asked anew before every request. Answers come as `{ data, error, response }`: an error status
 * never throws, only a failed connection does.
 */
export function createApiClient<Paths extends object = paths>(
  baseUrl: string,
  { token, fetch }: ApiClientOptions = {},
): ApiClient<Paths> {
  const client = createClient<Paths>({ baseUrl, ...(fetch === undefined ? {} : { fetch }) })
  client.use({
    onRequest({ request }) {
      const current = typeof token === 'function' ? token() : token
      if (current !== undefined) request.headers.set('authorization', `Bearer ${current}`)
      return request
    },
  })
  return client
}
