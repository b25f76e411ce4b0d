/** What a route, a refusal or a fault wants to go out. Without `json` and `text` the body is empty. */
export type Answer = {
  status: number
  json?: unknown
  text?: { type: string; body: string }
  headers?: Record<string, string>
}

export const EMPTY: Answer = { status: 204 }

export function ok(json: unknown): Answer {
  return { status: 200, json }
}

/** The bytes of an answer and what they are. */
export function encode({ json, text }: Answer): { type: string | undefined; body: Buffer } {
  if (text) return { type: text.type, body: Buffer.from(text.body) }
  if (json === undefined) return { type: undefined, body: Buffer.alloc(0) }
  return { type: 'application/json; charset=UTF-8', body: Buffer.from(JSON.stringify(json)) }
}

/** The same JSON with fields in every object that no reader can know. */
export function withUnknownFields(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withUnknownFields)
  if (typeof json !== 'object' || json === null) return json
  const known = Object.entries(json).map(([name, value]) => [name, withUnknownFields(value)])
  return { ...Object.fromEntries(known), unknown_text: 'new', unknown_object: { nested: [1, null] } }
}
