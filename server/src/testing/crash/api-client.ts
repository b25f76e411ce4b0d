/** An answer of a server in another process. */
export interface ApiAnswer {
  readonly status: number
  readonly body: Record<string, unknown>
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: object
  readonly token?: string
  readonly idempotencyKey?: string
}

/** Asks the API of a server; `undefined` when the connection broke, so that nobody knows whether it was done. */
export async function ask(
  url: string,
  { method, path, body, token, idempotencyKey }: ApiRequest,
): Promise<ApiAnswer | undefined> {
  try {
    const response = await fetch(`${url}/api/v1${path}`, {
      method: method ?? (body ? 'POST' : 'GET'),
      headers: {
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  } catch {
    return undefined
  }
}
